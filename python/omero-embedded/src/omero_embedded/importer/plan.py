"""Where the files of an import go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from omero_embedded import errors
from omero_embedded.files.naming import NameRules, Parts, client_parts, common_parent, folder_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omero_embedded.importer.template import Expanded


@dataclass(frozen=True, slots=True)
class Plan:
    """The folder of an import and the paths of its files below it, in the order the client named them."""

    folder: Expanded
    files: tuple[Parts, ...]
    omitted_levels: int

    @property
    def prefix(self) -> str:
        """The folder as Fileset.templatePrefix has it."""
        return folder_text(self.folder.parts)

    @property
    def root_folders(self) -> int:
        """How many of the folders belong to root and stay when the import is taken back."""
        return len(self.folder.root_owned)

    @property
    def log(self) -> Parts:
        """The import log: beside the folder, under its name."""
        parts = self.folder.parts
        return (*parts[:-1], f"{parts[-1]}.log")


def plan(folder: Expanded, client_paths: Sequence[str], rules: NameRules) -> Plan:
    """Keep the folders in which the client's files differ, leave out those they share.

    Raises omero.ApiUsageException for no files, or two of one name.
    """
    if not client_paths:
        raise errors.api_usage("a fileset needs at least one file")
    split = [client_parts(path) for path in client_paths]
    if not all(split):
        raise errors.api_usage("a fileset entry has no client path")
    shared = common_parent(split)
    files = tuple(tuple(rules.safe(part) for part in parts[len(shared) :]) for parts in split)
    if len(set(files)) != len(files):
        twice = next(path for number, path in enumerate(files) if path in files[:number])
        raise errors.api_usage(f"two files of the fileset would be stored as {'/'.join(twice)}")
    return Plan(folder, files, len(shared))
