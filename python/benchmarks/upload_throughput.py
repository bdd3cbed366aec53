"""How fast one large file comes in with hashing, and what it costs OMERO.web in memory.

Measured from the first byte to the last answer, one client with one connection, piece after piece as a browser sends
them: what OMERO.web needs to receive, write and hash (SHA-256 and SHA-1 of the file, and of every piece with
`--checksums`), and what the client needs to hand the bytes to its kernel, on the same cores. The client sends one block
of random bytes again and again straight from a file, so that it neither reads nor hashes; a browser on this machine
would take more.

Usage: python python/benchmarks/upload_throughput.py [--gigabytes 10] [--piece-megabytes 32] [--checksums]
Goals: 300 MB/s on loopback, less than 64 MB of memory above idle. The disk of the temporary folder counts;
`TMPDIR=/dev/shm` leaves it out, where there is enough memory for the file.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import http.client
import os
import sys
import tempfile
import time
from pathlib import Path

import psutil
from upload_stack import BASE, Stack, stack

GOAL_MEGABYTES_PER_SECOND = 300
GOAL_MEMORY_MEGABYTES = 64
MB = 1024 * 1024


class Memory:
    """The peaks of memory of all processes of OMERO.web together, as the kernel keeps them: nothing runs meanwhile."""

    def __init__(self, pid: int) -> None:
        main = psutil.Process(pid)
        self.processes = (main, *main.children(recursive=True))
        self.idle = sum(one.memory_info().rss for one in self.processes)
        for one in self.processes:
            Path(f"/proc/{one.pid}/clear_refs").write_text("5")

    def above_idle(self) -> int:
        """Bytes of the peaks since then, above what was there."""
        return sum(_peak(one.pid) for one in self.processes) - self.idle


def _peak(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return 1024 * int(next(line for line in lines if line.startswith("VmHWM:")).split()[1])


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
        pid = made.web._process.pid  # noqa: SLF001 - the benchmark looks from outside
        memory = Memory(pid)
        size = int(wanted.gigabytes * 1024) * MB
        before, own = processor_seconds(pid), time.process_time()
        seconds, sending = send(made, size, wanted.piece_megabytes * MB, checksums=wanted.checksums)
        server, client = processor_seconds(pid) - before, time.process_time() - own
        above = memory.above_idle() / MB
        speed = size / MB / seconds
        raw = plain_hashing()
    print(
        f"upload of {size / MB / 1024:.1f} GB with SHA-256 and SHA-1: {speed:.0f} MB/s ({sending}; goal 300)"
    )
    per_gigabyte = 1024 * MB / size
    print(
        f"processor time per GB: OMERO.web {server * per_gigabyte:.2f} s, client {client * per_gigabyte:.2f} s "
        f"(load {os.getloadavg()[0]:.1f})"
    )
    print(f"hashing alone, one after the other, on this machine: {raw:.0f} MB/s, so {speed / raw:.2f} of it")
    print(f"memory of OMERO.web above idle: {above:.0f} MB (goal below {GOAL_MEMORY_MEGABYTES})")
    return int(speed < GOAL_MEGABYTES_PER_SECOND or above >= GOAL_MEMORY_MEGABYTES)


def send(made: Stack, size: int, piece: int, *, checksums: bool) -> tuple[float, str]:
    """Send a file of that size; seconds from the first byte to the last answer."""
    files = [{"name": f"{size}-{time.time()}.bin", "size": size}]
    begun = made.http.post(f"{BASE}/start/", json={"files": files, "auto_import": False}).json()
    place = f"{BASE}/tus/{begun['files'][0]['upload_id']}"
    block = os.urandom(piece)
    checksum = "sha256 " + base64.b64encode(hashlib.sha256(block).digest()).decode()
    cookies = "; ".join(f"{name}={value}" for name, value in made.http.cookies.items())
    headers = {
        "Tus-Resumable": "1.0.0",
        "Content-Type": "application/offset+octet-stream",
        "Cookie": cookies,
        "X-CSRFToken": made.http.headers["X-CSRFToken"],
        "Referer": made.web.url,
    }
    connection = http.client.HTTPConnection("127.0.0.1", made.web.port)
    with tempfile.TemporaryFile() as source:
        source.write(block)
        source.flush()
        began = time.perf_counter()
        for offset in range(0, size, piece):
            length = min(piece, size - offset)
            extra = {"Upload-Offset": str(offset), "Content-Length": str(length)}
            if checksums and length == piece:
                extra["Upload-Checksum"] = checksum
            connection.request("PATCH", place, headers={**headers, **extra})
            connection.sock.sendfile(source, 0, length)
            answer = connection.getresponse()
            text = answer.read()
            if answer.status != http.HTTPStatus.NO_CONTENT:
                raise RuntimeError(f"{answer.status}: {text[:300]!r}")
        seconds = time.perf_counter() - began
    return seconds, f"pieces of {piece // MB} MB, {'with' if checksums else 'without'} checksums of their own"


def processor_seconds(pid: int) -> float:
    """Seconds that a process and its children have computed so far."""
    main = psutil.Process(pid)
    times = [one.cpu_times() for one in (main, *main.children(recursive=True))]
    return sum(one.user + one.system for one in times)


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
