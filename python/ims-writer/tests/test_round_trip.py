"""What is written is read back equal, by two readers that are not ours."""

import itertools
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from imaris_ims_file_reader.ims import ims_reader

from ims_writer.check.run import check_file
from ims_writer.options import WriteOptions
from ims_writer.source import ArraySource
from ims_writer.write import write_ims

DTYPES = ["u1", "<u2", ">u2", "<u4", ">u4", "<f4", ">f4"]

Make = Callable[..., np.ndarray[Any, Any]]
Read = Callable[[Path, int, int, int], np.ndarray[Any, Any]]


def naive_mean(volume: np.ndarray[Any, Any], smaller: tuple[int, ...]) -> np.ndarray[Any, Any]:
    """The mean of 2 along every axis that shrank, in exact arithmetic, rounded down for integers."""
    steps = [2 if small < large else 1 for large, small in zip(volume.shape, smaller, strict=True)]
    cut = volume[tuple(slice(0, small * step) for small, step in zip(smaller, steps, strict=True))]
    z, y, x = smaller
    boxes = cut.astype(np.float64).reshape(z, steps[0], y, steps[1], x, steps[2]).mean((1, 3, 5))
    return np.floor(boxes).astype(volume.dtype) if volume.dtype.kind == "u" else boxes


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    t=st.integers(1, 10),
    c=st.integers(1, 5),
    z=st.integers(1, 9),
    y=st.integers(1, 70),
    x=st.integers(1, 70),
    dtype=st.sampled_from(DTYPES),
    gzip_level=st.sampled_from([0, 1, 9]),
    engine=st.sampled_from(["zlib", "libdeflate"]),
)
def test_any_small_image_comes_back_equal(
    *,
    t: int,
    c: int,
    z: int,
    y: int,
    x: int,
    dtype: str,
    gzip_level: int,
    engine: str,
    noisy_image: Make,
    stored_level: Read,
) -> None:
    image = noisy_image((t, c, z, y, x), dtype, seed=x)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "image.ims"
        write_ims(path, ArraySource(image), options=WriteOptions(gzip_level=gzip_level, engine=engine))
        for at, channel in itertools.product(range(t), range(c)):
            assert np.array_equal(stored_level(path, 0, at, channel), image[at, channel])
        assert check_file(path).findings == []


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    z=st.sampled_from([1, 2, 3, 17, 33]),
    y=st.integers(200, 460),
    x=st.integers(200, 700),
    dtype=st.sampled_from(DTYPES),
    read_bytes=st.sampled_from([1, 3_000_000, 64_000_000]),
    threads=st.sampled_from([1, 3]),
)
def test_every_level_is_the_mean_of_the_one_before(
    *,
    z: int,
    y: int,
    x: int,
    dtype: str,
    read_bytes: int,
    threads: int,
    noisy_image: Make,
    stored_level: Read,
) -> None:
    image = noisy_image((1, 1, z, y, x), dtype, seed=y)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "image.ims"
        options = WriteOptions(gzip_level=1, read_bytes=read_bytes, threads=threads)
        written = write_ims(path, ArraySource(image), options=options)
        assert np.array_equal(stored_level(path, 0, 0, 0), image[0, 0])
        assert written.levels[0].size == image.shape[2:]
        for level in range(1, len(written.levels)):
            before, here = stored_level(path, level - 1, 0, 0), stored_level(path, level, 0, 0)
            expected = naive_mean(before, here.shape)
            if image.dtype.kind == "u":
                assert np.array_equal(here, expected)
            else:
                assert np.allclose(here, expected, rtol=1e-5, atol=1e-5 * np.abs(before).max())
        assert check_file(path).findings == []


@pytest.mark.parametrize(
    "shape", [(1, 1, 1, 1, 1), (1, 1, 1, 1, 9), (3, 2, 1, 700, 901), (2, 3, 21, 255, 257)]
)
@pytest.mark.parametrize("dtype", ["u1", "u2", "u4", "f4"])
def test_the_public_reader_sees_the_same_image(
    *,
    shape: tuple[int, ...],
    dtype: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    noisy_image: Make,
    stored_level: Read,
) -> None:
    image = noisy_image(shape, dtype)
    path = tmp_path / "image.ims"
    write_ims(path, ArraySource(image))
    reader = ims_reader(str(path), squeeze_output=False)
    try:
        assert reader.shape == shape
        assert reader.dtype == image.dtype
        assert (reader.TimePoints, reader.Channels) == shape[:2]
        for level in range(reader.ResolutionLevels):
            for t, c in np.ndindex(*shape[:2]):
                seen = reader.get_Resolution_Level(level, time_point=t, channel=c)[0, 0]
                assert np.array_equal(seen, image[t, c] if level == 0 else stored_level(path, level, t, c))
    finally:
        reader.close()


def test_the_same_image_gives_the_same_pixels_whatever_the_threads(tmp_path: Path, noisy_image: Make) -> None:
    image = noisy_image((2, 2, 20, 300, 300), "u2")
    write_ims(tmp_path / "one.ims", ArraySource(image), options=WriteOptions(threads=1))
    write_ims(tmp_path / "many.ims", ArraySource(image), options=WriteOptions(threads=7, read_bytes=1))
    with h5py.File(tmp_path / "one.ims") as one, h5py.File(tmp_path / "many.ims") as many:

        def compare(name: str, item: object) -> None:
            if isinstance(item, h5py.Dataset):
                assert np.array_equal(item[()], many[name][()]), name

        one.visititems(compare)


def test_a_file_can_be_read_by_old_hdf5_libraries(tmp_path: Path, noisy_image: Make) -> None:
    write_ims(tmp_path / "image.ims", ArraySource(noisy_image((8, 8), "u1")))
    # Superblock 0 is what HDF5 1.0 to 1.8 know; newer numbers need newer libraries.
    assert (tmp_path / "image.ims").read_bytes()[8] == 0
