"""The vendor's own converter, when it is installed and asked for: ImarisConvertBioformats, which reads original files."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omero.sys import ParametersI

from omeroweb_imaris_connector.conversion.errors import ExportError, ExportStoppedError
from omeroweb_imaris_connector.conversion.reporting import WRITING, JobReporter, Report, SilentReporter

if TYPE_CHECKING:
    from omeroweb_imaris_connector.conversion.description import DescribedImage
    from omeroweb_imaris_connector.conversion.options import ExportOptions

PROGRAM = "ImarisConvertBioformats"
USUAL_PLACE = Path("/opt/omero/imarisconvert")
LOOK_SECONDS = 0.2
_FIRST_FILE = """
select file.path, file.name from FilesetEntry entry join entry.originalFile file
where entry.fileset.id = :id order by entry.id
"""


def find_program() -> Path | None:
    """Where the converter is: on the PATH, or in its usual place."""
    found = shutil.which(PROGRAM) or shutil.which(PROGRAM, path=str(USUAL_PLACE))
    return Path(found) if found else None


def convert(
    conn: Any,
    image: DescribedImage,
    target: Path,
    options: ExportOptions,
    reporter: JobReporter | SilentReporter,
) -> None:
    """Run the converter on the image's original file; raises ExportError with what it said last."""
    program = find_program()
    if program is None:
        raise ExportError(
            f"{PROGRAM} is not installed on the OMERO server. Use the built-in converter, or ask an administrator to "
            f"install it on the PATH or in {USUAL_PLACE}."
        )
    original, series = original_file(conn, image)
    width, height, depth = image.metadata.voxel_um
    command = [
        str(program), "-i", str(original), "-ii", str(series), "-o", str(target),
        "-vx", repr(width), "-vy", repr(height), "-vz", repr(depth), "-c", str(options.compression),
    ]  # fmt: skip
    log = target.with_suffix(".log")
    with log.open("wb") as said:
        process = subprocess.Popen(  # noqa: S603 - the administrator's own program, no shell
            command,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            cwd=program.parent,
            start_new_session=True,
        )
    try:
        _wait(process, target, image, reporter)
    finally:
        _end(process)
    if process.returncode != 0 or not target.is_file() or not target.stat().st_size:
        lines = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()]
        last = lines[-1][:300] if lines else "it said nothing"
        raise ExportError(f"{PROGRAM} made no file (exit code {process.returncode}): {last}")


def _wait(
    process: subprocess.Popen[bytes],
    target: Path,
    image: DescribedImage,
    reporter: JobReporter | SilentReporter,
) -> None:
    """Wait for the converter; how far it is can only be guessed from the size of its file."""
    guess = max(
        1, int(4 / 3 * image.shape[0] * image.shape[1] * image.shape[2] * image.shape[3] * image.shape[4])
    )
    while process.poll() is None:
        if reporter.stopped():
            raise ExportStoppedError("The export was cancelled.")
        written = target.stat().st_size if target.exists() else 0
        reporter.tell(Report(WRITING, min(written, guess * 9 // 10), guess))
        time.sleep(LOOK_SECONDS)


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def original_file(conn: Any, image: DescribedImage) -> tuple[Path, int]:
    """The first original file of an image on this machine, and the image's number in it."""
    context = {"omero.group": "-1"}
    query = conn.getQueryService()
    found = query.findByQuery(
        "select image from Image image where image.id = :id", ParametersI().addId(image.image_id), context
    )
    rows = (
        []
        if found is None or found.fileset is None
        else query.projection(_FIRST_FILE, ParametersI().addId(found.fileset.id.val), context)
    )
    if not rows:
        raise ExportError(
            f"Image {image.image_id} has no original file, which {PROGRAM} needs. Use the built-in converter."
        )
    path = Path(str(rows[0][0].getValue())) / str(rows[0][1].getValue())
    for root in _repositories(conn):
        if (root / path).is_file():
            return root / path, int(found.series.val) if found.series is not None else 0
    raise ExportError(f"The original file {path} of image {image.image_id} is not on this machine.")


def _repositories(conn: Any) -> list[Path]:
    """The folders that hold original files."""
    described = conn.c.sf.sharedResources().repositories().descriptions
    return [Path(str(one.path.val)) / str(one.name.val) for one in described]
