"""A question as it will leave the site, made so that the same can be shown first and sent afterwards."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from omeroweb_omp_plugin.ai.answer import SCHEMA, Answer, read_answer
from omeroweb_omp_plugin.ai.errors import AiError
from omeroweb_omp_plugin.ai.prompt import make_prompt, sample
from omeroweb_omp_plugin.ai.providers.registry import ADAPTERS
from omeroweb_omp_plugin.ai.pseudonyms import Pseudonyms
from omeroweb_omp_plugin.parsing.base_name import DEFAULT_RULES, BaseNameRules, base_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omeroweb_omp_plugin.ai.line import Line
    from omeroweb_omp_plugin.ai.policy import Provider
    from omeroweb_omp_plugin.ai.providers.base import Prompt

MODEL_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,199}")


@dataclass(frozen=True, slots=True)
class Question:
    """What will be sent to whom. `sent` of `total` names are in it; `pseudonyms` is None when they are the real ones."""

    provider: Provider
    model: str
    prompt: Prompt
    sent: int
    total: int
    pseudonyms: Pseudonyms | None

    @property
    def body(self) -> dict[str, Any]:
        """The body of the request, to the letter."""
        return ADAPTERS[self.provider.kind].body(self.model, self.prompt, SCHEMA)

    @property
    def url(self) -> str:
        return f"{self.provider.address}{ADAPTERS[self.provider.kind].path(self.model)}"

    @property
    def digest(self) -> str:
        """Names this very question; another recipient, model or text has another digest."""
        shown = json.dumps([self.url, self.body], sort_keys=True)
        return hashlib.sha256(shown.encode()).hexdigest()

    def ask(self, line: Line) -> Answer:
        """Send it; raises AiError for faults, UnusableAnswerError for an answer that is no rule."""
        answer = read_answer(line.ask(self.model, self.prompt, SCHEMA))
        return answer if self.pseudonyms is None else revealed(answer, self.pseudonyms)


def make_question(
    provider: Provider,
    model: str,
    names: Sequence[str],
    variables: Sequence[str],
    *,
    hide: bool,
    seed: bytes,
    base_rules: BaseNameRules = DEFAULT_RULES,
) -> Question:
    """The question about these names; raises AiError when it can't be asked.

    With `hide`, names are pseudonymised; `seed` decides how, and must not be known outside the site.
    """
    if not MODEL_NAME.fullmatch(model) or ".." in model:
        raise AiError(f"{model[:60]!r} is not the name of a model; choose one of {provider.title}'s list.")
    bases = [base_name(name, base_rules) for name in names]
    chosen = sample(bases)
    if not chosen:
        raise AiError("There are no names to ask about; select images first.")
    pseudonyms = None
    if hide:
        pseudonyms = Pseudonyms.of(chosen, hashlib.sha256(seed + "\n".join(chosen).encode()).digest())
        chosen = [pseudonyms.hide(name) for name in chosen]
    prompt = make_prompt(chosen, variables)
    return Question(provider, model, prompt, len(chosen), len(names), pseudonyms)


def revealed(answer: Answer, pseudonyms: Pseudonyms) -> Answer:
    """The answer with replaced words turned back, still in its bounds."""
    return answer.model_copy(
        update={
            "pattern": pseudonyms.reveal_pattern(answer.pattern),
            "variables": [pseudonyms.reveal(name) for name in answer.variables],
            "explanation": pseudonyms.reveal(answer.explanation),
        }
    )
