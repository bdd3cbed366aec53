"""Speed of `write_ims` as ratios to a plain h5py write of the same chunks, both measured in one run.

Usage: python ims_write.py [--mib 256] [--repeats 3] [--gzip 1]

Plain h5py gets every level ready-made and only compresses and stores it; `write_ims` also makes the levels,
counts histograms and draws the thumbnail. Both end with a sync. Each figure is the best of the repeats, which
alternate.
"""

import argparse
import os
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from ims_writer.container import channel_path
from ims_writer.geometry import Zyx
from ims_writer.layout import Level, plan_levels
from ims_writer.options import WriteOptions
from ims_writer.source import ArraySource
from ims_writer.write import write_ims

CORES = sorted(os.sched_getaffinity(0))


def fluorescence_stack(mib: int) -> np.ndarray[Any, Any]:
    """A 16-bit z-stack like a confocal one: dim background, soft bright bodies, photon noise."""
    planes = max(8, mib // 4)
    rng = np.random.default_rng(7)
    y, x = np.mgrid[:1024, :2048].astype(np.float32)
    body = np.exp(-(((x % 256) - 128) ** 2 + ((y % 256) - 128) ** 2) / 2500)
    stack = np.empty((planes, 1024, 2048), np.uint16)
    for z in range(planes):
        stack[z] = rng.poisson(100 + 900 * body * np.sin(np.pi * (z % 32) / 32))
    return stack


def plain_h5py(path: Path, volumes: list[np.ndarray[Any, Any]], levels: tuple[Level, ...], gzip: int) -> None:
    """Write ready-made levels chunk by chunk through HDF5's own filter."""
    with h5py.File(path, "w") as file:
        for number, (voxels, level) in enumerate(zip(volumes, levels, strict=True)):
            data = file.create_dataset(
                channel_path(number, 0, 0) + "/Data",
                shape=tuple(level.stored),
                chunks=tuple(level.chunk),
                dtype=voxels.dtype,
                compression="gzip" if gzip else None,
                compression_opts=gzip or None,
            )
            for place in np.ndindex(*level.grid):
                start = Zyx(*place).times(level.chunk)
                box = start.slices(level.size.minus(start).smaller(level.chunk))
                data[box] = voxels[box]
    with path.open("rb") as handle:
        os.fsync(handle)


@contextmanager
def cores(count: int) -> Iterator[None]:
    """Use this many cores."""
    os.sched_setaffinity(0, set(CORES[:count]))
    try:
        yield
    finally:
        os.sched_setaffinity(0, set(CORES))


def timed(job: Callable[[], object], path: Path) -> tuple[float, float]:
    """Wall and processor seconds of one run; removes what it wrote."""
    cpu, wall = time.process_time(), time.perf_counter()
    job()
    result = time.perf_counter() - wall, time.process_time() - cpu
    path.unlink()
    return result


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--mib", type=int, default=256)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--gzip", type=int, default=1)
    parser.add_argument("--folder", type=Path, default=None)
    options = parser.parse_args()
    stack = fluorescence_stack(options.mib)
    levels = plan_levels(Zyx(*stack.shape), 1, stack.itemsize)
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        path = Path(folder) / "bench.ims"
        write_ims(path, ArraySource(stack), options=WriteOptions(gzip_level=0))
        with h5py.File(path) as file:
            volumes = [file[channel_path(n, 0, 0)]["Data"][()] for n in range(len(levels))]
        path.unlink()

        def ours(engine: str, threads: int) -> Callable[[], object]:
            chosen = WriteOptions(gzip_level=options.gzip, engine=engine, threads=threads)
            return lambda: write_ims(path, ArraySource(stack), options=chosen)

        jobs: dict[tuple[str, int], Callable[[], object]] = {
            ("plain h5py", 1): lambda: plain_h5py(path, volumes, levels, options.gzip)
        }
        for engine in ("zlib", "libdeflate"):
            for threads in (1, 2):
                jobs[f"write_ims, {engine}", threads] = ours(engine, threads)
        best: dict[tuple[str, int], list[tuple[float, float]]] = {key: [] for key in jobs}
        for _ in range(options.repeats):
            for key, job in jobs.items():
                with cores(key[1]):
                    best[key].append(timed(job, path))
    report(stack.nbytes / 1e6, options.gzip, best)


def report(megabytes: float, gzip: int, best: dict[tuple[str, int], list[tuple[float, float]]]) -> None:
    """Print one line per way of writing."""
    base = min(wall for wall, _ in best["plain h5py", 1])
    load = os.getloadavg()[0]
    print(f"{megabytes:.0f} MB of 16-bit voxels, gzip-{gzip}, {os.cpu_count()} cores, load {load:.1f}")
    print(f"{'':28}{'cores':>6}{'MB/s':>8}{'of h5py':>9}{'CPU s':>8}{'CPU used':>10}")
    for (name, threads), runs in best.items():
        wall, cpu = min(runs)
        print(
            f"{name:28}{threads:>6}{megabytes / wall:>8.0f}{base / wall:>9.2f}{cpu:>8.2f}{cpu / wall:>10.2f}"
        )
    for engine in ("zlib", "libdeflate"):
        one, two = (min(best[f"write_ims, {engine}", n])[0] for n in (1, 2))
        print(f"two cores against one, {engine}: {one / two:.2f}")
    print(
        f"peak memory with the stack itself: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MiB"
    )


if __name__ == "__main__":
    main()
