"""Variable sets over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import JsonResponse
from pydantic import BaseModel, Field

from omero_plugin_common.web.errors import UserError
from omeroweb_omp_plugin.services import variable_sets as service
from omeroweb_omp_plugin.services.recipes import Key, Text  # noqa: TC001 - pydantic reads the annotations
from omeroweb_omp_plugin.services.variable_sets import ExportFile, SetDetails
from omeroweb_omp_plugin.store.variable_sets import VariableSetVersion
from omeroweb_omp_plugin.views.access import user_api

if TYPE_CHECKING:
    from django.http import HttpRequest

    from omero_plugin_common.web.caller import Caller


class SaveModel(BaseModel):
    """A set to store; `overwrite` makes a new version of one that is there, if that is still version `replaces`."""

    set_name: Key
    var_names: list[Text]
    max_sets: int | None = None
    details: SetDetails = Field(default_factory=SetDetails)
    overwrite: bool = False
    replaces: int | None = None


class NameModel(BaseModel):
    """The name of one of the caller's sets."""

    set_name: Key


class RenameModel(NameModel):
    """Its new name."""

    new_name: Key


class ShareModel(NameModel):
    """The group whose members may load it, none to share no more."""

    group_id: int | None


class ImportModel(ExportFile):
    """An exported file, and how many sets there may be afterwards."""

    max_sets: int | None = None


@user_api("GET")
def names(_request: HttpRequest, caller: Caller) -> dict[str, Any]:
    """Return the names of the caller's sets, newest first, and more about them and those shared with the caller."""
    own = list(service.own_sets(caller.owner))
    shared = service.shared_sets(caller.owner, groups_of(caller))
    return {
        "sets": [entry.set_name for entry in own],
        "details": [service.described(entry, caller.owner) for entry in (*own, *shared)],
    }


@user_api("POST", body=SaveModel)
def save(_request: HttpRequest, caller: Caller, *, body: SaveModel) -> dict[str, Any]:
    """Store a set."""
    saved = service.save_set(
        caller.owner,
        body.set_name,
        body.var_names,
        body.details,
        most=body.max_sets,
        overwrite=body.overwrite,
        replaces=body.replaces,
    )
    return {"message": f"Saved {saved.set_name!r}, version {saved.version}.", "version": saved.version}


@user_api("GET")
def load(request: HttpRequest, caller: Caller) -> dict[str, Any]:
    """Return a set's names: `?set_name=`, with `owner_id=` of somebody who shares it and `version=` of a former one."""
    name = request.GET.get("set_name", "").strip()
    if not name:
        raise UserError("Say which set: ?set_name=…")
    of = number(request, "owner_id")
    if of is None and not service.own_sets(caller.owner).exists():
        raise UserError("You have no variable sets yet.")
    entry = service.find_set(caller.owner, name, of=of, groups=groups_of(caller))
    version = number(request, "version")
    found = service.version_of(entry, entry.version if version is None else version)
    return {"var_names": found.var_names, "details": found.details, "version": found.version}


@user_api("GET")
def versions(request: HttpRequest, caller: Caller) -> dict[str, Any]:
    """Return the versions of one of the caller's sets, newest first."""
    entry = service.find_set(caller.owner, request.GET.get("set_name", "").strip())
    former = VariableSetVersion.objects.filter(variable_set=entry).order_by("-version")
    found = [(entry.version, entry.updated_at), *((row.version, row.saved_at) for row in former)]
    return {"versions": [{"version": version, "saved": saved.isoformat()} for version, saved in found]}


@user_api("POST", body=NameModel)
def delete(_request: HttpRequest, caller: Caller, *, body: NameModel) -> dict[str, Any]:
    """Delete a set with its versions."""
    service.delete_set(caller.owner, body.set_name)
    return {"ok": True}


@user_api("POST", body=RenameModel)
def rename(_request: HttpRequest, caller: Caller, *, body: RenameModel) -> dict[str, Any]:
    """Rename a set."""
    service.rename_set(caller.owner, body.set_name, body.new_name)
    return {"ok": True}


@user_api("POST", body=ShareModel)
def share(_request: HttpRequest, caller: Caller, *, body: ShareModel) -> dict[str, Any]:
    """Share a set with a group the caller belongs to, or with none."""
    if body.group_id is not None and body.group_id not in groups_of(caller):
        raise UserError(f"You are not a member of group {body.group_id}.", status=403)
    service.share_set(caller.owner, body.set_name, body.group_id)
    return {"ok": True, "group_id": body.group_id}


@user_api("GET")
def export(_request: HttpRequest, caller: Caller) -> JsonResponse:
    """Return all sets as a file."""
    response = JsonResponse(service.export_sets(caller.owner).model_dump(mode="json"))
    response["Content-Disposition"] = 'attachment; filename="variable-sets.json"'
    return response


@user_api("POST", body=ImportModel)
def import_file(_request: HttpRequest, caller: Caller, *, body: ImportModel) -> dict[str, Any]:
    """Store the sets of an exported file, all or none."""
    return {"imported": service.import_sets(caller.owner, body, most=body.max_sets)}


def groups_of(caller: Caller) -> list[int]:
    """The caller's groups."""
    return [int(group) for group in caller.conn.getEventContext().memberOfGroups]


def number(request: HttpRequest, name: str) -> int | None:
    """A number of the query. Raises UserError for anything else."""
    text = request.GET.get(name, "")
    if not text:
        return None
    if not text.isdecimal() or len(text) > 18:
        raise UserError(f"{name} is a whole number, not {text[:40]!r}.")
    return int(text)
