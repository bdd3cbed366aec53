"""`lock`: write the locks anew from what is asked for in the .in files."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from omero_platform.errors import PlatformError
from omero_platform.instance import source_root
from omero_platform.packaging.artifacts import write as write_artifacts
from omero_platform.terminal import console

if TYPE_CHECKING:
    import argparse

HELP = "Write python/*.lock anew: versions and hashes of every package."
NEEDS_STACK = False
OPTIONS = ("--universal", "--python-version", "3.11", "--generate-hashes", "--no-header", "--no-annotate")
LEFT_OUT = ("--no-emit-package", "zeroc-ice")  # built from source


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `lock`."""
    parser.add_argument(
        "--upgrade", action="store_true", help="take the newest versions instead of the locked ones"
    )


def run(options: argparse.Namespace) -> int:
    """Write both locks; the second agrees with the first."""
    folder = source_root() / "python"
    more = ["--upgrade"] if options.upgrade else []
    compile_lock(folder / "requirements.in", [*LEFT_OUT, *more])
    constraints = folder / "bootstrap.constraints"
    constraints.write_text(locked_versions(folder / "requirements.lock"))
    try:
        compile_lock(folder / "bootstrap.in", ["--constraint", str(constraints), *more])
    finally:
        constraints.unlink()
    write_artifacts(uv_program(), folder, source_root() / "nix/python/artifacts.json")
    console.print(
        "The locks are written. The next `./omero-platform up` or `test` makes an environment from them."
    )
    return 0


def uv_program() -> str:
    """The resolver; raises PlatformError when it is not there."""
    uv = Path(sys.executable).with_name("uv")
    program = str(uv) if uv.exists() else shutil.which("uv")
    if not program:
        raise PlatformError("uv is not there.", "Run the command by ./omero-platform, which brings it.")
    return program


def compile_lock(source: Path, more: list[str]) -> None:
    """Resolve one .in file into its lock; raises PlatformError with what uv says."""
    command = [
        uv_program(),
        "pip",
        "compile",
        "--quiet",
        *OPTIONS,
        *more,
        str(source),
        "--output-file",
        str(source.with_suffix(".lock")),
    ]
    result = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if result.returncode:
        raise PlatformError(f"The lock of {source.name} could not be made: {result.stderr.strip()}")


def locked_versions(lock: Path) -> str:
    """`name==version` lines of a lock, without hashes."""
    return (
        "\n".join(
            line.split()[0]
            for line in lock.read_text().splitlines()
            if "==" in line and not line.startswith(" ")
        )
        + "\n"
    )
