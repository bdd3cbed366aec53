"""One running stack with the demo data, for the walk and for the browser."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import sync_playwright

from omero_platform.instance import Instance, existing_instance
from omero_platform.omero_session import session
from omero_platform.secret_files import secret

from ..conftest import ROOT, free_offset
from .extras import all_ids
from .walker import Browser

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser as Chromium

# Debian's chromium as root, without looking for its maker's hosts.
CHROMIUM = "/usr/bin/chromium"
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass(frozen=True)
class Site:
    """A stack in use."""

    instance: Instance

    @property
    def address(self) -> str:
        """Where OMERO.web is, without a slash at the end."""
        return self.instance.web_address.rstrip("/")

    def password(self, name: str) -> str:
        """The password of a person of the demo, or of root."""
        return secret(self.instance, "omero-root" if name == "root" else "demo")

    def browser(self, name: str) -> Browser:
        """A new session of this person in OMERO.web."""
        return Browser(self.address, name, self.password(name))

    def gateway(self, name: str) -> Any:
        """A context manager: this person's BlitzGateway."""
        return session(self.instance, name, self.password(name))


@pytest.fixture(scope="session")
def stack() -> Iterator[Site]:
    """A stack of its own; OMERO_PLATFORM_TEST_DATA names the data folder of a running one to use instead."""
    running = os.environ.get("OMERO_PLATFORM_TEST_DATA")
    if running:
        yield Site(existing_instance(Path(running), None))
        return
    folder = Path(tempfile.mkdtemp(prefix="omero-platform-web-"))
    folder.chmod(0o755)
    instance = Instance(root=ROOT, data=folder / "data", port_offset=free_offset())
    try:
        _command(instance, "up", "--detach", "--no-monitoring")
        yield Site(instance)
    finally:
        _command(instance, "down")
        shutil.rmtree(folder)


def _command(instance: Instance, *words: str) -> None:
    options = ["--data", str(instance.data), "--port-offset", str(instance.port_offset)]
    result = subprocess.run(
        [sys.executable, "-P", "-m", "omero_platform", words[0], *options, *words[1:]],
        env={**os.environ, "PYTHONPATH": instance.python_path(), "OMERO_PLATFORM_ROOT": str(ROOT)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.fixture(scope="session")
def ids(stack: Site) -> dict[str, Any]:
    """One real id for every placeholder in routes.txt."""
    with stack.gateway("alice") as gateway:
        return all_ids(gateway, stack.browser("alice"))


@pytest.fixture(scope="session")
def chromium() -> Iterator[Chromium]:
    """Debian's chromium, headless."""
    if not Path(CHROMIUM).exists():
        pytest.skip(f"{CHROMIUM} is not there; install Debian's package chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()
