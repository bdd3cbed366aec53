"""Relative paths as browsers send them: what is accepted, and what they are called afterwards."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_NAME_BYTES: Final = 255
MAX_PATH_BYTES: Final = 3000
MAX_DEPTH: Final = 64
DATASET_SEPARATOR: Final = "\\"

# A drive is only one with a separator after it: on Linux, "T:1.tif" is a name like any other.
_DRIVE = re.compile(r"[A-Za-z]:/")


class PathError(ValueError):
    """A path that is not accepted; says which and why."""

    def __init__(self, path: str, reason: str) -> None:
        self.path = path
        self.reason = reason
        shown = path if len(path) <= 120 else f"{path[:80]}…{path[-30:]}"
        super().__init__(f"{shown!r}: {reason}")


class PathsError(ValueError):
    """Several paths that are not accepted."""

    def __init__(self, errors: list[PathError]) -> None:
        self.errors = tuple(errors)
        super().__init__("; ".join(str(error) for error in errors[:20]))


def clean_path(path: str) -> str:
    """The path with slashes and composed characters (NFC).

    Raises `PathError` for absolute paths, drives, `.`, `..` and empty parts, what cannot be stored (NUL, halves of
    characters), and names or paths that are too long. Names are never changed to fit: a file arrives under its own name
    or not at all. What other systems dislike in names is dealt with by `staged_names`.
    """
    for character in path:
        if character == "\0" or unicodedata.category(character) == "Cs":
            raise PathError(path, f"the character U+{ord(character):04X} cannot be stored in names")
    clean = unicodedata.normalize("NFC", path).replace("\\", "/")
    if not clean:
        raise PathError(path, "the path is empty")
    if clean.startswith("/"):
        raise PathError(path, "the path is absolute; it should start with a folder or file name")
    if _DRIVE.match(clean):
        raise PathError(
            path, "the path starts with a drive letter; it should start with a folder or file name"
        )
    if len(clean.encode()) > MAX_PATH_BYTES:
        raise PathError(path, f"the path has {len(clean.encode())} bytes; {MAX_PATH_BYTES} are allowed")
    parts = clean.split("/")
    if len(parts) > MAX_DEPTH:
        raise PathError(path, f"the path has {len(parts)} levels; {MAX_DEPTH} are allowed")
    for part in parts:
        _check_part(path, part)
    return clean


def _check_part(path: str, part: str) -> None:
    if part in {"", ".", ".."}:
        raise PathError(path, f"the part {part!r} is not allowed; use plain folder and file names")
    size = len(part.encode())
    if size > MAX_NAME_BYTES:
        raise PathError(path, f"a name has {size} bytes; {MAX_NAME_BYTES} are allowed")


def clean_paths(paths: Iterable[str]) -> tuple[str, ...]:
    """Clean all paths or none; raises `PathsError` with every bad one.

    Paths that become the same one, and a file with the name of a folder, are refused too.
    """
    errors: list[PathError] = []
    cleaned: dict[str, str] = {}
    for path in paths:
        try:
            clean = clean_path(path)
        except PathError as error:
            errors.append(error)
            continue
        if clean in cleaned:
            errors.append(PathError(path, f"the same path is there already, as {cleaned[clean]!r}"))
        cleaned.setdefault(clean, path)
    folders = {folder for path in cleaned for folder in _ancestors(path)}
    errors += [
        PathError(original, "a folder has the same name")
        for path, original in cleaned.items()
        if path in folders
    ]
    if errors:
        raise PathsError(errors)
    return tuple(cleaned)


def _ancestors(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[:end]) for end in range(1, len(parts))]


def name_of(path: str) -> str:
    """The last part of a clean path."""
    return path.rpartition("/")[2]


def folder_of(path: str) -> str:
    """Everything before the last part; empty for a file at the top."""
    return path.rpartition("/")[0]


def folders_of(path: str) -> tuple[str, ...]:
    """The names of the folders above a file, outermost first."""
    folder = folder_of(path)
    return tuple(folder.split("/")) if folder else ()


def stem_of(path: str) -> str:
    """The name without its last extension."""
    name = name_of(path)
    stem, dot, _ = name.rpartition(".")
    return stem if dot and stem else name


def dataset_name(path: str) -> str | None:
    """The dataset a file goes to: its folders joined by backslashes; None for a file at the top."""
    folders = folders_of(path)
    return DATASET_SEPARATOR.join(folders) if folders else None
