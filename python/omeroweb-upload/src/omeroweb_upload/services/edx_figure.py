"""A spectrum's figure: drawn, attached to its image, and imported as an image of its own."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import omero
import omero.grid
import omero.model
from omero.rtypes import rbool, rlist, rstring, unwrap
from omero.sys import ParametersI

from omeroweb_upload.plot.figure import draw_pdf, draw_spectrum
from omeroweb_upload.services.edx_found import Present
from omeroweb_upload.services.edx_table import first_dataset
from omeroweb_upload.spectra import names
from omeroweb_upload.spectra.analyse import labels_of_elements

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from omeroweb_upload.emsa.spectrum import ElementLabel, Spectrum
    from omeroweb_upload.services.attachments_find import AttachedFile

READ_SECONDS = 300.0
PAUSE_SECONDS = 0.1


class FigureImportError(Exception):
    """OMERO did not take the figure as an image; says why."""


def figure_bytes(
    spectrum: Spectrum, kind: str, elements: Sequence[str] | None, *, title: str | None = None
) -> bytes:
    """Draw a spectrum as `png` or `pdf`, with the labels of its file or those of chosen elements."""
    labels: Sequence[ElementLabel] | None = (
        None if elements is None else labels_of_elements(spectrum, elements)
    )
    if kind == "pdf":
        return draw_pdf([spectrum], labels=labels, title=title)
    return draw_spectrum(spectrum, labels=labels, title=title).png


def find_figure(files: list[AttachedFile], name: str, description: str) -> AttachedFile | None:
    """A figure among an image's attachments, by what it is of."""
    return next(
        (
            file
            for file in files
            if file.namespace == names.SPECTRA_NAMESPACE
            and file.name == name
            and file.description == description
        ),
        None,
    )


def find_figure_images(conn: Any, descriptions: Sequence[str]) -> dict[str, Present]:
    """The caller's images that say they are one of these figures, the oldest of each."""
    if not descriptions:
        return {}
    parameters = ParametersI()
    parameters.add("descriptions", rlist([rstring(text) for text in dict.fromkeys(descriptions)]))
    parameters.addIds([conn.getUserId()])
    query = (
        "select image.description, image.id from Image image where image.description in (:descriptions) "
        "and image.details.owner.id in (:ids) order by image.id desc"
    )
    rows = conn.getQueryService().projection(query, parameters, conn.SERVICE_OPTS)
    return {row[0].getValue(): Present(row[1].getValue(), conn.getUserId()) for row in rows}


def import_figure(
    conn: Any, image_id: int, name: str, png: bytes, description: str, *, wait: Callable[[float], None]
) -> tuple[int, bool]:
    """Import the figure as an image beside the spectrum's image; returns its id and whether it was made now.

    Raises FigureImportError. `wait` pauses while OMERO reads the file.
    """
    known = find_figure_images(conn, [description]).get(description)
    if known is not None:
        return known.number, False
    process = _start(conn, name, description, first_dataset(conn, image_id))
    try:
        store = process.getUploader(0)
        store.write(png, 0, len(png))
        store.close()
        handle = process.verifyUpload([hashlib.sha1(png, usedforsecurity=False).hexdigest()])
        response = _response(handle, wait)
    finally:
        process.close()
    if not isinstance(response, omero.grid.ImportResponse):
        told = response.parameters.get("message") or f"{response.category} {response.name}"
        raise FigureImportError(f"{name} could not be imported as an image: {told}")
    pixels = next(iter(response.pixels))
    return unwrap(pixels.image.id), True


def _start(conn: Any, name: str, description: str, dataset_id: int | None) -> Any:
    fileset = omero.model.FilesetI()
    entry = omero.model.FilesetEntryI()
    entry.clientPath = rstring(name)
    fileset.addFilesetEntry(entry)
    job = omero.model.UploadJobI()
    fileset.linkJob(job)
    settings = omero.grid.ImportSettings()
    settings.doThumbnails = rbool(True)
    settings.userSpecifiedName = rstring(name)
    settings.userSpecifiedDescription = rstring(description)
    if dataset_id is not None:
        settings.userSpecifiedTarget = omero.model.DatasetI(dataset_id, False)
    settings.checksumAlgorithm = omero.model.ChecksumAlgorithmI()
    settings.checksumAlgorithm.value = rstring("SHA1-160")
    return conn.c.getManagedRepository().importFileset(fileset, settings, conn.SERVICE_OPTS)


def _response(handle: Any, wait: Callable[[float], None]) -> Any:
    waited = 0.0
    try:
        response = handle.getResponse()
        while response is None:
            if waited > READ_SECONDS:
                raise FigureImportError(f"OMERO did not read the figure within {READ_SECONDS:.0f} seconds")
            wait(PAUSE_SECONDS)
            waited += PAUSE_SECONDS
            response = handle.getResponse()
    finally:
        handle.close()
    return response
