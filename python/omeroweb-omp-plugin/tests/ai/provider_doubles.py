"""Doubles of the providers: each checks the shape of what it is sent and answers in the provider's own shapes.

Shapes are those of the providers' public references: platform.openai.com/docs/api-reference,
platform.claude.com/docs/en/api, ai.google.dev/api, docs.mistral.ai/api.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from omeroweb_omp_plugin.ai.addresses import parse_address
from omeroweb_omp_plugin.ai.answer import SCHEMA
from omeroweb_omp_plugin.ai.line import Line
from omeroweb_omp_plugin.ai.policy import Kind, Policy, Provider

from .http_double import Handler, HttpDouble, Seen, Told

if TYPE_CHECKING:
    from collections.abc import Callable

KEY = "sk-test-0123456789abcdef"


def rule(**parts: Any) -> str:
    """A model's words: a rule for names like HeLa_DMSO_01."""
    return json.dumps(
        {
            "mode": "separators",
            "separators": "_",
            "pattern": "",
            "variables": ["Cell line", "Treatment", "Replicate"],
            "explanation": "Cell line, treatment and replicate are divided by underscores.",
            **parts,
        }
    )


class ProviderDouble(HttpDouble):
    """A provider; `problems` are what was wrong with the requests it got."""

    kind: Kind
    title: str
    model = "a-model"
    base = "/v1"
    models_path = "/v1/models"
    host = "127.0.0.1"

    def __init__(self) -> None:
        super().__init__()
        self.problems: list[str] = []
        self.always = self.answer(rule())

    def forget(self) -> None:
        """Begin anew."""
        self.problems.clear()
        self.requests.clear()
        self.answers.clear()
        self.always = self.answer(rule())

    @property
    def address(self) -> str:
        return f"http://{self.host}:{self.port}{self.base}"

    @property
    def provider(self) -> Provider:
        """As the facility would allow it."""
        return Provider(self.kind, self.title, self.kind, parse_address(self.address), on_site=True)

    def line(self, key: str = KEY, **policy: Any) -> Line:
        """A line to this double."""
        return Line(Policy((self.provider,), **{"timeout_seconds": 20.0, **policy}), self.provider, key)

    def next_answer(self, seen: Seen) -> Callable[[Handler], None]:
        """Check and record a request."""
        try:
            if seen.method == "GET":
                assert seen.path == self.models_path, seen.path
                assert seen.body == b""
            else:
                assert seen.method == "POST", seen.method
                assert seen.headers["content-type"] == "application/json"
                self.check_question(seen, seen.json)
            assert seen.headers["host"] == f"{self.host}:{self.port}"
            assert seen.headers["user-agent"] == "omeroweb-omp-plugin"
            assert KEY not in seen.path
            self.check_key(seen.headers)
        except (AssertionError, KeyError, TypeError, ValueError) as error:
            self.problems.append(f"{type(error).__name__}: {error}")
        return super().next_answer(seen)

    def check_key(self, headers: dict[str, str]) -> None:
        assert headers["authorization"] == f"Bearer {KEY}"

    def check_question(self, seen: Seen, body: Any) -> None:
        raise NotImplementedError

    def question(self, place: int = -1) -> tuple[str, dict[str, Any]]:
        """The system prompt and the data of a question that was asked."""
        body = self.requests[place].json
        return body["messages"][0]["content"], json.loads(body["messages"][1]["content"])

    def answer(self, text: str) -> Told:
        raise NotImplementedError

    def unbound_question(self, body: Any) -> bool:
        """Whether a question was asked without a schema."""
        return "response_format" not in body

    schema_refused: Told


class OpenAiDouble(ProviderDouble):
    """OpenAI."""

    kind, title, model = "openai", "OpenAI", "gpt-5-mini"
    limit = "max_completion_tokens"
    models = Told(
        200,
        {
            "object": "list",
            "data": [
                {"id": "gpt-5-mini", "object": "model", "created": 1754425928, "owned_by": "system"},
                {"id": "gpt-4.1", "object": "model", "created": 1744316542, "owned_by": "system"},
                {"id": "text-embedding-3-small", "object": "model", "created": 1, "owned_by": "system"},
                {"id": "whisper-1", "object": "model", "created": 1, "owned_by": "openai-internal"},
            ],
        },
    )
    model_ids = ("gpt-4.1", "gpt-5-mini")
    schema_refused = Told(
        400,
        {
            "error": {
                "message": "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this "
                "model.",
                "type": "invalid_request_error",
                "param": None,
                "code": None,
            }
        },
    )

    def check_question(self, seen: Seen, body: Any) -> None:
        assert seen.path == "/v1/chat/completions", seen.path
        assert set(body) <= {"model", "messages", self.limit, "response_format"}, sorted(body)
        assert body["model"] == self.model
        assert [message["role"] for message in body["messages"]] == ["system", "user"]
        assert isinstance(body[self.limit], int)
        if "response_format" in body:
            bound = body["response_format"]
            assert bound["type"] == "json_schema"
            assert set(bound["json_schema"]) == {"name", "strict", "schema"}
            assert bound["json_schema"]["schema"] == SCHEMA

    @staticmethod
    def completion(message: dict[str, Any], finish: str = "stop") -> Told:
        return Told(
            200,
            {
                "id": "chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT",
                "object": "chat.completion",
                "created": 1741569952,
                "model": "gpt-5-mini-2025-08-07",
                "choices": [
                    {
                        "index": 0,
                        "message": {"role": "assistant", "refusal": None, "annotations": [], **message},
                        "logprobs": None,
                        "finish_reason": finish,
                    }
                ],
                "usage": {"prompt_tokens": 19, "completion_tokens": 10, "total_tokens": 29},
                "service_tier": "default",
            },
        )

    def answer(self, text: str) -> Told:
        return self.completion({"content": text})

    @property
    def empty(self) -> list[Told]:
        return [
            self.completion({"content": None}),
            self.completion({"content": ""}),
            Told(200, {"choices": []}),
        ]

    @property
    def cut_off(self) -> Told:
        return self.completion({"content": rule()[:40]}, "length")

    @property
    def refusal(self) -> Told:
        return self.completion({"content": None, "refusal": "I'm sorry, I can't help with that."})

    @staticmethod
    def error(status: int, code: str | None, kind: str, text: str, **headers: str) -> Told:
        body = {"error": {"message": text, "type": kind, "param": None, "code": code}}
        return Told(status, body, {name.replace("_", "-"): value for name, value in headers.items()})

    @property
    def bad_key(self) -> Told:
        text = (
            f"Incorrect API key provided: {KEY}. You can find your API key at https://platform.openai.com/."
        )
        return self.error(401, "invalid_api_key", "invalid_request_error", text)

    @property
    def unknown_model(self) -> Told:
        text = "The model `a-model` does not exist or you do not have access to it."
        return self.error(404, "model_not_found", "invalid_request_error", text)

    @property
    def no_credit(self) -> Told:
        text = "You exceeded your current quota, please check your plan and billing details."
        return self.error(429, "insufficient_quota", "insufficient_quota", text)

    def rate_limited(self, seconds: float) -> Told:
        return self.error(
            429,
            "rate_limit_exceeded",
            "requests",
            "Rate limit reached for gpt-5-mini.",
            retry_after=str(seconds),
        )

    @property
    def overloaded(self) -> Told:
        return self.error(
            503,
            None,
            "service_unavailable_error",
            "The engine is currently overloaded, please try again later",
        )


class CompatibleDouble(OpenAiDouble):
    """A facility's own server that speaks like OpenAI, such as Ollama or vLLM."""

    kind, title, model = "compatible", "Facility model", "llama3.1:8b"
    limit = "max_tokens"
    models = Told(
        200, {"object": "list", "data": [{"id": "llama3.1:8b", "object": "model", "owned_by": "library"}]}
    )
    model_ids = ("llama3.1:8b",)
    schema_refused = Told(400, {"object": "error", "message": "json_schema is not supported", "code": 400})

    @property
    def bad_key(self) -> Told:
        return Told(401, {"error": "Unauthorized"})

    @property
    def no_credit(self) -> Told:
        return Told(402, {"error": {"message": "Insufficient credits", "code": 402}})


class MistralDouble(OpenAiDouble):
    """Mistral."""

    kind, title, model = "mistral", "Mistral", "mistral-small-latest"
    limit = "max_tokens"
    models = Told(
        200,
        {
            "object": "list",
            "data": [
                {
                    "id": "mistral-small-latest",
                    "object": "model",
                    "name": "mistral-small-2506",
                    "capabilities": {"completion_chat": True, "function_calling": True},
                },
                {"id": "mistral-embed", "object": "model", "capabilities": {"completion_chat": False}},
            ],
        },
    )
    model_ids = ("mistral-small-latest",)
    schema_refused = Told(
        422,
        {
            "object": "error",
            "message": {
                "detail": [{"type": "extra_forbidden", "loc": ["body", "response_format"], "msg": "no"}]
            },
            "type": "invalid_request_error",
        },
    )

    def answer(self, text: str) -> Told:
        # Models that think put their thoughts in front.
        thought = {"type": "thinking", "thinking": [{"type": "text", "text": "{not this}"}]}
        return self.completion({"content": [thought, {"type": "text", "text": text}]})

    @property
    def bad_key(self) -> Told:
        return Told(401, {"message": "Unauthorized", "request_id": "a1b2"})

    @property
    def no_credit(self) -> Told:
        return Told(402, {"message": "Payment required"})

    @property
    def unknown_model(self) -> Told:
        body = {
            "object": "error",
            "message": "Invalid model: a-model",
            "type": "invalid_model",
            "code": "1500",
        }
        return Told(404, body)


class AnthropicDouble(ProviderDouble):
    """Anthropic."""

    kind, title, model = "anthropic", "Anthropic", "claude-haiku-4-5"
    models_path = "/v1/models?limit=1000"
    models = Told(
        200,
        {
            "data": [
                {
                    "type": "model",
                    "id": "claude-sonnet-4-6",
                    "display_name": "Claude Sonnet 4.6",
                    "created_at": "2026-02-17T00:00:00Z",
                },
                {
                    "type": "model",
                    "id": "claude-haiku-4-5",
                    "display_name": "Claude Haiku 4.5",
                    "created_at": "2025-10-15T00:00:00Z",
                },
            ],
            "has_more": False,
            "first_id": "claude-sonnet-4-6",
            "last_id": "claude-haiku-4-5",
        },
    )
    model_ids = ("claude-haiku-4-5", "claude-sonnet-4-6")

    def check_key(self, headers: dict[str, str]) -> None:
        assert headers["x-api-key"] == KEY
        assert headers["anthropic-version"] == "2023-06-01"
        assert "authorization" not in headers

    def check_question(self, seen: Seen, body: Any) -> None:
        assert seen.path == "/v1/messages", seen.path
        assert set(body) <= {"model", "max_tokens", "system", "messages", "output_config"}, sorted(body)
        assert body["model"] == self.model
        assert isinstance(body["max_tokens"], int)
        assert [message["role"] for message in body["messages"]] == ["user"]
        if "output_config" in body:
            assert body["output_config"] == {"format": {"type": "json_schema", "schema": SCHEMA}}

    def question(self, place: int = -1) -> tuple[str, dict[str, Any]]:
        body = self.requests[place].json
        return body["system"], json.loads(body["messages"][0]["content"])

    def unbound_question(self, body: Any) -> bool:
        return "output_config" not in body

    @staticmethod
    def message(content: list[dict[str, Any]], stop: str = "end_turn") -> Told:
        return Told(
            200,
            {
                "id": "msg_01XFDUDYJgAACzvnptvVoYEL",
                "type": "message",
                "role": "assistant",
                "model": "claude-haiku-4-5-20251001",
                "content": content,
                "stop_reason": stop,
                "stop_sequence": None,
                "usage": {"input_tokens": 2095, "output_tokens": 503},
            },
        )

    def answer(self, text: str) -> Told:
        return self.message([{"type": "text", "text": text}])

    @property
    def empty(self) -> list[Told]:
        return [self.message([]), self.message([{"type": "thinking", "thinking": "hm", "signature": "x"}])]

    @property
    def cut_off(self) -> Told:
        return self.message([{"type": "text", "text": rule()[:40]}], "max_tokens")

    @property
    def refusal(self) -> Told:
        return self.message([], "refusal")

    @staticmethod
    def error(status: int, kind: str, text: str, **headers: str) -> Told:
        body = {
            "type": "error",
            "error": {"type": kind, "message": text},
            "request_id": "req_011CSHoEeqs5C35K2UUqR7Fy",
        }
        return Told(status, body, {name.replace("_", "-"): value for name, value in headers.items()})

    @property
    def bad_key(self) -> Told:
        return self.error(401, "authentication_error", "invalid x-api-key")

    @property
    def unknown_model(self) -> Told:
        return self.error(404, "not_found_error", "model: a-model")

    @property
    def no_credit(self) -> Told:
        return self.error(402, "billing_error", "Your credit balance is too low to access the Anthropic API.")

    def rate_limited(self, seconds: float) -> Told:
        text = "This request would exceed your organization's rate limit."
        return self.error(429, "rate_limit_error", text, retry_after=str(seconds))

    @property
    def overloaded(self) -> Told:
        return self.error(529, "overloaded_error", "Overloaded")

    @property
    def schema_refused(self) -> Told:  # type: ignore[override]
        return self.error(400, "invalid_request_error", "output_config.format: not supported by this model")


class GoogleDouble(ProviderDouble):
    """Google's Gemini."""

    kind, title, model = "google", "Google", "gemini-flash-latest"
    base = "/v1beta"
    models_path = "/v1beta/models?pageSize=1000"
    models = Told(
        200,
        {
            "models": [
                {
                    "name": "models/gemini-flash-latest",
                    "version": "latest",
                    "displayName": "Gemini Flash Latest",
                    "inputTokenLimit": 1048576,
                    "supportedGenerationMethods": ["generateContent", "countTokens"],
                },
                {"name": "models/gemini-embedding-001", "supportedGenerationMethods": ["embedContent"]},
            ]
        },
    )
    model_ids = ("gemini-flash-latest",)

    def check_key(self, headers: dict[str, str]) -> None:
        assert headers["x-goog-api-key"] == KEY
        assert "authorization" not in headers

    def check_question(self, seen: Seen, body: Any) -> None:
        assert unquote(seen.path) == f"/v1beta/models/{self.model}:generateContent", seen.path
        assert set(body) == {"systemInstruction", "contents", "generationConfig"}, sorted(body)
        assert [part["role"] for part in body["contents"]] == ["user"]
        made = body["generationConfig"]
        assert set(made) <= {"maxOutputTokens", "responseMimeType", "responseJsonSchema"}, sorted(made)
        assert made["responseMimeType"] == "application/json"
        if "responseJsonSchema" in made:
            assert made["responseJsonSchema"] == SCHEMA

    def question(self, place: int = -1) -> tuple[str, dict[str, Any]]:
        body = self.requests[place].json
        system = body["systemInstruction"]["parts"][0]["text"]
        return system, json.loads(body["contents"][0]["parts"][0]["text"])

    def unbound_question(self, body: Any) -> bool:
        return "responseJsonSchema" not in body["generationConfig"]

    @staticmethod
    def candidates(*candidates: dict[str, Any], **more: Any) -> Told:
        usage = {"promptTokenCount": 4, "candidatesTokenCount": 20, "totalTokenCount": 24}
        body = {
            "candidates": list(candidates),
            "usageMetadata": usage,
            "modelVersion": "gemini-3.5-flash",
            **more,
        }
        return Told(200, body)

    @staticmethod
    def candidate(text: str, reason: str = "STOP") -> dict[str, Any]:
        parts = [{"text": "{not this}", "thought": True}, {"text": text}]
        return {"content": {"parts": parts, "role": "model"}, "finishReason": reason, "index": 0}

    def answer(self, text: str) -> Told:
        return self.candidates(self.candidate(text))

    @property
    def empty(self) -> list[Told]:
        nothing = {"content": {"role": "model"}, "finishReason": "STOP", "index": 0}
        return [self.candidates(), self.candidates(nothing)]

    @property
    def cut_off(self) -> Told:
        return self.candidates(self.candidate(rule()[:40], "MAX_TOKENS"))

    @property
    def refusal(self) -> Told:
        return Told(200, {"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}})

    @staticmethod
    def error(code: int, status: str, text: str, *details: dict[str, Any]) -> Told:
        return Told(
            code, {"error": {"code": code, "message": text, "status": status, "details": list(details)}}
        )

    @property
    def bad_key(self) -> Told:
        detail = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}
        return self.error(400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.", detail)

    @property
    def unknown_model(self) -> Told:
        return self.error(404, "NOT_FOUND", "models/a-model is not found for API version v1beta")

    @property
    def no_credit(self) -> Told:
        return self.error(402, "FAILED_PRECONDITION", "Billing is not enabled.")

    def rate_limited(self, seconds: float) -> Told:
        detail = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": f"{seconds}s"}
        return self.error(429, "RESOURCE_EXHAUSTED", "You exceeded your current quota.", detail)

    @property
    def overloaded(self) -> Told:
        return self.error(503, "UNAVAILABLE", "The model is overloaded. Please try again later.")

    @property
    def schema_refused(self) -> Told:  # type: ignore[override]
        text = "Invalid JSON payload received. Unknown name \"responseJsonSchema\" at 'generation_config'"
        return self.error(400, "INVALID_ARGUMENT", text)


DOUBLES: dict[str, type[Any]] = {
    "openai": OpenAiDouble,
    "anthropic": AnthropicDouble,
    "google": GoogleDouble,
    "mistral": MistralDouble,
    "compatible": CompatibleDouble,
}
