"""Finding implementations by what they declare, so that adding one is adding a module."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType


def classes(package: ModuleType, attribute: str) -> Iterator[Any]:
    """All classes defined in the package's modules whose own `attribute` is a text."""
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        loaded = importlib.import_module(module.name)
        for _, found in inspect.getmembers(loaded, inspect.isclass):
            if found.__module__ == loaded.__name__ and isinstance(vars(found).get(attribute), str):
                yield found
