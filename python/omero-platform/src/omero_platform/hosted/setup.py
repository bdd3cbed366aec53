"""What the OMERO API needs besides its process: the job-service account and the official scripts."""

from __future__ import annotations

import contextlib
import importlib.util
import logging
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import Ice
from omero.gateway import BlitzGateway

from omero_platform.errors import PlatformError
from omero_platform.hosted import first_password
from omero_platform.hosted.environment import required, secret
from omero_platform.hosted.scripts import Script, figure_script, register, script_folders, scripts_below
from omero_platform.job_service import ensure_account
from omero_platform.services.omeroweb import JOB_SERVICE_USER

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

log = logging.getLogger(__name__)

PATIENCE_SECONDS = 600.0
PAUSE_SECONDS = 2.0
REFUSALS = ("PermissionDenied", "CannotCreateSession", "Login failed")
CONNECTOR = "omeroweb_imaris_connector"


def run(environ: dict[str, str], _words: Sequence[str]) -> None:
    """Wait for the API, then make what is missing and change what differs."""
    host, port = required(environ, "OMEROHOST", "OMERO_PORT")
    with patient_session(environ, host, int(port), secret(environ, "ROOTPASS")) as gateway:
        name = environ.get("OMERO_JOB_SERVICE_USERNAME", JOB_SERVICE_USER)
        ensure_account(gateway, name, secret(environ, "OMERO_JOB_SERVICE_PASS"))
        done = register(gateway.c.sf.getScriptService(), list(wanted_scripts(environ)))
        log.info("account=%s scripts_changed=%d", name, len(done))


def wanted_scripts(environ: dict[str, str]) -> Iterator[Script]:
    """The scripts that the variables ask for; the Imaris connector's own always."""
    if environ.get("REGISTER_OFFICIAL_SCRIPTS", "1") == "1":
        for folder in script_folders(environ):
            yield from scripts_below(folder)
    if environ.get("REGISTER_FIGURE_SCRIPT", "1") == "1":
        yield figure_script()
    found = importlib.util.find_spec(CONNECTOR)
    for place in (found.submodule_search_locations or []) if found else []:
        for path in sorted(Path(place, "scripts").glob("*_Export.py")):
            yield Script(f"/omero/export_scripts/{path.name}", path.read_text(encoding="utf-8"))


@contextlib.contextmanager
def patient_session(
    environ: Mapping[str, str],
    host: str,
    port: int,
    password: str,
    patience_seconds: float = PATIENCE_SECONDS,
) -> Iterator[Any]:
    """A session of root's, once the API answers; raises PlatformError when it never does or refuses the password."""
    deadline = time.monotonic() + patience_seconds
    while True:
        gateway = BlitzGateway("root", password, host=host, port=port, secure=True)
        reason = refusal(gateway)
        if not reason:
            break
        gateway.close()
        is_refused = any(word in reason for word in REFUSALS)
        if is_refused and first_password.replace(environ, host, port, password):
            continue
        if is_refused:
            raise PlatformError(
                "The OMERO API refuses root's password.", "Give the one that the database was made with."
            )
        if time.monotonic() >= deadline:
            raise PlatformError(f"The OMERO API at {host}:{port} does not answer: {reason}")
        time.sleep(PAUSE_SECONDS)
    try:
        yield gateway
    finally:
        gateway.close()


def refusal(gateway: Any) -> str:
    """Why a login failed; empty when it did not. A server that is not up yet is one reason of many."""
    try:
        return "" if gateway.connect() else repr(gateway.getLastError())
    except Ice.Exception as error:
        return type(error).__name__
