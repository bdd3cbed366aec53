"""Which module speaks to which kind of provider."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omeroweb_omp_plugin.ai.providers.anthropic import Anthropic
from omeroweb_omp_plugin.ai.providers.compatible import Compatible
from omeroweb_omp_plugin.ai.providers.google import Google
from omeroweb_omp_plugin.ai.providers.mistral import Mistral
from omeroweb_omp_plugin.ai.providers.openai import OpenAi

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omeroweb_omp_plugin.ai.policy import Kind
    from omeroweb_omp_plugin.ai.providers.base import Adapter, Model

ADAPTERS: dict[Kind, Adapter] = {
    "openai": OpenAi(),
    "anthropic": Anthropic(),
    "google": Google(),
    "mistral": Mistral(),
    "compatible": Compatible(),
}


def default_model(adapter: Adapter, models: Sequence[Model]) -> str:
    """The model to offer first: the first whose name begins with a preferred beginning, else the first of all."""
    for beginning in adapter.preferred:
        for model in models:
            if model.id.startswith(beginning):
                return model.id
    return models[0].id if models else ""
