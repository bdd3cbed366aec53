"""What people see: a live table on a terminal, plain lines elsewhere."""

from __future__ import annotations

import time
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from omero_platform.instance import Instance
    from omero_platform.startup import Startup

STYLES = {
    "up": "green",
    "starting": "yellow",
    "preparing": "yellow",
    "waiting": "dim",
    "failed": "bold red",
    "down": "bold red",
}

console = Console(highlight=False, soft_wrap=True)


def status_table(instance: Instance, rows: list[tuple[str, str, str]]) -> Table:
    """Services with state and detail; a row is (name, state, detail)."""
    table = Table(box=None, pad_edge=False)
    for heading in ("Service", "State", "Port", ""):
        table.add_column(heading, overflow="fold")
    for name, state, detail in rows:
        service = instance.service(name)
        ports = ", ".join(str(port + instance.port_offset) for port in service.ports.values())
        table.add_row(
            service.title, Text(state, style=STYLES.get(state, "")), ports, Text(detail, style="dim")
        )
    return table


class StartupView(AbstractContextManager["StartupView"]):
    """Shows services coming up."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._live = (
            Live(console=console, refresh_per_second=5, transient=True) if console.is_terminal else None
        )
        self._said: dict[str, str] = {}

    def __enter__(self) -> StartupView:
        if self._live:
            self._live.__enter__()
        return self

    def __exit__(self, *details: object) -> None:
        if self._live:
            self._live.__exit__(None, None, None)

    def show(self, startup: Startup) -> None:
        """Draw the present state."""
        if self._live:
            self._live.update(status_table(self._instance, startup_rows(startup)))
            return
        for name, progress in startup.services.items():
            if self._said.get(name) != progress.state and progress.state in {"up", "failed"}:
                took = f" after {progress.seconds:.1f} s" if progress.state == "up" else ""
                console.print(f"  {self._instance.service(name).title}: {progress.state}{took}")
            self._said[name] = progress.state


def startup_rows(startup: Startup) -> list[tuple[str, str, str]]:
    """The rows of the table while services come up."""
    rows = []
    for name, progress in startup.services.items():
        if progress.state == "up":
            detail = f"{progress.seconds:.1f} s"
        elif progress.state in {"starting", "preparing"}:
            detail = f"{time.monotonic() - progress.began:.0f} s"
        else:
            detail = progress.detail
        rows.append((name, progress.state, detail))
    return rows


def waiting(text: str) -> AbstractContextManager[object]:
    """Show that a long step runs."""
    if console.is_terminal:
        return console.status(text)
    console.print(text)
    return nullcontext()


def escape(text: str) -> str:
    """Text that rich prints as it is."""
    return text.replace("[", r"\[")
