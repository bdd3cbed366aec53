"""Import through OMERO's command line, which brings Bio-Formats: one process for all sets of a batch that share a target.

The command line's own bulk mode starts one Java process per row, so the paths of a batch are given to a single one
instead. What it made is read from OMERO by the staged paths, which no other upload has, not from what it prints.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from omeroweb_upload.engines.base import SetResult
from omeroweb_upload.engines.choose import cli_problem
from omeroweb_upload.engines.marking import find_by_paths

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from omeroweb_upload.config import UploadSettings
    from omeroweb_upload.engines.base import SetPlan, Watch

logger = logging.getLogger(__name__)

POLL_SECONDS: Final = 0.1
SHOWN_CHARACTERS: Final = 500
ENDING_SECONDS: Final = 10


@dataclass(frozen=True, slots=True)
class Ended:
    """How a process ended: status, or None for a time-out, and the last of what it said."""

    status: int | None
    said: str


class CliEngine:
    """Runs `omero import`."""

    name = "cli"

    def __init__(self, settings: UploadSettings) -> None:
        self._settings = settings

    def run(self, conn: Any, plans: Sequence[SetPlan], watch: Watch) -> Iterator[SetResult]:
        """Import the sets, those of one target with one process."""
        problem = cli_problem(self._settings)
        if problem:
            message = f"This format needs OMERO's command line, and {problem}. Ask your administrator."
            for plan in plans:
                yield SetResult(plan.id, message=message, reason="no_java")
            return
        groups: dict[tuple[object, ...], list[SetPlan]] = {}
        for plan in plans:
            # A name of its own can only be given to one path at a time.
            groups.setdefault((plan.target, plan.in_place, plan.name), []).append(plan)
        for group in groups.values():
            yield from self._batch(conn, group, watch)

    def _batch(self, conn: Any, plans: list[SetPlan], watch: Watch) -> Iterator[SetResult]:
        began = time.monotonic()
        ended = self._process(self.command(conn, plans), len(plans), watch)
        found = find_by_paths(conn, [str(plan.main.staged) for plan in plans])
        seconds = (time.monotonic() - began) / len(plans)
        for plan in plans:
            made = next((one for one in found.get(str(plan.main.staged), []) if one.image_ids), None)
            if made is not None:
                yield SetResult(plan.id, made.image_ids, made.plate_ids, made.fileset_id, seconds=seconds)
            else:
                message, reason = self._failure(ended, len(plans))
                yield SetResult(plan.id, message=message, reason=reason, seconds=seconds)

    def command(self, conn: Any, plans: Sequence[SetPlan]) -> list[str]:
        """The command line for sets of one target."""
        client = conn.c
        first = plans[0]
        command = [self._settings.omero_command, "import", "-s", str(client.getProperty("omero.host"))]
        command += ["-p", str(client.getProperty("omero.port")), "-k", str(client.getSessionId())]
        command += ["-c", "--output", "ids", "--no-upgrade-check"]
        if self._settings.cli_jars:
            command += ["--clientdir", self._settings.cli_jars]
        if first.in_place:
            command += ["--transfer", "ln_s"]
        if first.target is not None:
            kind, number = first.target
            command += ["-r" if kind == "Screen" else "-d", str(number)]
        if first.name is not None:
            command += ["-n", first.name]
        return [*command, "--", *(str(plan.main.staged) for plan in plans)]

    def _process(self, command: list[str], count: int, watch: Watch) -> Ended:
        """Run it in a folder of its own; it ends with the job, however that ends."""
        deadline = time.monotonic() + self._settings.import_timeout_seconds * count
        with tempfile.TemporaryDirectory(prefix="omero-import-") as folder, tempfile.TemporaryFile() as said:
            environment = {**os.environ, "OMERO_USERDIR": folder, "OMERO_TMPDIR": folder}
            process = subprocess.Popen(  # noqa: S603 - our own words and staged paths
                command, stdout=said, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, env=environment,
                cwd=folder, start_new_session=True,
            )  # fmt: skip
            try:
                while process.poll() is None:
                    watch.check()
                    if time.monotonic() > deadline:
                        return Ended(None, "")
                    with contextlib.suppress(subprocess.TimeoutExpired):
                        process.wait(POLL_SECONDS)
            finally:
                _end(process)
            size = said.seek(0, os.SEEK_END)
            said.seek(max(0, size - 20_000))
            return Ended(process.returncode, said.read().decode(errors="replace"))

    def _failure(self, ended: Ended, count: int) -> tuple[str, str]:
        if ended.status is None:
            limit = self._settings.import_timeout_seconds * count
            return f"OMERO's command line did not finish within {limit} s.", "timeout"
        lines = [line.strip() for line in ended.said.splitlines() if line.strip()]
        telling = [line for line in lines if "error" in line.lower() or "exception" in line.lower()] or lines
        said = telling[-1][:SHOWN_CHARACTERS] if telling else "it said nothing"
        logger.warning("cli_import_failed status=%s said=%s", ended.status, said)
        return f"OMERO's command line made no image of it: {said}", "cli"


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process with all that it started."""
    if process.poll() is not None:
        return
    for how in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, how)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(ENDING_SECONDS)
            return
