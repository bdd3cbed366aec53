"""Quotas from a CSV file, all of it or nothing: a header, then group and quota in GB; an empty quota removes it."""

from __future__ import annotations

import csv
import io

HEADER = ("Group", "Quota [GB]")
MOST_ROWS = 10_000


class QuotaInputError(Exception):
    """Wrong input; the message has one line per fault, with its place."""


def template(quotas: dict[str, float | None]) -> str:
    """Return the file to fill in: all groups with what they have now."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(HEADER)
    for group, quota in sorted(quotas.items()):
        writer.writerow([group, "" if quota is None else f"{quota:g}"])
    return out.getvalue()


def parse(content: bytes) -> dict[str, float | None]:
    """Return the quotas by group; raises QuotaInputError naming every line that is wrong."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise QuotaInputError(
            f"The file is not UTF-8 (byte {error.start}). Save it as CSV in UTF-8."
        ) from error
    try:
        rows = list(csv.reader(io.StringIO(text), delimiter=_delimiter(text)))[1:]
    except csv.Error as error:
        raise QuotaInputError(f"The file is not a table: {error}.") from error
    if len(rows) > MOST_ROWS:
        raise QuotaInputError(f"The file has {len(rows)} rows; at most {MOST_ROWS} are read.")
    found: dict[str, float | None] = {}
    faults: list[str] = []
    for number, row in enumerate(rows, 2):
        cells = [cell.strip() for cell in row]
        if not any(cells):
            continue
        if len(cells) < len(HEADER):
            faults.append(f"Line {number}: two columns are needed, {', '.join(HEADER)}.")
            continue
        try:
            quota = number_of(cells[1])
        except ValueError:
            faults.append(f"Line {number}: {cells[1]!r} is not a number of GB.")
            continue
        if cells[0] in found:
            faults.append(f"Line {number}: the group {cells[0]!r} stands in the file twice.")
        found[cells[0]] = quota
    if not found and not faults:
        faults.append("The file has no rows below its header.")
    if faults:
        raise QuotaInputError("\n".join(faults[:20]))
    return found


def number_of(text: str) -> float | None:
    """Return a number of GB, None for an empty text; raises ValueError."""
    if not text:
        return None
    return float(text.replace(",", ".")) if text.count(",") == 1 and "." not in text else float(text)


def _delimiter(text: str) -> str:
    header = next(iter(text.splitlines()), "")
    return ";" if header.count(";") > header.count(",") else ","
