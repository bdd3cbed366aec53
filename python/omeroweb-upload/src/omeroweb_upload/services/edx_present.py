"""Which of a job's outputs are in OMERO, for plans before it and for undoing after it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omeroweb_upload.services.attachments import same_file
from omeroweb_upload.services.attachments_find import attached_files
from omeroweb_upload.services.edx_figure import find_figure, find_figure_images
from omeroweb_upload.services.edx_found import Present
from omeroweb_upload.services.edx_items import Output
from omeroweb_upload.services.edx_metadata import find_metadata, metadata_of
from omeroweb_upload.services.edx_table import find_table
from omeroweb_upload.spectra import names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omero_plugin_common.omero_access.annotations import MapAnnotationRow
    from omeroweb_upload.services.attachments_find import AttachedFile
    from omeroweb_upload.services.edx_items import Item


Found = dict[Output, Present]


def present_outputs(conn: Any, items: Sequence[Item], namespace: str) -> list[Found]:
    """What is there already of each item's outputs; a handful of queries for all of them."""
    image_ids = sorted({item.image_id for item in items})
    files: dict[int, list[AttachedFile]] = {}
    for file in attached_files(conn, "Image", image_ids):
        files.setdefault(file.object_id, []).append(file)
    wants_pairs = any(Output.METADATA in item.outputs for item in items)
    pairs = metadata_of(conn, image_ids) if wants_pairs else {}
    descriptions = [_description(item) for item in items if Output.FIGURE_IMAGE in item.outputs]
    images = find_figure_images(conn, descriptions)
    return [
        _of_item(item, namespace, files.get(item.image_id, []), pairs.get(item.image_id, []), images)
        for item in items
    ]


def _of_item(
    item: Item,
    namespace: str,
    files: list[AttachedFile],
    pairs: list[MapAnnotationRow],
    images: dict[str, Present],
) -> Found:
    description = _description(item)
    if item.source.startswith("annotation:"):
        number = int(item.source.removeprefix("annotation:"))
        original = next((file for file in files if file.annotation_id == number), None)
    else:
        original = same_file(files, item.name, item.sha1, namespace)
    looked_for = {
        Output.ORIGINAL: original,
        Output.TABLE: find_table(files, item.name, item.sha1),
        Output.FIGURE: find_figure(files, names.figure_name(item.name), description),
        Output.FIGURE_PDF: find_figure(files, names.figure_name(item.name, "pdf"), description),
    }
    found = {
        output: Present(file.annotation_id, file.owner_id, file.link_id)
        for output, file in looked_for.items()
        if file is not None
    }
    row = find_metadata(pairs, item.name, item.sha1)
    if row is not None:
        found[Output.METADATA] = Present(row.id, row.owner_id, row.link_id)
    if description in images:
        found[Output.FIGURE_IMAGE] = images[description]
    return {output: found[output] for output in item.outputs if output in found}


def _description(item: Item) -> str:
    return names.figure_description(item.image_id, item.name, item.sha1, item.elements)
