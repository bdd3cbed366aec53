"""What clients give to IShare, checked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omero_embedded import errors
from omero_embedded.shares.rows import FOREVER_MS

if TYPE_CHECKING:
    from collections.abc import Iterable


def id_of(instance: Any, what: str) -> int:
    """The id of an argument; ValidationException without one."""
    if instance is None or instance.getId() is None:
        raise errors.validation(f"{what} is needed, with an id")
    return int(instance.getId().getValue())


def emails_of(addresses: Iterable[str] | None) -> list[str]:
    """Addresses of guests, none of them empty."""
    found = [address.strip() for address in addresses or () if address is not None]
    if not all(found):
        raise errors.validation("the address of a guest cannot be empty")
    return found


def time_to_live(started_ms: int, expiration: Any, now_ms: int) -> int:
    """How long a share lives that expires at this time, None for ever; ApiUsageException for a time that is over."""
    if expiration is None:
        return FOREVER_MS - started_ms
    moment = int(expiration.getValue())
    if moment <= now_ms:
        raise errors.api_usage("the expiration of a share has to be in the future")
    return moment - started_ms
