"""Google's Gemini, https://ai.google.dev/api/generate-content; the key travels in a header, never in the address."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

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

SECONDS = re.compile(r"(\d+(?:\.\d+)?)s")
TALKS = "generateContent"
NOT_FOR_TALKING = ("embedding", "image", "tts", "audio", "robotics", "computer-use", "gemma")


@dataclass(frozen=True, slots=True)
class Google:
    """The model stands in the path; names in lists begin with `models/`."""

    preferred: tuple[str, ...] = ("gemini-flash-latest", "gemini-3.5-flash", "gemini-2.5-flash", "gemini")
    models_path: str = "/models?pageSize=1000"

    def headers(self, key: str) -> dict[str, str]:
        return {"x-goog-api-key": key}

    def path(self, model: str) -> str:
        return f"/models/{quote(model, safe='')}:{TALKS}"

    def body(self, model: str, prompt: Prompt, schema: Json | None) -> dict[str, Any]:  # noqa: ARG002 - in the path
        generation: dict[str, Any] = {
            "maxOutputTokens": MOST_TOKENS,
            "responseMimeType": "application/json",
        }
        if schema is not None:
            generation["responseJsonSchema"] = schema
        return {
            "systemInstruction": {"parts": [{"text": prompt.system}]},
            "contents": [{"role": "user", "parts": [{"text": prompt.user}]}],
            "generationConfig": generation,
        }

    def text(self, answer: Json) -> str:
        if member(answer.get("promptFeedback"), "blockReason"):
            raise refused()
        candidates = objects(answer.get("candidates"))
        if not candidates:
            raise empty_answer()
        reason = candidates[0].get("finishReason", "STOP")
        if reason == "MAX_TOKENS":
            raise cut_off()
        if reason in {"SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII"}:
            raise refused()
        found = texts(member(candidates[0].get("content"), "parts"))
        if not found.strip():
            raise empty_answer()
        return found

    def models(self, answer: Json) -> list[Model]:
        found = []
        for entry in objects(answer.get("models")):
            name = str(entry.get("name") or "").removeprefix("models/")
            can_talk = TALKS in (entry.get("supportedGenerationMethods") or ())
            if name and can_talk and not any(part in name for part in NOT_FOR_TALKING):
                found.append(Model(name, str(entry.get("displayName") or name)))
        return found

    def fault(self, answer: Json) -> Fault:
        told = answer.get("error")
        code, wait = str(member(told, "status") or ""), None
        for detail in objects(member(told, "details")):
            if detail.get("reason"):
                code = str(detail["reason"])
            if seconds := SECONDS.fullmatch(str(detail.get("retryDelay") or "")):
                wait = float(seconds[1])
        return Fault(code, str(member(told, "message") or ""), wait)
