"""Secrets from files into the environment, for a program that reads them from nowhere else."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

from omero_platform.errors import PlatformError
from omero_platform.hosted.environment import with_secrets

if TYPE_CHECKING:
    from collections.abc import Sequence


def run(environ: dict[str, str], words: Sequence[str]) -> None:
    """Become the program."""
    if not words:
        raise PlatformError("No program was named.", "omero_platform.hosted exec PROGRAM [ARGUMENT …]")
    become(words, with_secrets(environ))


def become(command: Sequence[str], environ: dict[str, str]) -> None:
    """Replace this process; raises PlatformError when there is no such program."""
    program = shutil.which(command[0], path=environ.get("PATH"))
    if program is None:
        raise PlatformError(f"The program {command[0]} is not there.")
    os.execve(program, list(command), environ)  # noqa: S606 - no shell is wanted
