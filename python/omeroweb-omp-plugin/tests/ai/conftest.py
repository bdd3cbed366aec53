"""Lets tests import the doubles of the providers, and runs one of each kind."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from provider_doubles import DOUBLES, ProviderDouble

if TYPE_CHECKING:
    from collections.abc import Iterator


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
