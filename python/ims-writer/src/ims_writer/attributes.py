"""Text attributes as .ims has them: one-dimensional arrays of single characters.

The type is HDF5's H5T_C_S1 itself. NumPy's "S1" becomes a null-padded type, and a program that reads it into
H5T_C_S1 (as the vendor's documentation shows) gets every character replaced by a terminator.
"""

from collections.abc import Mapping
from typing import Any

import h5py
import numpy as np
from h5py import h5a, h5s, h5t

_LONGEST_ATTRIBUTE = 1024


def write_text(group: Any, name: str, text: str) -> None:
    """Write one attribute as UTF-8 bytes; empty text becomes one blank, since an array needs a length."""
    characters = _characters(text)
    space = h5s.create_simple((len(characters),))
    attribute = h5a.create(group.id, name.encode(), h5t.C_S1, space)
    attribute.write(characters, mtype=h5t.C_S1)


def write_section(parent: Any, name: str, values: Mapping[str, str]) -> None:
    """Write a group of DataSetInfo; like ImarisWriter, text over 1024 bytes as a dataset."""
    group = parent.create_group(encoded_name(name))
    for key, text in values.items():
        if len(text.encode()) <= _LONGEST_ATTRIBUTE:
            write_text(group, key, text)
            continue
        characters = _characters(text)
        space = h5s.create_simple((len(characters),))
        dataset = h5py.h5d.create(group.id, encoded_name(key).encode(), h5t.C_S1, space)
        dataset.write(h5s.ALL, h5s.ALL, characters, mtype=h5t.C_S1)


def read_text(group: Any, name: str) -> str:
    """The text of an attribute written as an array of characters or, by other writers, as a string."""
    value = group.attrs[name]
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    if isinstance(value, np.ndarray) and value.dtype.kind == "S":
        return value.tobytes().rstrip(b"\0").decode(errors="replace")
    return str(value)


def encoded_name(name: str) -> str:
    """A name that HDF5 accepts as a link: slashes and percent signs are escaped as ImarisWriter does."""
    return name.replace("%", "%p").replace("/", "%s")


def _characters(text: str) -> np.ndarray[Any, Any]:
    return np.frombuffer(text.encode() or b" ", dtype="S1").copy()
