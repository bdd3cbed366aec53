"""`table`: write the generated tables of the documentation, or check that they are right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omero_platform.instance import source_root
from omero_platform.monitoring.generated import generated_files
from omero_platform.stack import load_stack
from omero_platform.tables import PAGES, fill
from omero_platform.terminal import console

if TYPE_CHECKING:
    import argparse

HELP = "Write the tables in docs/ and the generated files of monitoring/."
NEEDS_STACK = False


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `table`."""
    parser.add_argument(
        "--check", action="store_true", help="change nothing; exit code 1 when a table is out of date"
    )


def run(options: argparse.Namespace) -> int:
    """Write or check every page."""
    root = source_root()
    stack = load_stack(root / "stack.toml")
    wanted = {page: fill((root / page).read_text(encoding="utf-8"), stack, root) for page in PAGES}
    stale = []
    for page, text in {**wanted, **generated_files(stack)}.items():
        path = root / page
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(page)
            if not options.check:
                path.write_text(text, encoding="utf-8")
    for page in stale:
        console.print(
            f"{page}: {'out of date; run `./omero-platform table`' if options.check else 'written'}"
        )
    return 1 if stale and options.check else 0
