"""Reading attributes while noting what is wrong with them."""

import math
from typing import Any

import h5py
from h5py import h5a, h5t

from ims_writer.attributes import read_text
from ims_writer.check.findings import Report


def text(report: Report, group: Any, name: str) -> str | None:
    """The text of an attribute, None when it is missing; notes a wrong type."""
    where = f"{group.name}@{name}"
    if name not in group.attrs:
        if isinstance(group.get(name), h5py.Dataset):
            return read_long_text(group[name])
        report.add("IMS101", where, "the attribute is missing")
        return None
    kind = h5a.open(group.id, name.encode()).get_type()
    rank = len(group.attrs.get_id(name).shape)
    single = isinstance(kind, h5t.TypeStringID) and not kind.is_variable_str() and kind.get_size() == 1
    if not single or rank != 1:
        report.add("IMS102", where, "it must be a one-dimensional array of single characters (H5T_C_S1)")
    elif kind.get_strpad() != h5t.STR_NULLTERM:
        report.add("IMS103", where, "its type is null-padded; programs that read it as H5T_C_S1 get no text")
    return read_text(group, name)


def read_long_text(dataset: Any) -> str:
    """Text over 1024 bytes, which ImarisWriter keeps in a dataset of characters."""
    characters: bytes = dataset[()].tobytes()
    return characters.decode(errors="replace")


def whole(report: Report, group: Any, name: str, least: int = 1) -> int | None:
    """An attribute that is a whole number of at least `least`."""
    said = text(report, group, name)
    if said is None:
        return None
    if not said.strip().isdecimal() or int(said) < least:
        report.add("IMS104", f"{group.name}@{name}", f"it says {said!r}, not a whole number from {least} up")
        return None
    return int(said)


def real(report: Report, group: Any, name: str) -> float | None:
    """An attribute that is a finite number."""
    said = text(report, group, name)
    if said is None:
        return None
    numbers = reals(said)
    if len(numbers) != 1:
        report.add("IMS104", f"{group.name}@{name}", f"it says {said!r}, not a number")
        return None
    return numbers[0]


def reals(said: str) -> list[float]:
    """The finite numbers of a text separated by blanks; an empty list when one of them is not a number."""
    try:
        numbers = [float(part) for part in said.split()]
    except ValueError:
        return []
    return numbers if all(map(math.isfinite, numbers)) else []
