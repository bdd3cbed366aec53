"""The data section: numbers in columns, as pairs or as values alone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from omeroweb_upload.emsa.errors import EmsaError
from omeroweb_upload.emsa.spectrum import Remark
from omeroweb_upload.emsa.values import parse_number

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAX_POINTS = 1_000_000
# What separates numbers beside blanks; where the comma is a decimal mark, it does not.
_SEPARATORS = str.maketrans(",;", "  ")
_SEPARATORS_BESIDE_DECIMAL_COMMA = str.maketrans(";", " ")
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+(?:[eE][+-]?\d+)?")


@dataclass(frozen=True, slots=True)
class Columns:
    """What a data section holds; `x` is None where the file gives values only."""

    x: NDArray[np.float64] | None
    y: NDArray[np.float64]
    remarks: tuple[Remark, ...]


@dataclass(frozen=True, slots=True)
class _Numbers:
    values: NDArray[np.float64]
    line_of: NDArray[np.int64]
    odd_line: int | None


def read_columns(
    data: tuple[tuple[int, str], ...], *, declared: str | None, points: int | None, columns: int, source: str
) -> Columns:
    """Turn data lines into arrays.

    `declared` is DATATYPE, `points` NPOINTS, `columns` NCOLUMNS of the header. Where they contradict the numbers that
    are there, the one reading that agrees with NPOINTS is taken, with a remark. Raises `EmsaError` with the line.
    """
    if not data:
        raise EmsaError("there are no numbers after #SPECTRUM", source=source)
    numbers = _read_numbers(data, _SEPARATORS, source)
    remarks: list[Remark] = []
    if _comma_is_decimal(data, numbers, declared, points):
        numbers = _read_numbers(data, _SEPARATORS_BESIDE_DECIMAL_COMMA, source)
        remarks.append(Remark(data[0][0], "commas are read as decimal marks, which gives NPOINTS points"))
    kind = _kind(numbers, declared, points, remarks, source)
    if kind == "Y":
        return Columns(None, _without_padding(numbers.values, points, columns, remarks), tuple(remarks))
    if numbers.odd_line is not None:
        raise EmsaError(
            "expected x,y pairs, found an odd number of values", source=source, line=numbers.odd_line
        )
    x, y = numbers.values[0::2].copy(), numbers.values[1::2].copy()
    return _in_order(x, y, numbers.line_of[0::2], remarks, source)


def _read_numbers(data: tuple[tuple[int, str], ...], separators: dict[int, int], source: str) -> _Numbers:
    tokens: list[str] = []
    counts: list[int] = []
    odd_line: int | None = None
    for number, text in data:
        here = text.translate(separators).split()
        if len(here) % 2 and odd_line is None:
            odd_line = number
        tokens += here
        counts.append(len(here))
        if len(tokens) > 2 * MAX_POINTS:
            raise EmsaError(f"more than {MAX_POINTS} points", source=source, line=number)
    if not tokens:
        raise EmsaError("expected numbers, found separators only", source=source, line=data[0][0])
    lines = np.repeat(np.array([number for number, _ in data], dtype=np.int64), counts)
    try:
        values = np.array(list(map(float, tokens)))
    except ValueError:
        values = np.array(
            [_number(token, line, source) for token, line in zip(tokens, lines.tolist(), strict=True)]
        )
    finite = np.isfinite(values)
    if not finite.all():
        at = int(np.argmin(finite))
        raise EmsaError(f"{tokens[at]!r} is not a finite number", source=source, line=int(lines[at]))
    return _Numbers(values, lines, odd_line)


def _number(token: str, line: int, source: str) -> float:
    try:
        value, rest = parse_number(token)
    except ValueError as error:
        raise EmsaError(f"expected numbers, found {token[:40]!r}", source=source, line=line) from error
    if rest:
        raise EmsaError(f"expected numbers, found {token[:40]!r}", source=source, line=line)
    return value


def _comma_is_decimal(
    data: tuple[tuple[int, str], ...], numbers: _Numbers, declared: str | None, points: int | None
) -> bool:
    """Whether reading commas as decimal marks, and only that, gives the number of points the header promises."""
    if points is None:
        return False
    wanted = points if declared == "Y" else 2 * points
    if len(numbers.values) == wanted:
        return False
    tokens = [token for _, text in data for token in text.translate(_SEPARATORS_BESIDE_DECIMAL_COMMA).split()]
    return len(tokens) == wanted and any(_DECIMAL_COMMA.fullmatch(token) for token in tokens)


def _kind(
    numbers: _Numbers, declared: str | None, points: int | None, remarks: list[Remark], source: str
) -> str:
    """`XY` or `Y`: what DATATYPE says unless only the other one agrees with NPOINTS."""
    count = len(numbers.values)
    fits = {"XY": numbers.odd_line is None and count == 2 * (points or 0), "Y": count == points}
    first_line = int(numbers.line_of[0])
    other = {"XY": "Y", "Y": "XY"}.get(declared or "")
    if declared and other:
        if fits[other] and not fits[declared]:
            remarks.append(
                Remark(
                    first_line, f"DATATYPE says {declared}, but NPOINTS agrees with {other}; read as {other}"
                )
            )
            return other
        return declared
    for kind, agrees in fits.items():
        if agrees:
            remarks.append(Remark(None, f"no DATATYPE; read as {kind} because NPOINTS agrees with it"))
            return kind
    raise EmsaError("no #DATATYPE line (XY or Y), and NPOINTS does not tell which it is", source=source)


def _without_padding(
    y: NDArray[np.float64], points: int | None, columns: int, remarks: list[Remark]
) -> NDArray[np.float64]:
    """Drop zeros that only fill up the last row of several columns."""
    if points is not None and 0 < len(y) - points < columns and not y[points:].any():
        remarks.append(
            Remark(None, f"{len(y) - points} zeros after the last of {points} points fill up the last row")
        )
        return y[:points].copy()
    return y


def _in_order(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    lines: NDArray[np.int64],
    remarks: list[Remark],
    source: str,
) -> Columns:
    steps = np.diff(x)
    if (steps < 0).all() and len(steps):
        remarks.append(Remark(int(lines[0]), "x falls from line to line; the spectrum is turned round"))
        return Columns(x[::-1].copy(), y[::-1].copy(), tuple(remarks))
    falling = np.flatnonzero(steps < 0)
    if len(falling):
        at = int(falling[0]) + 1
        raise EmsaError(f"x goes back from {x[at - 1]:g} to {x[at]:g}", source=source, line=int(lines[at]))
    return Columns(x, y, tuple(remarks))
