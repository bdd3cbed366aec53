"""Going back to an earlier state of a SQLite store, in milliseconds, for tests."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING

from omero_embedded.store.database import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omero_embedded.store.database import Database


class Snapshot:
    """The state of a store at the time this was made, kept in memory."""

    def __init__(self, db: Database) -> None:
        if not db.is_sqlite:
            raise StoreError("only a SQLite store can be reset; leave out database_url to get one")
        self._db = db
        self._copy = sqlite3.connect(":memory:", check_same_thread=False)
        with self._connection() as live:
            live.backup(self._copy)

    def restore(self) -> None:
        """Make the store what it was; ids go on counting, so that no id ever means two things."""
        with self._connection() as live:
            counters = live.execute("SELECT name, seq FROM sqlite_sequence").fetchall()
            self._copy.backup(live)
            live.execute("BEGIN IMMEDIATE")
            live.execute("DELETE FROM sqlite_sequence")
            live.executemany("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", counters)
            live.execute("COMMIT")

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        with self._db.exclusive():
            pooled = self._db.engine.raw_connection()
            try:
                live = pooled.driver_connection
                assert isinstance(live, sqlite3.Connection)
                yield live
            finally:
                pooled.close()
