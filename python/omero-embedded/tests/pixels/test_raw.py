from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from omero_embedded.pixels.raw import RawFile, allocate
from omero_embedded.pixels.source import read_plane, read_region
from omero_embedded.pixels.types import PIXEL_TYPES, Dimensions, PixelsError, Region, pixel_type

if TYPE_CHECKING:
    from pathlib import Path

SIZE = Dimensions(x=7, y=5, z=2, c=3, t=2)


def raw_file(tmp_path: Path, name: str = "uint16", size: Dimensions = SIZE) -> RawFile:
    path = tmp_path / f"{name}.raw"
    allocate(path, size, pixel_type(name))
    return RawFile(path, size, pixel_type(name))


@pytest.mark.parametrize("name", PIXEL_TYPES)
def test_every_pixel_type_reads_back_what_was_written(tmp_path: Path, name: str) -> None:
    file = raw_file(tmp_path, name)
    rng = np.random.default_rng(1)
    planes = {}
    for z in range(2):
        for c in range(3):
            for t in range(2):
                values = (rng.random((5, 7)) * 100).astype(file.type.big_endian)
                planes[z, c, t] = values
                file.write(z, c, t, Region(0, 0, 7, 5), values.tobytes())
    for (z, c, t), values in planes.items():
        np.testing.assert_array_equal(read_plane(file, z, c, t), values)


def test_a_fresh_file_is_black(tmp_path: Path) -> None:
    assert not read_plane(raw_file(tmp_path), 1, 2, 1).any()


def test_the_file_holds_big_endian_values_with_x_fastest_and_t_slowest(tmp_path: Path) -> None:
    file = raw_file(tmp_path)
    values = np.arange(7 * 5 * 2 * 3 * 2, dtype=">u2")
    file.write_at(0, values.tobytes())
    expected = values.reshape(2, 3, 2, 5, 7)
    np.testing.assert_array_equal(read_plane(file, 1, 2, 0), expected[0, 2, 1])
    assert file.path.read_bytes()[:4] == b"\0\0\0\1"


@given(data=st.data())
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_region_is_a_crop_of_its_plane(tmp_path: Path, data: st.DataObject) -> None:
    file = raw_file(tmp_path)
    values = np.random.default_rng(2).integers(0, 60000, (5, 7)).astype(">u2")
    file.write(1, 2, 1, Region(0, 0, 7, 5), values.tobytes())
    x, y = data.draw(st.integers(0, 6)), data.draw(st.integers(0, 4))
    width, height = data.draw(st.integers(1, 7 - x)), data.draw(st.integers(1, 5 - y))
    found = read_region(file, 1, 2, 1, Region(x, y, width, height))
    np.testing.assert_array_equal(found, values[y : y + height, x : x + width])


def test_writing_a_region_changes_nothing_around_it(tmp_path: Path) -> None:
    file = raw_file(tmp_path)
    file.write(0, 1, 0, Region(2, 1, 3, 2), np.full((2, 3), 9, ">u2").tobytes())
    expected = np.zeros((5, 7))
    expected[1:3, 2:5] = 9
    np.testing.assert_array_equal(read_plane(file, 0, 1, 0), expected)
    assert not read_plane(file, 1, 1, 0).any()


@pytest.mark.parametrize(
    ("region", "message"),
    [
        (Region(5, 0, 3, 1), "out of bounds: the plane is 7 x 5 pixels"),
        (Region(-1, 0, 3, 1), "out of bounds"),
        (Region(0, 4, 1, 2), "out of bounds"),
        (Region(0, 0, 0, 2), "is empty"),
    ],
)
def test_regions_outside_the_plane_are_refused(tmp_path: Path, region: Region, message: str) -> None:
    with pytest.raises(PixelsError, match=message):
        read_region(raw_file(tmp_path), 0, 0, 0, region)


def test_planes_that_do_not_exist_are_refused(tmp_path: Path) -> None:
    with pytest.raises(PixelsError, match="C 3 is out of bounds: the image has C 0 to 2"):
        read_plane(raw_file(tmp_path), 0, 3, 0)


def test_too_few_bytes_are_refused_and_nothing_is_written(tmp_path: Path) -> None:
    file = raw_file(tmp_path)
    with pytest.raises(PixelsError, match="69 bytes do not fill 7 x 5 pixels of uint16: 70 are needed"):
        file.write(0, 0, 0, Region(0, 0, 7, 5), b"\1" * 69)
    assert not read_plane(file, 0, 0, 0).any()


def test_complex_pixels_are_refused_by_name() -> None:
    with pytest.raises(PixelsError, match="pixel type complex cannot be stored"):
        pixel_type("complex")


def test_an_existing_file_of_another_size_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "old.raw"
    path.write_bytes(b"123")
    with pytest.raises(PixelsError, match="has 3 bytes where the image needs 840"):
        allocate(path, SIZE, pixel_type("uint16"))
    assert path.read_bytes() == b"123"


def test_an_image_larger_than_the_disk_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    huge = Dimensions(2**31 - 1, 2**31 - 1, 1, 1, 1)
    with pytest.raises(OSError, match="the pixels need 9223372028264841218 bytes"):
        allocate(tmp_path / "huge", huge, pixel_type("uint16"))
    assert not (tmp_path / "huge").exists()


def test_a_narrow_region_of_a_wide_plane_is_read_row_by_row(tmp_path: Path) -> None:
    size = Dimensions(9000, 60, 1, 1, 1)
    file = raw_file(tmp_path, size=size)
    values = np.random.default_rng(12).integers(0, 60000, (60, 9000)).astype(">u2")
    file.write_at(0, values.tobytes())
    np.testing.assert_array_equal(read_region(file, 0, 0, 0, Region(8990, 2, 10, 58)), values[2:, 8990:])


def test_a_file_that_was_cut_off_is_refused(tmp_path: Path) -> None:
    file = raw_file(tmp_path)
    with file.path.open("r+b") as raw:
        raw.truncate(100)
    with pytest.raises(PixelsError, match="ends at byte 100"):
        read_plane(file, 1, 2, 1)
