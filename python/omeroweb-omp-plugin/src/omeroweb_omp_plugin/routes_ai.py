"""The routes of the AI assistance: further paths, and the actions of the index page's older form."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpResponse
    from django.urls import URLPattern

routes: list[URLPattern] = []
# Views for POST with `action=` ai_regex and ai_parse; each takes the request alone.
actions: dict[str, Callable[..., HttpResponse]] = {}
