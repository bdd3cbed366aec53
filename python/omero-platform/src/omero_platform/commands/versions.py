"""`versions`: what exactly runs here, for a bug report."""

from __future__ import annotations

import platform
import shutil
import subprocess
from importlib.metadata import version
from typing import TYPE_CHECKING

from omero_platform.instance import source_root
from omero_platform.services.monitoring import PROGRAMS
from omero_platform.services.omeroweb_settings import THIRD_PARTY_APPS
from omero_platform.services.postgresql import installed_versions
from omero_platform.terminal import console

if TYPE_CHECKING:
    import argparse

HELP = "Show the versions of everything that runs."
NEEDS_STACK = False
PACKAGES = (
    "omero-py",
    "omero-web",
    "zeroc-ice",
    "Django",
    "gunicorn",
    "celery",
    "redis",
    "supervisor",
    "numpy",
)


def add_arguments(_parser: argparse.ArgumentParser) -> None:
    """`versions` has no options."""


def run(_options: argparse.Namespace) -> int:
    """Print one line per component."""
    rows = {"platform": source_version(), "system": system_name(), "Python": platform.python_version()}
    for name in (*PACKAGES, *(app.name.replace("_", "-") for app in THIRD_PARTY_APPS)):
        rows[name] = version(name)
    rows["PostgreSQL"] = ", ".join(installed_versions()) or "not installed"
    rows["redis-server"] = first_line(["redis-server", "--version"])
    for program in dict.fromkeys(PROGRAMS.values()):
        rows[program] = first_line([program, "--version"])
    width = max(map(len, rows))
    for name, text in rows.items():
        console.print(f"{name:<{width}}  {text}", markup=False)
    return 0


def first_line(command: list[str]) -> str:
    """The first line a program prints about itself."""
    if not shutil.which(command[0]):
        return "not installed"
    result = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    return (result.stdout or result.stderr).strip().partition("\n")[0]


def source_version() -> str:
    """The commit of the checkout, or that there is none."""
    if not (source_root() / ".git").exists() or not shutil.which("git"):
        return "not a git checkout"
    command = ["git", "-C", str(source_root()), "describe", "--always", "--dirty"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    return result.stdout.strip() or "unknown"


def system_name() -> str:
    """The distribution's own name for itself."""
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except OSError:
        return platform.platform()
