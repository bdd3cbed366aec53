"""One run of maintenance over all databases."""

from __future__ import annotations

import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

from omero_platform.errors import PlatformError
from omero_platform.maintenance.databases import READY_PATIENCE_SECONDS, looked_after, wait_until_ready
from omero_platform.maintenance.heartbeat import note_run
from omero_platform.maintenance.reindex import reindex_database
from omero_platform.maintenance.vacuum import vacuum_database

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from omero_platform.maintenance.databases import DatabaseAddress
    from omero_platform.maintenance.outcome import Outcome

ACTIONS = {"vacuum_analyze": vacuum_database, "reindex": reindex_database}
LOCK_SECONDS = 10.0


def maintain(
    databases: Sequence[DatabaseAddress],
    actions: Iterable[str],
    heartbeats: Path | None,
    *,
    lock_seconds: float = LOCK_SECONDS,
    force: bool = False,
    dry_run: bool = False,
    ready_seconds: float = READY_PATIENCE_SECONDS,
    clock: Callable[[], float] = time.time,
) -> list[Outcome]:
    """Look after the databases, alone, and note each action's heartbeat.

    Raises BusyError when somebody else does, and PlatformError when a database does not answer; that counts as a
    failed run.
    """
    wanted = list(actions)
    began = clock()
    try:
        for address in databases:
            wait_until_ready(address, ready_seconds)
    except PlatformError as error:
        for action in wanted:
            beat(heartbeats, action, (began, clock()), ok=False, detail=str(error), dry_run=dry_run)
        raise
    outcomes: list[Outcome] = []
    with ExitStack() as held:
        for address in databases:
            held.enter_context(looked_after(address))
        for action in wanted:
            began = clock()
            results = [
                outcome
                for address in databases
                for outcome in ACTIONS[action](
                    address, lock_seconds=lock_seconds, force=force, dry_run=dry_run
                )
            ]
            left = [outcome for outcome in results if not outcome.ok]
            detail = "; ".join(f"{outcome.name}: {outcome.reason}" for outcome in left[:5])
            beat(heartbeats, action, (began, clock()), ok=not left, detail=detail, dry_run=dry_run)
            outcomes += results
    return outcomes


def beat(
    folder: Path | None, action: str, times: tuple[float, float], *, ok: bool, detail: str, dry_run: bool
) -> None:
    """Note a run, unless it was a dry one or nobody wants to know."""
    if folder is not None and not dry_run:
        note_run(folder, action, *times, ok=ok, detail=detail)
