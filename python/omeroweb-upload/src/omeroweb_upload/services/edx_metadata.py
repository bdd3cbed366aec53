"""A spectrum's header as key-value pairs of its image."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omero_plugin_common.omero_access.annotations import annotate, map_annotations_of
from omeroweb_upload.services.attachments import Attached
from omeroweb_upload.spectra.names import METADATA_NAMESPACE
from omeroweb_upload.spectra.pairs import FILE_KEY, SHA1_KEY, metadata_pairs

if TYPE_CHECKING:
    from omero_plugin_common.omero_access.annotations import MapAnnotationRow
    from omeroweb_upload.spectra.analyse import Analysis


def find_metadata(rows: list[MapAnnotationRow], name: str, sha1: str) -> MapAnnotationRow | None:
    """The pairs of this spectrum among an image's map annotations."""
    wanted = {(FILE_KEY, name), (SHA1_KEY, sha1)}
    return next(
        (row for row in rows if row.namespace == METADATA_NAMESPACE and wanted <= set(row.pairs)), None
    )


def attach_metadata(conn: Any, image_id: int, analysis: Analysis, name: str, sha1: str) -> Attached:
    """Write the pairs unless the image has them."""
    known = find_metadata(metadata_of(conn, [image_id]).get(image_id, []), name, sha1)
    if known is not None:
        return Attached(known.id, known.link_id, made=False)
    annotate(conn, "Image", {image_id: metadata_pairs(name, sha1, analysis)}, METADATA_NAMESPACE)
    made = find_metadata(metadata_of(conn, [image_id]).get(image_id, []), name, sha1)
    if made is None:
        raise LookupError(f"the key-value pairs of {name} were written to image {image_id} but are not there")
    return Attached(made.id, made.link_id, made=True)


def metadata_of(conn: Any, image_ids: list[int]) -> dict[int, list[MapAnnotationRow]]:
    """Every image's pairs that come from spectra."""
    return map_annotations_of(conn, "Image", image_ids, namespace=METADATA_NAMESPACE)
