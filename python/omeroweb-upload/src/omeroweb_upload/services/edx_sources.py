"""Files that can be attached or drawn: staged ones of the user's uploads, and file annotations in OMERO."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO

from omero_plugin_common.omero_access.group_context import ALL_GROUPS, in_group
from omeroweb_upload.config import upload_settings
from omeroweb_upload.models import FileState, UploadFile
from omeroweb_upload.paths import name_of
from omeroweb_upload.services.attachments import BLOCK_BYTES, read_file
from omeroweb_upload.services.attachments_find import file_annotations
from omeroweb_upload.store.places import files_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from omero_plugin_common.database.owned import Owner

SHA1_LENGTH = 40
ARRIVED = (FileState.UPLOADED, FileState.IMPORTED, FileState.SKIPPED)


class SourceGoneError(Exception):
    """A file that isn't there any more, or isn't the caller's; says which."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file with its name, size in bytes and SHA-1; `annotation_id` is set for files in OMERO.

    `read` gives at most so many bytes from the beginning.
    """

    token: str
    name: str
    size: int
    sha1: str
    open: Callable[[], BinaryIO]
    read: Callable[[int], bytes]
    annotation_id: int | None = None


def find_sources(conn: Any, owner: Owner, tokens: Iterable[str]) -> dict[str, Source]:
    """Return the sources that exist and are the caller's to read, by token; others are left out."""
    wanted = list(dict.fromkeys(tokens))
    staged = [token.removeprefix("staged:") for token in wanted if token.startswith("staged:")]
    annotated = [
        int(token.removeprefix("annotation:")) for token in wanted if token.startswith("annotation:")
    ]
    found = {source.token: source for source in [*_staged(owner, staged), *_annotated(conn, annotated)]}
    return {token: found[token] for token in wanted if token in found}


def find_source(conn: Any, owner: Owner, token: str, name: str = "") -> Source:
    """Return one source; raises SourceGoneError."""
    source = find_sources(conn, owner, [token]).get(token)
    if source is None:
        raise SourceGoneError(
            f"{name or 'The file'} is not there any more: the upload was removed, or the attachment deleted"
        )
    return source


def _staged(owner: Owner, ids: list[str]) -> list[Source]:
    rows = UploadFile.objects.select_related("session").filter(
        pk__in=ids, session__owner_id=owner.user_id, state__in=ARRIVED
    )
    sources = []
    for row in rows:
        path = staged_path(row)
        if path.is_file():
            sha1 = row.sha1 or _sha1_of(path.open("rb"))
            name = name_of(row.path)
            sources.append(Source(f"staged:{row.id}", name, row.size, sha1, _opener(path), _reader(path)))
    return sources


def staged_path(row: UploadFile) -> Path:
    """Where a staged file lies."""
    return files_folder(upload_settings(), str(row.session.pk)) / str(row.stored_path)


def _opener(path: Path) -> Callable[[], BinaryIO]:
    return lambda: path.open("rb")


def _reader(path: Path) -> Callable[[int], bytes]:
    def read(limit: int) -> bytes:
        with path.open("rb") as file:
            return file.read(limit)

    return read


def _annotated(conn: Any, ids: list[int]) -> list[Source]:
    if not ids:
        return []
    with in_group(conn, ALL_GROUPS):
        files = file_annotations(conn, ids)
        return [_from_omero(conn, number, *files[number][2:]) for number in ids if number in files]


def _from_omero(conn: Any, annotation_id: int, file_id: int, name: str, size: int, digest: str) -> Source:
    def read(limit: int) -> bytes:
        with in_group(conn, ALL_GROUPS):
            return read_file(conn, file_id, limit, size=size)

    def read_all() -> BinaryIO:
        return io.BytesIO(read(size))

    # OMERO may keep another kind of checksum.
    sha1 = digest if len(digest) == SHA1_LENGTH else _sha1_of(read_all())
    return Source(f"annotation:{annotation_id}", name, size, sha1, read_all, read, annotation_id)


def _sha1_of(file: BinaryIO) -> str:
    digest = hashlib.sha1(usedforsecurity=False)
    with file:
        while block := file.read(BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()
