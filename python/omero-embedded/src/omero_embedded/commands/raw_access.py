"""RawAccessRequest: administrators' commands on the files of a repository."""

from __future__ import annotations

import logging
import shutil
from typing import TYPE_CHECKING, Any

import omero
import omero.cmd

from omero_embedded.files import checksums
from omero_embedded.files.naming import parts_of
from omero_embedded.files.repositories import repositories_of
from omero_embedded.wire.handles import CommandError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from omero_embedded.security.context import Call
    from omero_embedded.server import Server


log = logging.getLogger(__name__)


class RawAccessCommand:
    """touch, mkdir, rm, mv, exists, checksum: on the disk only, not on rows; log: a line in the server's log."""

    request = "omero.grid.RawAccessRequest"

    def __init__(self, server: Server) -> None:
        self._server = server

    def run(self, call: Call, request: Any, progress: Callable[[int, int], None]) -> Any:
        """Run one command; ends in an ERR for those who are no administrators, and for what fails."""
        if not call.caller.is_admin:
            raise CommandError("not-allowed", "raw access to files is for administrators")
        repository = repositories_of(self._server).by_uuid(request.repoUuid)
        if repository is None:
            raise CommandError("no-repository", f"there is no repository {request.repoUuid}")
        arguments = list(request.args or ())
        if request.command == "log":
            _log(call, request.path, arguments)
        else:
            _change(repository.root, request.command, arguments)
        progress(1, 1)
        return omero.cmd.OK()


def _log(call: Call, level: str, words: Sequence[str]) -> None:
    """Write a line to the server's log; the level travels as the request's path."""
    name = (level or "info").upper()
    number = logging.getLevelNamesMapping().get({"TRACE": "DEBUG"}.get(name, name))
    if number is None:
        raise CommandError("failed", f"log: {level!r} is no level; trace, debug, info, warn and error are")
    log.log(number, "note user=%s text=%r", call.caller.user_name, " ".join(words))


def _change(root: Path, name: str, arguments: Sequence[str]) -> None:
    command = _COMMANDS.get(name)
    if command is None:
        raise CommandError("unknown", f"unknown command {name!r}; known are log, {', '.join(_COMMANDS)}")
    try:
        command(root, arguments)
    except (OSError, ValueError) as error:
        raise CommandError("failed", f"{name}: {error}") from error


def _one(root: Path, arguments: Sequence[str]) -> Path:
    if len(arguments) != 1:
        raise ValueError("one path is needed")
    return _inside(root, arguments[0])


def _inside(root: Path, path: str) -> Path:
    parts = parts_of(path)
    if not parts:
        raise ValueError("the root of the repository cannot be used")
    return root.joinpath(*parts)


def _touch(root: Path, arguments: Sequence[str]) -> None:
    _one(root, arguments).touch()


def _mkdir(root: Path, arguments: Sequence[str]) -> None:
    parents = arguments[:1] == ["-p"]
    _one(root, arguments[1:] if parents else arguments).mkdir(parents=parents, exist_ok=parents)


def _rm(root: Path, arguments: Sequence[str]) -> None:
    path = _one(root, arguments)
    path.rmdir() if path.is_dir() else path.unlink()


def _mv(root: Path, arguments: Sequence[str]) -> None:
    if len(arguments) != 2:
        raise ValueError("mv takes two paths")
    source, target = (_inside(root, path) for path in arguments)
    shutil.move(source, target)


def _exists(root: Path, arguments: Sequence[str]) -> None:
    if not _one(root, arguments).exists():
        raise ValueError(f"{arguments[0]} does not exist")


def _checksum(root: Path, arguments: Sequence[str]) -> None:
    if len(arguments) != 3:
        raise ValueError("checksum takes an algorithm, a checksum and a path")
    algorithm, expected, path = arguments
    found = checksums.of_file(algorithm, _inside(root, path))
    if found != expected.lower():
        raise ValueError(f"the {algorithm} checksum of {path} is {found}")


_COMMANDS: dict[str, Callable[[Path, Sequence[str]], None]] = {
    "touch": _touch,
    "mkdir": _mkdir,
    "rm": _rm,
    "mv": _mv,
    "exists": _exists,
    "checksum": _checksum,
}
