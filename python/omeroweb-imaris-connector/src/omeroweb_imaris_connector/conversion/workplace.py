"""The folder in which a file is made before it goes into OMERO; empty again whatever happens."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from omeroweb_imaris_connector.conversion.errors import ExportError

if TYPE_CHECKING:
    from collections.abc import Iterator

MARKER = ".ims-work-folder"
PREFIX = "ims-run-"
LOCK = "lock"


@contextlib.contextmanager
def workplace(configured: str) -> Iterator[Path]:
    """Yield a folder of this run's own; first remove those of runs that were killed.

    Without a configured folder it is inside the working directory, which OMERO's processor removes after the
    script. A configured one must have been prepared by an administrator, who puts a file with the name of
    `MARKER` there: a user who starts the script by hand must not choose where the server writes.
    """
    parent = Path(configured) if configured else Path.cwd()
    if configured:
        _check(parent)
        remove_abandoned_runs(parent)
    try:
        folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
    except OSError as error:
        raise ExportError(f"The work folder {parent} can't be used: {error.strerror}.") from error
    try:
        with (folder / LOCK).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def remove_abandoned_runs(parent: Path) -> int:
    """Remove the folders of runs whose process has ended; returns how many."""
    removed = 0
    for folder in parent.glob(f"{PREFIX}*"):
        try:
            descriptor = os.open(folder / LOCK, os.O_RDONLY)
        except OSError:
            continue
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            continue
        else:
            shutil.rmtree(folder, ignore_errors=True)
            removed += 1
        finally:
            os.close(descriptor)
    return removed


def _check(folder: Path) -> None:
    if not folder.is_absolute() or not folder.is_dir():
        raise ExportError(f"The work folder {folder} is not a folder on the OMERO server.")
    if not (folder / MARKER).is_file():
        raise ExportError(
            f"The work folder {folder} is not prepared for exports: an administrator must put an empty file {MARKER} "
            "there."
        )
