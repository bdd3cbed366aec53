"""A database with people's work, files as OMERO keeps them, and a folder for backups."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from omero_platform.backup.make import make_backup
from omero_platform.backup.source import Source
from omero_platform.commands.verify import newest_programs

# The same real PostgreSQL as for maintenance.
from ..maintenance.conftest import address, cursor, server  # noqa: F401

if TYPE_CHECKING:
    from pathlib import Path

    from omero_platform.maintenance.databases import DatabaseAddress

REPOSITORY = "6f0c1a9e-repository"
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture
def people(cursor: Any) -> Any:  # noqa: F811
    """Tables as OMERO has them: people, a repository with one imported file, and text with every difficulty."""
    cursor.execute("CREATE TABLE experimenter (id bigint PRIMARY KEY, name text, weight double precision)")
    cursor.execute("INSERT INTO experimenter VALUES (1, 'alice', 0.1), (2, 'bób \"the\" O''Neil', 'NaN')")
    cursor.execute(
        "CREATE TABLE originalfile (id serial, path text, name text, size bigint, hash text, repo text, mimetype text)"
    )
    cursor.execute(
        "INSERT INTO originalfile (path, name, size, hash, repo, mimetype) VALUES "
        "('/OMERO/', 'ManagedRepository', NULL, %s, %s, 'Repository'), ('alice_1/2026/', 'cell.tif', 9, 'x', %s, 'image/tiff')",
        [REPOSITORY] * 3,
    )
    return cursor


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The folders of a small stack."""
    image = tmp_path / "data/omeroserver/ManagedRepository/alice_1/2026/cell.tif"
    image.parent.mkdir(parents=True)
    image.write_bytes(b"pixels 42")
    (tmp_path / "data/omeroserver/Files").mkdir()
    (tmp_path / "data/omeroserver/Files/1").write_bytes(b"")
    (tmp_path / "data/omeroserver/link.tif").symlink_to("/facility/cell.tif")
    (tmp_path / "data/secrets").mkdir()
    (tmp_path / "data/secrets/database").write_text("sesame")
    (tmp_path / "data/secrets/database").chmod(0o600)
    return tmp_path / "data"


@pytest.fixture
def source(address: DatabaseAddress, people: Any, data: Path) -> Source:  # noqa: F811
    """What is backed up."""
    return Source(
        [address], {"omeroserver": data / "omeroserver", "secrets": data / "secrets"}, newest_programs()
    )


@pytest.fixture
def backup(source: Source, tmp_path: Path) -> Path:
    """What was saved at noon."""
    return make_backup(source, tmp_path / "backups", NOON)
