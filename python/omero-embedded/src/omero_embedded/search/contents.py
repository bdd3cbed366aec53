"""Words in attached text files: what OMERO's index has as `file.contents`.

There is no index here: files are read when they are searched, and the last ones are kept in memory.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from omero_embedded.files.layout import by_id
from omero_embedded.model.schema import SCHEMA
from omero_embedded.search.text import phrase_matches
from omero_embedded.security.filters import visible
from omero_embedded.store.tables import TABLES, table_of

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection, Select

    from omero_embedded.search.syntax import Words
    from omero_embedded.security.context import Call

FIELD = "file.contents"
MOST_BYTES = 1 << 20
_KEPT = 64


def ids_by_contents(connection: Connection, call: Call, class_name: str, node: Words) -> set[int]:
    """Ids of the objects with an attached text file, of a megabyte at most, that has the words."""
    query = _files(call, class_name)
    if query is None:
        return set()
    holders: dict[int, set[int]] = {}
    for object_id, file_id in connection.execute(query):
        holders.setdefault(file_id, set()).add(object_id)
    found: set[int] = set()
    for file_id, ids in holders.items():
        text = _text(by_id(call.server.data, file_id))
        if phrase_matches(node.words, text, node.fuzzy, node.slop):
            found |= ids
    return found


def _files(call: Call, class_name: str) -> Select[Any] | None:
    """Selects (id of the object, id of the file) of the files that the caller can see."""
    cls, file, annotation = SCHEMA[class_name], TABLES["OriginalFile"], TABLES["Annotation"]
    target = annotation.c[SCHEMA["FileAnnotation"].fields["file"].column]
    if class_name == "OriginalFile":
        query = select(file.c.id, file.c.id.label("file"))
    elif cls.is_a("FileAnnotation"):
        query = select(annotation.c.id, file.c.id.label("file")).join(file, file.c.id == target)
    elif cls.is_annotatable:
        link = table_of(cls.collections["annotationLinks"].element)
        query = select(link.c.parent, file.c.id.label("file"))
        query = query.join(annotation, annotation.c.id == link.c.child).join(file, file.c.id == target)
    else:
        return None
    query = query.where(file.c.mimetype.like("text/%"), file.c.repo.is_(None), file.c.size <= MOST_BYTES)
    shown = visible(call, file)
    return query if shown is None else query.where(shown)


def _text(path: Path) -> str:
    try:
        stamp = path.stat()
    except FileNotFoundError:
        return ""
    return _read(path, stamp.st_mtime_ns, stamp.st_size)


@functools.lru_cache(maxsize=_KEPT)
def _read(path: Path, _changed: int, _size: int) -> str:
    return path.read_bytes()[:MOST_BYTES].decode("utf-8", "replace")
