"""`doctor`: look for whatever keeps the stack from running well, and say what to do about each finding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omero_platform.doctor.findings import Level
from omero_platform.doctor.machine import machine_findings
from omero_platform.doctor.stack import stack_findings
from omero_platform.errors import PlatformError
from omero_platform.instance import find_instance
from omero_platform.terminal import console, escape

if TYPE_CHECKING:
    import argparse

HELP = "Check ports, disk, versions, permissions and leftover processes, and say what to do."
MARKS = {Level.OK: "[green]✓[/]", Level.WARNING: "[yellow]![/]", Level.PROBLEM: "[bold red]✗[/]"}


def add_arguments(_parser: argparse.ArgumentParser) -> None:
    """`doctor` has no options of its own."""


def run(options: argparse.Namespace) -> int:
    """Print every finding; the exit code is 1 when there is a problem."""
    try:
        instance, exists = find_instance(options.data, options.port_offset)
    except PlatformError as error:
        console.print(f"{MARKS[Level.PROBLEM]} {escape(str(error))}\n    → {escape(error.advice)}")
        return 1
    findings = [*machine_findings(instance), *stack_findings(instance, exists=exists)]
    for finding in findings:
        console.print(f"{MARKS[finding.level]} {escape(finding.text)}")
        if finding.advice:
            console.print(f"    → {escape(finding.advice)}")
    problems = sum(finding.level is Level.PROBLEM for finding in findings)
    warnings = sum(finding.level is Level.WARNING for finding in findings)
    console.print(
        f"\n{problems} problems, {warnings} warnings, {len(findings) - problems - warnings} checks passed."
    )
    return 1 if problems else 0
