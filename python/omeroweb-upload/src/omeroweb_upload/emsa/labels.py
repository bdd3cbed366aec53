"""Element labels and element lists of Oxford Instruments' AZtec (`##OXINSTLABEL`, `##OXINSTELEMS`)."""

from __future__ import annotations

import re

from omeroweb_upload.emsa.spectrum import ElementLabel, HeaderLine, Remark
from omeroweb_upload.emsa.values import parse_number
from omeroweb_upload.xray.elements import symbol_of

_NAME = re.compile(r"(?P<symbol>[A-Z][a-z]?)(?:[\s_-]+(?P<transition>\S.*))?$")


def read_label(item: HeaderLine) -> ElementLabel | Remark:
    """Read `26, 6.404, Fe` or `26, 6.404, Fe Ka1`; a row that cannot be read becomes a remark."""
    try:
        return _label(item.value)
    except ValueError as error:
        return Remark(item.line, f"label {item.value!r} skipped: {error}")


def _label(value: str) -> ElementLabel:
    parts = [part.strip() for part in value.split(",", 2)]
    if len(parts) < 3:
        raise ValueError("expected atomic number, energy in keV, symbol")
    atomic_number, energy = round(parse_number(parts[0])[0]), parse_number(parts[1])[0]
    known = symbol_of(atomic_number)
    if known is None:
        raise ValueError(f"there is no element {atomic_number}")
    if energy <= 0:
        raise ValueError("the energy is not above 0 keV")
    name = _NAME.match(parts[2])
    symbol = name["symbol"] if name else known
    if symbol != known:
        raise ValueError(f"element {atomic_number} is {known}, not {symbol}")
    return ElementLabel(atomic_number, energy, symbol, (name["transition"] or "").strip() if name else "")


def read_elements(item: HeaderLine) -> tuple[tuple[str, ...], tuple[Remark, ...]]:
    """Read a list of atomic numbers, `6,8,26`; what is no element becomes a remark."""
    symbols: list[str] = []
    remarks: list[Remark] = []
    for part in re.split(r"[\s,;]+", item.value.strip()):
        symbol = symbol_of(int(part)) if part.isdecimal() else None
        if symbol is not None:
            symbols.append(symbol)
        elif part:
            remarks.append(Remark(item.line, f"{part!r} in the list of elements is not an atomic number"))
    return tuple(symbols), tuple(remarks)
