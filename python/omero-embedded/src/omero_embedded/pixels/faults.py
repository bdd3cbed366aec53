"""Faults of the pixel core as OMERO's typed exceptions."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, TypeVar

from omero_embedded import errors
from omero_embedded.pixels.types import PixelsError

if TYPE_CHECKING:
    from collections.abc import Callable

Service = TypeVar("Service")


def typed_faults(service: type[Service]) -> type[Service]:
    """Class decorator: operations raise ApiUsageException or, for broken files, ResourceError."""
    for name, member in list(vars(service).items()):
        if callable(member) and not name.startswith("_"):
            setattr(service, name, _typed(member))
    return service


def _typed(operation: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(operation)
    def checked(*arguments: Any, **named: Any) -> Any:
        try:
            return operation(*arguments, **named)
        except PixelsError as error:
            raise errors.api_usage(str(error)) from None
        except OSError as error:
            raise errors.resource(
                f"pixel data cannot be read or written: {error.strerror or error}"
            ) from error

    return checked
