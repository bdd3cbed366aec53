"""`up`: start everything, and load the demo data the first time."""

from __future__ import annotations

import os
import signal
import time
from contextlib import nullcontext
from typing import TYPE_CHECKING

from omero_platform import account as accounts
from omero_platform.commands.down import stop_stack
from omero_platform.commands.status import service_rows, show_absent
from omero_platform.demo.people import PEOPLE
from omero_platform.errors import PlatformError
from omero_platform.instance import MARKER, Instance, find_instance
from omero_platform.milestones import DEMO_LOADED, JOB_SERVICE_READY, reached
from omero_platform.monitoring import elsewhere
from omero_platform.preflight import check_disk, check_folder, check_ports
from omero_platform.startup import make_folders, only_one, start_services
from omero_platform.supervisor import Supervisor
from omero_platform.terminal import StartupView, console, status_table, waiting

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from omero_platform.startup import Startup

HELP = "Start the stack; the first time with demo data."
WATCH_SECONDS = 2.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `up`."""
    parser.add_argument(
        "--detach", action="store_true", help="return once everything is up, instead of watching it"
    )
    parser.add_argument("--empty", action="store_true", help="load no demo data")
    parser.add_argument("--no-monitoring", action="store_true", help="leave out Prometheus and its exporters")
    parser.add_argument(
        "--elsewhere",
        action="append",
        default=[],
        metavar="NAME=ADDRESS",
        help="where a service runs that this machine has no package for, such as loki=http://10.0.0.5:3100",
    )


def run(options: argparse.Namespace) -> int:
    """Start the stack; in the foreground until Ctrl-C."""
    instance, exists = find_instance(
        options.data, options.port_offset, False if options.no_monitoring else None
    )
    running = Supervisor(instance).answers()
    if not running:
        check_folder(instance)
        check_disk(instance, new=not exists)
        check_ports(instance)
    if accounts.is_root():
        continue_unprivileged(instance, options.words)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)  # ends the stack as Ctrl-C does
    fresh = not instance.log.exists()
    if running:
        console.print(f"The stack in {instance.data} is running already; starting only what is down.")
    else:
        make_folders(instance)
    if options.elsewhere:
        elsewhere.remember(instance, options.elsewhere)
    bring_up(instance, empty=options.empty, fresh=fresh)
    if options.detach or running:
        return 0
    return watch(instance)


def continue_unprivileged(instance: Instance, words: list[str]) -> None:
    """As root: make the account and its folder, then go on as that account."""
    account = accounts.stack_owner(instance)
    accounts.hand_over_folder(instance.data, account)
    if not (instance.data / MARKER).exists():
        instance.remember()
        os.chown(instance.data / MARKER, account.pw_uid, account.pw_gid)
    accounts.continue_as_account(instance, account, words, refresh=True)


def bring_up(instance: Instance, *, empty: bool, fresh: bool) -> None:
    """Start the services, then what is loaded into them the first time, and say where everything is."""
    began = time.monotonic()
    with only_one(instance):
        try:
            with StartupView(instance) as view:
                startup = start_services(instance, view.show)
            steps = first_steps(instance, empty=empty)
        except (PlatformError, KeyboardInterrupt):
            stop_stack(instance)
            raise
    instance.remember()
    announce(instance, startup, steps, time.monotonic() - began, fresh=fresh)


def first_steps(instance: Instance, *, empty: bool) -> dict[str, float]:
    """Make the accounts the platform needs and load the demo data, unless that was done; returns seconds per step."""
    steps = {}
    if not reached(instance, JOB_SERVICE_READY):
        from omero_platform.job_service import ensure_job_service  # noqa: PLC0415 - loads omero-py, which takes a while

        steps["job service account"] = timed(lambda: ensure_job_service(instance))
    if not empty and not reached(instance, DEMO_LOADED):
        from omero_platform.demo.load import load_demo  # noqa: PLC0415

        with waiting("Loading the demo data …"):
            steps["demo data"] = timed(lambda: load_demo(instance))
    return steps


def timed(work: Callable[[], None]) -> float:
    """Do something; returns how many seconds it took."""
    began = time.monotonic()
    work()
    return time.monotonic() - began


def announce(
    instance: Instance, startup: Startup, steps: dict[str, float], seconds: float, *, fresh: bool
) -> None:
    """Say that everything is up, where, for whom, and how long it took."""
    if fresh:
        console.print("\nHow long each step took:")
        setup = [part.split("=") for part in os.environ.get("OMERO_PLATFORM_SETUP", "").split(";") if part]
        for name, value in setup:
            console.print(f"  {name:<40} {float(value):6.1f} s")
        for name, progress in startup.services.items():
            console.print(f"  {instance.service(name).title:<40} {progress.seconds:6.1f} s")
        for name, took in steps.items():
            console.print(f"  {name:<40} {took:6.1f} s")
    show_absent(instance)
    console.print(
        f"\n[bold green]✓[/] Everything is up after {seconds:.1f} s: [bold]{instance.web_address}[/]"
    )
    if (instance.secrets / "demo").exists():
        password = (instance.secrets / "demo").read_text().strip()
        for person in PEOPLE:
            console.print(f"    {person.login:<8} {password}   {person.role}")
    console.print(f"    root     see {instance.secrets / 'omero-root'}")
    prefix = "" if not instance.port_offset else f" --data {instance.data}"
    console.print(f"  Stop it with `./omero-platform down{prefix}`; data and logs are in {instance.data}.")


def watch(instance: Instance) -> int:
    """Show the state of the stack until Ctrl-C, then stop it; end too when somebody else stops it."""
    console.print("  Ctrl-C stops the stack.\n")
    try:
        show_until_down(instance)
    except KeyboardInterrupt:
        with waiting("Stopping …"):
            stop_stack(instance)
        console.print("The stack is down.")
        return 0
    console.print("The stack was stopped.")
    return 0


def show_until_down(instance: Instance) -> None:
    """Redraw the table on a terminal; elsewhere only wait."""
    from rich.live import Live  # noqa: PLC0415

    missing_since = 0.0
    live = Live(console=console, refresh_per_second=1, transient=True) if console.is_terminal else None
    with live or nullcontext():
        while True:
            rows = service_rows(instance)
            if live:
                live.update(status_table(instance, rows))
            if Supervisor(instance).answers():
                missing_since = 0.0
            elif not missing_since:
                missing_since = time.monotonic()
            elif time.monotonic() - missing_since > 60 and not (instance.run / "supervisord.sock").exists():
                return
            time.sleep(WATCH_SECONDS)
