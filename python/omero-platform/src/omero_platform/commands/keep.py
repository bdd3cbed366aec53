"""`keep`: run by supervisord to look after supervisord itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omero_platform.instance import existing_instance
from omero_platform.keeper import keep

if TYPE_CHECKING:
    import argparse

HELP = "Start the stack again when supervisord is killed; supervisord runs this."
AS_OWNER = True


def add_arguments(_parser: argparse.ArgumentParser) -> None:
    """`keep` has no options of its own."""


def run(options: argparse.Namespace) -> int:
    """Keep supervisord running until the stack is stopped."""
    keep(existing_instance(options.data, options.port_offset))
    return 0
