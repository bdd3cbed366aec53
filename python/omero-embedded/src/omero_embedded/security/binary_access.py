"""Who may download what (`omero.policy.binary_access`): a restriction on top of the permissions of a group.

A policy is a list of +write, +read, +image and +plate, or the same with a minus. What isn't allowed is forbidden, and
a minus beats a plus; a group may add words in its configuration. Files that are no part of an image stay free.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from omero_embedded.security.permissions import rights
from omero_embedded.store.statements import chunks
from omero_embedded.store.tables import MAP_TABLES, TABLES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection, Select

    from omero_embedded.security.context import Call

RESTRICTIONS = ("RESTRICT-BINARY-ACCESS",)
SETTING = "omero.policy.binary_access"
POLICED = frozenset({"OriginalFile", "Image", "Plate", "PlateAcquisition", "Well", "WellSample"})

_CHUNK = 10_000


@dataclass(frozen=True, slots=True)
class Candidate:
    """One object that somebody may want to download; `name` is that of a file."""

    id: int
    owner: int
    group: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class _Policy:
    words: frozenset[str]

    def allows(self, what: str) -> bool:
        return f"+{what}" in self.words and f"-{what}" not in self.words

    def allows_caller(self, call: Call, one: Candidate) -> bool:
        if not self.allows("write"):
            return False
        return self.allows("read") or rights(call.caller, one.owner, one.group).edit


def kept_back(
    connection: Connection, call: Call, candidates: Iterable[tuple[str, Candidate]]
) -> set[tuple[str, int]]:
    """Class and id of those that the caller may not download; each candidate comes with its class, a policed one."""
    by_class: dict[str, list[Candidate]] = {}
    for class_name, one in candidates:
        by_class.setdefault(class_name, []).append(one)
    if not by_class:
        return set()
    policies = _Policies(connection, call)
    return {
        (class_name, number)
        for class_name, found in by_class.items()
        for number in _restricted(connection, call, policies, class_name, found)
    }


def _restricted(
    connection: Connection, call: Call, policies: _Policies, class_name: str, candidates: list[Candidate]
) -> set[int]:
    is_plate = class_name not in ("OriginalFile", "Image")
    found: set[int] = set()
    images: list[int] = []
    plates: list[int] = []
    for one in candidates:
        policy = policies.of(one.group)
        if not policy.allows_caller(call, one):
            found.add(one.id)
        elif one.name.endswith(".txt"):
            continue
        elif not is_plate and not policy.allows("image"):
            images.append(one.id)
        elif not policy.allows("plate"):
            plates.append(one.id)
    if class_name == "OriginalFile":
        found |= _among(connection, _FILES_OF_IMAGES, images) | _among(connection, _FILES_OF_PLATES, plates)
    elif class_name == "Image":
        found |= {*images} | _among(connection, _IMAGES_OF_PLATES, plates)
    else:
        found |= {*plates}
    return found


class _Policies:
    """The policy of each group: that of the server with what the group adds."""

    def __init__(self, connection: Connection, call: Call) -> None:
        table = MAP_TABLES["ExperimenterGroup", "config"]
        rows = connection.execute(select(table.c.owner_id, table.c.value).where(table.c.name == SETTING))
        self._server = _words(call.server.config.get(SETTING, ""))
        self._groups: dict[int, _Policy] = {}
        for group, value in rows:
            self._groups[group] = _Policy(self._server | _words(value) | self.of(group).words)

    def of(self, group: int) -> _Policy:
        return self._groups.get(group, _Policy(self._server))


def _words(text: Any) -> frozenset[str]:
    return frozenset(word.strip() for word in str(text or "").split(",") if word.strip())


_IDS = "the_ids"


def _among_ids(column: Any) -> Any:
    return column.in_(bindparam(_IDS, expanding=True))


_SAMPLE, _IMAGE, _ENTRY = TABLES["WellSample"], TABLES["Image"], TABLES["FilesetEntry"]
_IMAGES_OF_PLATES = select(_SAMPLE.c.image).where(_among_ids(_SAMPLE.c.image)).distinct()
_FILES_OF_IMAGES = (
    select(_ENTRY.c.originalfile)
    .join(_IMAGE, _IMAGE.c.fileset == _ENTRY.c.fileset)
    .where(_among_ids(_ENTRY.c.originalfile))
    .distinct()
)
_FILES_OF_PLATES = _FILES_OF_IMAGES.join(_SAMPLE, _SAMPLE.c.image == _IMAGE.c.id)


def _among(connection: Connection, statement: Select[Any], ids: list[int]) -> set[int]:
    found: set[int] = set()
    for part in chunks(ids, _CHUNK):
        found.update(connection.scalars(statement, {_IDS: part}))
    return found
