"""Numbers, dates and times as instruments write them."""

from __future__ import annotations

import math
import re
from datetime import date, time

_NUMBER = re.compile(
    r"""\s*(?P<mantissa>[+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+))
        (?:\s*[eEdD]\s*(?P<exponent>[+-]?\d+))?
        (?P<rest>.*)""",
    re.VERBOSE | re.DOTALL,
)
# English first, as the standard asks; German and French because their software localises the month.
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "JAN JANV JANUARY", "FEB FEV FÉV FEBRUARY", "MAR MÄR MRZ MARS MARCH", "APR AVR APRIL", "MAY MAI",
            "JUN JUIN JUNE", "JUL JUIL JULY", "AUG AOU AOÛT AUGUST", "SEP SEPT SEPTEMBER", "OCT OKT OCTOBER",
            "NOV NOVEMBER", "DEC DEZ DÉC DECEMBER",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*([AaPp])?\.?[Mm]?\.?$")


def parse_number(text: str) -> tuple[float, str]:
    """Read a leading number and return it with what follows it.

    Understands `1.0E-3`, Fortran's `1.0D-3`, `2.0 E-06` with a stray blank, a decimal comma, and a trailing unit.
    Raises ValueError where no finite number leads.
    """
    match = _NUMBER.match(text)
    if match is None:
        raise ValueError(f"{text.strip()!r} is not a number")
    value = float(match["mantissa"].replace(",", ".") + "e" + (match["exponent"] or "0"))
    if not math.isfinite(value):
        raise ValueError(f"{text.strip()!r} is not a finite number")
    return value, match["rest"].strip()


def parse_date(text: str) -> date:
    """Read `15-FEB-2022`, `2022-02-15`, `15.02.2022` or `02/15/2022`; raises ValueError, also where it is ambiguous."""
    parts = [part for part in re.split(r"[-./\s]+", text.strip()) if part]
    if len(parts) != 3:
        raise ValueError(f"{text!r} is not a date like 15-FEB-2022")
    month = _MONTHS.get(parts[1].upper())
    if month is not None:
        return date(_year(parts[2]), month, int(parts[0]))
    if not all(part.isdecimal() for part in parts):
        raise ValueError(f"{text!r} is not a date like 15-FEB-2022")
    first, second, third = (int(part) for part in parts)
    if len(parts[0]) == 4:
        return date(first, second, third)
    if "/" in text:
        if first <= 12 and second <= 12 and first != second:
            raise ValueError(f"{text!r} could be two dates; write it like 15-FEB-2022")
        day, month = (first, second) if first > 12 else (second, first)
        return date(_year(parts[2]), month, day)
    return date(_year(parts[2]), second, first)


def _year(text: str) -> int:
    year = int(text)
    if len(text) == 2:
        # The format is of 1991.
        return year + (1900 if year >= 90 else 2000)
    return year


def parse_time(text: str) -> time:
    """Read `13:54`, `13:54:07` or `1:54 PM`; raises ValueError."""
    match = _TIME.match(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is not a time like 13:54")
    hour, minute, second = (int(part or 0) for part in match.group(1, 2, 3))
    if match[4]:
        if not 1 <= hour <= 12:
            raise ValueError(f"{text!r} is not a time like 1:54 PM")
        hour = hour % 12 + (12 if match[4].upper() == "P" else 0)
    return time(hour, minute, second)
