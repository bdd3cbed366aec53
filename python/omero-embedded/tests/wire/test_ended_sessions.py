"""Sessions that end while something else is going on."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import omero
import pytest

from omero_embedded.services.rawfile import RawFileStore
from omero_embedded.testing import Site
from omero_embedded.wire.dispatch import make_call

from .test_sessions import left_open

if TYPE_CHECKING:
    from pathlib import Path

    from omero_embedded.wire.sessions import Session


@pytest.fixture(scope="module")
def lab(site: Site) -> Site:
    site.group("lab", "rwra--", "alice", "bob")
    return site


@pytest.fixture
def session(lab: Site) -> Session:
    users = lab.server.directory
    return lab.server.sessions.open(users.user_named("alice"), users.group_named("lab").id)


class Held:
    """A stateful object that does something when its client is gone."""

    interface = RawFileStore.interface

    def __init__(self, act: Any = None) -> None:
        self.released = 0
        self._act = act

    def release(self) -> None:
        self.released += 1
        if self._act is not None:
            self._act()


def test_a_call_that_comes_while_its_session_is_closed_does_not_bring_it_back(
    lab: Site, session: Session
) -> None:
    sessions, found = lab.server.sessions, []

    def call_meanwhile() -> None:
        try:
            found.append(sessions.get(session.uuid))
        except omero.RemovedSessionException as refusal:
            found.append(refusal)

    session.add(Held.interface, Held(call_meanwhile))
    sessions.close(session)
    assert isinstance(found[0], omero.RemovedSessionException)
    with pytest.raises(omero.RemovedSessionException):
        sessions.get(session.uuid)


def test_an_object_that_cannot_be_released_keeps_neither_the_others_nor_the_end(
    lab: Site, session: Session
) -> None:
    def fail() -> None:
        raise FileNotFoundError("its file is gone")

    broken, other = Held(fail), Held()
    for held in (broken, other):
        session.add(Held.interface, held)
    lab.server.sessions.close(session)
    assert (broken.released, other.released) == (1, 1)
    with pytest.raises(omero.RemovedSessionException):
        lab.server.sessions.get(session.uuid)


def test_an_object_that_is_made_while_its_session_is_closed_is_released(lab: Site, session: Session) -> None:
    call = make_call(lab.server, session, {}, None)
    lab.server.sessions.close(session)
    late = Held()
    with pytest.raises(omero.RemovedSessionException, match="closed during this call"):
        lab.server.serve(call, Held.interface, late)
    assert late.released == 1
    assert session.servants == {}


def test_a_session_that_was_left_open_is_over_once_it_was_idle_for_too_long_after_a_restart(
    tmp_path: Path,
) -> None:
    key = left_open(tmp_path)
    again = Site(tmp_path)
    try:
        again.server.sessions._began = time.monotonic() - 3600
        with pytest.raises(omero.RemovedSessionException):
            again.server.sessions.get(key)
    finally:
        again.stop()
