"""One browser for all tests of a process: Playwright allows no second one in a thread."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, without a window."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only tests that ask for it wait for it

    with sync_playwright() as playwright:
        # Playwright runs an event loop in this thread; Django would take the tests' own queries for async code.
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield found
        found.close()
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]
