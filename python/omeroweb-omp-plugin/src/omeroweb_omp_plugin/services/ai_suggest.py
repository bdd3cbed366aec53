"""Suggestions from providers, in the shape of the built-in ones, which take their place when an answer is no help."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from django.utils.crypto import salted_hmac
from prometheus_client import Counter

from omeroweb_omp_plugin.ai.errors import AiError, UnusableAnswerError
from omeroweb_omp_plugin.ai.fit import Fitted, fit
from omeroweb_omp_plugin.ai.line import Line
from omeroweb_omp_plugin.ai.question import Question, make_question
from omeroweb_omp_plugin.parsing.base_name import DEFAULT_RULES, BaseNameRules, base_name
from omeroweb_omp_plugin.parsing.rules import Parser, Rule
from omeroweb_omp_plugin.parsing.suggest import suggest
from omeroweb_omp_plugin.services.ai_keys import key_to_use

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omero_plugin_common.database.owned import Owner
    from omeroweb_omp_plugin.ai.policy import Policy
    from omeroweb_omp_plugin.parsing.rules import Values
    from omeroweb_omp_plugin.parsing.suggest import Suggestion

logger = logging.getLogger(__name__)

AI, FALLBACK = "ai", "fallback"
UNRELIABLE = "ai_regex_unreliable"
EXAMPLES_SHOWN = 5
MISMATCHES_SHOWN = 50
SALT = "omeroweb_omp_plugin.ai.pseudonyms"

QUESTIONS = Counter(
    "omero_omp_ai_questions", "Questions to AI providers, by kind of provider and result.", ["kind", "result"]
)


def question_for(
    owner: Owner,
    policy: Policy,
    provider_id: str,
    model: str,
    names: Sequence[str],
    variables: Sequence[str],
    *,
    hide: bool = False,
    base_rules: BaseNameRules = DEFAULT_RULES,
) -> Question:
    """The question as it would be sent; the same arguments give the same one. Raises AiError.

    `hide` asks for pseudonyms where the facility doesn't require them.
    """
    provider = policy.provider(provider_id)
    seed = salted_hmac(SALT, str(owner.user_id)).digest()
    hide = hide or policy.hides(provider)
    return make_question(provider, model, names, variables, hide=hide, seed=seed, base_rules=base_rules)


def shown(question: Question) -> dict[str, Any]:
    """What the user sees before anything is sent, to the letter; `digest` allows sending exactly this."""
    return {
        "provider": question.provider.id,
        "title": question.provider.title,
        "address": question.url,
        "model": question.model,
        "on_site": question.provider.on_site,
        "pseudonymised": question.pseudonyms is not None,
        "names_sent": question.sent,
        "names_total": question.total,
        "data": question.prompt.user,
        "body": question.body,
        "digest": question.digest,
    }


def ask(
    owner: Owner,
    policy: Policy,
    question: Question,
    names: Sequence[str],
    *,
    base_rules: BaseNameRules = DEFAULT_RULES,
    terms: tuple[str, ...] = (),
) -> Fitted:
    """The provider's rule, checked on all names; raises AiError for faults, UnusableAnswerError for bad answers."""
    line = Line(policy, question.provider, key_to_use(owner, question.provider))
    result = "fault"
    try:
        answer = question.ask(line)
        result = "unusable"
        fitted = fit(answer, names, base_rules, terms)
        result = "used"
    finally:
        QUESTIONS.labels(question.provider.kind, result).inc()
        logger.info(
            "ai_question provider=%s model=%s names=%d pseudonymised=%s attempts=%d result=%s user_id=%d",
            *(question.provider.id, question.model, question.sent, question.pseudonyms is not None),
            *(line.attempts, result, owner.user_id),
        )
    return fitted


def ask_or_fall_back(
    owner: Owner,
    policy: Policy,
    question: Question,
    names: Sequence[str],
    variables: Sequence[str],
    *,
    base_rules: BaseNameRules = DEFAULT_RULES,
    terms: tuple[str, ...] = (),
) -> dict[str, Any]:
    """The provider's suggestion, or the built-in one and the reason why not; raises AiError for faults."""
    try:
        fitted = ask(owner, policy, question, names, base_rules=base_rules, terms=terms)
    except UnusableAnswerError as reason:
        told = f"The answer of {question.provider.title} was not used, because {reason}."
        found = suggest(names, variables, base_rules, terms)
        return local_json(found, names) | {"source": FALLBACK, "fallback_reason": told}
    return fitted_json(fitted, names) | {
        "provider": question.provider.id,
        "title": question.provider.title,
        "model": question.model,
    }


def local_json(found: Suggestion, names: Sequence[str]) -> dict[str, Any]:
    """A built-in suggestion as browsers get it."""
    rule = found.inference.rule
    return {
        "source": found.source,
        "explanation": found.explanation,
        "recipe": recipe_json(rule, found.names),
        "regex": found.regex,
        "matched": found.inference.matched,
        "total": len(names),
        "examples": examples(names, Parser(rule).all_values(names[:EXAMPLES_SHOWN])),
        "mismatches": [
            {"name": entry.name, "reason": entry.reason}
            for entry in found.inference.mismatches[:MISMATCHES_SHOWN]
        ],
    }


def fitted_json(fitted: Fitted, names: Sequence[str]) -> dict[str, Any]:
    """A provider's suggestion in the same shape."""
    count = len(fitted.names)
    odd = [index for index, row in enumerate(fitted.rows) if not row or len(row) != count]
    return {
        "source": AI,
        "explanation": fitted.explanation,
        "recipe": recipe_json(fitted.rule, fitted.names),
        "regex": as_regex(fitted.rule, names),
        "matched": fitted.matched,
        "total": len(names),
        "examples": examples(names, fitted.rows),
        "mismatches": [
            {"name": names[index], "reason": why_odd(fitted.rows[index], count)}
            for index in odd[:MISMATCHES_SHOWN]
        ],
    }


def recipe_json(rule: Rule, names: Sequence[str]) -> dict[str, Any]:
    """The part of a recipe that a suggestion decides."""
    return {
        "mode": rule.mode,
        "separators": rule.separators,
        "pattern": rule.pattern,
        "labels": list(rule.labels),
        "names": list(names),
    }


def examples(names: Sequence[str], rows: Sequence[Values | None]) -> list[dict[str, Any]]:
    """The values of the first names."""
    return [
        {"name": name, "values": [value or "" for value in row or ()]}
        for name, row in list(zip(names, rows, strict=False))[:EXAMPLES_SHOWN]
    ]


def why_odd(row: Values | None, count: int) -> str:
    """Why a name is not like the others."""
    return f"gives {len(row)} values instead of {count}" if row else "is not matched"


def as_regex(rule: Rule, names: Sequence[str]) -> str:
    """The rule written as one regular expression."""
    splitter = Parser(rule).splitter
    if splitter is None:
        return rule.pattern
    return splitter.pattern(splitter.kept(base_name(name, rule.base) for name in names))


def check_consent(question: Question, digest: str | None) -> None:
    """Raise AiError 409 unless the user was shown exactly this question."""
    if digest != question.digest:
        raise AiError(
            "What would be sent has not been shown to you yet, or has changed since. Look at it and send it again.",
            status=409,
        )
