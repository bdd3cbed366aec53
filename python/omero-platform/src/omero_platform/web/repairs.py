"""Repairs of what OMERO.web does wrong on every server, until its authors have."""

from __future__ import annotations

import functools
from typing import Any

from omero.gateway import BlitzGateway
from omero.gateway.utils import ServiceOptsDict


def repair_search() -> None:
    """webgateway's search passes bytes for the text and its options in the place of the dates, so it always fails."""
    original = BlitzGateway.searchObjects
    if hasattr(original, "__wrapped__"):
        return

    @functools.wraps(original)
    def search(
        self: Any, types: Any, text: str | bytes, created: Any = None, *rest: Any, **options: Any
    ) -> Any:
        dates = None if isinstance(created, ServiceOptsDict) else created
        words = text.decode() if isinstance(text, bytes) else text
        return original(self, types, words, dates, *rest, **options)

    BlitzGateway.searchObjects = search
