"""A spectrum's figure: drawn, attached to its image, and imported as an image of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omero.rtypes import rlist, rstring, unwrap
from omero.sys import ParametersI

from omero_plugin_common.omero_access.importing import (
    ImportOverdueError,
    ImportRefusedError,
    import_content,
    import_settings,
)
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
    dataset_id = first_dataset(conn, image_id)
    target = None if dataset_id is None else ("Dataset", dataset_id)
    settings = import_settings(name=name, description=description, target=target)
    try:
        response = import_content(
            conn, name, png, settings,
            wait=wait, timeout_seconds=READ_SECONDS, call_context=conn.SERVICE_OPTS,
        )  # fmt: skip
    except ImportRefusedError as error:
        raise FigureImportError(f"{name} could not be imported as an image: {error}") from error
    except ImportOverdueError as error:
        raise FigureImportError(f"OMERO did not read the figure within {READ_SECONDS:.0f} seconds") from error
    pixels = next(iter(response.pixels))
    return unwrap(pixels.image.id), True
