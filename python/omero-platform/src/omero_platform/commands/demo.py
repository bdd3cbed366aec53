"""`demo`: load the demo data into a running stack."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omero_platform.errors import PlatformError
from omero_platform.instance import existing_instance
from omero_platform.supervisor import Supervisor
from omero_platform.terminal import console, waiting

if TYPE_CHECKING:
    import argparse

HELP = "Load the demo data (people, groups, images, a plate); what is there already stays."
AS_OWNER = True


def add_arguments(_parser: argparse.ArgumentParser) -> None:
    """`demo` has no options of its own."""


def run(options: argparse.Namespace) -> int:
    """Load what is missing."""
    from omero_platform.demo.load import load_demo  # noqa: PLC0415 - loads omero-py, which takes a while

    instance = existing_instance(options.data, options.port_offset)
    if not Supervisor(instance).answers():
        raise PlatformError("The stack is not running.", "Start it first: ./omero-platform up")
    with waiting("Loading the demo data …"):
        load_demo(instance)
    console.print(f"The demo data is there: {instance.web_address}")
    return 0
