"""OriginalFile objects for clients."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from omero_embedded.hql.run import objects
from omero_embedded.security.context import ALL_GROUPS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omero_embedded.security.context import Call

_QUERY = "select f from OriginalFile f left outer join fetch f.hasher where f.id in (:ids) order by f.id"


def original_files(call: Call, ids: Sequence[int]) -> list[Any]:
    """Loaded OriginalFiles, whatever group they are in, in the order of the ids; files the caller cannot see are left out."""
    if not ids:
        return []
    found = {
        instance.id.val: instance for instance in objects(in_all_groups(call), _QUERY, {"ids": list(ids)})
    }
    return [found[file_id] for file_id in ids if file_id in found]


def original_file(call: Call, file_id: int) -> Any:
    """One loaded OriginalFile."""
    return original_files(call, [file_id])[0]


def in_all_groups(call: Call) -> Call:
    """The same call, not limited to one group."""
    return replace(call, group=ALL_GROUPS)
