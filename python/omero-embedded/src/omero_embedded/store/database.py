"""Connections to the store: many readers, transactions that are all or nothing."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, create_engine, event, insert, inspect, select
from sqlalchemy.engine import make_url
from sqlalchemy.pool import StaticPool

from omero_embedded.store.fair_lock import FairLock
from omero_embedded.store.tables import ADDED_TABLES, METADATA, STORE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LAYOUT = "1"
# PostgreSQL's advisory lock that writers hold; any number will do.
_WRITERS = 4064


class StoreError(RuntimeError):
    """The store cannot be used; the message says why and what to do."""


class _Joint(threading.local):
    """A thread's transaction around several parts, and what waits for its end."""

    def __init__(self) -> None:
        self.connection: Connection | None = None
        self.later: list[Callable[[], None]] = []


class Database:
    """The store behind one SQLAlchemy URL, SQLite or PostgreSQL.

    Writers on SQLite queue on a lock: it takes one at a time anyway; waiting here costs no busy retries, and all get
    their turn.
    """

    def __init__(self, url: str) -> None:
        self.engine = _engine(url)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        self._reader = (
            self.engine
            if self.is_sqlite
            else self.engine.execution_options(isolation_level="REPEATABLE READ")
        )
        self._writer = FairLock()
        self._joint = _Joint()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection for reading one consistent state."""
        if self._joint.connection is not None:
            yield self._joint.connection
            return
        with self._reader.connect() as connection:
            if self.is_sqlite:
                connection.exec_driver_sql("BEGIN")
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction: committed at the end of the block, rolled back when it raises; within `together` a part of it."""
        if self._joint.connection is not None:
            yield self._joint.connection
            return
        if not self.is_sqlite:
            with self.engine.begin() as connection:
                # One writer at a time, as on SQLite: what a save checked then stays true until it commits.
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITERS})")
                yield connection
            return
        with self._writer, self.engine.connect() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.rollback()
                raise
            connection.commit()

    @contextmanager
    def together(self) -> Iterator[None]:
        """One transaction around everything that this thread reads and writes in the block."""
        if self._joint.connection is not None:
            yield
            return
        try:
            with self.write() as connection:
                self._joint.connection = connection
                try:
                    yield
                finally:
                    self._joint.connection = None
        except BaseException:  # of the block, or of the commit
            self._joint.later.clear()
            raise
        later, self._joint.later = self._joint.later, []
        for act in later:
            act()

    @property
    def is_together(self) -> bool:
        """Whether this thread is within `together`, and so reads what is not committed."""
        return self._joint.connection is not None

    def after_commit(self, act: Callable[[], None]) -> None:
        """Do what cannot be undone: at once, or within `together` when all of it is committed."""
        if self._joint.connection is None:
            act()
        else:
            self._joint.later.append(act)

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Keep other writers of this process out, for what is not one transaction."""
        with self._writer:
            yield

    def create(self) -> bool:
        """Create the tables that are not there yet; True if the store was empty.

        Raises StoreError for a store of another layout.
        """
        with self.engine.connect() as connection:
            exists = inspect(connection).has_table("store")
            if exists:
                found = connection.scalar(select(STORE.c.value).where(STORE.c.key == "layout"))
                if found != LAYOUT:
                    raise StoreError(
                        f"the store at {self.engine.url!r} has layout {found}, this version reads layout {LAYOUT}; "
                        "start the version that made it, or point to an empty data folder"
                    )
        with self.write() as connection:
            if exists:
                METADATA.create_all(connection, tables=ADDED_TABLES)
                return False
            METADATA.create_all(connection)
            connection.execute(insert(STORE).values(key="layout", value=LAYOUT))
        return True

    def close(self) -> None:
        """Give up all connections."""
        self.engine.dispose()


def _engine(url: str) -> Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return create_engine(parsed, pool_size=16, max_overflow=16, pool_pre_ping=True)
    options: dict[str, Any] = {"connect_args": {"check_same_thread": False, "timeout": 60}}
    if parsed.database in (None, "", ":memory:"):
        options["poolclass"] = StaticPool
    else:
        options |= {"pool_size": 16, "max_overflow": 16}
    engine = create_engine(parsed, **options)
    event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    """WAL so that readers never wait for the writer; transactions begin where `write` says, not where sqlite3 guesses."""
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA cache_size=-32000")
    cursor.execute("PRAGMA case_sensitive_like=ON")  # as PostgreSQL, and so OMERO, compares
    cursor.close()
    # SQLite's own know only ASCII.
    connection.create_function(
        "lower", 1, lambda text: text.lower() if isinstance(text, str) else text, deterministic=True
    )
    connection.create_function(
        "upper", 1, lambda text: text.upper() if isinstance(text, str) else text, deterministic=True
    )
