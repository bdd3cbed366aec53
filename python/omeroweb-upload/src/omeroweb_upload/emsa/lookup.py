"""Looking values up in a header, with errors that name the line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from omeroweb_upload.emsa.errors import EmsaError
from omeroweb_upload.emsa.keywords import REPEATABLE
from omeroweb_upload.emsa.spectrum import HeaderLine, Remark
from omeroweb_upload.emsa.values import parse_number

if TYPE_CHECKING:
    from collections.abc import Callable

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Lookup:
    """The header of one file; keys are looked up without regard to case, the first of several counts."""

    header: tuple[HeaderLine, ...]
    source: str

    def all(self, key: str) -> list[HeaderLine]:
        """Every line with this key."""
        return [item for item in self.header if item.key.upper() == key]

    def first(self, key: str) -> HeaderLine | None:
        """The first line with this key that says something."""
        return next((item for item in self.all(key) if item.value), None)

    def text(self, key: str) -> str:
        """The value of a key, joined by blanks where the standard allows several lines; empty without one."""
        found = [item.value for item in self.all(key) if item.value]
        return " ".join(found) if key in REPEATABLE else next(iter(found), "")

    def number(self, key: str) -> float | None:
        """A number that the calibration needs; raises `EmsaError` where there is something else."""
        item = self.first(key)
        if item is None:
            return None
        try:
            return parse_number(item.value)[0]
        except ValueError as error:
            raise self.error(f"#{key} should be a number: {error}", item) from error

    def count(self, key: str) -> int | None:
        """A whole number above zero; raises `EmsaError` where there is something else."""
        item, value = self.first(key), self.number(key)
        if item is None or value is None:
            return None
        if value < 1 or value != int(value):
            raise self.error(f"#{key} should be a whole number above 0, not {item.value!r}", item)
        return int(value)

    def tolerant(self, key: str, parse: Callable[[str], Value]) -> tuple[Value | None, tuple[Remark, ...]]:
        """A value that nothing depends on: what cannot be parsed becomes a remark."""
        item = self.first(key)
        if item is None:
            return None, ()
        try:
            return parse(item.value), ()
        except ValueError as error:
            return None, (Remark(item.line, f"#{key} is kept as text only: {error}"),)

    def repeated(self) -> tuple[Remark, ...]:
        """A remark for each line that repeats a key which the standard allows once."""
        seen: set[str] = set()
        remarks = []
        for item in self.header:
            key = item.key.upper()
            if key in seen and key not in REPEATABLE:
                remarks.append(Remark(item.line, f"#{item.key} again; the first one counts"))
            seen.add(key)
        return tuple(remarks)

    def error(self, message: str, item: HeaderLine) -> EmsaError:
        """An error at a header line."""
        return EmsaError(message, source=self.source, line=item.line)
