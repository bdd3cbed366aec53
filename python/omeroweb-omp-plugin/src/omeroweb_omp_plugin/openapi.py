"""The plugin's API described in OpenAPI 3.1, from the models that check the requests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from omero_plugin_common.web.openapi import add_body_schema, error_schema
from omeroweb_omp_plugin.services.recipes import ReadingModel
from omeroweb_omp_plugin.views import (
    ai,
    legacy,
    reading,
    removing,
    spreadsheets,
    user_data,
    variable_sets,
)

if TYPE_CHECKING:
    from pydantic import BaseModel

JSON, CSV, HTML, MARKDOWN = "application/json", "text/csv", "text/html", "text/markdown"
ERRORS = {
    "400": "The request is wrong; `error` says what and where.",
    "401": "Nobody is logged in.",
    "403": "Not allowed, or the CSRF token is missing.",
    "405": "Another method is right here; `Allow` names it.",
}
TOO_MANY = "Too many actions in a short time; `retry_after` tells the seconds to wait."
NOT_THERE = "It doesn't exist, or isn't the caller's."


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One method of one path below the plugin's base; `keys` are those of the JSON answer."""

    path: str
    method: str
    summary: str
    keys: tuple[str, ...] = ()
    body: type[BaseModel] | None = None
    query: tuple[str, ...] = ()
    limited: bool = False
    answer: str = JSON


JOB = ("job_id", "total")
ENDPOINTS = (
    Endpoint("", "get", "The page; `project`, `dataset`, `image` … choose images.", answer=HTML),
    Endpoint("", "post", "Older form: `action` list_datasets, ai_regex, ai_parse, or none for the page.", limited=True),
    Endpoint("settings/", "get", "The settings page.", answer=HTML),
    Endpoint("guide/", "get", "The help page.", answer=HTML),
    Endpoint("help/", "get", "The help page as a file.", answer=MARKDOWN),
    Endpoint("openapi.json", "get", "This description.", ("openapi", "paths")),
    Endpoint("projects/", "get", "Projects the caller may annotate.", ("owned", "collab", "collab_annotate", "collab_available")),
    Endpoint("root-status/", "get", "Whether the caller is root.", ("is_root_user",)),
    Endpoint("sources/", "get", "Containers, or what is inside one.", query=("under",)),
    Endpoint("suggest/", "post", "A recipe for the names, found here.", ("source", "explanation", "recipe", "regex", "strict_regex", "matched", "total", "mismatches"), reading.SuggestModel),
    Endpoint("preview/", "post", "What writing would do to each image.", ("columns", "rows", "counts", "total", "forgeable"), ReadingModel),
    Endpoint("write/", "post", "Start writing what the preview shows; with `dry_run` only count.", JOB, reading.WriteModel, limited=True),
    Endpoint("runs/", "get", "The caller's latest jobs.", ("runs",)),
    Endpoint("results/{job_id}/", "get", "What a job did to each object.", ("rows", "total")),
    Endpoint("undo/{job_id}/", "post", "Start taking a job back.", JOB, limited=True),
    Endpoint("progress/{job_id}/", "get", "A job's progress.", ("done", "total", "percent", "eta_seconds", "finished", "last_log")),
    Endpoint("start_job/", "post", "Start writing pairs from names.", JOB, legacy.StartModel, limited=True),
    Endpoint("start_acq_job/", "post", "Start copying acquisition metadata.", JOB, legacy.ProjectImages, limited=True),
    Endpoint("start_delete_all_job/", "post", "Start removing all map annotations.", JOB, legacy.DeleteModel, limited=True),
    Endpoint("start_delete_plugin_job/", "post", "Start removing own map annotations.", JOB, legacy.DeleteModel, limited=True),
    Endpoint("delete_all/", "post", "Remove all map annotations of a project's images.", ("ok", "deleted_count", "errors"), legacy.DeleteProjectModel, limited=True),
    Endpoint("delete_plugin/", "post", "Remove own map annotations of a project's images.", ("ok", "deleted_images", "deleted_annotations", "errors"), legacy.DeleteProjectModel, limited=True),
    Endpoint("remove/preview/", "post", "What a removal would take away.", ("images", "annotations", "pairs", "other_people", "staying", "namespaces", "examples"), removing.RemovalModel),
    Endpoint("remove/", "post", "Start a removal.", JOB, removing.ConfirmedRemovalModel, limited=True),
    Endpoint("acquisition/", "post", "Start copying acquisition metadata.", JOB, removing.ImagesModel, limited=True),
    Endpoint("csv/export/", "post", "Pairs of images and their datasets.", body=removing.ImagesModel, answer=CSV),
    Endpoint("csv/look/", "post", "What writing a file's rows would do.", ("rows", "counts", "problems", "problem_count"), spreadsheets.CsvModel),
    Endpoint("csv/write/", "post", "Start writing a file's rows.", JOB, spreadsheets.CsvModel, limited=True),
    Endpoint("varsets/", "get", "The caller's variable sets, newest first.", ("sets", "details")),
    Endpoint("varsets/save/", "post", "Store a set.", ("message", "version"), variable_sets.SaveModel),
    Endpoint("varsets/load/", "get", "The names of a set.", ("var_names", "details", "version"), query=("set_name", "owner_id", "version")),
    Endpoint("varsets/delete/", "post", "Delete a set.", ("ok",), variable_sets.NameModel),
    Endpoint("varsets/rename/", "post", "Rename a set.", ("ok",), variable_sets.RenameModel),
    Endpoint("varsets/share/", "post", "Share a set with a group, or no more.", ("ok", "group_id"), variable_sets.ShareModel),
    Endpoint("varsets/versions/", "get", "The versions of a set.", ("versions",), query=("set_name",)),
    Endpoint("varsets/export/", "get", "All sets as a file.", ("format", "sets")),
    Endpoint("varsets/import/", "post", "Store the sets of a file.", ("imported",), variable_sets.ImportModel),
    Endpoint("user-settings/", "get", "The caller's settings.", ("settings",)),
    Endpoint("user-settings/save/", "post", "Store settings.", ("success", "message", "settings"), user_data.SettingsBody),
    Endpoint("user-data/delete-api-keys/", "post", "Delete the caller's API keys.", ("ok", "deleted")),
    Endpoint("user-data/delete-variable-sets/", "post", "Delete the caller's variable sets.", ("ok", "deleted")),
    Endpoint("ai-credentials/", "get", "Providers with a stored key, and those allowed.", ("providers",)),
    Endpoint("ai-credentials/test/", "post", "Try a key.", ("message",), ai.KeyModel, limited=True),
    Endpoint("ai-credentials/save/", "post", "Try a key and store it.", ("message",), ai.KeyModel, limited=True),
    Endpoint("ai-credentials/delete/", "post", "Delete a stored key.", ("ok", "deleted"), ai.ProviderModel),
    Endpoint("ai-credentials/models/", "get", "The models a key may use.", ("models", "default_model", "supports_models"), query=("provider",), limited=True),
    Endpoint("ai/preview/", "post", "What would be sent to a provider.", body=ai.QuestionModel),
    Endpoint("ai/suggest/", "post", "Ask a provider for a recipe.", body=ai.QuestionModel, limited=True),
    Endpoint("ai/keys/", "get", "The page for keys.", answer=HTML),
    Endpoint("user-data/delete-all/", "post", "Delete all that is kept of the caller.", ("ok", "deleted")),
)  # fmt: skip


def document(base: str) -> dict[str, Any]:
    """The whole description; `base` is the address of the index page."""
    schemas: dict[str, Any] = {"Error": error_schema()}
    paths: dict[str, Any] = {}
    for endpoint in ENDPOINTS:
        paths.setdefault(f"/{endpoint.path}", {})[endpoint.method] = operation(endpoint, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "OMP plugin",
            "version": "1",
            "description": "File names become key-value pairs in OMERO. Every request needs a login to OMERO.web; "
            "those that change something need its CSRF token in `X-CSRFToken`.",
        },
        "servers": [{"url": base.rstrip("/")}],
        "paths": paths,
        "components": {"schemas": schemas},
    }


def operation(endpoint: Endpoint, schemas: dict[str, Any]) -> dict[str, Any]:
    """One method of one path."""
    statuses = dict(ERRORS)
    if endpoint.limited:
        statuses["429"] = TOO_MANY
    if "{" in endpoint.path or endpoint.query:
        statuses["404"] = NOT_THERE
    error = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    name = endpoint.path.strip("/").replace("/", "_").replace("-", "_").replace("{", "").replace("}", "")
    described: dict[str, Any] = {
        "operationId": f"{endpoint.method}_{name or 'index'}",
        "summary": endpoint.summary,
        "parameters": parameters(endpoint),
        "responses": {
            "200": {
                "description": "Done.",
                "content": {endpoint.answer: {"schema": answer_schema(endpoint)}},
            },
            **{status: {"description": text, "content": error} for status, text in sorted(statuses.items())},
        },
    }
    if endpoint.body is not None:
        described["requestBody"] = {
            "required": True,
            "content": {JSON: {"schema": add_body_schema(endpoint.body, schemas)}},
        }
    return described


def parameters(endpoint: Endpoint) -> list[dict[str, Any]]:
    """Those in the path and those in the query."""
    text = {"type": "string"}
    found = (
        [{"name": "job_id", "in": "path", "required": True, "schema": text}]
        if "{job_id}" in endpoint.path
        else []
    )
    return found + [
        {"name": name, "in": "query", "required": False, "schema": text} for name in endpoint.query
    ]


def answer_schema(endpoint: Endpoint) -> dict[str, Any]:
    """The keys of the answer; other forms are texts."""
    if endpoint.answer != JSON:
        return {"type": "string"}
    return {"type": "object", "properties": {key: {} for key in endpoint.keys}}
