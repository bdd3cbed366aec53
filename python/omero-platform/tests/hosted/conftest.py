"""Hosted parts in tests: folders that an unprivileged account can reach, and that account."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from omero_platform.services.postgresql import installed_versions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NOBODY = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]


@pytest.fixture
def place() -> Iterator[Path]:
    """A short path that belongs to the account that PostgreSQL runs as."""
    path = Path(tempfile.mkdtemp(prefix="omero-hosted-"))
    if os.geteuid() == 0:
        shutil.chown(path, "nobody", "nogroup")
    yield path
    shutil.rmtree(path)


@pytest.fixture
def programs() -> Path:
    """PostgreSQL's programs."""
    versions = installed_versions()
    if not versions:
        pytest.skip("PostgreSQL is not installed")
    return next(iter(versions.values()))


@pytest.fixture
def hosted(place: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run a hosted part as an ordinary account, as its unit would."""

    def run(*words: str, **environ: str) -> subprocess.CompletedProcess[str]:
        account = NOBODY if os.geteuid() == 0 else []
        return subprocess.run(
            [*account, sys.executable, "-P", "-W", "ignore", "-m", "omero_platform.hosted", *words],
            env={
                "PATH": os.environ["PATH"],
                "PYTHONPATH": os.pathsep.join(sys.path),
                "PYTHONDONTWRITEBYTECODE": "1",
                "HOME": str(place),
                **environ,
            },
            cwd=place,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def account_prefix() -> list[str]:
    """How to start a program as that account."""
    return NOBODY if os.geteuid() == 0 else []
