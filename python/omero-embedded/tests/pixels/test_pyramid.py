from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from omero_embedded.pixels.pyramid import Pyramid, halve, level_sizes
from omero_embedded.pixels.raw import RawFile, allocate
from omero_embedded.pixels.source import read_plane, read_region
from omero_embedded.pixels.store import PixelStore, SourceRef
from omero_embedded.pixels.types import Dimensions, PixelsError, Region, pixel_type

if TYPE_CHECKING:
    from pathlib import Path


def test_levels_halve_until_a_thumbnail_fits() -> None:
    assert level_sizes(1001, 600) == ((1001, 600), (501, 300), (251, 150))


def test_halving_takes_the_mean_of_each_block_and_repeats_odd_edges() -> None:
    plane = np.array([[0, 2, 10], [4, 6, 20], [8, 8, 255]], np.uint8)
    np.testing.assert_array_equal(halve(plane), [[3, 15], [8, 255]])


@pytest.mark.parametrize("name", ["int8", "uint16", "uint32", "float"])
def test_halving_keeps_the_type_and_a_constant_plane(name: str) -> None:
    plane = np.full((6, 8), 100, pixel_type(name).big_endian)
    halved = halve(plane)
    assert halved.dtype == plane.dtype
    np.testing.assert_array_equal(halved, np.full((3, 4), 100))


def test_a_level_is_made_once_and_is_the_halved_plane(tmp_path: Path) -> None:
    size = Dimensions(700, 1100, 1, 1, 1)
    kind = pixel_type("uint8")
    path = tmp_path / "big.raw"
    allocate(path, size, kind)
    values = np.random.default_rng(3).integers(0, 255, (1100, 700)).astype(np.uint8)
    raw = RawFile(path, size, kind)
    raw.write_at(0, values.tobytes())
    pyramid = Pyramid(raw, tmp_path / "levels")
    np.testing.assert_array_equal(read_plane(pyramid, 0, 0, 0, 1), halve(values))
    np.testing.assert_array_equal(read_plane(pyramid, 0, 0, 0, 2), halve(halve(values)))
    kept = {file.name: file.stat().st_mtime_ns for file in (tmp_path / "levels").iterdir()}
    region = read_region(pyramid, 0, 0, 0, Region(10, 20, 30, 40), 1)
    np.testing.assert_array_equal(region, halve(values)[20:60, 10:40])
    assert {file.name: file.stat().st_mtime_ns for file in (tmp_path / "levels").iterdir()} == kept


def test_only_planes_larger_than_the_limit_get_a_pyramid(tmp_path: Path) -> None:
    store = PixelStore(tmp_path, max_plane=(100, 100))
    kind = pixel_type("uint8")
    for pixels_id, width in ((1, 100), (2, 600)):
        store.create(pixels_id, Dimensions(width, 100, 1, 1, 1), kind)
    assert len(store.open(1, Dimensions(100, 100, 1, 1, 1), kind).levels) == 1
    assert len(store.open(2, Dimensions(600, 100, 1, 1, 1), kind).levels) == 3


def test_imported_pixels_are_read_through_their_reader_also_after_a_restart_and_never_written(
    tmp_path: Path,
) -> None:
    size, kind = Dimensions(4, 4, 1, 1, 1), pixel_type("uint8")
    allocate(tmp_path / "imported", size, kind)

    def opener(reference: SourceRef) -> RawFile:
        return RawFile(tmp_path / reference.path, size, kind)

    first = PixelStore(tmp_path / "Pixels")
    first.register_reader("plain", opener)
    first.link(7, SourceRef("plain", "imported"))
    again = PixelStore(tmp_path / "Pixels")
    with pytest.raises(PixelsError, match="no reader named plain"):
        again.open(7, size, kind)
    again.register_reader("plain", opener)
    assert read_plane(again.open(7, size, kind), 0, 0, 0).shape == (4, 4)
    with pytest.raises(PixelsError, match="belong to an imported file and cannot be changed"):
        again.create(7, size, kind)


def test_data_that_does_not_fit_the_image_is_refused(tmp_path: Path) -> None:
    store = PixelStore(tmp_path)
    kind = pixel_type("uint8")
    store.create(1, Dimensions(4, 4, 1, 1, 1), kind)
    with pytest.raises(PixelsError, match="16 bytes where the image needs 25"):
        store.open(1, Dimensions(5, 5, 1, 1, 1), kind)
    with pytest.raises(PixelsError, match="no data was stored for the pixels 9"):
        store.open(9, Dimensions(4, 4, 1, 1, 1), kind)
