"""The thumbnail step of an import: rendering settings for the importer, and a first thumbnail."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import omero
import omero.all
from omero.rtypes import rint

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omero_embedded.security.context import Call

log = logging.getLogger(__name__)

# What OMERO's clients show in a dataset.
LONGEST_SIDE = 96


def make_thumbnails(call: Call, pixels_ids: Sequence[int]) -> None:
    """Save default settings and render a thumbnail of each image.

    An image that cannot be rendered (of many channels, for example) was imported all the same.
    """
    store: Any = call.server.create("omero.api.ThumbnailStore", call.session)
    try:
        for pixels_id in pixels_ids:
            if not store.setPixelsId(call, pixels_id):
                store.resetDefaults(call)
            store.getThumbnailByLongestSide(call, rint(LONGEST_SIDE))
    except omero.ServerError as error:
        log.warning("no thumbnail pixels=%s reason=%s", pixels_ids, error.message)
    finally:
        store.close(call)
