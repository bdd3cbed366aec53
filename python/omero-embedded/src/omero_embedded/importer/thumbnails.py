"""The thumbnail step of an import."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omero_embedded.security.context import Call


def make_thumbnails(call: Call, pixels_ids: Sequence[int]) -> None:
    """Thumbnails are rendered when first looked at and kept then, so there is nothing to make yet."""
    del call, pixels_ids
