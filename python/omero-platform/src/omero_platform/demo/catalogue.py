"""The images of the demo, as pictures ready to be stored; names follow what laboratories do."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from omero_platform.demo import pictures
from omero_platform.demo.images import ACTIN, BEADS, BLUE, DAPI, GREEN, H2B, RED, REPORTER, TUBULIN, Picture

if TYPE_CHECKING:
    from collections.abc import Callable

STACK_SIZE, STACK_PLANES = 256, 9
SERIES_SIZE, SERIES_TIMES = 192, 16
TILES_PER_SIDE, TILE_SIZE = 3, 256
WELL_SIZE = 96


def seed(name: str) -> int:
    """The same picture for the same name, on every machine."""
    return zlib.crc32(name.encode())


def fixed_cells(name: str) -> Picture:
    """A three-channel z-stack."""
    channels = pictures.fluorescence_stack(seed(name), STACK_SIZE, STACK_PLANES)
    return Picture(
        name,
        "HeLa, fixed 15 min in 4 % PFA; spinning disk, 63×/1.4 oil.",
        (DAPI, TUBULIN, ACTIN),
        [[stack] for stack in channels],
        pixel_size_um=0.172,
        z_step_um=0.5,
    )


def living_cells(name: str) -> Picture:
    """A time series of one channel."""
    frames = pictures.time_series(seed(name), SERIES_SIZE, SERIES_TIMES)
    return Picture(
        name,
        "HeLa H2B-mCherry, 37 °C, 5 % CO2; wide field, 20×/0.8, a frame every 5 minutes.",
        (H2B,),
        [[[frame] for frame in frames]],
        pixel_size_um=0.325,
        time_step_s=300,
    )


def bead_stack(name: str) -> Picture:
    """Beads for the point spread function."""
    return Picture(
        name,
        "TetraSpeck beads, 0.1 µm, for the point spread function.",
        (BEADS,),
        [[pictures.beads(seed(name), 128, 11)]],
        pixel_size_um=0.065,
        z_step_um=0.2,
    )


def tissue_tiles(prefix: str) -> dict[str, Callable[[], Picture]]:
    """The tiles of one scan of a stained section, by name."""
    scan = pictures.brightfield_scan(seed(prefix), TILES_PER_SIDE * TILE_SIZE)

    def tile(name: str, row: int, column: int) -> Picture:
        window = (
            slice(row * TILE_SIZE, (row + 1) * TILE_SIZE),
            slice(column * TILE_SIZE, (column + 1) * TILE_SIZE),
        )
        return Picture(
            name,
            f"Kidney, haematoxylin and eosin; slide scanner, 20×, row {row + 1}, column {column + 1}.",
            (RED, GREEN, BLUE),
            [[[scan[colour][window]]] for colour in range(3)],
            pixel_size_um=0.5,
        )

    positions = [(row, column) for row in range(TILES_PER_SIDE) for column in range(TILES_PER_SIDE)]
    names = {f"{prefix}_tile_y{row + 1:02}_x{column + 1:02}": (row, column) for row, column in positions}
    return {name: lambda name=name, at=at: tile(name, *at) for name, at in names.items()}  # type: ignore[misc]


def well_image(name: str, viability: float) -> Picture:
    """One field of a well of the screen."""
    return Picture(
        name,
        "HCT116 p21-GFP, 48 h after transfection; 10×/0.45.",
        (DAPI, REPORTER),
        [[[plane]] for plane in pictures.well_field(seed(name), WELL_SIZE, viability)],
        pixel_size_um=0.65,
    )


FIXED_CELLS = tuple(
    f"20260312_HeLa_{treatment}_DAPI-Tubulin-Actin_63x_rep{replicate}"
    for treatment in ("ctrl", "nocodazole-100nM")
    for replicate in (1, 2, 3)
)
LIVING_CELLS = tuple(f"20260318_HeLa-H2B-mCherry_{condition}_20x_pos{position:02}" for condition, position in
                     (("ctrl", 1), ("taxol-10nM", 2)))  # fmt: skip
TISSUE = "20260402_mouse-kidney_HE_section04"
BEAD_STACKS = ("20260105_TetraSpeck-100nm_63x_488", "20260601_TetraSpeck-100nm_63x_488")
PRIVATE_IMAGES = {
    "alice": "20260310_HeLa_pilot_DAPI-Tubulin-Actin_63x",
    "bob": "20260328_HeLa_test-staining_DAPI-Tubulin-Actin_63x",
}
SHARED_IMAGE = "20260420_segmentation-benchmark_HeLa_DAPI-Tubulin-Actin_63x"
ORPHAN = "20260501_unsorted_HeLa-H2B-mCherry_20x"
