"""JobHandle: the status of jobs, for processors and those who wait."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from omero_embedded import errors
from omero_embedded.hql.run import objects
from omero_embedded.scripts import jobs
from omero_embedded.security.permissions import rights
from omero_embedded.store.tables import TABLES

if TYPE_CHECKING:
    from omero_embedded.security.context import Call
    from omero_embedded.server import Server
    from omero_embedded.wire.sessions import Session

_ENDED = ("Finished", "Cancelled", "Error")


class JobHandle:
    """One attached job."""

    interface = "omero.api.JobHandle"
    stateful = True

    def __init__(self, server: Server, session: Session) -> None:
        self._server = server
        self._session = session
        self._job_id: int | None = None

    def submit(self, call: Call, j: Any) -> int:
        """Save a new job as submitted, and attach to it."""
        if j is None:
            raise errors.api_usage("the job is missing")
        self._job_id = int(jobs.submit_job(call, j).getId().getValue())
        return self._job_id

    def attach(self, call: Call, job_id: int) -> Any:
        """Use this job; its status."""
        self._job_id = job_id
        return self.jobStatus(call)

    def getJob(self, call: Call) -> Any:
        """The job with its status."""
        query = "select j from Job j join fetch j.status where j.id = :id"
        found = objects(call, query, {"id": self._attached()})
        if not found:
            raise errors.validation(f"no Job:{self._job_id} that {call.caller.user_name} can see")
        return found[0]

    def jobStatus(self, call: Call) -> Any:
        """The status."""
        return self.getJob(call).getStatus()

    def jobMessage(self, call: Call) -> str:
        """The message."""
        message = self.getJob(call).getMessage()
        return "" if message is None else str(message.getValue())

    def jobFinished(self, call: Call) -> Any:
        """When it ended, None before."""
        return self.getJob(call).getFinished()

    def jobRunning(self, call: Call) -> bool:
        """Whether it runs."""
        return self._status(call) == "Running"

    def jobError(self, call: Call) -> bool:
        """Whether it failed."""
        return self._status(call) == "Error"

    def cancelJob(self, call: Call) -> None:
        """Mark it as cancelled, if it has not ended."""
        if self._status(call) not in _ENDED:
            self.setStatus(call, "Cancelled")

    def setStatus(self, call: Call, status: str) -> str:
        """Set the status; returns the old one."""
        return self.setStatusAndMessage(call, status, None)

    def setMessage(self, call: Call, message: str) -> str:
        """Set the message; returns the old one."""
        old = self.jobMessage(call)
        self._check_change(call)
        jobs.move_on(call, self._attached(), self._status(call), message)
        return old

    def setStatusAndMessage(self, call: Call, status: str, message: Any) -> str:
        """Set both; returns the old status."""
        known = TABLES["JobStatus"]
        with call.db.read() as connection:
            if connection.scalar(select(known.c.id).where(known.c.value == status)) is None:
                raise errors.api_usage(f"{status!r} is not a status of jobs")
        old = self._status(call)
        self._check_change(call)
        text = self.jobMessage(call) if message is None else str(message.getValue())
        jobs.move_on(call, self._attached(), status, text)
        return old

    def _status(self, call: Call) -> str:
        return str(self.jobStatus(call).getValue().getValue())

    def _attached(self) -> int:
        if self._job_id is None:
            raise errors.api_usage("no job attached; call attach or submit first")
        return self._job_id

    def _check_change(self, call: Call) -> None:
        table = TABLES["Job"]
        with call.db.read() as connection:
            row = connection.execute(
                select(table.c.details_owner, table.c.details_group).where(table.c.id == self._attached())
            ).one()
        if not rights(call.caller, row.details_owner, row.details_group).edit:
            raise errors.security(f"{call.caller.user_name} cannot change Job:{self._job_id}")
