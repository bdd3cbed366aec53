"""Checks inside OMERO, in the name of the administrator who runs them; what they make, they remove."""

from __future__ import annotations

import io
import time
from typing import TYPE_CHECKING, Any

from omero_plugin_common.checks.findings import Finding, failed, passed, warned
from omero_plugin_common.checks.versions import compare
from omero_plugin_common.config import omero_settings
from omero_plugin_common.jobs.errors import JobError
from omero_plugin_common.jobs.omero_sessions import SudoSessions

if TYPE_CHECKING:
    from collections.abc import Callable

IMPORT_SECONDS = 25.0
SCRIPT_SECONDS = 25.0
IMAGE_SIDE = 16
SCRIPT_PATH = "/omero/diagnostics_scripts/Ping.py"
SCRIPT_TEXT = '''"""Say that scripts run; used by the diagnostics of the admin tools."""
import omero.scripts as scripts
from omero.rtypes import rstring

client = scripts.client("Ping.py", "Says that scripts run.", version="1.0")
try:
    client.setOutput("Message", rstring("pong"))
finally:
    client.closeSession()
'''


def login() -> Finding:
    """Whether the job service can log in with its real password, and is an administrator that may act for others."""
    wanted = omero_settings()
    try:
        with SudoSessions(wanted).service_session() as conn:
            context = conn.getEventContext()
            version = conn.getConfigService().getVersion()
    except JobError as error:
        return failed("the job service can't log in", str(error))
    if not context.isAdmin:
        return failed(
            f"{wanted.username} is no administrator",
            "Make it a restricted administrator with the privilege Sudo, so that jobs can act for users.",
        )
    return passed(f"{wanted.username} logs in at {wanted.host}:{wanted.port}", f"OMERO {version}")


def server_version(conn: Any, wanted: str) -> Finding:
    """Whether the OMERO server is of the version the platform is tested with."""
    found = str(conn.getConfigService().getVersion())
    return compare("OMERO.server", found, wanted, parts=2) if wanted else passed(f"OMERO.server {found}")


def import_image(conn: Any) -> Finding:
    """Whether a tiny image can be imported; it is deleted again."""
    name = f"diagnostics-{time.time_ns()}.png"
    try:
        fileset_id, image_id = _import(conn, name, _tiny_png())
    except TimeoutError:
        return failed(
            f"the import did not end within {IMPORT_SECONDS:.0f} s", "Look at the log of the OMERO server."
        )
    except Exception as error:  # noqa: BLE001 - Ice raises whatever the server says
        return failed("the import failed", "Look at the log of the OMERO server.", _words(error))
    try:
        conn.deleteObjects("Fileset", [fileset_id], wait=True)
    except Exception as error:  # noqa: BLE001 - as above
        return warned(
            f"image {image_id} was imported, but could not be deleted",
            f"Delete the image {name} by hand and look at the log of the OMERO server.",
            _words(error),
        )
    return passed(f"an image of {IMAGE_SIDE} × {IMAGE_SIDE} pixels was imported and deleted")


def run_script(conn: Any) -> Finding:
    """Whether a script runs and answers."""
    import omero  # noqa: PLC0415 - Ice is loaded only where it is needed

    service = conn.getScriptService()
    number = service.getScriptID(SCRIPT_PATH)
    if number < 0:
        try:
            number = service.uploadOfficialScript(SCRIPT_PATH, SCRIPT_TEXT)
        except (
            omero.NoProcessorAvailable
        ) as error:  # OMERO runs what it is given once, to learn its parameters
            return failed("no script processor is free", "Check that a script processor runs.", _words(error))
        except Exception as error:  # noqa: BLE001 - Ice raises whatever the server says
            return warned(
                "the test script is not installed, and you may not install it",
                "Have an administrator with the privilege WriteScriptRepo run this once.",
                _words(error),
            )
    try:
        process = service.runScript(number, {}, None)
        try:
            _wait(lambda: process.poll() is not None, SCRIPT_SECONDS)
            answer = process.getResults(0).get("Message")
        finally:
            process.close(False)
    except TimeoutError:
        return failed(
            f"the script did not end within {SCRIPT_SECONDS:.0f} s",
            "Check that a script processor (Processor-0) runs and has a free slot.",
        )
    except Exception as error:  # noqa: BLE001 - as above
        return failed("the script did not start", "Check that a script processor runs.", _words(error))
    if answer is None or answer.val != "pong":
        return failed("the script did not answer", "Look at the log of the OMERO server and its processor.")
    return passed("a script ran and answered")


def _import(conn: Any, name: str, content: bytes) -> tuple[int, int]:
    """Import one file through the managed repository; returns the ids of fileset and image."""
    import omero.sys  # noqa: PLC0415 - Ice is loaded only where it is needed
    from omero.rtypes import unwrap  # noqa: PLC0415

    from omero_plugin_common.omero_access import importing  # noqa: PLC0415

    settings = importing.import_settings(thumbnails=False)
    try:
        response = importing.import_content(conn, name, content, settings, timeout_seconds=IMPORT_SECONDS)
    except importing.ImportOverdueError as error:
        raise TimeoutError from error
    image_id = int(response.pixels[0].image.id.val)
    rows = conn.getQueryService().projection(
        "select i.fileset.id from Image i where i.id = :id", omero.sys.ParametersI().addId(image_id)
    )
    return int(unwrap(rows[0])[0]), image_id


def _tiny_png() -> bytes:
    from PIL import Image  # noqa: PLC0415

    out = io.BytesIO()
    picture = Image.new("L", (IMAGE_SIDE, IMAGE_SIDE))
    picture.putdata([(17 * number) % 256 for number in range(IMAGE_SIDE * IMAGE_SIDE)])
    picture.save(out, "PNG")
    return out.getvalue()


def _wait(condition: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(0.1)


def _words(error: Exception) -> str:
    return (str(getattr(error, "message", "")) or f"{type(error).__name__}: {error}").strip()[:300]
