"""How fast one large file comes in with hashing, and what it costs OMERO.web in memory.

Usage: python python/benchmarks/upload_throughput.py [--gigabytes 10] [--piece-megabytes 32] [--checksums]
Goals: 300 MB/s on loopback, less than 64 MB of memory above idle. The disk of the temporary folder counts;
`TMPDIR=/dev/shm` leaves it out, where there is enough memory for the file.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import http.client
import sys
import threading
import time

import psutil
from upload_stack import BASE, Stack, stack

GOAL_MEGABYTES_PER_SECOND = 300
GOAL_MEMORY_MEGABYTES = 64
MB = 1024 * 1024


class Memory(threading.Thread):
    """The largest memory of all processes of OMERO.web together."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.pid = pid
        self.largest = 0
        self.stopped = threading.Event()

    def now(self) -> int:
        main = psutil.Process(self.pid)
        return sum(one.memory_info().rss for one in (main, *main.children(recursive=True)))

    def run(self) -> None:
        while not self.stopped.wait(0.05):
            self.largest = max(self.largest, self.now())


def main() -> int:
    """Send the file; exit status 1 if a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gigabytes", type=float, default=10)
    parser.add_argument("--piece-megabytes", type=int, default=32)
    parser.add_argument(
        "--checksums", action="store_true", help="send a SHA-256 with every piece, as browsers do"
    )
    wanted = parser.parse_args()
    with stack(worker=False) as made:
        send(made, 64 * MB, wanted.piece_megabytes * MB, checksums=True)
        memory = Memory(made.web._process.pid)  # noqa: SLF001 - the benchmark looks from outside
        idle = memory.now()
        memory.start()
        size = int(wanted.gigabytes * 1024) * MB
        seconds, sending = send(made, size, wanted.piece_megabytes * MB, checksums=wanted.checksums)
        memory.stopped.set()
        above = (memory.largest - idle) / MB
        speed = size / MB / seconds
        raw = plain_hashing()
    print(
        f"upload of {size / MB / 1024:.1f} GB with SHA-256 and SHA-1: {speed:.0f} MB/s ({sending}; goal 300)"
    )
    print(f"hashing alone, one after the other, on this machine: {raw:.0f} MB/s, so {speed / raw:.2f} of it")
    print(f"memory of OMERO.web above idle: {above:.0f} MB (goal below {GOAL_MEMORY_MEGABYTES})")
    return int(speed < GOAL_MEGABYTES_PER_SECOND or above >= GOAL_MEMORY_MEGABYTES)


def send(made: Stack, size: int, piece: int, *, checksums: bool) -> tuple[float, str]:
    """Send a file of that size; seconds from the first byte to the last answer."""
    files = [{"name": f"{size}-{time.time()}.bin", "size": size}]
    begun = made.http.post(f"{BASE}/start/", json={"files": files, "auto_import": False}).json()
    place = f"{BASE}/tus/{begun['files'][0]['upload_id']}"
    block = hashlib.sha512(b"seed").digest() * (piece // 64)
    checksum = "sha256 " + base64.b64encode(hashlib.sha256(block).digest()).decode()
    cookies = "; ".join(f"{name}={value}" for name, value in made.http.cookies.items())
    headers = {
        "Tus-Resumable": "1.0.0",
        "Content-Type": "application/offset+octet-stream",
        "Cookie": cookies,
        "X-CSRFToken": made.http.headers["X-CSRFToken"],
        "Referer": made.web.url,
    }
    connection = http.client.HTTPConnection("127.0.0.1", made.web.port, blocksize=1024 * 1024)
    began = time.perf_counter()
    offset = 0
    while offset < size:
        part = block if size - offset >= piece else block[: size - offset]
        extra = {"Upload-Offset": str(offset)}
        if checksums and len(part) == piece:
            extra["Upload-Checksum"] = checksum
        connection.request("PATCH", place, body=part, headers={**headers, **extra})
        answer = connection.getresponse()
        text = answer.read()
        if answer.status != http.HTTPStatus.NO_CONTENT:
            raise RuntimeError(f"{answer.status}: {text[:300]!r}")
        offset += len(part)
    seconds = time.perf_counter() - began
    return seconds, f"pieces of {piece // MB} MB, {'with' if checksums else 'without'} checksums of their own"


def plain_hashing() -> float:
    """MB/s of SHA-256 and SHA-1 over memory, nothing else."""
    block, both = b"x" * MB, (hashlib.sha256(), hashlib.sha1())
    began = time.perf_counter()
    for _ in range(256):
        for one in both:
            one.update(block)
    return 256 / (time.perf_counter() - began)


if __name__ == "__main__":
    sys.exit(main())
