"""What a backup says about itself: its databases with fingerprints of every table, and its files with checksums."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from omero_platform.errors import PlatformError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

FORMAT = 1
MANIFEST = "manifest.json"
CHECKSUM = "manifest.sha256"
FILES = "files.jsonl"
CHUNK_BYTES = 4 * 1024 * 1024


class DamagedBackupError(PlatformError):
    """A backup is not what it was when it was made."""


@dataclass(frozen=True)
class TablePrint:
    """How many rows a table has, and a sum over all of them that changes when any value does."""

    rows: int
    sum: str


@dataclass(frozen=True)
class DumpEntry:
    """One database: its dump, and what it held."""

    file: str
    sha256: str
    bytes: int
    server_version: str
    tables: dict[str, TablePrint]


@dataclass(frozen=True)
class FileEntry:
    """One file below a folder of the backup; a symbolic link has a target instead of contents."""

    path: str
    sha256: str = ""
    bytes: int = 0
    mode: int = 0o600
    mtime_ns: int = 0
    link: str = ""


@dataclass(frozen=True)
class Manifest:
    """A whole backup; `created` is a time in UTC, `folders` are the top-level names that it restores."""

    created: str
    databases: dict[str, DumpEntry]
    folders: list[str]
    files: int
    file_bytes: int
    files_sha256: str
    format: int = FORMAT


def sha256_of(path: Path) -> str:
    """The checksum of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write the manifest and its checksum."""
    text = json.dumps(asdict(manifest), indent=1, sort_keys=True) + "\n"
    (folder / MANIFEST).write_text(text, encoding="utf-8")
    (folder / CHECKSUM).write_text(hashlib.sha256(text.encode()).hexdigest() + "\n", encoding="utf-8")


def read_manifest(folder: Path) -> Manifest:
    """Read and check the manifest; raises DamagedBackupError saying what is wrong with it."""
    try:
        text = (folder / MANIFEST).read_bytes()
        expected = (folder / CHECKSUM).read_text(encoding="utf-8").strip()
    except FileNotFoundError as error:
        raise DamagedBackupError(
            f"{folder} is not a complete backup: {error.filename} is missing."
        ) from error
    except OSError as error:
        raise PlatformError(f"{folder} cannot be read: {error.strerror}.") from error
    if hashlib.sha256(text).hexdigest() != expected:
        raise DamagedBackupError(f"{folder / MANIFEST} is damaged: its checksum is wrong.")
    facts: dict[str, Any] = json.loads(text)
    if facts["format"] != FORMAT:
        raise PlatformError(
            f"{folder} has the format {facts['format']}; this version of the platform reads {FORMAT}."
        )
    databases = {
        name: DumpEntry(
            **{**entry, "tables": {table: TablePrint(**found) for table, found in entry["tables"].items()}}
        )
        for name, entry in facts["databases"].items()
    }
    return Manifest(**{**facts, "databases": databases})


def write_files(folder: Path, entries: Iterable[FileEntry]) -> str:
    """Write the list of files; returns its checksum."""
    digest = hashlib.sha256()
    with (folder / FILES).open("wb") as file:
        for entry in entries:
            line = json.dumps(asdict(entry), ensure_ascii=True).encode() + b"\n"
            digest.update(line)
            file.write(line)
    return digest.hexdigest()


def intact_manifest(folder: Path) -> Manifest:
    """The manifest of a backup whose list of files is as it was written; raises DamagedBackupError otherwise."""
    manifest = read_manifest(folder)
    if not (folder / FILES).exists() or sha256_of(folder / FILES) != manifest.files_sha256:
        raise DamagedBackupError(f"{folder / FILES} is damaged: its checksum is wrong.")
    return manifest


def read_files(folder: Path) -> Iterator[FileEntry]:
    """The list of files."""
    with (folder / FILES).open(encoding="utf-8") as file:
        for line in file:
            yield FileEntry(**json.loads(line))
