"""OMERO sessions of the worker: a light administrator with only Sudo acts for the job's owner."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

from omero_plugin_common.config import OmeroSettings, omero_settings
from omero_plugin_common.jobs.errors import JobFailedError, RetryLaterError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from omero_plugin_common.database.owned import Owner

KEEP_ALIVE_SECONDS = 60
SESSION_IDLE_MILLISECONDS = 10 * 60 * 1000
USER_AGENT = "omero-plugin-jobs"


class SessionSource(Protocol):
    """Opens OMERO sessions for jobs."""

    def user_session(self, owner: Owner, group_id: int | None) -> AbstractContextManager[Any]:
        """Yield a BlitzGateway of the user, in the group when one is given."""


class SudoSessions:
    """Sessions through the job-service account."""

    def __init__(self, settings: OmeroSettings) -> None:
        self.settings = settings

    @contextmanager
    def service_session(self) -> Iterator[Any]:
        """Yield a BlitzGateway of the job-service account itself."""
        from omero.gateway import BlitzGateway  # noqa: PLC0415 - Ice is loaded by workers only when needed

        wanted = self.settings
        conn = BlitzGateway(
            wanted.username,
            wanted.password,
            host=wanted.host,
            port=wanted.port,
            secure=wanted.secure,
            useragent=USER_AGENT,
        )
        try:
            if not conn.connect():
                raise RetryLaterError(
                    f"The worker can't log in to OMERO at {wanted.host}:{wanted.port} as {wanted.username!r}. "
                    "Check that the server runs, and OMERO_JOB_SERVICE_PASS_FILE."
                )
            yield conn
        finally:
            conn.close()

    @contextmanager
    def user_session(self, owner: Owner, group_id: int | None) -> Iterator[Any]:
        """Yield a kept-alive BlitzGateway of the owner.

        The user id decides who that is: a login name may have been changed or given to somebody else since.
        """
        with self.service_session() as service:
            session_key = self._sudo(service, owner, group_id)
            conn = service.clone()
            try:
                if not conn.connect(sUuid=session_key):
                    raise RetryLaterError(f"The OMERO session for {owner.username!r} could not be joined.")
                conn.c.enableKeepAlive(KEEP_ALIVE_SECONDS)
                service.c.enableKeepAlive(KEEP_ALIVE_SECONDS)
                yield conn
            finally:
                conn.close()

    def _sudo(self, service: Any, owner: Owner, group_id: int | None) -> str:
        import omero  # noqa: PLC0415
        import omero.sys  # noqa: PLC0415

        try:
            user = service.getAdminService().getExperimenter(owner.user_id)
        except omero.ApiUsageException:
            raise JobFailedError(f"The OMERO user {owner.username!r} no longer exists.") from None
        principal = omero.sys.Principal()
        principal.name = user.omeName.val
        principal.group = self._group_name(service, owner, group_id)
        principal.eventType = "User"
        try:
            session = service.getSessionService().createSessionWithTimeouts(
                principal, 0, SESSION_IDLE_MILLISECONDS
            )
        except omero.SecurityViolation as error:
            raise JobFailedError(
                f"The job service account {self.settings.username!r} may not act for users. "
                "An administrator must give it the Sudo privilege."
            ) from error
        return str(session.uuid.val)

    def _group_name(self, service: Any, owner: Owner, group_id: int | None) -> str:
        admin = service.getAdminService()
        if group_id is None:
            return str(admin.getDefaultGroup(owner.user_id).name.val)
        if group_id not in admin.getMemberOfGroupIds(admin.getExperimenter(owner.user_id)):
            raise JobFailedError(f"{owner.username} is not a member of group {group_id} any more.")
        return str(admin.getGroup(group_id).name.val)


_sources: list[SessionSource] = []


def use_session_source(source: SessionSource) -> None:
    """Replace where jobs get their OMERO sessions from."""
    _sources[:] = [source]


def session_source() -> SessionSource:
    """Return where this process's jobs get their OMERO sessions from."""
    if not _sources:
        _sources.append(SudoSessions(omero_settings()))
    return _sources[0]
