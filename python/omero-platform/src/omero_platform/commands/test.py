"""`test`: everything that must be right before a change lands."""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from omero_platform.instance import source_root
from omero_platform.terminal import console, escape
from omero_platform.testing.run import run_tests, summary
from omero_platform.testing.steps import Outcome, run_step, static_steps

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

HELP = "Run the checks and all tests; with paths only the tests in them."
NEEDS_STACK = False


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `test`."""
    parser.add_argument("--soak", action="store_true", help="the long runs too")
    parser.add_argument("paths", nargs="*", metavar="path", help="folders, files or test ids")


def run(options: argparse.Namespace) -> int:
    """Run checks, then tests; the exit code is 0 only when all are fine."""
    root = source_root()
    began = time.monotonic()
    outcomes = [] if options.paths else run_checks(root)
    console.print("Tests:" if options.paths else "\nTests:")
    tests = run_tests(root, options.paths, soak=options.soak)
    broken = [outcome for outcome in outcomes if not outcome.passed]
    for outcome in broken:
        console.print(f"\n[bold red]✗ {outcome.step.name}[/]\n{escape(outcome.output.strip())}")
    console.print(
        f"\nRan {len(outcomes)} checks and {tests.count('passed') + tests.count('failed')} tests in {time.monotonic() - began:.0f} s."
    )
    if broken:
        console.print(f"Checks that failed: {', '.join(outcome.step.name for outcome in broken)}")
    for line in summary(tests):
        console.print(escape(line))
    return 1 if broken or tests.exit_code else 0


def run_checks(root: Path) -> list[Outcome]:
    """Run the checks side by side and show each as it ends."""
    console.print("Checks:")
    outcomes = []
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for outcome in pool.map(lambda step: run_step(root, step), static_steps(root)):
            mark = "[green]✓[/]" if outcome.passed else "[bold red]✗[/]"
            console.print(f"  {mark} {outcome.step.name} ({outcome.seconds:.1f} s)")
            outcomes.append(outcome)
    return outcomes
