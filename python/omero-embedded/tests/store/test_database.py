"""What is one transaction: of what fails, nothing is done later, seen by others or given to others."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.engine import Connection
from sqlalchemy.exc import OperationalError

from omero_embedded.security import accounts
from omero_embedded.store.tables import TABLES
from omero_embedded.updates.ids import allocate


@pytest.fixture(scope="module")
def server(site):
    site.group("lab", "rw----", "alice")
    return site.server


def test_what_waits_for_a_commit_that_fails_is_never_done(server, monkeypatch):
    done = []

    def refuse(_connection):
        raise OperationalError("COMMIT", {}, OSError("the disk is full"))

    with pytest.raises(OperationalError), server.db.together():  # noqa: PT012 - the commit raises
        server.db.after_commit(lambda: done.append("deleted"))
        monkeypatch.setattr(Connection, "commit", refuse)
    monkeypatch.undo()
    with server.db.together():
        server.db.after_commit(lambda: done.append("other"))
    assert done == ["other"]


def test_ids_of_a_transaction_that_failed_are_not_given_again(server):
    table = TABLES["OriginalFile"]
    given = []
    for _ in range(2):
        with pytest.raises(ZeroDivisionError), server.db.write() as connection:  # noqa: PT012 - one transaction
            given += allocate(connection, table, 3)
            raise ZeroDivisionError
    with server.db.write() as connection:
        given += allocate(connection, table, 1)
    assert len(set(given)) == 7
    assert given == sorted(given)


def test_permissions_that_are_not_committed_are_seen_by_nobody_else(server):
    group = server.directory.group_named("lab").id
    before = server.directory.permissions(group)
    with pytest.raises(ZeroDivisionError), server.db.together():  # noqa: PT012 - one transaction
        with server.db.write() as connection:
            accounts.set_group_permissions(connection, group, before | 0o40)
        server.forget_directory()
        assert server.directory.permissions(group) != before
        raise ZeroDivisionError
    assert server.directory.permissions(group) == before


def test_permissions_are_compared_with_what_they_are_in_the_transaction(server):
    group = server.directory.group_named("lab").id
    with server.db.write() as connection:
        found = connection.scalar(
            select(TABLES["ExperimenterGroup"].c.permissions).where(TABLES["ExperimenterGroup"].c.id == group)
        )
        assert accounts.group_permissions(connection, group) == found
        accounts.set_group_permissions(connection, group, found | 0o40)
        assert accounts.group_permissions(connection, group) == found | 0o40
        accounts.set_group_permissions(connection, group, found)
