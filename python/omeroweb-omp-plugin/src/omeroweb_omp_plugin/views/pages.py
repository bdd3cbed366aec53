"""The plugin's pages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django.urls import reverse

from omero_plugin_common.web.views import page
from omeroweb_omp_plugin import messages
from omeroweb_omp_plugin.ai.config import ai_policy
from omeroweb_omp_plugin.config import omp_settings, signer
from omeroweb_omp_plugin.merge.model import Policy
from omeroweb_omp_plugin.parsing.variables import DEFAULT_NAMES, MAX_MAX_VARIABLES
from omeroweb_omp_plugin.services.ai_page import ai_page_data
from omeroweb_omp_plugin.services.recipes import RecipeModel
from omeroweb_omp_plugin.services.user_settings import SettingsModel, load_settings
from omeroweb_omp_plugin.views.access import ROOT

if TYPE_CHECKING:
    from django.http import HttpRequest, QueryDict

    from omero_plugin_common.web.caller import Caller

APP = "omeroweb_omp_plugin"
PARAMETERS = {
    "project": "Project",
    "dataset": "Dataset",
    "screen": "Screen",
    "plate": "Plate",
    "acquisition": "Acquisition",
    "well": "Well",
    "image": "Image",
}
PLAIN_ROUTES = (
    "sources", "suggest", "preview", "write", "runs", "acquisition", "remove_preview", "remove", "csv_export",
    "csv_look", "csv_write", "varsets", "varsets_save", "varsets_load", "varsets_delete", "varsets_rename", "varsets_share",
    "varsets_export", "varsets_import", "varsets_versions", "user_settings", "user_settings_save",
    "delete_api_keys", "delete_variable_sets", "delete_all_data",
)  # fmt: skip
POLICIES = (
    (Policy.KEEP, "Keep them, add what is missing"),
    (Policy.MERGE, "Merge: add what is missing, update mine"),
    (Policy.REPLACE_OWN, "Replace mine, keep others'"),
    (Policy.REPLACE_ALL, "Replace all, others' too"),
)
JOB_ROUTES = ("results", "undo")
LONGEST_CHOICE = 20_000


@page("GET")
def studio(request: HttpRequest, caller: Caller) -> dict[str, Any]:
    """Show the page on which names become metadata, with what the address chooses."""
    return studio_context(caller, targets_in(request.GET)) | {"embedded": request.GET.get("embedded") == "1"}


@page("GET")
def settings(_request: HttpRequest, caller: Caller) -> dict[str, Any]:
    """Show the user's settings and what can be deleted."""
    chosen = load_settings(caller.owner)
    return {
        "template": f"{APP}/settings.html",
        "settings": chosen,
        "policies": POLICIES,
        "default_names": "\n".join(chosen.defaultVariableNames),
        "messages_payload": messages.payload(),
        "page_data": {
            "ai": ai_page_data(caller.owner, ai_policy()),
            "routes": routes(),
            "defaults": SettingsModel().model_dump(mode="json"),
        },
    }


def studio_context(
    caller: Caller, targets: list[dict[str, Any]], recipe: dict[str, Any] | None = None
) -> dict[str, Any]:
    """What the page and its scripts start with."""
    chosen = load_settings(caller.owner)
    start = RecipeModel(names=chosen.defaultVariableNames, most=chosen.maxParsedVariables)
    return {
        "template": f"{APP}/studio.html",
        "is_root": caller.owner.username == ROOT,
        "settings": chosen,
        "policies": POLICIES,
        "forgeable": signer().forgeable,
        "messages_payload": messages.payload(),
        "page_data": {
            "targets": targets,
            "recipe": start.model_dump(mode="json") | (recipe or {}),
            "defaultNames": chosen.defaultVariableNames or list(DEFAULT_NAMES),
            "mostVariables": MAX_MAX_VARIABLES,
            "maxSets": chosen.maxVariableSets,
            "groupId": caller.group_id,
            "freshLoginMinutes": max(1, omp_settings().fresh_login_seconds // 60),
            "routes": routes(),
            "ai": ai_page_data(caller.owner, ai_policy()),
        },
    }


def routes() -> dict[str, str]:
    """The addresses that scripts call; `{id}` stands for a job."""
    placeholder = "0" * 32
    plain = {camel(name): reverse(f"{APP}_{name}") for name in PLAIN_ROUTES}
    jobs = {
        name: reverse(f"{APP}_{name}", args=[placeholder]).replace(placeholder, "{id}") for name in JOB_ROUTES
    }
    poll = reverse("omero_plugin_common_job", args=[placeholder]).replace(placeholder, "{id}")
    return plain | jobs | {"job": poll}


def camel(name: str) -> str:
    """`csv_export` as scripts write it: csvExport."""
    first, *rest = name.split("_")
    return first + "".join(part.title() for part in rest)


def targets_in(query: QueryDict) -> list[dict[str, Any]]:
    """The choice that an address makes: `?dataset=5&image=7,8`, or `?show=image-7|image-8` as OMERO.web writes it."""
    found: dict[tuple[str, int], None] = {}
    for name, kind in PARAMETERS.items():
        for text in query.getlist(name):
            found.update(dict.fromkeys((kind, int(number)) for number in re.findall(r"\d{1,18}", text)))
    for text in query.getlist("show"):
        for name, number in re.findall(r"([a-z]+)-(\d{1,18})", text.lower()):
            if name in PARAMETERS:
                found[PARAMETERS[name], int(number)] = None
    return [{"type": kind, "id": number} for kind, number in list(found)[:LONGEST_CHOICE]]
