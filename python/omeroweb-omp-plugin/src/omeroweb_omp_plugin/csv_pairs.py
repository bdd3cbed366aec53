"""Key-value pairs as CSV, for spreadsheets and back: one row per object, one column per key."""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import dataclass
from typing import Literal

from omeroweb_omp_plugin.ownership import HASH_KEY, Pairs

Level = Literal["image", "dataset"]
LEVELS: tuple[Level, ...] = ("image", "dataset")
FIXED_COLUMNS = ("level", "id", "name")
MAX_CHARS = 20_000_000
MAX_ROWS = 200_000
# A spreadsheet would run such a cell as a formula, so it gets an apostrophe in front, which import takes off again.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "'")


class CsvError(ValueError):
    """A file that can't be read; names the row and what would be right."""


@dataclass(frozen=True, slots=True)
class CsvRow:
    """The pairs of one image or dataset."""

    level: Level
    id: int
    name: str
    pairs: Pairs


def export_csv(rows: list[CsvRow]) -> str:
    """CSV text with the columns level, id, name and the keys in order of appearance, without ownership marks.

    A key that an object has several times gets as many columns of the same name. Empty cells mean no such pair, so
    empty values are not kept.
    """
    columns: dict[tuple[str, int], None] = {}
    tables = []
    for row in rows:
        numbered = number_repeats(row.pairs)
        columns.update(dict.fromkeys(numbered))
        tables.append(numbered)
    first_seen = {key: place for place, key in enumerate(dict.fromkeys(key for key, _ in columns))}
    order = sorted(columns, key=lambda column: (first_seen[column[0]], column[1]))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([*FIXED_COLUMNS, *(guarded(key) for key, _ in order)])
    for row, table in zip(rows, tables, strict=True):
        writer.writerow(
            [row.level, row.id, guarded(row.name), *(guarded(table.get(column, "")) for column in order)]
        )
    return out.getvalue()


def number_repeats(pairs: Pairs) -> dict[tuple[str, int], str]:
    """The values by key and occurrence."""
    seen: Counter[str] = Counter()
    numbered = {}
    for key, value in pairs:
        if key != HASH_KEY:
            numbered[key, seen[key]] = value
            seen[key] += 1
    return numbered


def import_csv(text: str) -> list[CsvRow]:
    """The rows of a CSV file with the columns level (may be missing: image), id, name (may be missing) and keys.

    Comma, semicolon and tab are recognised from the header. Raises: CsvError.
    """
    if len(text) > MAX_CHARS:
        raise CsvError(f"The file has {len(text):,} characters; at most {MAX_CHARS:,} are allowed")
    text = text.removeprefix("\ufeff")
    header_line = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=header_line.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        header = next(reader, [])
        places = header_places(header)
        rows = [
            read_row(reader.line_num, cells, header, places) for cells in reader if any(map(str.strip, cells))
        ]
    except csv.Error as fault:
        raise CsvError(f"Line {reader.line_num} is not valid CSV: {fault}") from None
    if len(rows) > MAX_ROWS:
        raise CsvError(f"The file has {len(rows):,} rows; at most {MAX_ROWS:,} are allowed")
    check_objects(rows)
    return rows


def header_places(header: list[str]) -> dict[str, int]:
    """Where the fixed columns are. Raises: CsvError when there is no id or no key."""
    places = {
        name: place
        for place, name in reversed(list(enumerate(map(str.strip, header))))
        if name in FIXED_COLUMNS
    }
    if "id" not in places:
        raise CsvError("The first line has no column 'id'; it needs id, and a column for each key")
    if len(header) == len(places):
        raise CsvError("The first line names no keys; add a column for each key after id and name")
    for place, key in enumerate(header):
        if place not in places.values():
            name = unguarded(key.strip())
            if name == HASH_KEY:
                raise CsvError(
                    f"Column {place + 1} is {HASH_KEY}, which is kept for the ownership mark; remove it"
                )
            if not name:
                raise CsvError(f"Column {place + 1} has no name; give it the key its values belong to")
    return places


def read_row(line: int, cells: list[str], header: list[str], places: dict[str, int]) -> CsvRow:
    """One row. Raises: CsvError naming the line."""
    if len(cells) > len(header):
        raise CsvError(f"Line {line} has {len(cells)} cells, the first line {len(header)}")
    cells = cells + [""] * (len(header) - len(cells))
    number = cells[places["id"]].strip()
    if not number.isascii() or not number.isdecimal() or len(number) > 18:
        raise CsvError(f"Line {line} has the id {number!r}; an id is a whole number such as 123")
    given = cells[places["level"]].strip().lower() if "level" in places else ""
    level = next((known for known in LEVELS if known == (given or "image")), None)
    if level is None:
        raise CsvError(f"Line {line} has the level {given!r}; it is image or dataset")
    name = unguarded(cells[places["name"]]) if "name" in places else ""
    pairs = tuple(
        (unguarded(key.strip()), unguarded(cells[place]))
        for place, key in enumerate(header)
        if place not in places.values() and cells[place]
    )
    return CsvRow(level, int(number), name, pairs)


def check_objects(rows: list[CsvRow]) -> None:
    """Raise CsvError when an object has two rows."""
    for (level, number), count in Counter((row.level, row.id) for row in rows).items():
        if count > 1:
            raise CsvError(f"There are {count} rows for {level} {number}; each object has one row")


def guarded(text: str) -> str:
    """A cell that no spreadsheet runs as a formula."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def unguarded(text: str) -> str:
    """The text of a guarded cell."""
    return text[1:] if text.startswith("'") and text[1:].startswith(FORMULA_STARTS) else text
