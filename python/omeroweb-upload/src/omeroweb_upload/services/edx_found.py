"""An output that is in OMERO."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Present:
    """One output that is there: an annotation with the link that carries it, or an image without link."""

    number: int
    owner_id: int
    link_id: int | None = None
