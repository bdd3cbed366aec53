"""What every provider's module offers, and what they have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from omeroweb_omp_plugin.ai.errors import ProviderError

Json = Mapping[str, Any]
# Room for models that think before they answer.
MOST_TOKENS = 4096


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a model is told: the rules, and the data as JSON."""

    system: str
    user: str


@dataclass(frozen=True, slots=True)
class Model:
    """A model that a key may use."""

    id: str
    title: str


@dataclass(frozen=True, slots=True)
class Fault:
    """What an error answer says: a short code, a text for people, and after how many seconds to try again."""

    code: str = ""
    text: str = ""
    retry_after_seconds: float | None = None


class Adapter(Protocol):
    """The shapes of one provider's interface. `preferred` are beginnings of model names, the best default first."""

    @property
    def preferred(self) -> Sequence[str]: ...

    @property
    def models_path(self) -> str: ...

    def headers(self, key: str) -> dict[str, str]:
        """The headers that carry the key."""

    def path(self, model: str) -> str:
        """Where to post a question."""

    def body(self, model: str, prompt: Prompt, schema: Json | None) -> dict[str, Any]:
        """The question; `schema` is of the answer, None when the provider can't be bound to one."""

    def text(self, answer: Json) -> str:
        """The model's words in an answer; raises ProviderError when there are none or they are cut off."""

    def models(self, answer: Json) -> list[Model]:
        """The models that can hold a conversation."""

    def fault(self, answer: Json) -> Fault:
        """What an error answer says."""


def empty_answer() -> ProviderError:
    """The error for an answer without words."""
    return ProviderError("The model answered with nothing. Try again or choose another model.")


def cut_off() -> ProviderError:
    """The error for an answer that ends in the middle."""
    return ProviderError("The model's answer was cut off because it was too long. Choose another model.")


def refused() -> ProviderError:
    """The error for a model that declines."""
    return ProviderError("The model refused to answer. Choose another model, or use the built-in suggestion.")


def texts(value: Any) -> str:
    """A text as it is, or the text parts of a list of parts without the model's thoughts."""
    if isinstance(value, str):
        return value
    parts = [part for part in value if isinstance(part, Mapping)] if isinstance(value, list) else []
    return "".join(
        str(part["text"])
        for part in parts
        if isinstance(part.get("text"), str)
        and part.get("type", "text") == "text"
        and not part.get("thought")
    )


def objects(value: Any) -> list[Json]:
    """The objects of a list; nothing when it is something else."""
    return [entry for entry in value if isinstance(entry, Mapping)] if isinstance(value, list) else []


def member(value: Any, name: str) -> Any:
    """A member of an object; None when it is no object or has none."""
    return value.get(name) if isinstance(value, Mapping) else None
