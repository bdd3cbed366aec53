"""Rows of script jobs: made when a script starts, moved on as it runs, linked to what it writes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omero.rtypes import rstring, rtime
from sqlalchemy import select

from omero_embedded import errors
from omero_embedded.files import checksums, rows
from omero_embedded.files.layout import by_id, written
from omero_embedded.files.rows import NewFile
from omero_embedded.importer.filesets import set_status
from omero_embedded.model.objects import new, proxy
from omero_embedded.store.tables import TABLES
from omero_embedded.updates.save import save, save_in

if TYPE_CHECKING:
    from pathlib import Path

    from omero_embedded.security.context import Call


def create_job(call: Call, script_id: int, description: str) -> Any:
    """A submitted ScriptJob with its script linked."""
    job = new("ScriptJob")
    job.setDescription(rstring(description))
    job.linkOriginalFile(proxy("OriginalFile", script_id))
    return submit_job(call, job)


def submit_job(call: Call, job: Any) -> Any:
    """Save a client's job as submitted."""
    status = new("JobStatus")
    status.setValue(rstring("Submitted"))
    job.setStatus(status)
    job.setUsername(rstring(call.caller.user_name))
    job.setGroupname(rstring(call.caller.directory.groups[call.write_group].name))
    job.setType(rstring("Script"))
    job.setMessage(job.getMessage() or rstring(""))
    job.setSubmitted(rtime(call.now_ms))
    job.setScheduledFor(rtime(call.now_ms))
    return save(call, [job])[0]


def script_of(call: Call, job_id: int) -> int:
    """The script that a job runs. Raises omero.ApiUsageException for a job without one."""
    links = TABLES["JobOriginalFileLink"]
    with call.db.read() as connection:
        found = connection.scalar(select(links.c.child).where(links.c.parent == job_id).order_by(links.c.id))
    if found is None:
        raise errors.api_usage(f"Job:{job_id} should have one executable file attached")
    return int(found)


def move_on(call: Call, job_id: int, status: str, message: str = "") -> None:
    """Set a job's status and the time that goes with it."""
    with call.db.write() as connection:
        set_status(connection, call, [job_id], status, message)


def attach_output(call: Call, job_id: int, path: Path, name: str, mimetype: str) -> int | None:
    """Keep what a script wrote as a file of the job; None if it wrote nothing."""
    data = path.read_bytes()
    if not data or not mimetype:
        return None
    with call.db.write() as connection:
        hasher = rows.hasher_id(connection, checksums.SHA1)
        digest = checksums.of_bytes(checksums.SHA1, data)
        (file_id,) = rows.create(
            connection, call, [NewFile((), name, None, mimetype, len(data), digest, hasher)]
        )
        with written(by_id(call.server.data, file_id), data):
            link = new("JobOriginalFileLink")
            link.setParent(proxy("ScriptJob", job_id))
            link.setChild(proxy("OriginalFile", file_id))
            save_in(connection, call, [link])
    return file_id
