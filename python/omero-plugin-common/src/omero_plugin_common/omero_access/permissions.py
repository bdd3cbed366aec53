"""What the caller may do with objects, asked of the server once for all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omero.rtypes import unwrap
from omero.sys import ParametersI

from omero_plugin_common.omero_access.images import chunks

if TYPE_CHECKING:
    from collections.abc import Iterable

ABILITIES = ("canRead", "canEdit", "canAnnotate", "canLink", "canDelete")


def allowed(conn: Any, object_type: str, ids: Iterable[int], ability: str) -> set[int]:
    """Return the ids of the objects that exist for the caller and may be edited, annotated, linked or deleted.

    `ability` is one of canRead, canEdit, canAnnotate, canLink, canDelete; one query per 2000 ids.
    """
    if ability not in ABILITIES:
        raise ValueError(f"{ability!r} is no ability; use one of {', '.join(ABILITIES)}")
    query = f"select obj from {object_type} obj where obj.id in (:ids)"  # noqa: S608 - HQL, the type is code
    found: set[int] = set()
    for chunk in chunks(ids):
        parameters = ParametersI()
        parameters.addIds(chunk)
        for obj in conn.getQueryService().findAllByQuery(query, parameters, conn.SERVICE_OPTS):
            if ability == "canRead" or getattr(obj.details.permissions, ability)():
                found.add(unwrap(obj.id))
    return found


def refused(conn: Any, object_type: str, ids: Iterable[int], ability: str) -> list[int]:
    """Return, in order, the ids that the caller may not use that way or that don't exist for the caller."""
    wanted = {int(number) for number in ids}
    return sorted(wanted - allowed(conn, object_type, wanted, ability))
