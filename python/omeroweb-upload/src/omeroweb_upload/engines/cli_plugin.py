"""A plugin for OMERO's command line (`omero --path THIS import …`): Java gets its words in a file, and ends in time.

`omero import` would start `java … -k SESSION_KEY …`, and everybody on the machine can read command lines. What Java
reads from an argument file (`java @FILE`, Java 9 and later) is only in that file, which nobody else can read. And
Java would outlive a worker that is killed, while the next one imports the same files: a pipe tells of the worker's end.
The command line may have an environment of its own, so nothing of the upload plugin is imported here.
"""

from __future__ import annotations

import contextlib
import os
import signal
import tempfile
import threading
from typing import TYPE_CHECKING, Any

import omero.java

if TYPE_CHECKING:
    from collections.abc import Iterable

_popen = omero.java.popen
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "\f": "\\f"}


def argument_file(words: Iterable[str], folder: str | None = None) -> str:
    """Write words as Java's launcher reads them, for this account only; returns the file's path."""
    handle, path = tempfile.mkstemp(prefix="java-", suffix=".args", dir=folder)
    with os.fdopen(handle, "wb") as stream:
        for word in words:
            quoted = "".join(_ESCAPES.get(letter, letter) for letter in str(word))
            stream.write(os.fsencode(f'"{quoted}"\n'))
    return path


def _popen_quietly(args: Iterable[str], *others: Any, **named: Any) -> Any:
    return _popen([f"@{argument_file(args, os.environ.get('OMERO_TMPDIR'))}"], *others, **named)


def _end_with_worker(lifeline: int) -> None:
    """Wait for the worker's end, and end this process with all that it started; they are a group of their own."""
    with contextlib.suppress(OSError):
        os.read(lifeline, 1)
        os.killpg(0, signal.SIGKILL)


omero.java.popen = _popen_quietly
if _lifeline := os.environ.pop("OMERO_UPLOAD_LIFELINE", ""):
    threading.Thread(target=_end_with_worker, args=(int(_lifeline),), daemon=True).start()
