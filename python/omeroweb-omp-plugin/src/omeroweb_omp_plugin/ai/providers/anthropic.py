"""Anthropic's messages, https://platform.claude.com/docs/en/api/messages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from omeroweb_omp_plugin.ai.providers.base import (
    MOST_TOKENS,
    Fault,
    Json,
    Model,
    Prompt,
    cut_off,
    empty_answer,
    member,
    objects,
    refused,
    texts,
)

VERSION = "2023-06-01"


@dataclass(frozen=True, slots=True)
class Anthropic:
    """The system prompt stands apart from the messages, the schema in `output_config`."""

    preferred: tuple[str, ...] = ("claude-haiku", "claude-sonnet", "claude")
    models_path: str = "/models?limit=1000"

    def headers(self, key: str) -> dict[str, str]:
        return {"x-api-key": key, "anthropic-version": VERSION}

    def path(self, model: str) -> str:  # noqa: ARG002 - the model stands in the body
        return "/messages"

    def body(self, model: str, prompt: Prompt, schema: Json | None) -> dict[str, Any]:
        asked: dict[str, Any] = {
            "model": model,
            "max_tokens": MOST_TOKENS,
            "system": prompt.system,
            "messages": [{"role": "user", "content": prompt.user}],
        }
        if schema is not None:
            asked["output_config"] = {"format": {"type": "json_schema", "schema": schema}}
        return asked

    def text(self, answer: Json) -> str:
        if answer.get("stop_reason") == "refusal":
            raise refused()
        if answer.get("stop_reason") in {"max_tokens", "model_context_window_exceeded"}:
            raise cut_off()
        found = texts(answer.get("content"))
        if not found.strip():
            raise empty_answer()
        return found

    def models(self, answer: Json) -> list[Model]:
        return [
            Model(str(entry["id"]), str(entry.get("display_name") or entry["id"]))
            for entry in objects(answer.get("data"))
            if entry.get("id")
        ]

    def fault(self, answer: Json) -> Fault:
        told = answer.get("error")
        return Fault(str(member(told, "type") or ""), str(member(told, "message") or ""))
