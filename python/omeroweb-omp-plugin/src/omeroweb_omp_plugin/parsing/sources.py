"""Where the text to parse comes from: the name itself, a folder of the imported file, the extension."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from omeroweb_omp_plugin.parsing.base_name import split_extension

SourceKind = Literal["name", "folder", "file", "extension"]

SLASHES = re.compile(r"[\\/]+")


@dataclass(frozen=True, slots=True)
class Source:
    """One text to parse.

    kind: `name` is the image's name in OMERO; `folder` a folder of the path the file had on the user's computer,
    `level` 1 being the one that holds the file, 2 the one above; `file` the file's own name; `extension` its
    extension without the dot.
    """

    kind: SourceKind = "name"
    level: int = 1

    def __post_init__(self) -> None:
        if self.kind == "folder" and self.level < 1:
            raise ValueError(
                f"folder level {self.level} doesn't exist; the folder of the file itself is level 1"
            )

    def text(self, name: str, client_path: str = "") -> str:
        """The text of one image; empty when its path hasn't this folder or its name no extension."""
        if self.kind == "name":
            return name
        if self.kind == "extension":
            return split_extension((path_parts(client_path) or (name,))[-1])[1].lstrip(".").lower()
        parts = path_parts(client_path)
        depth = 1 if self.kind == "file" else self.level + 1
        return parts[-depth] if len(parts) >= depth else ""


def path_parts(client_path: str) -> tuple[str, ...]:
    """Folders and file name of a Windows, Unix or URL-like path; no drive letter, no `.`."""
    parts = [part for part in SLASHES.split(client_path) if part and part != "."]
    if parts and re.fullmatch(r"[A-Za-z][A-Za-z0-9+.]*:", parts[0]):
        parts = parts[1:]
    return tuple(parts)
