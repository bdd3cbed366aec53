"""The description of the plugin's JSON interface, made from the models that check what is sent."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from omero_plugin_common.web.openapi import SCHEMA_REFERENCE, add_body_schema, error_schema
from omero_plugin_common.web.views import api
from omeroweb_upload.services.requests import MoreFiles, PruneRequest, SettingsRequest, StartRequest
from omeroweb_upload.views.edx_openapi import EDX_OPERATIONS
from omeroweb_upload.views.places import NewContainer
from omeroweb_upload.views.shares import InPlaceRequest

if TYPE_CHECKING:
    from django.http import HttpRequest
    from pydantic import BaseModel

    from omero_plugin_common.web.caller import Caller

OK: Final = "Done; the keys are described in the guide for users."


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one address."""

    path: str
    method: str
    summary: str
    body: type[BaseModel] | None = None
    status: str = "200"
    content: str = "application/json"
    binary: bool = False


OPERATIONS: Final = (
    Operation("", "get", "The upload page", content="text/html"),
    Operation("help/", "get", "Help for uploads", content="text/html"),
    Operation("openapi.json", "get", "This description"),
    Operation("root-status/", "get", "Whether the caller is root, who can't upload"),
    Operation("projects/", "get", "Projects the caller may add to"),
    Operation("projects/{project_id}/datasets/", "get", "Datasets of a project"),
    Operation("screens/", "get", "Screens the caller may add to"),
    Operation("containers/", "post", "Make a project, dataset or screen", NewContainer),
    Operation("shares/", "get", "Folders from which files can be imported where they are"),
    Operation("shares/{name}/", "get", "What is in a folder of a share"),
    Operation("shares/{name}/import/", "post", "Import files of a share where they are", InPlaceRequest),
    Operation("uploads/", "get", "The caller's uploads, newest first"),
    Operation("start/", "post", "Announce files and where they go", StartRequest),
    Operation("announce/{job_id}/", "post", "Announce further files", MoreFiles),
    Operation("upload/{job_id}/", "post", "Send whole small files in a form"),
    Operation("files/{job_id}/", "get", "Files with their offsets"),
    Operation("sets/{job_id}/", "get", "File sets, and what is skipped and why"),
    Operation("status/{job_id}/", "get", "How far an upload is"),
    Operation("status/{job_id}/", "post", "The same, for older clients"),
    Operation("import/{job_id}/", "post", "Start the import of an upload that is ready"),
    Operation("confirm/{job_id}/", "post", "Import what can be imported"),
    Operation("prune/{job_id}/", "post", "Keep only the files listed", PruneRequest),
    Operation("cancel/{job_id}/", "post", "End an upload at any stage"),
    Operation("retry/{job_id}/", "post", "Import again what failed"),
    Operation("tus/", "options", "What the tus endpoint can", status="204"),
    Operation("tus/", "post", "Make a file (tus creation)", status="201", binary=True),
    Operation("tus/{upload_id}", "options", "What the tus endpoint can", status="204"),
    Operation("tus/{upload_id}", "head", "How much of a file has arrived"),
    Operation("tus/{upload_id}", "patch", "Bytes of a file", status="204", binary=True),
    Operation("tus/{upload_id}", "delete", "Take a file out of its upload", status="204"),
    Operation("user-settings/save/", "post", "Store the caller's choices", SettingsRequest),
    Operation("user-settings/load/", "get", "The caller's choices"),
    *(Operation(*described) for described in EDX_OPERATIONS),
)


@cache
def document() -> dict[str, Any]:
    """The OpenAPI 3.1 document."""
    paths: dict[str, Any] = {}
    schemas: dict[str, Any] = {"Error": error_schema()}
    for one in OPERATIONS:
        paths.setdefault(f"/omeroweb_upload/{one.path}", {})[one.method] = _operation(one, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Upload plugin of the OMERO platform",
            "version": "1.0.0",
            "description": "Every request needs an OMERO.web session; POST, PATCH and DELETE need its CSRF token.",
        },
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"session": {"type": "apiKey", "in": "cookie", "name": "omeroweb_sessionid"}},
        },
        "security": [{"session": []}],
    }


def _operation(one: Operation, schemas: dict[str, Any]) -> dict[str, Any]:
    described: dict[str, Any] = {
        "summary": one.summary,
        "operationId": f"{one.method}_{one.path.replace('/', '_').replace('{', '').replace('}', '') or 'index'}",
        "responses": {
            one.status: {"description": OK, **_content(one)},
            "4XX": {
                "description": "What was wrong and what would be right.",
                "content": {"application/json": {"schema": {"$ref": SCHEMA_REFERENCE.format(model="Error")}}},
            },
        },
    }
    if names := [part.partition("}")[0] for part in one.path.split("{")[1:]]:
        described["parameters"] = [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names
        ]
    if one.body is not None:
        reference = add_body_schema(one.body, schemas)
        described["requestBody"] = {"required": True, "content": {"application/json": {"schema": reference}}}
    elif one.binary:
        described["requestBody"] = {"content": {"application/offset+octet-stream": {}}}
    return described


def _content(one: Operation) -> dict[str, Any]:
    if one.status != "200" or one.method == "head":
        return {}
    schema = {"type": "object"} if one.content == "application/json" else {"type": "string"}
    return {"content": {one.content: {"schema": schema}}}


@api("GET")
def openapi(_request: HttpRequest, _caller: Caller) -> dict[str, Any]:
    """Give it to whoever is logged in."""
    return document()
