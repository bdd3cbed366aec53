"""The script that people start: what it says when something is missing, before any Python of ours runs."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from .conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

NOBODY = 65534
BASIC_TOOLS = (
    "sh", "dirname", "readlink", "id", "mkdir", "cat", "cut", "date", "df", "awk", "grep", "sha256sum", "tail", "rm", "touch",
    "flock", "ls", "python3.11", "python3.12", "apt-get", "apt-cache", "patch", "setpriv", "kill", "sleep", "head", "tar", "mv",
)  # fmt: skip


def run_script(folder: Path, *words: str, path: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Start the script as an ordinary user with an empty cache."""
    cache = folder / "cache"
    cache.mkdir(exist_ok=True)
    drop: list[str] = []
    if os.geteuid() == 0:
        os.chown(cache, NOBODY, NOBODY)
        drop = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--"]
    return subprocess.run(
        [*drop, "/bin/sh", str(ROOT / "omero-platform"), *words],
        env={"PATH": path, "HOME": "/nonexistent", "XDG_CACHE_HOME": str(cache), **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def bare_path(folder: Path) -> str:
    """A PATH on which only basic tools are found."""
    tools = folder / "bin"
    tools.mkdir()
    for name in BASIC_TOOLS:
        program = shutil.which(name, path="/usr/bin:/bin:/usr/sbin:/sbin")
        if program:
            (tools / name).symlink_to(program)
    return str(tools)


@pytest.mark.skipif(not shutil.which("apt-get"), reason="only Debian and its relatives have apt-get")
def test_an_ordinary_user_is_told_what_to_ask_for(folder: Path, bare_path: str) -> None:
    result = run_script(folder, "up", path=bare_path)
    assert result.returncode == 1
    assert "redis-server: cache, sessions and message broker" in result.stderr
    assert "g++: compiles Ice for Python" in result.stderr
    assert "sudo apt-get install" in result.stderr
    assert "chromium" not in result.stderr


@pytest.mark.skipif(not shutil.which("apt-get"), reason="only Debian and its relatives have apt-get")
def test_monitoring_can_be_left_out(folder: Path, bare_path: str) -> None:
    with_monitoring = run_script(folder, "up", path=bare_path).stderr
    without = run_script(folder, "up", "--no-monitoring", path=bare_path).stderr
    assert "prometheus-blackbox-exporter" in with_monitoring
    assert "prometheus" not in without


def test_without_a_network_it_says_so_and_leaves_no_half_made_environment(folder: Path) -> None:
    dead = "http://127.0.0.1:9"
    result = run_script(
        folder,
        "versions",
        path=os.defpath,
        HTTPS_PROXY=dead,
        https_proxy=dead,
        HTTP_PROXY=dead,
        PIP_RETRIES="0",
    )
    assert result.returncode == 1
    assert "no connection to the package index" in result.stderr
    assert "nothing is lost" in result.stderr
    assert not list((folder / "cache").glob("omero-platform/env-*/complete"))


def test_a_cache_that_cannot_be_made_is_named(folder: Path) -> None:
    (folder / "cache").mkdir()
    (folder / "cache" / "omero-platform").write_text("")
    result = run_script(folder, "versions", path=os.defpath)
    assert result.returncode == 1
    assert "cannot be created" in result.stderr
