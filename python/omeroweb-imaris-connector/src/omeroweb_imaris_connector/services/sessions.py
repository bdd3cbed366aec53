"""The OMERO session an export runs in: one of the job-service account for the user, or the user's own."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from omero_plugin_common.config import omero_settings
from omero_plugin_common.jobs.errors import JobFailedError
from omero_plugin_common.secrets.keyring import SecretsError, keyring
from omeroweb_imaris_connector.config import imaris_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omero_plugin_common.jobs.context import JobContext

KEEP_ALIVE_SECONDS = 60
USER_AGENT = "omero-imaris-connector"


def sealed_session(conn: Any) -> str:
    """What a job needs to act in the user's own session, encrypted; empty when the job-service account acts."""
    if imaris_settings().use_job_service:
        return ""
    return keyring().encrypt(str(conn.getEventContext().sessionUuid))


@contextmanager
def export_session(context: JobContext) -> Iterator[Any]:
    """Yield a kept-alive BlitzGateway of the job's owner."""
    if not context.parameters.session:
        with context.gateway() as conn:
            yield conn
        return
    with _joined(_opened(context.parameters.session)) as conn:
        yield conn


def _opened(sealed: str) -> str:
    try:
        return keyring().decrypt(sealed)
    except SecretsError as error:
        raise JobFailedError(
            "The session of this export can't be read any more. Start the export again."
        ) from error


@contextmanager
def _joined(session_key: str) -> Iterator[Any]:
    from omero.gateway import BlitzGateway  # noqa: PLC0415 - Ice is loaded by workers only when needed

    wanted = omero_settings()
    conn = BlitzGateway(host=wanted.host, port=wanted.port, secure=wanted.secure, useragent=USER_AGENT)
    try:
        if not conn.connect(sUuid=session_key):
            raise JobFailedError("Your OMERO session ended before the export did. Log in and start it again.")
        conn.c.enableKeepAlive(KEEP_ALIVE_SECONDS)
        yield conn
    finally:
        conn.close(hard=False)
