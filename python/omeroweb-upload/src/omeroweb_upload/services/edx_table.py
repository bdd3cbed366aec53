"""A spectrum as an OMERO.table, linked to its image and to the image's first dataset."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import omero.grid
import omero.model
from omero.rtypes import rstring, unwrap

from omero_plugin_common.omero_access.deletion import delete
from omero_plugin_common.omero_access.images import images_of
from omero_plugin_common.omero_access.permissions import allowed
from omeroweb_upload.services.attachments import Attached
from omeroweb_upload.services.attachments_find import attached_files, own_files
from omeroweb_upload.spectra import names

if TYPE_CHECKING:
    from collections.abc import Callable

    from omeroweb_upload.emsa.spectrum import Spectrum
    from omeroweb_upload.services.attachments_find import AttachedFile

BLOCK_ROWS = 100_000


class TablesUnavailableError(Exception):
    """The server has no tables service; says so."""


def find_table(files: list[AttachedFile], spectrum_name: str, sha1: str) -> AttachedFile | None:
    """The spectrum's table among an image's attachments."""
    description = names.table_description(spectrum_name, sha1)
    return next(
        (
            file
            for file in files
            if file.namespace == names.TABLE_NAMESPACE and file.description == description
        ),
        None,
    )


def attach_table(
    conn: Any, image_id: int, spectrum: Spectrum, name: str, sha1: str, *, check: Callable[[], None]
) -> Attached:
    """Make the spectrum's table unless the image has it; raises TablesUnavailableError.

    What an interrupted attempt left is removed first.
    """
    known = find_table(attached_files(conn, "Image", [image_id]), name, sha1)
    if known is not None:
        return Attached(known.annotation_id, known.link_id, made=False)
    folder, file_name = names.table_folder(image_id, sha1), names.table_name(name)
    left = own_files(conn, folder, file_name, conn.getUserId())
    if left:
        delete(conn, "OriginalFile", left)
    file_id = _write(conn, f"{folder}{file_name}", image_id, spectrum, check)
    return _link(conn, image_id, file_id, names.table_description(name, sha1))


def _write(conn: Any, path: str, image_id: int, spectrum: Spectrum, check: Callable[[], None]) -> int:
    resources = conn.c.sf.sharedResources()
    if not resources.areTablesEnabled():
        raise TablesUnavailableError(
            "OMERO.tables does not run on this server; ask its administrator to start it"
        )
    repository = unwrap(resources.repositories().descriptions[0].id)
    table = resources.newTable(repository, path, conn.SERVICE_OPTS)
    if table is None:
        raise TablesUnavailableError("OMERO made no table; the tables service may be busy or switched off")
    try:
        table.initialize(_columns(spectrum))
        x = spectrum.energy_kev if spectrum.is_energy else spectrum.x
        for start in range(0, len(x), BLOCK_ROWS):
            check()
            image, energy, counts = _columns(spectrum)
            energy.values = x[start : start + BLOCK_ROWS].tolist()
            counts.values = spectrum.y[start : start + BLOCK_ROWS].tolist()
            image.values = [image_id] * len(energy.values)
            table.addData([image, energy, counts])
        table.setAllMetadata({"x_unit": rstring(x_unit(spectrum)), "y_unit": rstring(spectrum.y_unit)})
        number: int = unwrap(table.getOriginalFile().id)
    finally:
        table.close()
    return number


def x_unit(spectrum: Spectrum) -> str:
    """The unit of the table's second column."""
    return "keV" if spectrum.is_energy else spectrum.x_unit


def _columns(spectrum: Spectrum) -> list[Any]:
    """Columns as older tables have them; a spectrum over something else than energy says so in the name."""
    image, energy, counts = names.TABLE_COLUMNS
    second = energy if spectrum.is_energy else f"X_{spectrum.x_unit or 'channel'}"
    return [
        omero.grid.LongColumn(image, "Image", []),
        omero.grid.DoubleColumn(second, f"in {x_unit(spectrum) or 'channels'}", []),
        omero.grid.DoubleColumn(counts, f"in {spectrum.y_unit or 'the unit of the file'}", []),
    ]


def _link(conn: Any, image_id: int, file_id: int, description: str) -> Attached:
    annotation = omero.model.FileAnnotationI()
    annotation.ns = rstring(names.TABLE_NAMESPACE)
    annotation.description = rstring(description)
    annotation.file = omero.model.OriginalFileI(file_id, False)
    link = omero.model.ImageAnnotationLinkI()
    link.parent, link.child = omero.model.ImageI(image_id, False), annotation
    links = [link]
    dataset_id = first_dataset(conn, image_id)
    if dataset_id is not None and dataset_id in allowed(conn, "Dataset", [dataset_id], "canAnnotate"):
        second = omero.model.DatasetAnnotationLinkI()
        second.parent, second.child = omero.model.DatasetI(dataset_id, False), annotation
        links.append(second)
    saved = conn.getUpdateService().saveAndReturnArray(links, conn.SERVICE_OPTS)
    return Attached(unwrap(saved[0].child.id), unwrap(saved[0].id), made=True)


def first_dataset(conn: Any, image_id: int) -> int | None:
    """The dataset with the lowest id among those of an image."""
    found = [row.container_id for row in images_of(conn, "Image", [image_id]) if row.container_id is not None]
    return min(found, default=None)
