"""`logs`: what the services write."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from omero_platform.errors import PlatformError
from omero_platform.instance import existing_instance

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

    from omero_platform.instance import Instance

HELP = "Show the logs of one service, or of all."
AS_OWNER = True
BYTES_PER_LINE = 400  # generous guess, to find the last lines without reading everything
POLL_SECONDS = 0.3


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `logs`."""
    parser.add_argument("service", nargs="?", help="a service of stack.toml; all when left out")
    parser.add_argument("-f", "--follow", action="store_true", help="go on showing new lines until Ctrl-C")
    parser.add_argument(
        "-n", "--lines", type=int, default=50, metavar="N", help="how many lines to begin with (50)"
    )


def run(options: argparse.Namespace) -> int:
    """Print the last lines, and go on with new ones when asked to."""
    instance = existing_instance(options.data, options.port_offset)
    files = log_files(instance, options.service)
    ends = {}
    for path in files:
        lines, ends[path] = last_lines(path, options.lines)
        show(path, lines, several=len(files) > 1)
    while options.follow:
        for path in files:
            lines, ends[path] = lines_since(path, ends[path])
            show(path, lines, several=len(files) > 1)
        time.sleep(POLL_SECONDS)
    return 0


def log_files(instance: Instance, service: str | None) -> list[Path]:
    """The log files of a service, or of all; raises PlatformError for a service that does not exist."""
    known = {
        name: description.logs for name, description in instance.stack.local().items() if description.logs
    }
    known["supervisord"] = ["supervisord.log", "keeper.log"]
    if service is not None and service not in known:
        raise PlatformError(f"There is no service called {service}.", f"There are: {', '.join(known)}.")
    names = known[service] if service else [name for logs in known.values() for name in logs]
    return [instance.log / name for name in names]


def last_lines(path: Path, count: int) -> tuple[list[str], int]:
    """The last lines of a file and where it ends; a file that is not there yet is empty."""
    try:
        with path.open("rb") as file:
            end = file.seek(0, 2)
            file.seek(max(0, end - count * BYTES_PER_LINE))
            text = file.read(end).decode(errors="replace")
    except FileNotFoundError:
        return [], 0
    return text.splitlines()[-count:] if count else [], end


def lines_since(path: Path, position: int) -> tuple[list[str], int]:
    """The whole lines after a position and the new position; starts over when the file was rotated."""
    try:
        with path.open("rb") as file:
            end = file.seek(0, 2)
            start = position if position <= end else 0
            file.seek(start)
            new = file.read(end - start)
    except FileNotFoundError:
        return [], 0
    whole = new.rpartition(b"\n")[0]
    return whole.decode(errors="replace").splitlines(), start + (len(whole) + 1 if whole else 0)


def show(path: Path, lines: list[str], *, several: bool) -> None:
    """Print lines, with the name of their file when there are several."""
    for line in lines:
        print(f"{path.stem}: {line}" if several else line, flush=True)  # noqa: T201 - logs are shown as they are
