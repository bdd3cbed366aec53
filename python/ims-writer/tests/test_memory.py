"""Memory stays bounded whatever the size of the image."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

LIMIT_MIB = 512

WRITER = """
import resource, sys
import numpy as np
from ims_writer.source import Shape
from ims_writer.write import write_ims

class Sparse:
    '''An even background with a bright voxel here and there.'''
    dtype = np.dtype("u2")

    def __init__(self, gigabytes):
        self.shape = Shape(1, 2, max(1, int(gigabytes * 1e9 / 2 / 2 / 4096 / 4096)), 4096, 4096)

    def read(self, t, c, z, y, x):
        box = np.full((len(z), len(y), len(x)), 100, self.dtype)
        box[::64, ::512, ::512] = 1000 + z.start % 7
        return box

written = write_ims(sys.argv[1], Sparse(float(sys.argv[2])))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, written.pixel_bytes)
"""


def peak_mib(path: Path, gigabytes: float) -> tuple[int, int]:
    """Peak memory of a process that writes a sparse image, and the bytes of pixels it wrote."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry)}
    command = [sys.executable, "-c", WRITER, str(path), str(gigabytes)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    peak, written = done.stdout.split()
    return int(peak), int(written)


def test_an_image_larger_than_the_limit_is_written_within_it(tmp_path: Path) -> None:
    peak, written = peak_mib(tmp_path / "image.ims", 1.5)
    assert written > LIMIT_MIB * 1024 * 1024
    assert peak < LIMIT_MIB


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_twenty_gigabytes_are_written_within_the_limit(tmp_path: Path) -> None:
    peak, written = peak_mib(tmp_path / "image.ims", 20)
    assert written > 19.9e9
    assert peak < LIMIT_MIB
