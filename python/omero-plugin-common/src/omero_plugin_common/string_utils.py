"""Names and texts on their way to the browser."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

# Browser code knows this message under a shorter name than its function has.
RENAMED_MESSAGES = {"confirmIrreversibleAction": "confirmIrreversible"}


def snake_to_camel(name: str) -> str:
    """Turn `job_not_found` into `jobNotFound`; leading and doubled underscores are dropped."""
    first, *rest = [part for part in name.split("_") if part] or [""]
    return first + "".join(part[:1].upper() + part[1:] for part in rest)


def message_payload(messages: Iterable[Callable[..., str]]) -> dict[str, str]:
    """Map message functions to camelCase keys and texts, ready for `json_script`.

    A message that takes arguments is rendered with `{argument}` in their place; the browser fills those in.
    """
    payload: dict[str, str] = {}
    for message in messages:
        key = snake_to_camel(message.__name__)
        placeholders = {name: f"{{{name}}}" for name in inspect.signature(message).parameters}
        payload[RENAMED_MESSAGES.get(key, key)] = message(**placeholders)
    return payload
