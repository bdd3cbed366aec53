"""The export script on the OMERO server: finding it, getting a processor for it, following and ending it."""

from __future__ import annotations

import contextlib
import logging
import random
from dataclasses import dataclass
from typing import Any

import Ice
import omero
import omero.all
from omero.rtypes import rint, rlong, rstring
from omero.sys import ParametersI

from omero_plugin_common.jobs.errors import JobFailedError

logger = logging.getLogger(__name__)

LONGEST_PAUSE_SECONDS = 60.0
SPREAD = 0.25
RUNNING = ("Submitted", "Queued", "Resubmitted", "Requeued", "Running", "Waiting")
SAID = "IMS export: "
LARGEST_LOG_BYTES = 64 * 1024

_OUTPUT = """
select file.id, file.size from JobOriginalFileLink link join link.child file
where link.parent.id = :id and file.name = 'stderr'
"""


class NoProcessorError(Exception):
    """All script processors are busy just now."""


@dataclass(frozen=True, slots=True)
class ScriptState:
    """Where a script's job stands in OMERO."""

    status: str
    message: str

    @property
    def running(self) -> bool:
        """Whether the script may still be at work."""
        return self.status in RUNNING


def find_script(conn: Any, name: str) -> int:
    """The id of the official script of that name; raises JobFailedError."""
    wanted = name.removesuffix(".py")
    scripts = conn.getScriptService().getScripts()
    for script in scripts:
        found = str(script.name.val)
        full = f"{script.path.val}{found}".strip("/")
        if wanted in (found.removesuffix(".py"), full.removesuffix(".py")):
            return int(script.id.val)
    raise JobFailedError(
        f"The OMERO server has no script {name}. An administrator must register it: start the platform again, or "
        "upload the script as an official one."
    )


def start_script(conn: Any, script_id: int, inputs: dict[str, Any], group_id: int) -> tuple[int, Any]:
    """Start the script in a group; returns its job's id and the handle on its process.

    Raises NoProcessorError when a later try may succeed, JobFailedError when none will.
    """
    service = conn.getScriptService()
    values = {name: rlong(value) if name.endswith("_ID") else rint(value) for name, value in inputs.items()
              if isinstance(value, int)}  # fmt: skip
    values |= {name: rstring(value) for name, value in inputs.items() if isinstance(value, str)}
    try:
        process = service.runScript(script_id, values, rint(0), {"omero.group": str(group_id)})
    except omero.NoProcessorAvailable as error:
        if not _has_processors(conn, service, script_id):
            raise JobFailedError(
                "Script processors are switched off on the OMERO server (omero.scripts.processors is 0), so nothing "
                "can be exported. Tell an administrator."
            ) from error
        raise NoProcessorError from error
    except (omero.ValidationException, omero.ApiUsageException) as error:
        said = str(error.message or "").strip().splitlines() or ["it did not say why"]
        raise JobFailedError(
            f"The OMERO server refused to run the export script: {said[-1][:300]}"
        ) from error
    return int(process.getJob().id.val), process


def _has_processors(conn: Any, service: Any, script_id: int) -> bool:
    with contextlib.suppress(omero.ServerError, ValueError):
        # Only administrators may read the setting; everybody may ask whether a processor would take the script.
        return int(conn.getConfigService().getConfigValue("omero.scripts.processors") or 1) > 0
    return bool(service.canRunScript(script_id))


def pause_seconds(first: float, attempt: int) -> float:
    """How long to wait after the attempt (counted from 1): doubling, at most a minute, spread by a quarter."""
    pause = min(LONGEST_PAUSE_SECONDS, first * 2.0 ** min(attempt - 1, 20))
    return pause * random.uniform(1 - SPREAD, 1 + SPREAD)  # noqa: S311 - spreads load, guards nothing


def state_of(conn: Any, job_id: int) -> ScriptState:
    """Ask how a script's job stands; a job that is gone counts as ended."""
    handle = conn.c.sf.createJobHandle()
    try:
        status = handle.attach(job_id)
        return ScriptState(str(status.getValue().getValue()), str(handle.jobMessage()))
    except (omero.ApiUsageException, omero.ValidationException):
        return ScriptState("Error", "")
    finally:
        handle.close()


def release(process: Any) -> None:
    """Give up the handle on a process without ending it."""
    with contextlib.suppress(Ice.Exception):
        process.close(True)


def end_script(conn: Any, job_id: int, process: Any | None) -> None:
    """Make a script stop: its job says so, and its process is told when there is a handle on it."""
    try:
        handle = conn.c.sf.createJobHandle()
        try:
            handle.attach(job_id)
            handle.cancelJob()
        finally:
            handle.close()
        if process is not None:
            process.cancel()
    except (Ice.Exception, omero.ServerError) as error:
        logger.warning("script_not_ended job=%s reason=%s", job_id, error)


def said_by(conn: Any, job_id: int) -> str:
    """What the script wrote about its failure; empty when it died without a word."""
    query = conn.getQueryService()
    rows = query.projection(_OUTPUT, ParametersI().addId(job_id), {"omero.group": "-1"})
    for file_id, size in ((row[0].getValue(), row[1].getValue()) for row in rows):
        text = _text_of(conn, file_id, size)
        found = [line.removeprefix(SAID) for line in text.splitlines() if line.startswith(SAID)]
        if found:
            return found[-1]
    return ""


def _text_of(conn: Any, file_id: int, size: int) -> str:
    store = conn.c.sf.createRawFileStore()
    try:
        store.setFileId(file_id, {"omero.group": "-1"})
        start = max(0, size - LARGEST_LOG_BYTES)
        return bytes(store.read(start, size - start)).decode(errors="replace")
    finally:
        store.close()
