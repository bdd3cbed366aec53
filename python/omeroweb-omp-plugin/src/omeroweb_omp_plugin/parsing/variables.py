"""Names of the values: defaults that follow REMBI, numbered ones, limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omeroweb_omp_plugin.parsing.errors import ParsingError

if TYPE_CHECKING:
    from collections.abc import Sequence

DEFAULT_NAMES = (
    "Project number",
    "Sample type",
    "Substrate",
    "Position",
    "Image acquisition",
    "Specific experimental conditions",
)
DEFAULT_MAX_VARIABLES = 10
MIN_MAX_VARIABLES, MAX_MAX_VARIABLES = 3, 15
DEFAULT_MAX_SETS = 10
MIN_MAX_SETS, MAX_MAX_SETS = 5, 30
MAX_NAME_CHARS = 255
RESERVED_NAME = "omp_hash"


def check_names(names: Sequence[str], most: int = MAX_MAX_VARIABLES) -> tuple[str, ...]:
    """Trimmed variable names; blank ones stay blank and get a number later.

    Raises: ParsingError when there are more than `most`, one is too long, or one is the ownership mark's key.
    """
    if len(names) > most:
        raise ParsingError(f"{len(names)} variable names are given; at most {most} are allowed")
    trimmed = tuple(name.strip() for name in names)
    for place, name in enumerate(trimmed, start=1):
        if name == RESERVED_NAME:
            raise ParsingError(
                f"Variable {place} is named {RESERVED_NAME}, which is kept for the ownership mark"
            )
        if len(name) > MAX_NAME_CHARS:
            raise ParsingError(
                f"The name of variable {place} has {len(name)} characters; at most {MAX_NAME_CHARS} are allowed"
            )
    return trimmed


def keys_for(count: int, names: Sequence[str], group_names: Sequence[str | None] = ()) -> tuple[str, ...]:
    """The key of each of `count` values: its group's name, else the variable's, else `Var{i}` counting from 1.

    A key that came before gets the suffix `_2`, `_3` … so that every key is unique.
    """
    taken: set[str] = set()
    keys = []
    for place in range(count):
        group = group_names[place] if place < len(group_names) else None
        given = names[place].strip() if place < len(names) else ""
        keys.append(unique(group or given or f"Var{place + 1}", taken))
    return tuple(keys)


def unique(name: str, taken: set[str]) -> str:
    """`name`, or with the first free suffix when it is taken; the result counts as taken from now on."""
    key, number = name, 1
    while key in taken:
        number += 1
        key = f"{name}_{number}"
    taken.add(key)
    return key


def max_variables(setting: int | None) -> int:
    """The user's limit of values per name when it is in range, else the default."""
    if setting is not None and MIN_MAX_VARIABLES <= setting <= MAX_MAX_VARIABLES:
        return setting
    return DEFAULT_MAX_VARIABLES
