"""Images and readers the tests share."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from numpy.typing import NDArray

from ims_writer.attributes import read_text
from ims_writer.container import channel_path

Image = NDArray[Any]


@pytest.fixture(scope="session")
def noisy_image() -> Callable[..., Image]:
    """Make an image of a shape and type: random over the type's range, with a darker half."""

    def make(shape: tuple[int, ...], dtype: str, seed: int = 0) -> Image:
        rng = np.random.default_rng(seed)
        kind = np.dtype(dtype).newbyteorder("=")
        if kind.kind == "f":
            return (rng.normal(size=shape) * 10.0 ** rng.integers(-3, 6)).astype(dtype)
        image = rng.integers(0, np.iinfo(kind).max, shape, dtype=kind, endpoint=True)
        image[..., : shape[-1] // 2] //= 3
        return image.astype(dtype)

    return make


@pytest.fixture(scope="session")
def stored_level() -> Callable[[Path, int, int, int], Image]:
    """Read one volume as any HDF5 program does: level, time point, channel, cut to the stated size."""

    def read(path: Path, level: int, t: int, c: int) -> Image:
        with h5py.File(path) as file:
            group = file[channel_path(level, t, c)]
            z, y, x = (int(read_text(group, f"ImageSize{axis}")) for axis in "ZYX")
            pixels: Image = group["Data"][:z, :y, :x]
        return pixels

    return read


@pytest.fixture(scope="session")
def info() -> Callable[[Path, str, str], str]:
    """Read an attribute of a group of DataSetInfo."""

    def read(path: Path, group: str, name: str) -> str:
        with h5py.File(path) as file:
            return read_text(file[f"DataSetInfo/{group}"], name)

    return read
