"""OpenAI's chat completions, https://platform.openai.com/docs/api-reference/chat."""

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

NOT_FOR_TALKING = (
    *("embedding", "whisper", "tts", "dall-e", "image", "moderation", "audio", "realtime", "transcribe", "sora"),
    *("davinci", "babbage", "instruct", "search", "codex", "computer-use", "deep-research", "-pro"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class OpenAi:
    """OpenAI itself. Newer models refuse `temperature` and `max_tokens`, so neither is sent."""

    preferred: tuple[str, ...] = ("gpt-5-mini", "gpt-5", "gpt-4.1-mini", "gpt-4o-mini")
    models_path: str = "/models"
    limit_name: str = "max_completion_tokens"

    def headers(self, key: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {key}"} if key else {}

    def path(self, model: str) -> str:  # noqa: ARG002 - the model stands in the body
        return "/chat/completions"

    def body(self, model: str, prompt: Prompt, schema: Json | None) -> dict[str, Any]:
        asked: dict[str, Any] = {
            "model": model,
            "messages": [
                {"role": "system", "content": prompt.system},
                {"role": "user", "content": prompt.user},
            ],
            self.limit_name: MOST_TOKENS,
        }
        if schema is not None:
            asked["response_format"] = {
                "type": "json_schema",
                "json_schema": {"name": "naming_rule", "strict": True, "schema": schema},
            }
        return asked

    def text(self, answer: Json) -> str:
        choices = objects(answer.get("choices"))
        if not choices:
            raise empty_answer()
        message = member(choices[0], "message")
        if member(message, "refusal") or choices[0].get("finish_reason") == "content_filter":
            raise refused()
        if choices[0].get("finish_reason") in {"length", "model_length"}:
            raise cut_off()
        found = texts(member(message, "content"))
        if not found.strip():
            raise empty_answer()
        return found

    def models(self, answer: Json) -> list[Model]:
        names = [str(entry["id"]) for entry in objects(answer.get("data")) if entry.get("id")]
        return [Model(name, name) for name in names if not any(part in name for part in NOT_FOR_TALKING)]

    def fault(self, answer: Json) -> Fault:
        told = answer.get("error")
        if isinstance(told, str):
            return Fault(text=told)
        return Fault(
            str(member(told, "code") or member(told, "type") or ""), str(member(told, "message") or "")
        )
