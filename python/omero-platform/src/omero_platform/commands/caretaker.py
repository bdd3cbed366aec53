"""`caretaker`: run by supervisord to run what is scheduled and to measure the stack."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omero_platform.instance import existing_instance

if TYPE_CHECKING:
    import argparse

HELP = "Run scheduled tasks and serve health metrics; supervisord runs this."
AS_OWNER = True


def add_arguments(_parser: argparse.ArgumentParser) -> None:
    """`caretaker` has no options of its own."""


def run(options: argparse.Namespace) -> int:
    """Serve until told to end."""
    from omero_platform.maintenance.caretaker import serve  # noqa: PLC0415 - only this command needs Redis' client

    serve(existing_instance(options.data, options.port_offset))
    return 0
