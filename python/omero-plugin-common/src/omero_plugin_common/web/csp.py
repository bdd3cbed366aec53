"""The content security policy of the plugins' pages: nothing inline, nothing from elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.conf import settings

if TYPE_CHECKING:
    from django.http import HttpResponse


def policy(*, frames: tuple[str, ...] = ()) -> str:
    """Return the policy; `frames` are origins that the page may embed."""
    own = " ".join(["'self'", *_static_origin()])
    parts = {
        "default-src": "'none'",
        "script-src": own,
        "style-src": own,
        "img-src": f"{own} data: blob:",
        "font-src": own,
        "connect-src": "'self'",
        "form-action": "'self'",
        "frame-src": " ".join(["'self'", *frames]),
        "frame-ancestors": "'self'",
        "base-uri": "'none'",
        "object-src": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in parts.items())


def protect(response: HttpResponse, *, frames: tuple[str, ...] = ()) -> HttpResponse:
    """Add the policy and its companions to a response."""
    response["Content-Security-Policy"] = policy(frames=frames)
    response["X-Content-Type-Options"] = "nosniff"
    response["Referrer-Policy"] = "same-origin"
    return response


def _static_origin() -> list[str]:
    """Return the origin of static files when they live on another host."""
    parts = urlsplit(settings.STATIC_URL or "")
    return [f"{parts.scheme}://{parts.netloc}"] if parts.scheme and parts.netloc else []
