"""A browser, and people logged in with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from omero_embedded.testing import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser

SLOW_MACHINE_MILLISECONDS = 90_000


@pytest.fixture
def open_as(browser: Browser, web) -> Iterator[Callable[..., Any]]:
    """A function that opens a page as a person; pages note what the browser complains about."""
    contexts = []

    def opened(name: str, **options: Any) -> Any:
        options.setdefault("viewport", {"width": 1400, "height": 1000})
        context = browser.new_context(base_url=web.url, **options)
        context.set_default_timeout(SLOW_MACHINE_MILLISECONDS)
        contexts.append(context)
        client = web.login(name, PASSWORD)
        context.add_cookies(
            [{"name": key, "value": value, "url": web.url} for key, value in client.cookies.items()]
        )
        page = context.new_page()
        page.complaints = []
        page.on(
            "console",
            lambda message: page.complaints.append(message.text) if message.type == "error" else None,
        )
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        return page

    yield opened
    for context in contexts:
        context.close()
