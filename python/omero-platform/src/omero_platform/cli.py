"""The command line `omero-platform`."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from omero_platform.account import continue_as_account, is_root, stack_owner
from omero_platform.commands import (
    backup,
    caretaker,
    compose,
    demo,
    doctor,
    down,
    keep,
    lock,
    logs,
    maintain,
    migrate,
    restore,
    secrets,
    status,
    table,
    test,
    up,
    verify,
    versions,
)
from omero_platform.errors import PlatformError
from omero_platform.instance import existing_instance
from omero_platform.terminal import console, escape

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

COMMANDS: dict[str, ModuleType] = {
    "up": up,
    "down": down,
    "status": status,
    "logs": logs,
    "doctor": doctor,
    "demo": demo,
    "maintain": maintain,
    "backup": backup,
    "verify": verify,
    "restore": restore,
    "migrate": migrate,
    "secrets": secrets,
    "test": test,
    "versions": versions,
    "compose": compose,
    "lock": lock,
    "table": table,
    "keep": keep,
    "caretaker": caretaker,
}
HIDDEN = {"keep", "caretaker"}  # supervisord's business
EXIT_INTERRUPTED = 130


def make_parser() -> argparse.ArgumentParser:
    """All commands with their options."""
    parser = argparse.ArgumentParser(
        prog="omero-platform", description="OMERO with its plugins, databases and monitoring on one machine."
    )
    commands = parser.add_subparsers(dest="command", metavar="command", required=True)
    for name, module in COMMANDS.items():
        help_text = {} if name in HIDDEN else {"help": module.HELP}
        sub = commands.add_parser(name, description=module.HELP, **help_text)
        if getattr(module, "NEEDS_STACK", True):
            sub.add_argument("--data", metavar="FOLDER", help="where the stack keeps everything")
            sub.add_argument(
                "--port-offset",
                type=int,
                metavar="N",
                help="shift every port, so that two stacks run side by side",
            )
        module.add_arguments(sub)
        sub.set_defaults(run=module.run, as_owner=getattr(module, "AS_OWNER", False))
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words[:1] in ([], ["help"]):
        words = ["--help"]
    options = make_parser().parse_args(words)
    options.words = words
    try:
        if options.as_owner and is_root() and not getattr(options, "from_environment", False):
            become_owner(options.data, options.port_offset, words)
        return int(options.run(options))
    except PlatformError as error:
        console.print(f"\n[bold red]✗[/] {escape(str(error))}")
        if error.advice:
            console.print(f"  {escape(error.advice)}")
        return 1
    except KeyboardInterrupt:
        console.print("\nInterrupted.")
        return EXIT_INTERRUPTED


def become_owner(data: str | None, port_offset: int | None, words: list[str]) -> None:
    """As root: go on as the account that the stack runs as, so that no file of root's gets in between."""
    instance = existing_instance(data, port_offset)
    continue_as_account(instance, stack_owner(instance), words, refresh=False)
