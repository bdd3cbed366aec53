"""Where the bytes of original files are below the data folder.

Files/            uploaded files by id, in folders of a thousand (`OriginalFile.repo` is null)
ManagedRepository/ imported files under their own names
scripts/          official scripts
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from omero_embedded import errors
from omero_embedded.files.naming import parts_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from omero_embedded.files.repositories import Repositories
    from omero_embedded.files.rows import FileRow

FILES = "Files"


@contextmanager
def written(place: Path, data: bytes) -> Iterator[None]:
    """The bytes of a file whose row is saved around or in the block; they go again if that fails."""
    place.parent.mkdir(parents=True, exist_ok=True)
    try:
        place.write_bytes(data)
        yield
    except BaseException:
        place.unlink(missing_ok=True)
        raise


def by_id(data: Path, file_id: int) -> Path:
    """OMERO's place for a file by its id: 12345 is `Files/Dir-012/12345`, 7 is `Files/7`."""
    folders: list[str] = []
    rest = file_id
    while rest > 999:
        rest //= 1000
        if rest > 0:
            folders.insert(0, f"Dir-{rest % 1000:03}")
    return data.joinpath(FILES, *folders, str(file_id))


def path_of(data: Path, repositories: Repositories, row: FileRow) -> Path:
    """Where the bytes of a file are.

    Raises omero.ResourceError for a file of a repository that this server does not have.
    """
    if row.repo is None:
        return by_id(data, row.id)
    repository = repositories.by_uuid(row.repo)
    if repository is None:
        raise errors.resource(
            f"OriginalFile:{row.id} is in repository {row.repo}, which this server does not have"
        )
    return repository.root.joinpath(*parts_of(row.folder + row.name))
