"""Whom the owner of a share has written down without an account, and who has used the share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select

from omero_embedded.store.tables import SHARE_GUEST, SHARE_USE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection


def guests_of(connection: Connection, share_id: int) -> list[str]:
    """The e-mail addresses of the guests, sorted."""
    ordered = select(SHARE_GUEST.c.email).where(SHARE_GUEST.c.share_id == share_id)
    return sorted(connection.scalars(ordered))


def add_guests(connection: Connection, share_id: int, emails: Iterable[str]) -> None:
    """Write down guests; who is one already stays one."""
    there = set(guests_of(connection, share_id))
    fresh = [email for email in dict.fromkeys(emails) if email not in there]
    if fresh:
        connection.execute(insert(SHARE_GUEST), [{"share_id": share_id, "email": email} for email in fresh])


def remove_guests(connection: Connection, share_id: int, emails: Iterable[str]) -> None:
    """Strike out guests."""
    connection.execute(
        delete(SHARE_GUEST).where(SHARE_GUEST.c.share_id == share_id, SHARE_GUEST.c.email.in_(list(emails)))
    )


def note_use(connection: Connection, share_id: int, user_id: int) -> None:
    """Remember that a user has activated the share."""
    if user_id not in users_of(connection, share_id):
        connection.execute(insert(SHARE_USE).values(share_id=share_id, experimenter_id=user_id))


def users_of(connection: Connection, share_id: int) -> set[int]:
    """The users who have ever activated the share."""
    return set(
        connection.scalars(select(SHARE_USE.c.experimenter_id).where(SHARE_USE.c.share_id == share_id))
    )
