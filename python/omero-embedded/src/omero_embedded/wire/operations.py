"""The operations of every Slice interface, read from the modules generated into omero-py."""

from __future__ import annotations

import ast
import functools
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import omero
import omero.all
import omero.grid
import omero_model_IObject_ice

if TYPE_CHECKING:
    from collections.abc import Mapping

_LINE = re.compile(r"^\s+(\w+)\._op_(\w+) = (IcePy\.Operation\(.*\))$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: whether it is dispatched asynchronously, and the Slice types it takes and returns (None for void)."""

    name: str
    amd: bool
    takes: tuple[str, ...]
    returns: str | None


@functools.cache
def _all() -> Mapping[tuple[str, str], Operation]:
    """Every operation by (class name, operation name)."""
    found = {}
    folder = Path(omero_model_IObject_ice.__file__).parent
    for path in (*folder.glob("omero_*_ice.py"), *folder.glob("Glacier2_*_ice.py")):
        if path.name.startswith("omero_model_"):
            continue
        for cls, name, call in _LINE.findall(path.read_text(encoding="utf-8")):
            arguments = ast.parse(call, mode="eval").body.args
            returned = arguments[8]
            returns = ast.unparse(returned.elts[1]) if isinstance(returned, ast.Tuple) else None
            takes = tuple(ast.unparse(taken.elts[1]) for taken in arguments[6].elts)
            found[cls, name] = Operation(name, bool(arguments[3].value), takes, returns)
    return found


def interface_class(interface: str) -> type[Any]:
    """The servant base class of an interface such as omero.api.IQuery."""
    module, _, name = interface.rpartition(".")
    target: Any = omero
    for part in module.split(".")[1:]:
        target = getattr(target, part)
    return getattr(target, name)  # type: ignore[no-any-return]


def operations(interface: str) -> list[Operation]:
    """All operations of an interface, those of its bases included."""
    cls = interface_class(interface)
    found: dict[str, Operation] = {}
    for base in cls.__mro__:
        for attribute in vars(base):
            if attribute.startswith("_op_") and not attribute.startswith("_op_ice_"):
                name = attribute.removeprefix("_op_")
                found.setdefault(name, _all()[base.__name__, name])
    return list(found.values())


def returned_interface(operation: Operation) -> str | None:
    """The interface that an operation returns a proxy of, e.g. omero.api.IQuery for getQueryService."""
    if operation.returns is None or not operation.returns.endswith("Prx"):
        return None
    module, _, name = operation.returns.partition("._t_")
    return f"{module.removeprefix('_M_')}.{name.removesuffix('Prx')}"
