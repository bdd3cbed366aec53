"""Where images can go, and the datasets that folders become."""

from __future__ import annotations

import secrets
import string
from typing import TYPE_CHECKING, Any, Final

import omero
from omero.rtypes import rstring
from omero.sys import ParametersI

from omero_plugin_common.omero_access.group_context import ALL_GROUPS, in_group
from omeroweb_upload.filesets.model import Kind
from omeroweb_upload.paths import DATASET_SEPARATOR, folder_of, folders_of
from omeroweb_upload.services.errors import UploadError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from omeroweb_upload.models import UploadSession

ORPHANS: Final = "Orphaned_images_base_path_import_"
CLASSES: Final = {"project_id": "Project", "dataset_id": "Dataset", "screen_id": "Screen"}
MOST_LISTED: Final = 5000


def folder_name(path: str, kind: str, rule: str) -> str:
    """The dataset that a set's folder becomes, "" for sets at the top; `path` is that of its main file."""
    folder = folder_of(path)
    if kind == Kind.DIRECTORY:
        folder = _above_store(folder)
    folders = folders_of(f"{folder}/x") if folder else ()
    if rule == "one" or not folders:
        return ""
    return folders[0] if rule == "top_folder" else DATASET_SEPARATOR.join(folders)


def _above_store(folder: str) -> str:
    parts = folder.split("/")
    for number, part in enumerate(parts):
        if part.lower().endswith(".zarr"):
            return "/".join(parts[:number])
    return folder


def check_target(conn: Any, target: dict[str, Any], group_id: int) -> int:
    """The group in which images of this target are made; raises UploadError for targets the caller can't add to."""
    for key, kind in CLASSES.items():
        number = target.get(key)
        if number is None:
            continue
        with in_group(conn, ALL_GROUPS):
            found = conn.getObject(kind, number)
            if found is None or not (found.canLink() or found.isOwned()):
                raise UploadError(
                    f"{kind} {number} does not exist, or you may not add to it. Choose another one.",
                    status=400,
                    reason="target",
                )
            group_id = int(found.getDetails().getGroup().getId())
    if group_id not in conn.getEventContext().memberOfGroups:
        raise UploadError("You are not a member of the target's group.", status=403, reason="target")
    return group_id


def group_name(conn: Any, group_id: int) -> str:
    """The name of a group that the caller is a member of."""
    context = conn.getEventContext()
    if int(context.groupId) == group_id:
        return str(context.groupName)
    with in_group(conn, ALL_GROUPS):
        return str(conn.getObject("ExperimenterGroup", group_id).getName())


def dataset_for(conn: Any, session: UploadSession, name: str) -> int:
    """The dataset of that name in the upload's target, made if it is not there; `session.dataset_map` remembers it."""
    target = session.target
    if target.get("dataset_id"):
        return int(target["dataset_id"])
    wanted = name or _orphan_name(session)
    if wanted not in session.dataset_map:
        project_id = target.get("project_id")
        found = _find_dataset(conn, wanted, project_id, session.owner_id)
        session.dataset_map[wanted] = found or _make_dataset(conn, wanted, project_id)
        session.save(update_fields=["dataset_map"])
    return int(session.dataset_map[wanted])


def _orphan_name(session: UploadSession) -> str:
    """The name for files without a folder, chosen once; saved before it is used, so that a crash makes no second."""
    if "orphans" not in session.options:
        letters = string.ascii_uppercase + string.digits
        session.options["orphans"] = ORPHANS + "".join(secrets.choice(letters) for _ in range(6))
        session.save(update_fields=["options"])
    return str(session.options["orphans"])


def _find_dataset(conn: Any, name: str, project_id: int | None, owner_id: int) -> int | None:
    """The oldest dataset of that name in the project, or, without one, the user's own outside of projects."""
    parameters = ParametersI()
    parameters.addString("name", name)
    if project_id is not None:
        parameters.addLong("project", project_id)
        text = "select l.child.id from ProjectDatasetLink l where l.parent.id = :project and l.child.name = :name"
        text += " order by l.child.id"
    else:
        parameters.addLong("owner", owner_id)
        text = "select d.id from Dataset d where d.name = :name and d.details.owner.id = :owner"
        text += (
            " and not exists (select l.id from ProjectDatasetLink l where l.child.id = d.id) order by d.id"
        )
    rows = conn.getQueryService().projection(text, parameters, conn.SERVICE_OPTS)
    return int(rows[0][0].val) if rows else None


def _make_dataset(conn: Any, name: str, project_id: int | None) -> int:
    dataset = omero.model.DatasetI()
    if project_id is not None:
        dataset.linkProject(omero.model.ProjectI(project_id, False))
    return _save(conn, dataset, name)


def _save(conn: Any, container: Any, name: str) -> int:
    container.name = rstring(name)
    return int(conn.getUpdateService().saveAndReturnObject(container, conn.SERVICE_OPTS).id.val)


def make_container(conn: Any, kind: str, name: str, project_id: int | None) -> dict[str, Any]:
    """Make a project, dataset or screen for the picker: in its project's group, else in the user's current one.

    OMERO.web's connections look into all groups, and there OMERO has no group to put something new into.
    """
    clean = name.strip()
    if not clean or len(clean) > 255:
        raise UploadError("A name needs 1 to 255 characters.", reason="target")
    group_id = int(conn.getEventContext().groupId)
    if kind == "dataset" and project_id is not None:
        group_id = check_target(conn, {"project_id": project_id}, group_id)
    with in_group(conn, group_id):
        if kind == "dataset":
            number = _make_dataset(conn, clean, project_id)
        else:
            number = _save(conn, omero.model.ScreenI() if kind == "screen" else omero.model.ProjectI(), clean)
    return {"id": number, "name": clean}


def projects(conn: Any, user_id: int) -> dict[str, list[dict[str, Any]]]:
    """The user's own projects, and others' that the user may add to."""
    owned: list[dict[str, Any]] = []
    others: list[dict[str, Any]] = []
    with in_group(conn, ALL_GROUPS):
        for project in conn.getObjects("Project", opts={"limit": MOST_LISTED}):
            owner = project.getDetails().getOwner()
            if int(owner.getId()) == user_id:
                owned.append({"id": project.getId(), "name": project.getName()})
            elif project.canLink():
                others.append({"id": project.getId(), "name": project.getName(), "owner": owner.getOmeName()})
    return {"owned": by_name(owned), "collab": by_name(others)}


def datasets(conn: Any, project_id: int) -> list[dict[str, Any]]:
    """Datasets of a project that the caller may add to."""
    with in_group(conn, ALL_GROUPS):
        found = conn.getObjects("Dataset", opts={"project": project_id, "limit": MOST_LISTED})
        return by_name({"id": one.getId(), "name": one.getName()} for one in found if one.canLink())


def screens(conn: Any) -> list[dict[str, Any]]:
    """Screens that the caller may add to."""
    with in_group(conn, ALL_GROUPS):
        found = conn.getObjects("Screen", opts={"limit": MOST_LISTED})
        return by_name({"id": one.getId(), "name": one.getName()} for one in found if one.canLink())


def by_name(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: (str(row["name"]).casefold(), row["id"]))
