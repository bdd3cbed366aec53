"""OMERO's typed exceptions, with messages that say what was wrong and what would be right."""

from __future__ import annotations

from typing import Any

import omero
import omero.all


def api_usage(message: str) -> Any:
    """The call itself makes no sense, or is not supported here."""
    return omero.ApiUsageException(None, "omero.ApiUsageException", message)


def not_supported(what: str) -> Any:
    """Something that OMERO.server offers and this server does not."""
    return api_usage(f"not supported by the embedded OMERO: {what}")


def validation(message: str) -> Any:
    """The data breaks a rule of the model."""
    return omero.ValidationException(None, "omero.ValidationException", message)


def optimistic_lock(message: str) -> Any:
    """Somebody else changed the object since it was read."""
    return omero.OptimisticLockException(None, "omero.OptimisticLockException", message, 0)


def security(message: str) -> Any:
    """The caller may not do this."""
    return omero.SecurityViolation(None, "omero.SecurityViolation", message)


def query(message: str) -> Any:
    """An HQL text that cannot be run."""
    return omero.QueryException(None, "omero.QueryException", message)


def internal(message: str) -> Any:
    """A fault of the server."""
    return omero.InternalException(None, "omero.InternalException", message)


def resource(message: str) -> Any:
    """Something the call needs is not there, e.g. a file or free space."""
    return omero.ResourceError(None, "omero.ResourceError", message)


def removed_session(message: str) -> Any:
    """The session is closed or expired."""
    return omero.RemovedSessionException(None, "omero.RemovedSessionException", message)
