"""Calling clients back while the server comes and goes."""

from __future__ import annotations

import Ice

from omero_embedded.wire.callbacks import Callbacks


def test_nobody_is_called_back_once_the_server_stops() -> None:
    told: list[str] = []
    callbacks = Callbacks()

    callbacks.tell(told.append, "while it runs")
    callbacks.end()
    callbacks.tell(told.append, "when it is over")

    assert told == ["while it runs"]


def test_a_client_that_is_gone_is_no_fault() -> None:
    def gone() -> None:
        raise Ice.ConnectionLostException()

    Callbacks().tell(gone)
