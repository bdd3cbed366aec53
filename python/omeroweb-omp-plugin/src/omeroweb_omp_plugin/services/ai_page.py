"""What pages with the AI panel need to know, ready for `page_data`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse

from omeroweb_omp_plugin.ai.policy import BUILT_IN
from omeroweb_omp_plugin.services.ai_keys import stored_providers

if TYPE_CHECKING:
    from omero_plugin_common.database.owned import Owner
    from omeroweb_omp_plugin.ai.policy import Policy

ROUTES = {
    "credentials": "omeroweb_omp_plugin_ai_credentials",
    "test": "omeroweb_omp_plugin_ai_test",
    "save": "omeroweb_omp_plugin_ai_save",
    "delete": "omeroweb_omp_plugin_ai_delete",
    "models": "omeroweb_omp_plugin_ai_models",
    "preview": "omeroweb_omp_plugin_ai_preview",
    "suggest": "omeroweb_omp_plugin_ai_suggest",
    "keys": "omeroweb_omp_plugin_ai_keys",
    "local": "omeroweb_omp_plugin_suggest",
}


def ai_page_data(owner: Owner, policy: Policy) -> dict[str, Any]:
    """Addresses of the views and who may be asked; never a key."""
    return {"urls": {name: reverse(route) for name, route in ROUTES.items()}, **providers_json(owner, policy)}


def providers_json(owner: Owner, policy: Policy) -> dict[str, Any]:
    """Stored keys by provider, and every provider that is allowed or has a key left."""
    stored = stored_providers(owner)
    allowed = [
        {
            "id": provider.id,
            "title": provider.title,
            "address": str(provider.address),
            "needs_key": provider.needs_key,
            "on_site": provider.on_site,
            "hides": policy.hides(provider),
            "stored": provider.id in stored,
            "allowed": True,
        }
        for provider in policy.providers
    ]
    known = {provider.id for provider in policy.providers}
    left = [
        {"id": name, "title": BUILT_IN.get(name, name), "stored": True, "allowed": False}
        for name in stored
        if name not in known
    ]
    return {"providers": stored, "available": allowed + left}
