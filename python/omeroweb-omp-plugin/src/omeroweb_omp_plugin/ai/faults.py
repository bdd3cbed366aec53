"""From a provider's error answer to what the user is told."""

from __future__ import annotations

import json
import math
import re
import unicodedata
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from omeroweb_omp_plugin.ai.errors import ProviderError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from omeroweb_omp_plugin.ai.connection import Reply
    from omeroweb_omp_plugin.ai.providers.base import Adapter, Fault

MOST_DETAIL_CHARS = 200
OVERLOADED = 529
LONGEST_WAIT_TOLD = 86_400
# Codes of used-up credit, which waiting doesn't cure.
NO_CREDIT = frozenset(
    {"insufficient_quota", "billing_error", "billing_not_active", "billing_hard_limit_reached"}
)
BAD_KEY = frozenset({"invalid_api_key", "authentication_error", "API_KEY_INVALID", "UNAUTHENTICATED"})
LOOKS_LIKE_KEY = re.compile(r"\b(?:sk|AIza|key|Bearer)[-_ ]?[\w*.-]{6,}", re.IGNORECASE)


def fault_in(title: str, reply: Reply, adapter: Adapter, key: str) -> ProviderError:
    """The error to raise for an answer whose status is not 200."""
    fault = adapter.fault(json_object(reply.body) or {})
    wait = retry_after(reply.headers, fault)
    status, detail = reply.status, shown_detail(fault.text, key)
    seconds = None if wait is None else min(math.ceil(wait), LONGEST_WAIT_TOLD)
    if status in {401, 403} or fault.code in BAD_KEY:
        return ProviderError(
            f"{title} doesn't accept this key. Check it under AI keys.", status=HTTPStatus.BAD_REQUEST
        )
    if status == HTTPStatus.PAYMENT_REQUIRED or fault.code in NO_CREDIT:
        return ProviderError(
            f"The account behind this key has no credit left at {title}.", status=HTTPStatus.PAYMENT_REQUIRED
        )
    if status == HTTPStatus.TOO_MANY_REQUESTS or status >= 500:
        return passing_fault(title, status, seconds)
    refused = f"{title} refused the question (status {status})"
    if status == HTTPStatus.NOT_FOUND:
        refused = f"{title} doesn't know this model or address"
    return ProviderError(f"{refused}{detail}.", status=HTTPStatus.BAD_REQUEST)


def passing_fault(title: str, status: int, seconds: int | None) -> ProviderError:
    """The error for a fault that may be gone at the next attempt."""
    told = HTTPStatus.BAD_GATEWAY
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        told, message = HTTPStatus.TOO_MANY_REQUESTS, f"limits how often this key may ask{when(seconds)}"
    elif status in {HTTPStatus.SERVICE_UNAVAILABLE, OVERLOADED}:
        message = f"is overloaded{when(seconds)}"
    else:
        message = f"had a fault of its own (status {status}){when(seconds)}"
    return ProviderError(f"{title} {message}.", status=told, retry_after_seconds=seconds, passing=True)


def refuses_schema(reply: Reply) -> bool:
    """Whether a server refused to bind the model to a schema, so that asking without one may work."""
    text = reply.body.decode("utf-8", "replace").lower()
    words = ("response_format", "json_schema", "output_config", "responsejsonschema", "response_json_schema")
    return reply.status in {400, 422, 501} and any(word in text for word in words)


def when(seconds: int | None) -> str:
    """When to try again, as the end of a sentence."""
    return " just now; try again later" if seconds is None else f"; try again in {seconds} s"


def retry_after(headers: Mapping[str, str], fault: Fault) -> float | None:
    """Seconds a provider asks to wait: `retry-after-ms`, `Retry-After` as seconds or date, or in its answer."""
    milliseconds = number(headers.get("retry-after-ms", ""))
    if milliseconds is not None:
        return milliseconds / 1000
    text = headers.get("retry-after", "")
    seconds = number(text)
    if seconds is not None:
        return seconds
    if text:
        try:
            moment = parsedate_to_datetime(text)
        except ValueError:
            return fault.retry_after_seconds
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return max(0.0, (moment - datetime.now(UTC)).total_seconds())
    return fault.retry_after_seconds


def number(text: str) -> float | None:
    """A number that is not negative, or None."""
    return float(text) if re.fullmatch(r"\d{1,9}(?:\.\d{1,6})?", text.strip()) else None


def shown_detail(text: str, key: str) -> str:
    """A provider's own words, shortened, on one line, without anything that looks like a key."""
    if key:
        text = text.replace(key, "…")
    text = LOOKS_LIKE_KEY.sub("…", text)
    text = " ".join("".join(" " if unicodedata.category(char)[0] == "C" else char for char in text).split())
    if not text:
        return ""
    cut = text if len(text) <= MOST_DETAIL_CHARS else text[: MOST_DETAIL_CHARS - 1] + "…"
    return f": {cut.rstrip('.')}"


def json_object(body: bytes) -> dict[str, Any] | None:
    """The JSON object in an answer; None when it is anything else."""
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None
