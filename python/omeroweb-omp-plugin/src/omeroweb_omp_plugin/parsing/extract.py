"""From images to rows of key-value pairs: the whole recipe, run on many images."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from omeroweb_omp_plugin.parsing.base_name import base_name
from omeroweb_omp_plugin.parsing.errors import ParsingError
from omeroweb_omp_plugin.parsing.patterns import Budget
from omeroweb_omp_plugin.parsing.rules import Parser, Rule
from omeroweb_omp_plugin.parsing.sources import Source
from omeroweb_omp_plugin.parsing.values import ValueFault, ValueType
from omeroweb_omp_plugin.parsing.variables import (
    DEFAULT_MAX_VARIABLES,
    DEFAULT_NAMES,
    MAX_MAX_VARIABLES,
    RESERVED_NAME,
    check_names,
    keys_for,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    Corrections = Mapping[int, Mapping[str, str | None]]


@dataclass(frozen=True, slots=True)
class Item:
    """An image to parse: its id, name, and the path the file had on the user's computer."""

    id: int
    name: str
    client_path: str = ""


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that decides which pairs an image gets.

    names: of the variables, by place; a blank one becomes `Var{i}`. types: by key, where values have to be of a
    type. most: values beyond this number are left out, and said so.
    """

    rule: Rule = field(default_factory=Rule)
    source: Source = field(default_factory=Source)
    names: tuple[str, ...] = DEFAULT_NAMES
    types: tuple[tuple[str, ValueType], ...] = ()
    most: int = DEFAULT_MAX_VARIABLES


@dataclass(frozen=True, slots=True)
class Row:
    """The pairs of one image; `problems` say what is missing or wrong, an unmatched image has no pairs."""

    id: int
    name: str
    pairs: tuple[tuple[str, str], ...]
    problems: tuple[str, ...] = ()


def extract(recipe: Recipe, items: Iterable[Item], corrections: Corrections | None = None) -> list[Row]:
    """The rows of these images, in order; corrections of single cells come last and win.

    Raises: ParsingError when the recipe can't work, PatternTimeoutError when its pattern is too slow.
    """
    wanted = list(items)
    if not 1 <= recipe.most <= MAX_MAX_VARIABLES:
        raise ParsingError(
            f"{recipe.most} variables are asked for; between 1 and {MAX_MAX_VARIABLES} are allowed"
        )
    names = check_names(recipe.names)
    parser = Parser(recipe.rule)
    parse = parser.values_of_base(Budget.for_names(len(wanted)))
    keys = keys_for(recipe.most, names, parser.group_names)
    if RESERVED_NAME in keys:
        raise ParsingError(
            f"A group of the pattern is named {RESERVED_NAME}, which is kept for the ownership mark"
        )
    types = dict(recipe.types)
    rows = []
    for item in wanted:
        text = recipe.source.text(item.name, item.client_path)
        values = parse(base_name(text, recipe.rule.base)) or ()
        problems = [] if any(values) else [parser.why_empty(text)]
        if len(values) > recipe.most:
            problems.append(f"{len(values)} values were found; those after number {recipe.most} are left out")
        pairs = [(key, value) for key, value in zip(keys, values, strict=False) if value]
        if types:
            pairs = [(key, typed(key, value, types, problems)) for key, value in pairs]
        if corrections and item.id in corrections:
            pairs = corrected(pairs, corrections[item.id])
        rows.append(Row(item.id, item.name, tuple(pairs), tuple(problems)))
    return rows


def typed(key: str, value: str, types: Mapping[str, ValueType], problems: list[str]) -> str:
    """The value as its type writes it; the text itself, with a problem noted, when it isn't of the type."""
    if key not in types:
        return value
    try:
        return types[key].read(value).text
    except ValueFault as fault:
        problems.append(f"{key}: {fault}")
        return value


def corrected(pairs: Sequence[tuple[str, str]], cells: Mapping[str, str | None]) -> list[tuple[str, str]]:
    """The pairs with single values replaced, removed (None or blank) or added at the end.

    Raises: ParsingError when a cell's key is the mark's own.
    """
    if RESERVED_NAME in cells:
        raise ParsingError(f"{RESERVED_NAME} is kept for the ownership mark and can't be corrected")
    fixed = dict(pairs)
    for key, value in cells.items():
        if value is None or not value.strip():
            fixed.pop(key, None)
        else:
            fixed[key] = value
    return list(fixed.items())
