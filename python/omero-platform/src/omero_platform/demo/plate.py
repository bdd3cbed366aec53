"""A 96-well plate of the demo: a small siRNA screen whose wells look different from each other."""

from __future__ import annotations

from typing import Any

from omero.model import ImageI, PlateI, ScreenI, ScreenPlateLinkI, WellI, WellSampleI
from omero.rtypes import rint, rstring

from omero_platform.demo.catalogue import well_image
from omero_platform.demo.images import find_own, save_named, store_picture
from omero_platform.demo.notes import GENE_NAMESPACE, key_values

SCREEN = "2026_siRNA-pilot_cell-division"
PLATE = "20260506_siRNA-pilot_plate01_HCT116_48h"
ROWS, COLUMNS = "ABCDEFGH", 12
CONTROL_COLUMNS = {1: "scrambled", 12: "PLK1"}
GENES = ("AURKA", "AURKB", "BUB1", "CDK1", "CCNB1", "ESPL1", "KIF11", "MAD2L1", "NDC80", "TTK")
VIABILITY = {"scrambled": 1.0, "PLK1": 0.15, "AURKB": 0.35, "KIF11": 0.25, "CDK1": 0.4, "TTK": 0.5}


def treatment(column: int) -> str:
    """What the wells of a column (1 to 12) got."""
    return CONTROL_COLUMNS.get(column) or GENES[column - 2]


def ensure_plate(gateway: Any) -> None:
    """Make the screen with its plate; wells that an interrupted run left out are added."""
    screen = find_own(gateway, "Screen", SCREEN) or save_named(
        gateway,
        ScreenI(),
        SCREEN,
        "Knock-down of ten genes of cell division, with controls in columns 1 and 12.",
    )
    plate = find_own(gateway, "Plate", PLATE) or make_plate(gateway, screen)
    there = {(well.row, well.column) for well in plate.listChildren()}
    for row, letter in enumerate(ROWS):
        for column in range(1, COLUMNS + 1):
            if (row, column - 1) not in there:
                make_well(gateway, plate.getId(), row, column, letter)


def make_plate(gateway: Any, screen: Any) -> Any:
    """Make the plate in its screen."""
    plate = PlateI()
    plate.rows, plate.columns = rint(len(ROWS)), rint(COLUMNS)
    plate.rowNamingConvention, plate.columnNamingConvention = rstring("letter"), rstring("number")
    link = ScreenPlateLinkI()
    link.parent = ScreenI(screen.getId(), False)
    link.child = plate
    plate.addScreenPlateLink(link)
    return save_named(gateway, plate, PLATE, "One field per well; DAPI and p21-GFP.")


def make_well(gateway: Any, plate_id: int, row: int, column: int, letter: str) -> None:
    """Make a well with its image, and say which gene was knocked down."""
    gene = treatment(column)
    viability = VIABILITY.get(gene, 0.8) * (1 - 0.02 * row)
    image_id = store_picture(gateway, well_image(f"{PLATE}_{letter}{column:02}_siRNA-{gene}", viability))
    well = WellI()
    well.row, well.column = rint(row), rint(column - 1)
    well.plate = PlateI(plate_id, False)
    well.type = rstring("control" if column in CONTROL_COLUMNS else "treatment")
    sample = WellSampleI()
    sample.image = ImageI(image_id, False)
    well.addWellSample(sample)
    saved = gateway.c.sf.getUpdateService().saveAndReturnObject(well, gateway.SERVICE_OPTS)
    if gene != "scrambled" and row == 0:
        key_values(gateway, gateway.getObject("Well", saved.id.val), {"Gene Symbol": gene}, GENE_NAMESPACE)
