"""The routes of the AI assistance: further paths, and the actions of the index page's older form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import path

from omeroweb_omp_plugin.views import ai, ai_form

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpResponse
    from django.urls import URLPattern

NAME = "omeroweb_omp_plugin_ai"

routes: list[URLPattern] = [
    path("ai-credentials/", ai.credentials, name=f"{NAME}_credentials"),
    path("ai-credentials/test/", ai.try_key, name=f"{NAME}_test"),
    path("ai-credentials/save/", ai.save_key, name=f"{NAME}_save"),
    path("ai-credentials/delete/", ai.delete_key, name=f"{NAME}_delete"),
    path("ai-credentials/models/", ai.models, name=f"{NAME}_models"),
    path("ai/preview/", ai.preview, name=f"{NAME}_preview"),
    path("ai/suggest/", ai.suggest, name=f"{NAME}_suggest"),
    path("ai/keys/", ai.keys_page, name=f"{NAME}_keys"),
]
# Views for POST with `action=` ai_regex and ai_parse; each takes the request alone.
actions: dict[str, Callable[..., HttpResponse]] = {"ai_regex": ai_form.ai_regex, "ai_parse": ai_form.ai_parse}
