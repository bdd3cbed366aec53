"""`maintain`: clean up the databases and build bloated indexes anew."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from omero_platform.instance import existing_instance
from omero_platform.maintenance.databases import databases_from, databases_of
from omero_platform.maintenance.heartbeat import heartbeat_folder
from omero_platform.maintenance.run import LOCK_SECONDS, maintain
from omero_platform.terminal import console, escape

if TYPE_CHECKING:
    import argparse

    from omero_platform.maintenance.outcome import Outcome

HELP = "Clean up both databases: VACUUM ANALYZE, and REINDEX CONCURRENTLY of what wastes space."
WORDS = {"vacuum": ["vacuum_analyze"], "reindex": ["reindex"], "all": ["vacuum_analyze", "reindex"]}
AS_OWNER = True
MARKS = {"done": "[green]✓[/]", "planned": "[cyan]→[/]", "busy": "[yellow]![/]", "failed": "[bold red]✗[/]"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `maintain`."""
    parser.add_argument("action", nargs="?", choices=[*WORDS], default="all")
    parser.add_argument("--dry-run", action="store_true", help="change nothing, tell what would be done")
    parser.add_argument(
        "--force", action="store_true", help="do everything, whether it seems to be needed or not"
    )
    parser.add_argument(
        "--lock-timeout",
        type=float,
        default=LOCK_SECONDS,
        metavar="SECONDS",
        help="how long to wait for a table that somebody has locked (%(default)g)",
    )
    parser.add_argument(
        "--from-environment",
        action="store_true",
        help="databases from OMERO_DB_… and PLUGIN_DB_… variables, as in an image or on NixOS",
    )
    parser.add_argument(
        "--heartbeats", metavar="FOLDER", help="where to note when it ran, for the node exporter"
    )
    parser.add_argument("--json", action="store_true", help="for programs: one object per table and index")
    parser.add_argument("--scheduled", action="store_true", help="say only what was done, for a log")


def run(options: argparse.Namespace) -> int:
    """Maintain; the exit code is 1 when something is left to do."""
    if options.from_environment:
        databases = databases_from()
        heartbeats = Path(options.heartbeats) if options.heartbeats else None
    else:
        instance = existing_instance(options.data, options.port_offset)
        databases = databases_of(instance)
        heartbeats = Path(options.heartbeats) if options.heartbeats else heartbeat_folder(instance)
    outcomes = maintain(
        databases,
        WORDS[options.action],
        heartbeats,
        lock_seconds=options.lock_timeout,
        force=options.force,
        dry_run=options.dry_run,
    )
    if options.json:
        console.print_json(json.dumps([asdict(outcome) for outcome in outcomes]))
    else:
        for line in report(outcomes):
            console.print(line, soft_wrap=True)
    return 0 if all(outcome.ok for outcome in outcomes) else 1


def report(outcomes: list[Outcome]) -> list[str]:
    """A line per table or index that needed something, then the sum."""
    lines = [describe(outcome) for outcome in outcomes if outcome.state != "skipped"]
    skipped = sum(outcome.state == "skipped" for outcome in outcomes)
    done = [outcome for outcome in outcomes if outcome.state == "done"]
    freed = sum(max(0, outcome.bytes_before - outcome.bytes_after) for outcome in done)
    dead = sum(max(0, outcome.dead_rows_before - outcome.dead_rows_after) for outcome in done)
    lines.append(
        f"{len(done)} done, {skipped} needed nothing, {len(lines) - len(done)} left; "
        f"{dead} dead rows cleaned up, {freed / 2**20:.1f} MiB freed."
    )
    return lines


def describe(outcome: Outcome) -> str:
    """One table or index."""
    change = ""
    if outcome.state == "done" and outcome.bytes_after < outcome.bytes_before:
        change = f" ({outcome.bytes_before / 2**20:.1f} → {outcome.bytes_after / 2**20:.1f} MiB)"
    name = escape(f"{outcome.database} {outcome.name}")
    return f"{MARKS[outcome.state]} {outcome.action} {name}: {escape(outcome.reason)}{change}"
