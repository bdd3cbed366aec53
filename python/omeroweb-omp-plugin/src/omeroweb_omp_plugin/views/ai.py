"""Keys for AI providers, looking at a question before it is sent, and asking it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, Field

from omero_plugin_common.string_utils import message_payload
from omero_plugin_common.web import messages
from omero_plugin_common.web.errors import UserError
from omero_plugin_common.web.views import page
from omeroweb_omp_plugin.ai.config import ai_policy
from omeroweb_omp_plugin.ai.providers.registry import ADAPTERS, default_model
from omeroweb_omp_plugin.config import omp_settings
from omeroweb_omp_plugin.services import ai_keys, ai_messages
from omeroweb_omp_plugin.services.ai_page import ai_page_data, providers_json
from omeroweb_omp_plugin.services.ai_suggest import ask_or_fall_back, check_consent, question_for, shown
from omeroweb_omp_plugin.views.access import refuse_root, user_api
from omeroweb_omp_plugin.views.errors import told
from omeroweb_omp_plugin.views.reading import SuggestModel, chosen

if TYPE_CHECKING:
    from django.http import HttpRequest

    from omero_plugin_common.web.caller import Caller
    from omeroweb_omp_plugin.ai.question import Question

ProviderId = Annotated[str, Field(max_length=80)]


class ProviderModel(BaseModel):
    """A provider by its id."""

    provider: ProviderId


class KeyModel(ProviderModel):
    """A provider, and a key typed for it; blank for the stored one."""

    api_key: str = Field(default="", max_length=2000, repr=False)


class QuestionModel(SuggestModel):
    """For which images whom to ask; `digest` is of what was shown, `pseudonymise` hides names by the user's choice."""

    provider: ProviderId
    model: str = Field(max_length=200)
    pseudonymise: bool = False
    digest: str | None = Field(default=None, max_length=64)


@user_api("GET")
def credentials(_request: HttpRequest, caller: Caller) -> dict[str, Any]:
    """Return for which providers the caller has keys, never the keys, and which may be asked."""
    return providers_json(caller.owner, ai_policy())


@user_api("POST", body=KeyModel, lookup=True)
def try_key(_request: HttpRequest, caller: Caller, *, body: KeyModel) -> dict[str, Any]:
    """Try a key out at its provider."""
    provider = ai_policy().provider(body.provider)
    models = ai_keys.models_for(caller.owner, ai_policy(), provider, body.api_key)
    return {"message": f"{provider.title} accepts the key; it may use {len(models)} models."}


@user_api("POST", body=KeyModel, lookup=True)
def save_key(_request: HttpRequest, caller: Caller, *, body: KeyModel) -> dict[str, Any]:
    """Keep a key once its provider has accepted it."""
    provider = ai_policy().provider(body.provider)
    if not body.api_key.strip():
        raise UserError(f"Type the key for {provider.title}.")
    ai_keys.models_for(caller.owner, ai_policy(), provider, body.api_key)
    ai_keys.save_key(caller.owner, provider, body.api_key)
    return {"message": f"Your key for {provider.title} works and is saved, encrypted."}


@user_api("POST", body=ProviderModel)
def delete_key(_request: HttpRequest, caller: Caller, *, body: ProviderModel) -> dict[str, Any]:
    """Forget a key, also of a provider that is not allowed any more."""
    deleted = ai_keys.delete_key(caller.owner, body.provider)
    if not deleted:
        raise UserError("You have no key for this provider.", status=404)
    return {"ok": True, "deleted": deleted}


@user_api("GET", lookup=True)
def models(request: HttpRequest, caller: Caller) -> dict[str, Any]:
    """Return the models that the caller's key for `?provider=` may use."""
    provider = ai_policy().provider(request.GET.get("provider", ""))
    found = ai_keys.models_for(caller.owner, ai_policy(), provider)
    return {
        "models": [{"id": model.id, "title": model.title} for model in found],
        "default_model": default_model(ADAPTERS[provider.kind], found),
        "supports_models": True,
    }


@user_api("POST", body=QuestionModel)
def preview(_request: HttpRequest, caller: Caller, *, body: QuestionModel) -> dict[str, Any]:
    """Return what would be sent, to the letter, without sending anything."""
    return shown(asked(caller, body, names_of(caller, body)))


@user_api("POST", body=QuestionModel, major=True)
def suggest(_request: HttpRequest, caller: Caller, *, body: QuestionModel) -> dict[str, Any]:
    """Send what was shown and return the rule in the answer, or the built-in one when the answer is no help."""
    names = names_of(caller, body)
    question = asked(caller, body, names)
    check_consent(question, body.digest)
    return ask_or_fall_back(
        caller.owner,
        ai_policy(),
        question,
        names,
        body.names,
        base_rules=body.recipe.base_rules,
        terms=omp_settings().terms,
    )


def names_of(caller: Caller, body: QuestionModel) -> list[str]:
    """The texts to find a rule for."""
    images = chosen(caller, body.targets, with_paths=body.recipe.needs_paths)
    with told():
        source = body.recipe.recipe().source
    return [source.text(image.name, image.path) for image in images]


def asked(caller: Caller, body: QuestionModel, names: list[str]) -> Question:
    """The question of a request."""
    return question_for(
        caller.owner,
        ai_policy(),
        body.provider,
        body.model,
        names,
        body.names,
        hide=body.pseudonymise,
        base_rules=body.recipe.base_rules,
    )


@page("GET")
def keys_page(_request: HttpRequest, caller: Caller) -> dict[str, Any]:
    """Show the page on which users manage their keys."""
    refuse_root(caller)
    return {
        "template": "omeroweb_omp_plugin/ai_keys.html",
        "messages_payload": message_payload((*messages.SHARED, *ai_messages.MESSAGES)),
        "page_data": {"ai": ai_page_data(caller.owner, ai_policy())},
    }
