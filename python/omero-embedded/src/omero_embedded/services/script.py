"""IScript: official scripts and users' own, their parameters, running them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import omero
import omero.all
import omero.cmd
from omero.rtypes import robject

from omero_embedded import errors
from omero_embedded.files import checksums, rows
from omero_embedded.files.layout import path_of, written
from omero_embedded.files.load import in_all_groups, original_file, original_files
from omero_embedded.files.naming import Parts, client_parts, parts_of
from omero_embedded.files.repositories import repositories_of
from omero_embedded.files.rows import SCRIPT_REPOSITORY, TABLE, FileRow, NewFile
from omero_embedded.scripts import jobs
from omero_embedded.scripts.official import MIMETYPES, PYTHON, OfficialScripts, mimetype_of
from omero_embedded.scripts.processor import Script
from omero_embedded.scripts.shared import processor_of
from omero_embedded.services.processes import ScriptProcess
from omero_embedded.updates.graph import required_id

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from omero_embedded.security.context import Call
    from omero_embedded.server import Server

NO_SCRIPT = "text/plain"
_SCRIPT_TYPES = tuple(kind for kind in MIMETYPES.values() if kind != "text/x-lut")


class ScriptService:
    """The stateless service behind getScriptService."""

    interface = "omero.api.IScript"

    def __init__(self, server: Server) -> None:
        self._server = server
        self._repository = repositories_of(server).scripts
        self._official = OfficialScripts(server.db, self._repository)
        if server.config.get("omero.scripts.official", "true") == "true":
            self._official.install()

    # Finding scripts

    def getScripts(self, call: Call) -> list[Any]:
        """All official scripts."""
        return self._official_files(call, _SCRIPT_TYPES)

    def getScriptsByMimetype(self, call: Call, mimetype: str) -> list[Any]:
        """Official files of one kind."""
        return self._official_files(call, (mimetype,))

    def _official_files(self, call: Call, mimetypes: Sequence[str]) -> list[Any]:
        self._official.refresh()
        with call.db.read() as connection:
            found = rows.select_rows(
                connection, TABLE.c.repo == SCRIPT_REPOSITORY, TABLE.c.mimetype.in_(mimetypes)
            )
        present = [row for row in found if self._path(row).is_file()]
        return original_files(call, [row.id for row in present])

    def getUserScripts(self, call: Call, accepts_list: Sequence[Any]) -> list[Any]:
        """Scripts that are not official, of these users and groups; with none named, all that the caller sees."""
        everywhere = in_all_groups(call)
        with call.db.read() as connection:
            found = rows.visible_rows(
                connection, everywhere, TABLE.c.repo.is_(None), TABLE.c.mimetype.in_(_SCRIPT_TYPES)
            )
        return original_files(call, [row.id for row in found if _accepted(row, accepts_list)])

    def getScriptID(self, call: Call, path: str) -> int:
        """The id of an official script, -1 if there is none at this path."""
        self._official.refresh()
        parts = parts_of(path)
        if not parts:
            return -1
        with call.db.read() as connection:
            row = rows.at_path(connection, SCRIPT_REPOSITORY, parts[:-1], parts[-1])
        return -1 if row is None or row.mimetype not in MIMETYPES.values() else row.id

    def getScriptText(self, call: Call, script_id: int) -> str:
        """The text of a script."""
        return self.script(call, script_id).text

    def getScriptWithDetails(self, call: Call, script_id: int) -> dict[str, Any]:
        """The file of a script by its text."""
        return {self.script(call, script_id).text: robject(original_file(call, script_id))}

    def _row(self, call: Call, script_id: int) -> FileRow:
        with call.db.read() as connection:
            row = rows.find(connection, call, script_id)
        if row.mimetype not in _SCRIPT_TYPES:
            raise errors.api_usage(
                f"OriginalFile:{script_id} is not a script; its mimetype is {row.mimetype}"
            )
        return row

    def _path(self, row: FileRow) -> Any:
        return path_of(self._server.data, repositories_of(self._server), row)

    def script(self, call: Call, script_id: int) -> Script:
        """The file and text of a script."""
        row = self._row(call, script_id)
        try:
            return Script(row.id, row.name, self._path(row).read_text(encoding="utf-8"))
        except OSError as error:
            raise errors.resource(
                f"script {script_id} ({row.name}) cannot be read: {error.strerror}"
            ) from error

    # Changing scripts

    def uploadScript(self, call: Call, path: str, text: str) -> int:
        """A script of the caller's own; its id."""
        parts = _script_path(path)
        data = text.encode()
        with call.db.write() as connection:
            (file_id,) = rows.create(connection, call, [_new(connection, parts, None, data)])
            place = path_of(
                self._server.data, repositories_of(self._server), rows.find(connection, call, file_id)
            )
            with written(place, data):
                return file_id

    def uploadOfficialScript(self, call: Call, path: str, text: str) -> int:
        """A script for everyone, which takes the privilege for it; its id.

        Raises omero.ValidationException for one that declares no parameters.
        """
        _check_official(call)
        parts = _script_path(path)
        path = "/".join(parts)
        target = self._repository.root.joinpath(*parts)
        if target.exists() or self.getScriptID(call, path) >= 0:
            raise errors.api_usage(f"{path} exists already; use editScript")
        self._check_parameters(call, Script(-1, parts[-1], text))
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        self._official.refresh()
        return self.getScriptID(call, path)

    def editScript(self, call: Call, file: Any, text: str) -> None:
        """Replace the text of a script.

        Raises omero.ValidationException for an official one that declares no parameters now, and as in OMERO is no
        script any more until it is edited again.
        """
        if file is None or file.getId() is None:
            raise errors.api_usage("editScript takes the OriginalFile of a script")
        row = self._editable_row(call, int(file.getId().getValue()))
        self._check_change(call, row)
        if row.repo != SCRIPT_REPOSITORY:
            self._replace(call, row, text, row.mimetype)
            return
        try:
            self._check_parameters(call, Script(row.id, row.name, text))
        except omero.ValidationException:
            self._replace(call, row, text, NO_SCRIPT)
            raise
        self._replace(call, row, text, mimetype_of(row.name))

    def _editable_row(self, call: Call, script_id: int) -> FileRow:
        with call.db.read() as connection:
            row = rows.find(connection, call, script_id)
        once_a_script = row.repo == SCRIPT_REPOSITORY and mimetype_of(row.name) in _SCRIPT_TYPES
        return row if once_a_script else self._row(call, script_id)

    def _replace(self, call: Call, row: FileRow, text: str, mimetype: str | None) -> None:
        data = text.encode()
        self._path(row).write_bytes(data)
        with call.db.write() as connection:
            digest = checksums.of_bytes(checksums.SHA1, data)
            values = {"hash": digest, "hasher": rows.hasher_id(connection, checksums.SHA1)}
            rows.change(connection, call, row.id, {**values, "size": len(data), "mimetype": mimetype})

    def _check_parameters(self, call: Call, script: Script) -> None:
        """Raise omero.ValidationException unless the script says what it takes; only Python can be asked."""
        if mimetype_of(script.name) == PYTHON:
            processor_of(self._server).params(call, script)

    def deleteScript(self, call: Call, script_id: int) -> None:
        """Delete a script."""
        row = self._row(call, script_id)
        self._check_change(call, row)
        request = omero.cmd.Delete2(
            targetObjects={"OriginalFile": [script_id]}, childOptions=[], dryRun=False
        )
        command: Any = self._server.command(request)
        command.run(in_all_groups(call), request, lambda _done, _total: None)

    def _check_change(self, call: Call, row: FileRow) -> None:
        if row.repo == SCRIPT_REPOSITORY:
            _check_official(call)
        elif not row.rights(call).edit:
            raise errors.security(f"{call.caller.user_name} cannot change the script {row.name}")

    # Running scripts

    def getParams(self, call: Call, script_id: int) -> Any:
        """What a script takes and gives, as it says itself."""
        return processor_of(self._server).params(call, self.script(call, script_id))

    def canRunScript(self, call: Call, script_id: int) -> bool:
        """Whether there is a processor for this script."""
        row = self._row(call, script_id)
        return processor_of(self._server).slots > 0 and row.mimetype == PYTHON

    def validateScript(self, call: Call, job: Any, accepts_list: Sequence[Any]) -> Any:
        """The script of a job, if it is official or belongs to one of these users and groups; else None."""
        script_id = jobs.script_of(call, required_id(job, "the job"))
        row = self._row(call, script_id)
        accepted = row.repo == SCRIPT_REPOSITORY if not accepts_list else _accepted(row, accepts_list)
        return original_file(call, script_id) if accepted else None

    def runScript(self, call: Call, script_id: int, inputs: Mapping[str, Any], wait_secs: Any) -> Any:
        """Start a script; the process tells how it goes."""
        script = self.script(call, script_id)
        wait = None if wait_secs is None else int(wait_secs.getValue())
        running = processor_of(self._server).run(call, script, inputs or {}, None, wait)
        return self._server.serve(call, "omero.grid.ScriptProcess", ScriptProcess(running), keep=True)


def _accepted(row: FileRow, accepts_list: Sequence[Any] | None) -> bool:
    if not accepts_list:
        return True
    for one in accepts_list:
        target = int(one.getId().getValue())
        if isinstance(one, omero.model.Experimenter) and row.owner == target:
            return True
        if isinstance(one, omero.model.ExperimenterGroup) and row.group == target:
            return True
    return False


def _script_path(path: str) -> Parts:
    parts: list[str] = []
    for part in client_parts(path):
        if part != "..":
            parts.append(part)
        elif parts:
            parts.pop()
    if not parts or mimetype_of(parts[-1]) not in _SCRIPT_TYPES:
        raise errors.api_usage(f"{path!r} is not the path of a script; names end in {', '.join(MIMETYPES)}")
    return parts_of("/".join(parts))


def _new(connection: Any, parts: Parts, repo: str | None, data: bytes) -> NewFile:
    hasher = rows.hasher_id(connection, checksums.SHA1)
    digest = checksums.of_bytes(checksums.SHA1, data)
    return NewFile(parts[:-1], parts[-1], repo, mimetype_of(parts[-1]), len(data), digest, hasher)


def _check_official(call: Call) -> None:
    if "WriteScriptRepo" not in call.caller.privileges:
        raise errors.security(f"{call.caller.user_name} may not change official scripts")
