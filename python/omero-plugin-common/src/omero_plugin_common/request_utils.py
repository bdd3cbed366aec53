"""Reading what a browser or a script sent."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.http import HttpRequest


def current_username(request: HttpRequest, conn: Any | None = None) -> str | None:
    """Return the OMERO login name of the connection, else Django's user name, else None."""
    if conn is not None:
        name = conn.getUser().getName()
        if name:
            return str(name)
    user = getattr(request, "user", None)
    name = user.get_username() if user is not None and user.is_authenticated else ""
    return name or None


def parse_json_body(request: HttpRequest) -> tuple[Any, None] | tuple[None, ValueError]:
    """Return (data, None), or (None, error) when the body is not JSON in UTF-8."""
    try:
        return json.loads(request.body.decode("utf-8")), None
    except ValueError as error:
        return None, error


def load_request_data(request: HttpRequest) -> dict[str, Any]:
    """Return the JSON object in the body, or else the posted form as plain values.

    A form field sent several times becomes a list.
    """
    data, _error = parse_json_body(request)
    if isinstance(data, dict):
        return data
    return {
        name: values if len(values) > 1 else (values[0] if values else "")
        for name, values in request.POST.lists()
    }
