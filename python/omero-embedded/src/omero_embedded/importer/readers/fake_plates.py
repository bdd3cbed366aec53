"""The screens and plates that the name of a `.fake` file stands for.

Format: https://bio-formats.readthedocs.io/en/latest/developers/generating-test-images.html (High-content screening)
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

from omero_embedded.importer.metadata import PartInfo

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_SIZES = ("screens", "plates", "plateRows", "plateCols", "plateAcqs", "fields")


@dataclass(frozen=True, slots=True)
class Layout:
    """How many of each; `plates` are per screen, where there are screens, `fields` per well and acquisition."""

    screens: int
    plates: int
    rows: int
    columns: int
    acquisitions: int
    fields: int

    @property
    def images(self) -> int:
        """One per field."""
        plates = max(self.screens, 1) * self.plates
        return plates * self.rows * self.columns * self.acquisitions * self.fields

    def screen_parts(self) -> tuple[PartInfo, ...]:
        """The screens, each referring to its plates."""
        return tuple(
            PartInfo(
                "Screen",
                id=f"Screen:{screen}",
                values={"Name": f"Screen Name {screen}"},
                refers=tuple(
                    ("plate", f"Plate:{screen * self.plates + plate}") for plate in range(self.plates)
                ),
            )
            for screen in range(self.screens)
        )

    def plate_parts(self, image_id: Callable[[int], str]) -> tuple[PartInfo, ...]:
        """The plates with wells, acquisitions and samples; images are taken in order, `image_id` names them."""
        names = iter(map(image_id, range(self.images)))
        return tuple(self._plate(plate, names) for plate in range(max(self.screens, 1) * self.plates))

    def _plate(self, number: int, images: Iterator[str]) -> PartInfo:
        wells = []
        samples: list[list[tuple[str, str]]] = [[] for _ in range(self.acquisitions)]
        for row, column in product(range(self.rows), range(self.columns)):
            well = f"Well:{number}:{row}:{column}"
            taken = []
            for run, field in product(range(self.acquisitions), range(self.fields)):
                sample = f"WellSample:{number}:{row}:{column}:{run}:{field}"
                samples[run].append(("sample", sample))
                taken.append(PartInfo("WellSample", id=sample, refers=(("image", next(images)),)))
            values = {"Row": str(row), "Column": str(column)}
            wells.append(PartInfo("Well", id=well, values=values, parts=tuple(taken)))
        runs = [
            PartInfo(
                "PlateAcquisition",
                id=f"PlateAcquisition:{number}:{run}",
                values={"Name": f"PlateAcquisition Name {run}"},
                refers=tuple(held),
            )
            for run, held in enumerate(samples)
        ]
        values = {
            "Name": f"Plate Name {number}",
            "Rows": str(self.rows),
            "Columns": str(self.columns),
            "RowNamingConvention": "letter",
            "ColumnNamingConvention": "number",
        }
        return PartInfo("Plate", id=f"Plate:{number}", values=values, parts=(*wells, *runs))


def layout_of(number: Callable[[str], int]) -> Layout | None:
    """What the keys say, read by `number` (0 where a key is missing); None if none of them is above 0."""
    sizes = [number(name) for name in _SIZES]
    if not any(sizes):
        return None
    screens, *others = sizes
    plates, rows, columns, acquisitions, fields = (max(size, 1) for size in others)
    return Layout(screens, plates, rows, columns, acquisitions, fields)
