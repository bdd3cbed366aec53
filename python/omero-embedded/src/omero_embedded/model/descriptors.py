"""Class and sequence descriptors of the OMERO model, read from the Slice modules generated into omero-py.

Those modules hand their descriptors to IcePy's C++ side, which offers no way to read them back, so the calls
are read from the module text. They are machine-written and have one fixed shape.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import omero_model_IObject_ice

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_SEQUENCE = re.compile(r"IcePy\.defineSequence\('(?P<name>[\w:]+)', \([^)]*\), (?P<element>[\w.]+)\)")
_CLASS = re.compile(
    r"IcePy\.defineClass\('::omero::model::(?P<name>\w+)', \w+, -1, \(\), (?P<abstract>\w+), False, (?P<base>[\w.]+),"
    r" \(\), \((?P<members>[^;]*?)\n?\s*\)\)\n"
)
_MEMBER = re.compile(r"\('(?P<name>_?\w+)', \(\), (?P<type>[\w.]+), False, 0\)")


@dataclass(frozen=True, slots=True)
class ClassDescriptor:
    """One Slice class of omero.model: its base and its own members as (name, Slice type) pairs."""

    name: str
    base: str | None
    members: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Descriptors:
    """All classes by name, and the element type of every sequence by its Slice name."""

    classes: Mapping[str, ClassDescriptor]
    sequences: Mapping[str, str]


def short_name(slice_type: str) -> str:
    """`_M_omero.model._t_Image` -> `Image`."""
    return slice_type.rpartition("_t_")[2]


@functools.cache
def read_descriptors() -> Descriptors:
    """Read every descriptor of the installed omero-py; takes about 0.2 s."""
    classes: dict[str, ClassDescriptor] = {}
    sequences: dict[str, str] = {}
    for text in _module_texts():
        for match in _SEQUENCE.finditer(text):
            sequences[match["name"].rpartition("::")[2]] = match["element"]
        for match in _CLASS.finditer(text):
            base = None if match["base"] == "None" else short_name(match["base"])
            members = tuple((member["name"], member["type"]) for member in _MEMBER.finditer(match["members"]))
            classes[match["name"]] = ClassDescriptor(match["name"], base, members)
    if "IObject" not in classes:
        raise RuntimeError(
            f"no OMERO model found beside {omero_model_IObject_ice.__file__}; is omero-py 5.x installed?"
        )
    return Descriptors(classes, sequences)


def _module_texts() -> Iterator[str]:
    folder = Path(omero_model_IObject_ice.__file__).parent
    for path in sorted(folder.glob("omero_*_ice.py")):
        yield path.read_text(encoding="utf-8")
