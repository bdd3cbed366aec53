"""What a new store contains: the system's groups and users, enumerations, the first event."""

from __future__ import annotations

import time
import uuid
from typing import TYPE_CHECKING, Any

from omero.model import enums
from sqlalchemy import func, insert, select

from omero_embedded.model.schema import SCHEMA
from omero_embedded.security.directory import (
    GUEST_GROUP,
    GUEST_USER,
    ROOT_USER,
    SYSTEM_GROUP,
    USER_GROUP,
)
from omero_embedded.security.login import set_password
from omero_embedded.security.permissions import PRIVATE, READ_ONLY, perm_long
from omero_embedded.store.tables import METADATA, STORE, TABLES

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from omero_embedded.store.database import Database

# Bits per sample of OMERO's pixel types.
PIXEL_BITS = {
    "bit": 1,
    "int8": 8,
    "uint8": 8,
    "int16": 16,
    "uint16": 16,
    "int32": 32,
    "uint32": 32,
    "float": 32,
    "double": 64,
    "complex": 64,
    "double-complex": 128,
}

# Formats are the one enumeration without constants in omero-py: names of image formats and MIME types of files.
FORMATS = (
    "OMETiff", "OMEXML", "Tiff", "PNG", "JPEG", "JPEG2000", "BMP", "GIF", "Zarr", "Fake", "InCell", "MetaMorph", "LeicaLIF",
    "ZeissLSM", "ZeissCZI", "Nikon", "Deltavision", "Imaris", "ImarisHDF", "Hamamatsu", "Companion/OME-XML",
    "text/plain", "text/csv", "text/html", "text/x-python", "text/ini", "application/pdf", "application/zip",
    "application/octet-stream", "OMERO.tables", "unknown",
)  # fmt: skip


def enumerations() -> dict[str, list[str]]:
    """The values of every enumeration class."""
    values: dict[str, list[str]] = {"Format": list(FORMATS)}
    constants = {
        name: value
        for name, value in vars(enums).items()
        if isinstance(value, str) and not name.startswith("_")
    }
    names = sorted((cls.name for cls in SCHEMA.values() if cls.is_enum), key=len, reverse=True)
    for constant, value in constants.items():
        owner = next((name for name in names if constant.startswith(name)), None)
        if owner is not None:
            values.setdefault(owner, []).append(value)
    return {name: sorted(found) for name, found in values.items()}


def original_entries(class_name: str) -> list[dict[str, Any]]:
    """The rows that a new server has of one enumeration."""
    return _entries(class_name, enumerations().get(class_name, []))


def _entries(class_name: str, values: list[str]) -> list[dict[str, Any]]:
    if class_name == "PixelsType":
        return [{"value": value, "bitsize": PIXEL_BITS[value]} for value in values]
    return [{"value": value} for value in values]


def bootstrap(db: Database, root_password: str) -> None:
    """Create the tables and fill an empty store; afterwards only the password of root is set anew."""
    fresh = db.create()
    with db.write() as connection:
        if fresh:
            _fill(connection)
            # Everybody knows it; guests only see what is in the group guest.
            set_password(connection, GUEST_USER, "guest")
        set_password(connection, ROOT_USER, root_password)


def _fill(connection: Connection) -> None:
    for name, values in enumerations().items():
        connection.execute(insert(TABLES[name]), _entries(name, values))
    now = time.time_ns() // 1_000_000
    _insert(connection, "Node", id=0, uuid=str(uuid.uuid4()), conn="embedded", up=now)
    session = {
        "id": 0,
        "node": 0,
        "uuid": str(uuid.uuid4()),
        "owner": ROOT_USER,
        "started": now,
        "closed": now,
    }
    _insert(
        connection,
        "Session",
        **session,
        timetoidle=0,
        timetolive=0,
        defaulteventtype="Internal",
        discriminator="Session",
    )
    _groups_and_users(connection)
    _insert(
        connection,
        "Event",
        id=0,
        time=now,
        experimenter=ROOT_USER,
        experimentergroup=SYSTEM_GROUP,
        type=1,
        session=0,
    )
    connection.execute(insert(STORE).values(key="uuid", value=str(uuid.uuid4())))
    if connection.dialect.name == "postgresql":
        for name in ("Node", "Session", "Experimenter", "ExperimenterGroup", "Event"):
            _advance_sequence(connection, name.lower())


def _advance_sequence(connection: Connection, table: str) -> None:
    """Rows with chosen ids do not move PostgreSQL's sequences."""
    highest = connection.scalar(select(func.coalesce(func.max(METADATA.tables[table].c.id), 1)))
    connection.execute(
        select(func.setval(func.pg_get_serial_sequence(table, "id"), max(int(highest or 1), 1)))
    )


def _groups_and_users(connection: Connection) -> None:
    groups = {
        SYSTEM_GROUP: ("system", PRIVATE),
        USER_GROUP: ("user", "rwr-r-"),
        GUEST_GROUP: ("guest", READ_ONLY),
    }
    for group_id, (name, permissions) in groups.items():
        _insert(
            connection,
            "ExperimenterGroup",
            id=group_id,
            name=name,
            ldap=False,
            permissions=perm_long(permissions),
        )
    _insert(
        connection,
        "Experimenter",
        id=ROOT_USER,
        omename="root",
        firstname="root",
        lastname="root",
        ldap=False,
    )
    _insert(
        connection,
        "Experimenter",
        id=GUEST_USER,
        omename="guest",
        firstname="Guest",
        lastname="Account",
        ldap=False,
    )
    for user, group, place in (
        (ROOT_USER, SYSTEM_GROUP, 0),
        (ROOT_USER, USER_GROUP, 1),
        (GUEST_USER, GUEST_GROUP, 0),
    ):
        _insert(
            connection,
            "GroupExperimenterMap",
            parent=group,
            child=user,
            owner=user == ROOT_USER,
            child_index=place,
        )


def _insert(connection: Connection, class_name: str, **values: Any) -> None:
    connection.execute(insert(TABLES[class_name]).values(values))
