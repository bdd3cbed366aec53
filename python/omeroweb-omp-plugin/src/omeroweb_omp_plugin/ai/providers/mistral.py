"""Mistral's chat completions, https://docs.mistral.ai/api."""

from __future__ import annotations

from dataclasses import dataclass

from omeroweb_omp_plugin.ai.providers.base import Fault, Json, Model, member, objects
from omeroweb_omp_plugin.ai.providers.compatible import Compatible


@dataclass(frozen=True, slots=True)
class Mistral(Compatible):
    """Like OpenAI, with parts of thought in the content and its own lists and errors."""

    preferred: tuple[str, ...] = ("mistral-small-latest", "mistral-medium-latest", "mistral-large-latest")

    def models(self, answer: Json) -> list[Model]:
        return [
            Model(str(entry["id"]), str(entry.get("name") or entry["id"]))
            for entry in objects(answer.get("data"))
            if entry.get("id") and member(entry.get("capabilities"), "completion_chat") is not False
        ]

    def fault(self, answer: Json) -> Fault:
        detail = objects(answer.get("detail"))
        if detail:
            return Fault("invalid", str(detail[0].get("msg") or ""))
        return Compatible.fault(self, answer)
