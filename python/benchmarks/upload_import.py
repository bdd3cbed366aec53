"""How fast many small files become images, from the first request to the last image, without Java.

Measured from the announcement of the files to the moment the upload says that it is done; the client asks once a second,
as the page does. In the same run a loop imports some of the files with one process each, as a command line called per
file does.

Usage: python python/benchmarks/upload_import.py [--files 1000] [--loop-files 20]
Goals: 15 files/s end to end, 10 times as fast as the loop.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import tifffile
from upload_stack import BASE, USER, Stack, stack

GOAL_FILES_PER_SECOND = 15
GOAL_RATIO = 10
SENDERS = 3
ASK_SECONDS = 1.0
ONE_FILE = """
import sys
from pathlib import Path
sys.path[:0] = sys.argv[4:]
import omero, omero.all
from import_files import import_one
client = omero.client(host=sys.argv[1])
client.createSession(sys.argv[2], "ome-test")
import_one(client, client.getManagedRepository(), Path(sys.argv[3]))
client.closeSession()
"""


def main() -> int:
    """Run both; exit status 1 if a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--loop-files", type=int, default=20)
    wanted = parser.parse_args()
    random = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as folder, stack(worker=True) as made:
        paths = [Path(folder) / f"{number:05}.tif" for number in range(wanted.files)]
        for path in paths:
            tifffile.imwrite(path, random.integers(0, 4000, (128, 128)).astype("uint16"))
        loop = one_process_each(made, paths[: wanted.loop_files])
        sent, total = upload(made, paths)
    rate = wanted.files / total
    print(
        f"{wanted.files} files, first request to last image: {rate:.1f} files/s (goal {GOAL_FILES_PER_SECOND})"
    )
    print(f"of that the transfer alone: {wanted.files / sent:.0f} files/s")
    print(
        f"one process per file: {loop:.2f} files/s; the upload is {rate / loop:.1f} times as fast (goal {GOAL_RATIO})"
    )
    return int(rate < GOAL_FILES_PER_SECOND or rate / loop < GOAL_RATIO)


def one_process_each(made: Stack, paths: list[Path]) -> float:
    """Files per second of a loop with a process per file."""
    began = time.perf_counter()
    for path in paths:
        command = [sys.executable, "-W", "ignore", "-c", ONE_FILE, made.omero_address, USER, str(path)]
        subprocess.run([*command, str(Path(__file__).parent), *sys.path], check=True)
    return len(paths) / (time.perf_counter() - began)


def upload(made: Stack, paths: list[Path]) -> tuple[float, float]:
    """Seconds until all files had arrived, and until all were images."""
    entries = [{"relative_path": f"many/{path.name}", "size": path.stat().st_size} for path in paths]
    by_name = {path.name: path for path in paths}
    began = time.perf_counter()
    body = {"files": entries, "compatibility_enabled": False, "duplicates": "import", "batch_size": 10}
    begun = made.http.post(f"{BASE}/start/", json=body).json()

    def send(file: dict[str, str]) -> None:
        headers = {
            "Tus-Resumable": "1.0.0",
            "Content-Type": "application/offset+octet-stream",
            "Upload-Offset": "0",
        }
        data = by_name[file["relative_path"].rpartition("/")[2]].read_bytes()
        answer = made.http.patch(f"{BASE}/tus/{file['upload_id']}", content=data, headers=headers)
        if answer.status_code != 204:
            raise RuntimeError(f"{answer.status_code}: {answer.text[:300]}")

    with ThreadPoolExecutor(SENDERS) as pool:
        list(pool.map(send, begun["files"]))
    sent = time.perf_counter() - began
    while (status := made.http.get(f"{BASE}/status/{begun['job_id']}/").json())["status"] not in (
        "done",
        "error",
    ):
        time.sleep(ASK_SECONDS)
    if status["status"] != "done" or status["sets"]["imported"] != len(paths):
        raise RuntimeError(str(status)[:1000])
    return sent, time.perf_counter() - began


if __name__ == "__main__":
    sys.exit(main())
