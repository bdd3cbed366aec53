"""Values with a type: dates, magnifications, wavelengths, concentrations, wells, numbers, words of a vocabulary."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal

from omeroweb_omp_plugin.parsing.patterns import shortened

if TYPE_CHECKING:
    from collections.abc import Callable

TypeName = Literal[
    "text",
    "integer",
    "number",
    "date",
    "magnification",
    "wavelength",
    "concentration",
    "duration",
    "well",
    "word",
]

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
NUMBER = r"([+-]?\d+(?:[.,]\d+)?)"
YEAR_FIRST = re.compile(r"(\d{4})([-./_]?)(\d{2})\2(\d{2})(?:[T_ -]?\d{2}[:h-]?\d{2}(?:[:m-]?\d{2}s?)?)?")
YEAR_LAST = re.compile(r"(\d{1,2})([-./_])(\d{1,2})\2(\d{4})")
SIX_DIGITS = re.compile(r"(\d{2})(\d{2})(\d{2})")
MONTH_NAME = re.compile(r"(\d{1,2})[-. ]?([A-Za-z]{3,9})[-. ]?(\d{4})")
MAGNIFICATION = re.compile(
    r"(?:(\d{1,3}(?:[.,]\d+)?)\s?[xX×]?|[xX×](\d{1,3}(?:[.,]\d+)?))(?:[-_ ]?[A-Za-z]+)*"
)
WAVELENGTH = re.compile(NUMBER + r"\s?(nm|um|µm|μm)?(?:[-_ ]?[A-Za-z]+)*")
CONCENTRATION = re.compile(
    NUMBER + r"\s?([A-Za-zµμ%][A-Za-zµμ%/]*?)(?:(?:[-/]|per)(ml|mL|l|L|ul|uL|µl|µL|dl|dL))?"
)
DURATION = re.compile(NUMBER + r"\s?([A-Za-z]+)")
WELL = re.compile(r"([A-Za-z]{1,2})[-_]?(\d{1,2})")
# The largest plate has 32 rows (A to AF) and 48 columns.
LAST_ROW, LAST_COLUMN = 32, 48

MASS_OR_MOLES = {
    **{prefix + unit: prefix.replace("u", "µ").replace("μ", "µ") + unit for prefix in ("", "f", "p", "n", "u", "µ", "μ", "m", "k") for unit in ("M", "g", "mol")},
    "%": "%", "pct": "%", "percent": "%", "U": "U", "IU": "IU",
}  # fmt: skip
VOLUMES = {"ml": "mL", "mL": "mL", "l": "L", "L": "L", "ul": "µL", "uL": "µL", "µl": "µL", "µL": "µL", "dl": "dL", "dL": "dL"}  # fmt: skip
TIMES = {
    "ms": "ms", "msec": "ms", "s": "s", "sec": "s", "secs": "s", "min": "min", "mins": "min", "m": "min",
    "h": "h", "hr": "h", "hrs": "h", "hpi": "h post infection", "hpf": "h post fertilisation", "d": "d", "day": "d",
    "days": "d", "dpi": "d post infection", "dpf": "d post fertilisation", "wk": "wk", "w": "wk", "weeks": "wk",
}  # fmt: skip


class ValueFault(ValueError):  # noqa: N818 - a fault in a name isn't an error of the program
    """A text that isn't of the type asked for; says what would be right."""


@dataclass(frozen=True, slots=True)
class TypedValue:
    """A value read from a name: the text to write, its number and unit where it has them."""

    text: str
    number: float | None = None
    unit: str = ""


@dataclass(frozen=True, slots=True)
class ValueType:
    """What a variable's values have to be.

    words: the controlled vocabulary of type `word`; case doesn't count, the vocabulary's spelling is written.
    day_first: 03-04-2024 is 3 April; when None such dates are refused as ambiguous.
    """

    name: TypeName = "text"
    words: tuple[str, ...] = ()
    day_first: bool | None = None

    def read(self, text: str) -> TypedValue:
        """The typed value of a text. Raises: ValueFault."""
        trimmed = text.strip()
        if self.name == "text":
            return TypedValue(text)
        if self.name == "word":
            return read_word(trimmed, self.words)
        if self.name == "date":
            return TypedValue(read_date(trimmed, self.day_first).isoformat())
        return READERS[self.name](trimmed)


def fault(text: str, wanted: str) -> ValueFault:
    """The error for a text that isn't what was wanted."""
    return ValueFault(f"{shortened(text)} is not {wanted}")


def decimal(text: str) -> float:
    """A number with a point or a comma."""
    return float(text.replace(",", "."))


def shown(number: float) -> str:
    """A number as people write it: no trailing zeros, no exponent in the usual range."""
    return f"{number:.10g}"


def read_integer(text: str) -> TypedValue:
    """`007` is 7."""
    if not re.fullmatch(r"[+-]?[0-9]{1,15}", text):
        raise fault(text, "a whole number, for example 12")
    return TypedValue(str(int(text)), int(text))


def read_number(text: str) -> TypedValue:
    """`0.5`, `0,5` and `0p5` are 0.5."""
    found = re.fullmatch(r"([+-]?[0-9]{1,15})(?:[.,p]([0-9]{1,15}))?", text)
    if not found:
        raise fault(text, "a number, for example 0.5")
    number = float(f"{found[1]}.{found[2] or 0}")
    return TypedValue(shown(number), number)


def read_date(text: str, day_first: bool | None = None) -> date:
    """Dates like 2024-01-31, 20240131, 240131, 31.01.2024, 31Jan2024; a time after the date is left out."""
    try:
        if found := YEAR_FIRST.fullmatch(text):
            return date(int(found[1]), int(found[3]), int(found[4]))
        if found := MONTH_NAME.fullmatch(text):
            month = MONTHS.index(found[2][:3].lower()) + 1
            return date(int(found[3]), month, int(found[1]))
        if found := SIX_DIGITS.fullmatch(text):
            return date(2000 + int(found[1]), int(found[2]), int(found[3]))
        if found := YEAR_LAST.fullmatch(text):
            return day_and_month(text, int(found[1]), int(found[3]), int(found[4]), day_first)
    except ValueFault:
        raise
    except ValueError:
        raise fault(text, "a date of the calendar") from None
    raise fault(text, "a date such as 2024-01-31 or 20240131")


def day_and_month(text: str, first: int, second: int, year: int, day_first: bool | None) -> date:
    """A date whose year comes last; which number is the month has to be told or be plain."""
    if day_first is None:
        if first <= 12 and second <= 12 and first != second:
            raise fault(text, "a plain date: day and month could be either; say whether the day comes first")
        day_first = first > 12
    day, month = (first, second) if day_first else (second, first)
    return date(year, month, day)


def read_magnification(text: str) -> TypedValue:
    """`20x`, `X63`, `63X-oil` are 20x, 63x, 63x; the immersion is left out."""
    found = MAGNIFICATION.fullmatch(text)
    number = decimal(found[1] or found[2]) if found else 0
    if not 0 < number <= 250:
        raise fault(text, "a magnification such as 20x (above 0, up to 250)")
    return TypedValue(f"{shown(number)}x", number, "x")


def read_wavelength(text: str) -> TypedValue:
    """`488nm`, `488`, `0.488um`, `488nm-laser` are 488 nm."""
    found = WAVELENGTH.fullmatch(text)
    number = decimal(found[1]) * (1000 if found[2] and found[2] != "nm" else 1) if found else 0
    if not 200 <= number <= 2500:
        raise fault(text, "a wavelength such as 488nm (200 to 2500 nm)")
    return TypedValue(f"{shown(number)} nm", number, "nm")


def read_concentration(text: str) -> TypedValue:
    """`10uM`, `1,5mM`, `5mg-ml`, `10pct` are 10 µM, 1.5 mM, 5 mg/mL, 10 %."""
    found = CONCENTRATION.fullmatch(re.sub(r"(?<=\d)p(?=\d)", ".", text))
    if found:
        amount, _, volume = found[2].partition("/")
        unit = MASS_OR_MOLES.get(amount)
        per = VOLUMES.get(found[3] or volume, "")
        if unit and (per or not (found[3] or volume)) and (per or unit[-1] in "M%"):
            number = decimal(found[1])
            if number >= 0:
                whole = f"{unit}/{per}" if per else unit
                return TypedValue(f"{shown(number)} {whole}", number, whole)
    raise fault(text, "a concentration such as 10uM, 5mg-mL or 10pct")


def read_duration(text: str) -> TypedValue:
    """`24h`, `30min`, `3dpi` are 24 h, 30 min, 3 d post infection."""
    found = DURATION.fullmatch(re.sub(r"(?<=\d)p(?=\d)", ".", text))
    unit = TIMES.get(found[2]) if found else None
    if found is None or unit is None:
        raise fault(text, "a duration such as 24h or 30min")
    number = decimal(found[1])
    return TypedValue(f"{shown(number)} {unit}", number, unit)


def read_well(text: str) -> TypedValue:
    """`a1`, `A01`, `A-1` are A1; plates have up to 32 rows (A to AF) and 48 columns."""
    found = WELL.fullmatch(text)
    if found:
        letters = found[1].upper()
        row = ord(letters[-1]) - 64 + (26 * (ord(letters[0]) - 64) if len(letters) == 2 else 0)
        column = int(found[2])
        if row <= LAST_ROW and 1 <= column <= LAST_COLUMN:
            return TypedValue(f"{letters}{column}")
    raise fault(text, "a well such as A1 (rows A to AF, columns 1 to 48)")


def read_word(text: str, words: tuple[str, ...]) -> TypedValue:
    """The vocabulary's own spelling of a word."""
    known = {word.casefold(): word for word in words}
    if text.casefold() not in known:
        listed = ", ".join(words[:8]) + (" …" if len(words) > 8 else "")
        raise fault(text, f"in the vocabulary ({listed})")
    return TypedValue(known[text.casefold()])


READERS: dict[str, Callable[[str], TypedValue]] = {
    "integer": read_integer,
    "number": read_number,
    "magnification": read_magnification,
    "wavelength": read_wavelength,
    "concentration": read_concentration,
    "duration": read_duration,
    "well": read_well,
}
