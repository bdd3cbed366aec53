"""The rows of an import before any pixel is known: Fileset, entries, original files, jobs, log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any

import omero
import omero.all
from omero.rtypes import rstring, rtime
from sqlalchemy import bindparam, delete, select, update

from omero_embedded import errors
from omero_embedded.files import rows, tree
from omero_embedded.files.naming import Parts, name_rules, parts_of
from omero_embedded.files.rows import NewFile
from omero_embedded.importer.plan import Plan, plan
from omero_embedded.importer.template import DEFAULT_TEMPLATE, Facts, expand, file_hash
from omero_embedded.model.objects import new, proxy
from omero_embedded.security.permissions import perm_text
from omero_embedded.store.tables import TABLES
from omero_embedded.updates.events import new_event
from omero_embedded.updates.save import save_as_part

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from sqlalchemy import Connection, Update

    from omero_embedded.files.repositories import Repository
    from omero_embedded.security.context import Call
    from omero_embedded.server import Server

# The server's steps after the upload, each a job of the fileset, as OMERO.server makes them.
JOBS = ("MetadataImportJob", "PixelDataJob", "ThumbnailGenerationJob", "IndexingJob")


@dataclass(frozen=True, slots=True)
class Prepared:
    """A fileset ready for its files: ids of their rows in order, and of its jobs and links by job class."""

    fileset: Any
    plan: Plan
    file_ids: tuple[int, ...]
    log_id: int
    jobs: Mapping[str, int]
    links: Mapping[str, int]
    group: int

    @property
    def id(self) -> int:
        """The fileset's id."""
        return int(self.fileset.getId().getValue())

    def path(self, root: Path, index: int) -> Path:
        """Where the file of one entry is on disk."""
        return root.joinpath(*self.plan.folder.parts, *self.plan.files[index])

    def paths(self, root: Path) -> list[Path]:
        """Where all files are."""
        return [self.path(root, index) for index in range(len(self.file_ids))]


def prepare(call: Call, repository: Repository, fileset: Any, algorithm: str) -> Prepared:
    """Choose a folder and make all rows in one transaction. Raises typed exceptions; nothing is left then."""
    entries = fileset.copyUsedFiles()
    if any(entry is None or entry.getClientPath() is None for entry in entries):
        raise errors.api_usage("every entry of a fileset needs its client path")
    paths = [entry.getClientPath().getValue() for entry in entries]
    with call.db.write() as connection:
        made = _choose_folder(connection, call, repository, paths)
        event = new_event(connection, call)
        file_ids, log_id = _make_files(connection, call, repository, made, algorithm, event)
        fileset.setTemplatePrefix(rstring(made.prefix))
        for entry, file_id in zip(entries, file_ids, strict=True):
            entry.setOriginalFile(proxy("OriginalFile", file_id))
        _add_jobs(connection, fileset, call, log_id)
        save_as_part(connection, call, [fileset], event)
        links = {type(link.child).__name__.removesuffix("I"): link for link in fileset.copyJobLinks()}
        jobs = {name: int(link.child.id.val) for name, link in links.items()}
    prepared = Prepared(
        fileset,
        made,
        tuple(file_ids),
        log_id,
        jobs,
        {name: int(link.id.val) for name, link in links.items()},
        call.write_group,
    )
    try:
        for parts in _folders(made):
            tree.make_on_disk(repository, parts)
    except BaseException:
        discard(call, repository, prepared)
        raise
    return prepared


def _choose_folder(connection: Connection, call: Call, repository: Repository, paths: Sequence[str]) -> Plan:
    """A folder that did not exist; times are moved on by a millisecond until there is one."""
    config = call.server.config
    rules = name_rules(config.get("omero.fs.repo.path_rules") or None)
    template = config.get("omero.fs.repo.path", DEFAULT_TEMPLATE)
    institution = _institution(connection, call) if "%institution" in template else None
    start = call.now_ms
    for later in range(1000):
        facts = _facts(call, paths, start + later, institution)
        folder = expand(template, facts, rules, lambda parts: tree.names_in(repository, parts))
        is_known = tree.find(connection, repository, folder.parts) is not None
        if not is_known and not repository.root.joinpath(*folder.parts).exists():
            return plan(folder, paths, rules)
        if "%time%" not in template:
            break
    raise errors.resource(
        f"omero.fs.repo.path {template!r} gives {'/'.join(folder.parts)}, which exists; it must be new for every import"
    )


def root_owned_folder(connection: Connection, call: Call, repository: Repository) -> Parts:
    """The folder of root's below which the caller's imports go; empty if the template has none."""
    config = call.server.config
    template = config.get("omero.fs.repo.path", DEFAULT_TEMPLATE)
    institution = _institution(connection, call) if "%institution" in template else None
    rules = name_rules(config.get("omero.fs.repo.path_rules") or None)
    facts = _facts(call, (), call.now_ms, institution)
    return expand(template, facts, rules, lambda parts: tree.names_in(repository, parts)).root_owned


def _institution(connection: Connection, call: Call) -> str | None:
    people = TABLES["Experimenter"]
    return connection.scalar(select(people.c.institution).where(people.c.id == call.caller.user_id))


def _facts(call: Call, paths: Sequence[str], now_ms: int, institution: str | None) -> Facts:
    caller = call.caller
    group = caller.directory.groups[call.write_group]
    return Facts(
        user=caller.user_name,
        user_id=caller.user_id,
        group=group.name,
        group_id=group.id,
        perms=perm_text(group.perm),
        institution=institution,
        session=caller.session_uuid,
        session_id=caller.session_id,
        now=datetime.fromtimestamp(now_ms / 1000),  # noqa: DTZ006 - people read these folders, in local time
        file_hash=file_hash(paths),
    )


def _folders(made: Plan) -> list[Parts]:
    """The fileset's folder and those in it, parents first."""
    inner = {(*made.folder.parts, *path[:-1]) for path in made.files if len(path) > 1}
    return sorted({made.folder.parts, *inner})


def _make_files(
    connection: Connection, call: Call, repository: Repository, made: Plan, algorithm: str, event: int
) -> tuple[list[int], int]:
    folders = tree.missing_folders(connection, call, repository, _folders(made), made.root_folders)
    hasher = rows.hasher_id(connection, algorithm)
    files = [
        NewFile(
            (*made.folder.parts, *path[:-1]),
            path[-1],
            repository.uuid,
            tree.guess_mimetype(path[-1]),
            hasher=hasher,
        )
        for path in made.files
    ]
    log = NewFile(made.log[:-1], made.log[-1], repository.uuid, tree.LOG_MIMETYPE)
    *file_ids, log_id = rows.create(connection, call, [*folders, *files, log], event)[len(folders) :]
    return file_ids, log_id


def _add_jobs(connection: Connection, fileset: Any, call: Call, log_id: int) -> None:
    """The jobs of an import; the log is linked to the upload, as clients look it up there."""
    present = {type(link.child).__name__ for link in fileset.copyJobLinks()}
    if "UploadJobI" not in present:
        fileset.linkJob(new("UploadJob"))
    for name in JOBS:
        fileset.linkJob(new(name))
    running, waiting = (
        proxy("JobStatus", rows.enum_id(connection, "JobStatus", status)) for status in ("Running", "Waiting")
    )
    for link in fileset.copyJobLinks():
        is_upload = isinstance(link.child, omero.model.UploadJob)
        _complete_job(link.child, call, running if is_upload else waiting, started=is_upload)
        if is_upload:
            link.child.linkOriginalFile(proxy("OriginalFile", log_id))


def _complete_job(job: Any, call: Call, status: Any, *, started: bool) -> None:
    now = rtime(call.now_ms)
    job.setStatus(status)
    job.setUsername(rstring(call.caller.user_name))
    job.setGroupname(rstring(call.caller.directory.groups[call.write_group].name))
    job.setType(rstring("User"))
    job.setMessage(job.getMessage() or rstring(""))
    job.setSubmitted(now)
    job.setScheduledFor(now)
    if started:
        job.setStarted(now)


def set_status(
    connection: Connection, call: Call, job_ids: Sequence[int], status: str, message: str = ""
) -> None:
    """Move jobs on; a finished one gets its time."""
    moment = "started" if status == "Running" else "finished"
    values = {"to": status, "message": message, moment: call.now_ms}
    connection.execute(_update_job(moment), [{"key": job_id, **values} for job_id in job_ids])


@cache
def _update_job(moment: str) -> Update:
    """The statement, built once; `moment` is the column of the time."""
    jobs, statuses = TABLES["Job"], TABLES["JobStatus"]
    status = select(statuses.c.id).where(statuses.c.value == bindparam("to")).scalar_subquery()
    statement = update(jobs).where(jobs.c.id == bindparam("key"))
    return statement.values({"status": status, "message": bindparam("message"), moment: bindparam(moment)})


def discard(call: Call, repository: Repository, prepared: Prepared) -> None:
    """Take back everything that `prepare` and the upload made: rows and files. What is gone already is no error."""
    files = (*prepared.file_ids, prepared.log_id)
    discard_rows(call.server, repository, prepared.id, prepared.plan.root_folders, files)


def discard_rows(
    server: Server, repository: Repository, fileset: int, shared_folders: int, known_files: Sequence[int] = ()
) -> None:
    """Delete a fileset with its jobs, files and log, and the folders left empty below the first `shared_folders`."""
    with server.db.write() as connection:
        jobs = _ids(connection, "FilesetJobLink", "child", "parent", [fileset])
        files = [*known_files, *_ids(connection, "FilesetEntry", "originalfile", "fileset", [fileset])]
        files += _ids(connection, "JobOriginalFileLink", "child", "parent", jobs)
        table = rows.TABLE
        found = rows.select_rows(connection, table.c.id.in_(files), table.c.repo == repository.uuid)
        for name, column, ids in (
            ("FilesetAnnotationLink", "parent", [fileset]),
            ("FilesetEntry", "fileset", [fileset]),
            ("FilesetJobLink", "parent", [fileset]),
            ("JobOriginalFileLink", "parent", jobs),
            ("Fileset", "id", [fileset]),
            ("Job", "id", jobs),
            ("OriginalFile", "id", files),
        ):
            connection.execute(delete(TABLES[name]).where(TABLES[name].c[column].in_(ids)))
        folders = {
            parts[:depth]
            for row in found
            for parts in [parts_of(row.folder)]
            for depth in range(shared_folders + 1, len(parts) + 1)
        }
        files += _forget_empty(connection, repository, sorted(folders, key=len, reverse=True))
    for forget in server.after_delete:
        forget("OriginalFile", files)


def _ids(connection: Connection, name: str, wanted: str, column: str, values: Sequence[int]) -> list[int]:
    table = TABLES[name]
    return list(connection.scalars(select(table.c[wanted]).where(table.c[column].in_(list(values)))))


def _forget_empty(connection: Connection, repository: Repository, folders: Sequence[Parts]) -> list[int]:
    """Delete the rows of those folders, the deepest first, that hold nothing; returns their ids."""
    gone: list[int] = []
    for folder in folders:
        inside = rows.TABLE.c.path == rows.stored_folder(repository.uuid, folder)
        row = tree.find(connection, repository, folder)
        if row is None or connection.scalar(
            select(rows.TABLE.c.id).where(rows.TABLE.c.repo == repository.uuid, inside).limit(1)
        ):
            continue
        connection.execute(delete(rows.TABLE).where(rows.TABLE.c.id == row.id))
        gone.append(row.id)
    return gone
