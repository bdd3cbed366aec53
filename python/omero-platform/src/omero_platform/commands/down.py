"""`down`: stop everything, in the opposite order of the start."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from omero_platform.errors import PlatformError
from omero_platform.instance import existing_instance
from omero_platform.keeper import end_leftovers
from omero_platform.startup import KEEPER, only_one
from omero_platform.supervisor import Supervisor, socket_path
from omero_platform.terminal import console

if TYPE_CHECKING:
    import argparse

    from omero_platform.instance import Instance

HELP = "Stop the stack."
AS_OWNER = True
PATIENCE_SECONDS = 90


def add_arguments(_parser: argparse.ArgumentParser) -> None:
    """`down` has no options of its own."""


def run(options: argparse.Namespace) -> int:
    """Stop the stack; nothing to do is fine."""
    instance = existing_instance(options.data, options.port_offset)
    if not Supervisor(instance).answers() and not end_leftovers(instance.data):
        console.print(f"The stack in {instance.data} is not running.")
        return 0
    with only_one(instance):
        stop_stack(instance)
    console.print("The stack is down.")
    return 0


def stop_stack(instance: Instance) -> None:
    """Stop all services and supervisord, and whatever they left behind."""
    supervisor = Supervisor(instance)
    if supervisor.answers():
        states = supervisor.states()
        local = instance.stack.start_order(name for name in instance.stack.local() if name in states)
        for name in (KEEPER, *reversed(local)):
            if name in states and (states[name].running or states[name].state == "backoff"):
                supervisor.stop(name)
        supervisor.shut_down()
        wait_until_gone(instance, supervisor)
    end_leftovers(instance.data)
    socket_path(instance).unlink(missing_ok=True)


def wait_until_gone(instance: Instance, supervisor: Supervisor) -> None:
    """Wait until supervisord has ended; raises PlatformError when it does not."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while supervisor.answers():
        if time.monotonic() > deadline:
            raise PlatformError("supervisord did not end.", f"Its log is {instance.log / 'supervisord.log'}.")
        time.sleep(0.1)
