"""The people of the demo; one generated password serves them all."""

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


PEOPLE = (
    Person("alice", "Alice", "Arber", "researcher"),
    Person("bob", "Bob", "Bolliger", "researcher"),
    Person("dora", "Dora", "Dietrich", "owner of the groups (principal investigator)"),
    Person("carol", "Carol", "Caduff", "administrator", administrator=True),
)
