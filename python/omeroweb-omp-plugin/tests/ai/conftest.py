"""Doubles of the providers, and an OMERO.web whose facility lets people ask them."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from omero_embedded.testing import PASSWORD
from omero_plugin_common.testing.web import WebProcess

from ..helpers import forget_actions
from .provider_doubles import DOUBLES, CompatibleDouble, ProviderDouble

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

TIMEOUT_SECONDS = 3


@pytest.fixture(params=sorted(DOUBLES))
def double(request: pytest.FixtureRequest) -> Iterator[ProviderDouble]:
    """A running double of each provider in turn; afterwards every request it got must have had the right shape."""
    with DOUBLES[request.param]() as running:
        yield running
        assert running.problems == []


@pytest.fixture
def openai() -> Iterator[ProviderDouble]:
    """A running double of OpenAI."""
    with DOUBLES["openai"]() as running:
        yield running
        assert running.problems == []


class KeylessDouble(CompatibleDouble):
    """A server of the facility that people ask without a key."""

    def check_key(self, headers: dict[str, str]) -> None:
        assert "authorization" not in headers


class NamedDouble(KeylessDouble):
    """A server that is reached by a name, so that it counts as outside."""

    title = "Cloud model"
    host = "localhost"


@pytest.fixture(scope="session")
def running_doubles() -> Iterator[dict[str, ProviderDouble]]:
    """One double of each provider but Mistral, which this facility doesn't allow, and one that is reached by name."""
    with ExitStack() as stack:
        kinds = {**DOUBLES, "compatible": KeylessDouble, "cloud": NamedDouble}
        found = {name: stack.enter_context(kind()) for name, kind in kinds.items() if name != "mistral"}
        yield found


@pytest.fixture
def doubles(running_doubles, redis_server) -> Iterator[dict[str, ProviderDouble]]:
    """The doubles, which remember nothing of earlier tests; nobody has used up major actions either."""
    for running in running_doubles.values():
        running.forget()
    forget_actions(redis_server)
    yield running_doubles
    for running in running_doubles.values():
        assert running.problems == []


@pytest.fixture(scope="session")
def ai_web(postgres, redis_server, people, running_doubles) -> Iterator[WebProcess]:
    """OMERO.web of a facility that allows the doubles, and six major actions a minute."""
    address = {name: running.address for name, running in running_doubles.items()}
    process = WebProcess(
        postgres,
        "127.0.0.1",
        people.server.ports()["ssl"],
        extra_environ={
            "OMP_AI_PROVIDERS": "openai,anthropic,google",
            "OMP_AI_OPENAI_ADDRESS": address["openai"],
            "OMP_AI_ANTHROPIC_ADDRESS": address["anthropic"],
            "OMP_AI_GOOGLE_ADDRESS": address["google"],
            "OMP_AI_ADDRESSES": f"Facility model={address['compatible']},Cloud model={address['cloud']}",
            "OMP_AI_PRIVATE_ADDRESSES": "127.0.0.1,::1",
            "OMP_AI_TIMEOUT_SECONDS": str(TIMEOUT_SECONDS),
            "OMP_AI_CHECK_SECONDS": str(TIMEOUT_SECONDS),
            "OMERO_PLUGIN_RATE_ACTIONS": "6",
        },
    )
    process.start()
    yield process
    process.stop()


@pytest.fixture
def alice_page(browser, ai_web, plugin_database, doubles) -> Iterator[Page]:
    """A browser window in which alice is logged in; `complaints` are what went wrong in its scripts."""
    context = browser.new_context(base_url=ai_web.url, viewport={"width": 1280, "height": 900})
    client = ai_web.login("alice", PASSWORD)
    context.add_cookies(
        [{"name": key, "value": value, "url": ai_web.url} for key, value in client.cookies.items()]
    )
    page = context.new_page()
    page.complaints = []
    page.on(
        "console", lambda message: page.complaints.append(message.text) if message.type == "error" else None
    )
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    yield page
    context.close()
