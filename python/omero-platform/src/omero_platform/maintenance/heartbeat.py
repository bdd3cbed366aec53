"""When maintenance, backups and their trials last ran: kept as JSON, and as metrics for the node exporter."""

from __future__ import annotations

import fcntl
import json
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from omero_platform.instance import write_atomically

if TYPE_CHECKING:
    from pathlib import Path

    from omero_platform.instance import Instance

STATE = "care.json"
METRICS = "omero_care.prom"
TASKS = ("vacuum_analyze", "reindex", "backup", "verify")


@dataclass(frozen=True)
class Heartbeat:
    """One task; times are Unix seconds. A task that never ran counts as done when the stack was made."""

    last_success: float
    last_run: float = 0.0
    ok: bool = True
    seconds: float = 0.0
    detail: str = ""


def heartbeat_folder(instance: Instance) -> Path:
    """Where the stack keeps its heartbeats."""
    return instance.data / "heartbeats"


def read_heartbeats(folder: Path) -> dict[str, Heartbeat]:
    """What is known of each task; empty when nothing was noted yet."""
    try:
        found = json.loads((folder / STATE).read_text(encoding="utf-8"))
        return {task: Heartbeat(**facts) for task, facts in found.items()}
    except (FileNotFoundError, ValueError, TypeError, AttributeError):
        return {}  # a damaged file is made anew: the next run of each task says how things are


def note_start(folder: Path, now: float) -> dict[str, Heartbeat]:
    """Begin counting for tasks that were never heard of; returns all."""
    return change(folder, {}, now)


def note_run(folder: Path, task: str, began: float, ended: float, *, ok: bool, detail: str = "") -> None:
    """Note that a task ran."""
    earlier = read_heartbeats(folder).get(task) or Heartbeat(last_success=began)
    run = replace(earlier, last_run=ended, ok=ok, seconds=round(ended - began, 3), detail=detail)
    change(folder, {task: replace(run, last_success=ended) if ok else run}, began)


def change(folder: Path, news: dict[str, Heartbeat], since: float) -> dict[str, Heartbeat]:
    """Write both files, one writer at a time."""
    folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        known = {**read_heartbeats(folder), **news}
        every = {task: known.get(task) or Heartbeat(last_success=since) for task in TASKS}
        if every == read_heartbeats(folder) and (folder / METRICS).exists():
            return every
        text = json.dumps({task: asdict(beat) for task, beat in every.items()}, indent=2)
        write_atomically(folder / STATE, text + "\n")
        write_atomically(folder / METRICS, exposition(every))
    return every


METRIC_TEXTS = (
    (
        "last_success_timestamp_seconds",
        "When the task last ended well, or the stack was made.",
        "last_success",
    ),
    ("last_run_timestamp_seconds", "When the task last ended; 0 when it never ran.", "last_run"),
    ("last_run_ok", "1 when the last run ended well.", "ok"),
    ("last_run_duration_seconds", "How long the last run took.", "seconds"),
)


def exposition(beats: dict[str, Heartbeat]) -> str:
    """The heartbeats in Prometheus' text format."""
    lines = []
    for name, text, field in METRIC_TEXTS:
        lines += [f"# HELP omero_care_{name} {text}", f"# TYPE omero_care_{name} gauge"]
        lines += [
            f'omero_care_{name}{{task="{task}"}} {float(getattr(beat, field))!r}'
            for task, beat in beats.items()
        ]
    return "\n".join(lines) + "\n"
