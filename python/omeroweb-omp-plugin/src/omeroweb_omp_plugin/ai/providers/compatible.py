"""Servers that speak like OpenAI: Ollama, vLLM, llama.cpp, LM Studio and others a facility runs."""

from __future__ import annotations

from dataclasses import dataclass

from omeroweb_omp_plugin.ai.providers.base import Fault, Json, Model, objects
from omeroweb_omp_plugin.ai.providers.openai import OpenAi


@dataclass(frozen=True, slots=True)
class Compatible(OpenAi):
    """The common ground of those servers: the older name of the limit, any model name."""

    preferred: tuple[str, ...] = ()
    limit_name: str = "max_tokens"

    def models(self, answer: Json) -> list[Model]:
        return [
            Model(str(entry["id"]), str(entry["id"]))
            for entry in objects(answer.get("data"))
            if entry.get("id")
        ]

    def fault(self, answer: Json) -> Fault:
        # Some put the message at the top, some into `detail`.
        found = OpenAi.fault(self, answer)
        plain = next(
            (value for name in ("message", "detail") if isinstance(value := answer.get(name), str)), ""
        )
        return found if found.text or found.code else Fault(str(answer.get("type") or ""), plain)
