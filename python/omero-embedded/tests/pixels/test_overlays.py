"""Masks of a table, drawn over an image."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import omero
import omero.all
import omero.grid
import pytest
from omero.rtypes import rlong

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omero_embedded.testing import Site

WIDTH, HEIGHT = 12, 5


@pytest.fixture(scope="module")
def alice(site: Site) -> Iterator[Any]:
    site.group("lab", "rwr---", "alice")
    with site.gateway("alice") as conn:
        yield conn


@pytest.fixture(scope="module")
def annotation(alice: Any) -> int:
    """A table with two masks: the left column of the plane, and its last row."""
    left, bottom = np.zeros((2, HEIGHT, WIDTH), bool)
    left[:, 0] = bottom[-1] = True
    masks = [np.packbits(mask.ravel()).tobytes() for mask in (left, bottom)]
    column = omero.grid.MaskColumn(
        "mask", "", [1, 1], [0, 0], [0, 0], [0, 0], [0, 0], [12, 12], [5, 5], masks
    )
    number = omero.grid.LongColumn("number", "", [0, 1])
    return attach(alice, [number, column])


def attach(conn: Any, columns: list[Any]) -> int:
    table = conn.c.sf.sharedResources().newTable(1, "masks.h5")
    table.initialize(columns)
    table.addData(columns)
    file_annotation = omero.model.FileAnnotationI()
    file_annotation.file = omero.model.OriginalFileI(table.getOriginalFile().id.val, False)
    table.close()
    found: int = conn.getUpdateService().saveAndReturnObject(file_annotation).id.val
    return found


@pytest.fixture
def engine(alice: Any) -> Iterator[Any]:
    image = alice.createImageFromNumpySeq(iter([np.zeros((HEIGHT, WIDTH), np.uint8)]), "dark")
    made = alice.c.sf.createRenderingEngine()
    made.lookupPixels(image.getPixelsId())
    made.resetDefaultSettings(True)
    made.lookupRenderingDef(image.getPixelsId())
    made.load()
    yield made
    made.close()


def plane(region: Any = None, stride: int = 0) -> Any:
    return omero.romio.PlaneDef(0, 0, 0, 0, 0, region, stride)


def rgb(engine: Any, **options: Any) -> Any:
    buffer = engine.render(plane(**options))
    return np.stack([np.frombuffer(band, np.uint8) for band in buffer.bands], -1).reshape(
        buffer.sizeX2, buffer.sizeX1, 3
    )


def test_masks_are_drawn_in_their_colours_until_they_are_taken_away(engine: Any, annotation: int) -> None:
    plain = rgb(engine)

    engine.setOverlays(rlong(annotation), rlong(1), {0: 0xFF8000, 1: 0x0000FF})

    drawn = rgb(engine)
    assert (drawn[:-1, 0] == (255, 128, 0)).all()
    assert (drawn[-1] == (0, 0, 255)).all()
    assert (drawn[:-1, 1:] == plain[:-1, 1:]).all()
    engine.setOverlays(None, None, {})
    assert (rgb(engine) == plain).all()


def test_masks_are_cut_like_the_plane(engine: Any, annotation: int) -> None:
    engine.setOverlays(rlong(annotation), rlong(1), {1: 0xFFFFFF})

    part = rgb(engine, region=omero.romio.RegionDef(3, 3, 4, 2))
    every_other = rgb(engine, stride=1)

    assert (part[1] == 255).all()
    assert not (part[0] == 255).all()
    assert (every_other[-1] == 255).all()


def test_what_is_no_mask_is_refused(engine: Any, alice: Any, annotation: int) -> None:
    without = attach(alice, [omero.grid.LongColumn("number", "", [0])])
    short = omero.grid.MaskColumn("mask", "", [1], [0], [0], [0], [0], [1], [1], [b"\x80"])
    for table, rows, message in (
        (rlong(without), {0: 1}, "no column of masks"),
        (rlong(annotation), {7: 1}, "no row 7"),
        (rlong(10**9), {0: 1}, "no FileAnnotation"),
        (None, {0: 1}, "missing"),
    ):
        with pytest.raises(omero.ApiUsageException, match=message):
            engine.setOverlays(table, rlong(1), rows)
    engine.setOverlays(rlong(attach(alice, [short])), rlong(1), {0: 1})
    with pytest.raises(omero.ApiUsageException, match="a bit for each pixel"):
        engine.render(plane())
