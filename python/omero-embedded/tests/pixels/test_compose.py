from __future__ import annotations

import colorsys
from pathlib import Path

import numpy as np
import pytest

from omero_embedded.pixels import luts, make_luts
from omero_embedded.pixels.compose import blend, color_table, packed
from omero_embedded.pixels.luts import find_table, lut_bytes, parse_lut, shipped
from omero_embedded.pixels.types import PixelsError

RAMP = np.arange(256, dtype=np.uint8).reshape(16, 16)


def test_channels_of_primary_colours_go_to_their_bands_unchanged() -> None:
    flipped = RAMP[::-1]
    bands = blend(
        [RAMP, flipped], [color_table((255, 0, 0, 255), None), color_table((0, 0, 255, 255), None)], (16, 16)
    )
    np.testing.assert_array_equal(bands[0], RAMP)
    assert not bands[1].any()
    np.testing.assert_array_equal(bands[2], flipped)


def test_channels_add_up_and_are_cut_at_255() -> None:
    tables = [color_table((255, 128, 0, 255), None), color_table((200, 255, 10, 255), None)]
    bands = blend([RAMP, RAMP], tables, (16, 16))
    value = RAMP.astype(float)
    for band, (first, second) in zip(bands, ((255, 200), (128, 255), (0, 10)), strict=True):
        sums = np.floor(value * first / 255) + np.floor(value * second / 255)
        np.testing.assert_array_equal(band, np.minimum(sums, 255))


def test_alpha_dims_a_colour() -> None:
    assert color_table((255, 100, 0, 51), None)[255].tolist() == [51, 20, 0]


def test_a_lookup_table_replaces_the_colour() -> None:
    table = find_table("spectrum.lut", lambda _: None)
    assert table is not None
    bands = blend([RAMP], [color_table((1, 2, 3, 4), table)], (16, 16))
    shown = np.stack(bands, axis=-1).reshape(256, 3)
    hues = [[round(255 * part) for part in colorsys.hsv_to_rgb(value / 255, 1, 1)] for value in range(256)]
    np.testing.assert_array_equal(shown, hues)


def test_packed_integers_are_argb() -> None:
    bands = [np.array([[1, 255]], np.uint8), np.array([[2, 0]], np.uint8), np.array([[3, 4]], np.uint8)]
    assert [value & 0xFFFFFFFF for value in packed(bands).tolist()] == [0xFF010203, 0xFFFF0004]


def test_lookup_tables_are_read_in_all_three_formats() -> None:
    table = np.random.default_rng(5).integers(0, 256, (256, 3)).astype(np.uint8)
    text = "Index\tRed\tGreen\tBlue\n" + "\n".join(f"{i}\t{r}\t{g}\t{b}" for i, (r, g, b) in enumerate(table))
    for data in (lut_bytes(table), b"ICOL" + bytes(28) + lut_bytes(table), text.encode()):
        np.testing.assert_array_equal(parse_lut(data), table)


@pytest.mark.parametrize("data", [b"", b"abc", bytes(767), b"1 2 3\n" * 255, b"1 2 300\n" * 256])
def test_other_files_are_no_lookup_tables(data: bytes) -> None:
    with pytest.raises(PixelsError, match="not a lookup table"):
        parse_lut(data)


def test_an_unknown_or_broken_lookup_table_leaves_the_colour() -> None:
    assert find_table("nowhere.lut", lambda _: None) is None
    assert find_table("broken.lut", lambda _: b"abc") is None


def test_uploaded_lookup_tables_are_found_by_name() -> None:
    table = np.full((256, 3), 9, np.uint8)
    found = find_table("mine.lut", {"mine.lut": lut_bytes(table)}.get)
    np.testing.assert_array_equal(found, table)


def test_the_files_that_come_along_are_what_the_code_makes() -> None:
    folder = Path(luts.__file__).parent / "luts"
    for path, table in make_luts.tables().items():
        assert (folder / path).read_bytes() == lut_bytes(table), f"{path}: run python -m {make_luts.__name__}"
    assert set(shipped()) == set(make_luts.tables())
