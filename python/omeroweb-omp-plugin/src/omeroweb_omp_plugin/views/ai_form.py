"""The index page's older form: `action=ai_regex` and `action=ai_parse` for the images of datasets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpResponse, JsonResponse

from omero_plugin_common.request_utils import load_request_data
from omero_plugin_common.web.errors import UserError
from omeroweb_omp_plugin.ai.config import ai_policy
from omeroweb_omp_plugin.ai.errors import AiError, UnusableAnswerError
from omeroweb_omp_plugin.ai.policy import LOCAL
from omeroweb_omp_plugin.config import omp_settings
from omeroweb_omp_plugin.parsing.rules import Parser
from omeroweb_omp_plugin.parsing.suggest import suggest
from omeroweb_omp_plugin.parsing.variables import DEFAULT_NAMES
from omeroweb_omp_plugin.services.ai_suggest import (
    AI,
    FALLBACK,
    UNRELIABLE,
    as_regex,
    ask,
    check_consent,
    question_for,
    shown,
)
from omeroweb_omp_plugin.services.sources import Target
from omeroweb_omp_plugin.views.access import user_api
from omeroweb_omp_plugin.views.reading import chosen

if TYPE_CHECKING:
    from django.http import HttpRequest

    from omero_plugin_common.web.caller import Caller
    from omeroweb_omp_plugin.ai.fit import Fitted
    from omeroweb_omp_plugin.services.sources import Source


@user_api("POST", major=True)
def ai_regex(request: HttpRequest, caller: Caller) -> dict[str, Any] | HttpResponse:
    """Return one regular expression for the names of the datasets' images."""
    form = load_request_data(request)
    names = [image.name for image in images_of_form(caller, form)]
    local = suggest(names, terms=omp_settings().terms).regex
    if provider_of(form) == LOCAL:
        return {"regex": local, "source": LOCAL}
    try:
        fitted = fitted_for(caller, form, names)
    except UnusableAnswerError:
        return {"regex": local, "source": FALLBACK, "fallback_reason": UNRELIABLE}
    if isinstance(fitted, HttpResponse):
        return fitted
    found = as_regex(fitted.rule, names)
    return {"regex": found, "source": AI, "ai_regex": found}


@user_api("POST", major=True)
def ai_parse(request: HttpRequest, caller: Caller) -> dict[str, Any] | HttpResponse:
    """Return the values of every image of the datasets, cut by the rule a provider found."""
    form = load_request_data(request)
    images = images_of_form(caller, form)
    names = [image.name for image in images]
    if provider_of(form) == LOCAL:
        raise UserError("Choose an AI provider; the built-in suggestion is found with action=ai_regex.")
    try:
        fitted = fitted_for(caller, form, names)
    except UnusableAnswerError:
        rule = suggest(names, terms=omp_settings().terms).inference.rule
        return rows_json(images, Parser(rule).all_values(names), FALLBACK) | {"fallback_reason": UNRELIABLE}
    return fitted if isinstance(fitted, HttpResponse) else rows_json(images, fitted.rows, AI)


def provider_of(form: dict[str, Any]) -> str:
    """The provider asked for."""
    return str(form.get("provider") or LOCAL)


def images_of_form(caller: Caller, form: dict[str, Any]) -> list[Source]:
    """The images of the form's datasets; raises UserError."""
    if not str(form.get("project") or "").strip():
        raise UserError("No project is chosen.")
    wanted = [part.strip() for part in str(form.get("selected_datasets") or "").split(",") if part.strip()]
    if not wanted or not all(part.isascii() and part.isdecimal() and len(part) < 16 for part in wanted):
        raise UserError("Choose at least one dataset; `selected_datasets` is a list of ids like 3,4.")
    return chosen(caller, [Target(type="Dataset", id=int(part)) for part in wanted])


def fitted_for(caller: Caller, form: dict[str, Any], names: list[str]) -> Fitted | HttpResponse:
    """The provider's rule; or, unless the form carries the `digest` of what was shown, an answer 409 that shows it."""
    policy = ai_policy()
    question = question_for(
        caller.owner, policy, provider_of(form), str(form.get("model") or ""), names, DEFAULT_NAMES
    )
    try:
        check_consent(question, str(form.get("digest") or ""))
    except AiError as error:
        return JsonResponse({"error": error.message, "preview": shown(question)}, status=error.status)
    return ask(caller.owner, policy, question, names, terms=omp_settings().terms)


def rows_json(images: list[Source], rows: Any, source: str) -> dict[str, Any]:
    """Values by image."""
    return {
        "rows": [
            {"img_id": image.id, "values": [value or "" for value in row or ()]}
            for image, row in zip(images, rows, strict=True)
        ],
        "source": source,
    }
