"""Reading what a request for an export says; every refusal names the parameter and what would be right."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from omero_plugin_common.request_utils import parse_json_body
from omero_plugin_common.web.errors import UserError
from omeroweb_imaris_connector.conversion.options import (
    AUTOMATIC,
    BUILT_IN,
    CONVERTERS,
    DEFAULT_COMPRESSION,
    PIXEL_TYPES,
    ExportOptions,
)

if TYPE_CHECKING:
    from django.http import HttpRequest

TRUE = ("1", "true", "yes", "y", "on")
SERVER_PARAMETERS = ("omero_host", "omero_port", "omero_secure")
LARGEST_ID = 2**63 - 1


@dataclass(frozen=True, slots=True)
class ExportQuery:
    """A request that was understood: either about a job, or about images."""

    job: str
    download: bool
    images: tuple[int, ...]
    dataset: int | None
    waits: bool
    refresh: bool
    base_url: str
    options: ExportOptions


def read_query(request: HttpRequest) -> ExportQuery:
    """Read the query string, and of a POST its form or JSON too; raises UserError 400."""
    values = _values(request)
    for name in SERVER_PARAMETERS:
        if values.get(name):
            raise UserError(
                f"{name}: the OMERO server is chosen by the platform's configuration; leave this out."
            )
    images = tuple(dict.fromkeys(_ids("image", values)))
    datasets = _ids("dataset", values)
    if len(datasets) > 1:
        raise UserError("dataset: give one dataset at a time.")
    job = _one("job", values) or _one("job_id", values)
    if not job and not images and not datasets:
        raise UserError("image: give the id of an image, for example image=123; or dataset=, or job=.")
    waits = not (_true("async", values) or ("wait" in values and not _true("wait", values)))
    return ExportQuery(
        job=job,
        download=_true("download", values),
        images=images,
        dataset=datasets[0] if datasets else None,
        waits=waits,
        refresh=_true("refresh", values),
        base_url=_base_url(_one("base_url", values)),
        options=_options(values),
    )


def _values(request: HttpRequest) -> dict[str, list[str]]:
    values = {name: request.GET.getlist(name) for name in request.GET}
    if request.method != "POST":
        return values
    if "json" in (request.content_type or ""):
        data, error = parse_json_body(request)
        if error is not None or not isinstance(data, dict):
            raise UserError("The request is not a JSON object.")
        return values | {name: _texts(value) for name, value in data.items()}
    return values | {name: request.POST.getlist(name) for name in request.POST}


def _texts(value: Any) -> list[str]:
    if isinstance(value, list):
        return [str(one) for one in value]
    if isinstance(value, bool):
        return ["1" if value else "0"]
    return [] if value is None else [str(value)]


def _one(name: str, values: dict[str, list[str]]) -> str:
    found = [text.strip() for text in values.get(name, []) if text.strip()]
    return found[-1] if found else ""


def _true(name: str, values: dict[str, list[str]]) -> bool:
    return _one(name, values).lower() in TRUE


def _ids(name: str, values: dict[str, list[str]]) -> list[int]:
    texts = [
        part.strip()
        for key in (name, f"{name}_id", f"{name}s")
        for text in values.get(key, [])
        for part in text.split(",")
        if part.strip()
    ]
    for text in texts:
        if not re.fullmatch(r"[0-9]{1,19}", text) or not 0 < int(text) <= LARGEST_ID:
            raise UserError(f"{name}: {text[:40]!r} is not an id (a whole number above 0).")
    return [int(text) for text in texts]


def _base_url(text: str) -> str:
    """Where the links of the answer begin; it reaches nothing but this answer."""
    if not text:
        return ""
    parts = urlsplit(text)
    try:
        port_is_right = parts.port is None or parts.port > 0
    except ValueError:
        port_is_right = False
    plain = not (parts.path.strip("/") or parts.query or parts.fragment or parts.username or parts.password)
    if parts.scheme not in ("http", "https") or not parts.hostname or not plain or not port_is_right:
        raise UserError(
            f"base_url: {text[:80]!r} is not a scheme and a host, like https://omero.example.org."
        )
    return f"{parts.scheme}://{parts.netloc}"


def _options(values: dict[str, list[str]]) -> ExportOptions:
    level = _one("compression", values) or str(DEFAULT_COMPRESSION)
    if level not in tuple("0123456789"):
        raise UserError(f"compression: {level[:40]!r} is not a number from 0 (none) to 9 (smallest file).")
    return ExportOptions(
        compression=int(level),
        pixel_type=_choice("pixel_type", _one("pixel_type", values) or AUTOMATIC, PIXEL_TYPES),
        converter=_choice("converter", _one("converter", values) or BUILT_IN, CONVERTERS),
    )


def _choice(name: str, text: str, choices: tuple[str, ...]) -> str:
    if text not in choices:
        raise UserError(f"{name}: {text[:40]!r} is not one of {', '.join(choices)}.")
    return text
