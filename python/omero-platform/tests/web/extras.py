"""What the walk needs besides the demo data: a figure, a table, an imported image, a mask, an acquisition; and all ids."""

from __future__ import annotations

import hashlib
import io
import json
from typing import TYPE_CHECKING, Any

import numpy as np
import omero
import omero.grid
import pytest
from omero.callbacks import CmdCallbackI
from omero.model import (
    ImageAnnotationLinkI,
    ImageI,
    MaskI,
    OriginalFileI,
    PlateAcquisitionI,
    PlateI,
    RoiI,
)
from omero.rtypes import rdouble, rint, rstring, unwrap
from PIL import Image

if TYPE_CHECKING:
    from .walker import Browser

ALL_GROUPS = {"omero.group": "-1"}
GENE = "AURKB"

# One id each, of objects that belong to the demo's main group.
_QUERIES = {
    "image": "select roi.image.id from Roi roi order by roi.id",
    "project": "select up.parent.id from ProjectDatasetLink up where up.child.id in "
    "(select link.parent.id from DatasetImageLink link where link.child.id = :image)",
    "dataset": "select link.parent.id from DatasetImageLink link where link.child.id = :image",
    "screen": "select screen.id from Screen screen order by screen.id",
    "plate": "select plate.id from Plate plate order by plate.id",
    "well": "select well.id from Well well order by well.id",
    "acquisition": "select run.id from PlateAcquisition run order by run.id",
    "roi": "select roi.id from Roi roi where roi.image.id = :image order by roi.id",
    "shape": "select shape.id from Shape shape where shape.roi.image.id = :image order by shape.id",
    "mask": "select mask.id from Mask mask order by mask.id",
    "tag": "select tag.id from TagAnnotation tag order by tag.id",
    "attachment": "select a.id from FileAnnotation a where a.file.mimetype = 'text/plain' order by a.id",
    "file": "select a.file.id from FileAnnotation a where a.file.mimetype = 'text/plain' order by a.id",
    "imported": "select image.id from Image image where image.fileset is not null order by image.id",
    "script": "select script.id from OriginalFile script where script.mimetype = 'text/x-python' order by script.id",
}


def all_ids(gateway: Any, browser: Browser) -> dict[str, Any]:
    """Make what is missing and return one id for every name that routes.txt uses."""
    query = gateway.getQueryService()
    ids: dict[str, Any] = {
        "gene": GENE,
        "user": gateway.getUserId(),
        "group": gateway.getGroupFromContext().getId(),
    }
    ids["image"] = _first(query, _QUERIES["image"], {})
    _add_mask(gateway, ids["image"])
    import_picture(gateway)
    for name, hql in _QUERIES.items():
        ids[name] = _first(query, hql, ids)
    if ids["acquisition"] is None:
        ids["acquisition"] = _add_acquisition(gateway, ids["plate"])
    ids["table"] = add_table(gateway, ids["image"])
    ids["zarr_chunk"] = _first_chunk(browser, ids["image"])
    ids["figure"] = add_figure(browser, ids["image"])
    missing = [name for name, value in ids.items() if value is None]
    if missing:
        raise LookupError(f"the demo data has no {', '.join(missing)}")
    return ids


def _first(query: Any, hql: str, ids: dict[str, Any]) -> int | None:
    parameters = omero.sys.ParametersI().page(0, 1)
    if ":image" in hql:
        parameters.addLong("image", ids["image"])
    rows = query.projection(hql, parameters, ALL_GROUPS)
    return unwrap(rows[0][0]) if rows else None


def _first_chunk(browser: Browser, image_id: int) -> str:
    """The path of the first chunk: a zero for each dimension that the image has."""
    description = browser.get(f"/zarr/v0.4/image/{image_id}.zarr/0/.zarray").json()
    return "/".join("0" for _ in description["shape"])


def _add_mask(gateway: Any, image_id: int) -> None:
    mask = MaskI()
    mask.x, mask.y, mask.width, mask.height = rdouble(2), rdouble(3), rdouble(16), rdouble(8)
    mask.theZ, mask.theT = rint(0), rint(0)
    mask.fillColor = rint(0x00FF00FF)
    mask.bytes = np.packbits(np.tile([0, 1], 64)).tobytes()
    roi = RoiI()
    roi.image = ImageI(image_id, False)
    roi.addShape(mask)
    gateway.getUpdateService().saveObject(roi)


def import_picture(gateway: Any) -> None:
    """Import a PNG the way OMERO's clients import files."""
    buffer = io.BytesIO()
    Image.fromarray(np.arange(64 * 48, dtype=np.uint8).reshape(48, 64)).save(buffer, "PNG")
    content = buffer.getvalue()
    entry = omero.model.FilesetEntryI()
    entry.clientPath = rstring("/home/alice/walk.png")
    fileset = omero.model.FilesetI()
    fileset.addFilesetEntry(entry)
    fileset.linkJob(omero.model.UploadJobI())
    algorithm = omero.model.ChecksumAlgorithmI()
    algorithm.value = rstring("SHA1-160")
    process = gateway.c.getManagedRepository().importFileset(
        fileset, omero.grid.ImportSettings(checksumAlgorithm=algorithm)
    )
    store = process.getUploader(0)
    store.write(content, 0, len(content))
    store.close()
    callback = CmdCallbackI(gateway.c, process.verifyUpload([hashlib.sha1(content).hexdigest()]))
    callback.loop(200, 100)
    answer = callback.getResponse()
    callback.close(True)
    if isinstance(answer, omero.cmd.ERR):
        pytest.fail(f"import failed: {answer.parameters}")


def _add_acquisition(gateway: Any, plate_id: int) -> int:
    update = gateway.getUpdateService()
    run = PlateAcquisitionI()
    run.name, run.plate = rstring("48 h"), PlateI(plate_id, False)
    run = update.saveAndReturnObject(run)
    samples = gateway.getQueryService().findAllByQuery(
        "select sample from WellSample sample where sample.well.plate.id = :plate",
        omero.sys.ParametersI().addLong("plate", plate_id),
        ALL_GROUPS,
    )
    for sample in samples:
        sample.plateAcquisition = run.proxy()
    update.saveCollection(samples)
    return int(run.id.val)


def add_table(gateway: Any, image_id: int) -> int:
    """A table of measurements, as bulk annotation of the image."""
    table = gateway.c.sf.sharedResources().newTable(0, "measurements.h5")
    table.initialize([omero.grid.ImageColumn("Image", "", []), omero.grid.DoubleColumn("Area", "um2", [])])
    table.addData(
        [omero.grid.ImageColumn("Image", "", [image_id]), omero.grid.DoubleColumn("Area", "um2", [12.5])]
    )
    file_id = int(table.getOriginalFile().id.val)
    table.close()
    annotation = omero.model.FileAnnotationI()
    annotation.ns = rstring(omero.constants.namespaces.NSBULKANNOTATIONS)
    annotation.file = OriginalFileI(file_id, False)
    link = ImageAnnotationLinkI()
    link.parent, link.child = ImageI(image_id, False), annotation
    gateway.getUpdateService().saveObject(link)
    return file_id


def add_figure(browser: Browser, image_id: int) -> int:
    """A figure of one image, saved as OMERO.figure's page does it."""
    panel = {"imageId": image_id, "name": "cells", "x": 0, "y": 0, "width": 100, "height": 100, "sizeZ": 1, "sizeT": 1,
             "theZ": 0, "theT": 0, "orig_width": 100, "orig_height": 100, "channels": []}  # fmt: skip
    figure = {"version": 8, "panels": [panel], "figureName": "walk", "paper_width": 595, "paper_height": 842}
    answer = browser.post(
        "/figure/save_web_figure/", {"figureJSON": json.dumps(figure), "figureName": "walk"}
    )
    answer.raise_for_status()
    return int(answer.text)
