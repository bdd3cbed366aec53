"""The people and groups of the demo; one generated password serves all people."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Person:
    """An account of the demo and what it may do."""

    login: str
    first_name: str
    last_name: str
    role: str
    administrator: bool = False


@dataclass(frozen=True)
class Group:
    """A group with one of OMERO's four permission levels."""

    name: str
    permissions: str
    description: str


PEOPLE = (
    Person("alice", "Alice", "Arber", "researcher"),
    Person("bob", "Bob", "Bolliger", "researcher"),
    Person("dora", "Dora", "Dietrich", "principal investigator, owner of the groups"),
    Person("carol", "Carol", "Caduff", "administrator", administrator=True),
)
GROUP_OWNER = "dora"

READ_ANNOTATE = Group(
    "cell-division-lab", "rwra--", "Members see and annotate each other's data (read-annotate)."
)
PRIVATE = Group(
    "private-notebooks", "rw----", "Everybody for themselves; the owner of the group sees all (private)."
)
READ_ONLY = Group("imaging-facility", "rwr---", "Members see each other's data (read-only).")
READ_WRITE = Group("method-development", "rwrw--", "Members work on each other's data (read-write).")

# The first one is where people land when they log in.
GROUPS = (READ_ANNOTATE, PRIVATE, READ_ONLY, READ_WRITE)
