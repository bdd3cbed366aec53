"""The four group permission levels and what follows from them, as OMERO documents it.

Source: OMERO documentation, "Groups and permissions system". An object has the permissions of its group. Not in the
documentation, but in OMERO.server: the third pair of letters opens a group to people who are not in it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from omero.model import PermissionsI

from omero_embedded.model.schema import SCHEMA
from omero_embedded.security.directory import GUEST_USER, USER_GROUP

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from omero_embedded.security.context import Caller

PRIVATE = "rw----"
READ_ONLY = "rwr---"
READ_ANNOTATE = "rwra--"
READ_WRITE = "rwrw--"

USER_READ = 0x400
GROUP_READ = 0x40
GROUP_ANNOTATE = 0x10
GROUP_WRITE = 0x20
WORLD_READ = 0x4
WORLD_ANNOTATE = 0x1
WORLD_WRITE = 0x2


def perm_long(text: str) -> int:
    """OMERO's number of a permission string such as rwra--."""
    return int(PermissionsI(text).getPerm1())


def perm_text(perm: int) -> str:
    """The string of OMERO's number: r, w and a for user, group and world."""
    return str(PermissionsI(perm))


@dataclass(frozen=True, slots=True)
class Rights:
    """What one caller may do with one object."""

    see: bool
    annotate: bool
    link: bool
    edit: bool
    delete: bool
    chgrp: bool
    chown: bool

    def restrictions(self) -> list[bool]:
        """OMERO's restrictions, in the order of omero.constants.permissions: link, edit, delete, annotate, chgrp, chown."""
        return [
            not self.link,
            not self.edit,
            not self.delete,
            not self.annotate,
            not self.chgrp,
            not self.chown,
        ]


NOTHING = Rights(see=False, annotate=False, link=False, edit=False, delete=False, chgrp=False, chown=False)


LOOK = replace(NOTHING, see=True)


def rights(
    caller: Caller, owner_id: int, group_id: int, *, write: str = "WriteOwned", delete: str = "DeleteOwned"
) -> Rights:
    """What the caller may do with an object of this owner in this group.

    `write` and `delete` name the administrator's privileges for that kind of object.
    """
    if caller.share is not None:
        return NOTHING
    perm = caller.directory.permissions(group_id)
    shared = bool(perm & (GROUP_READ | WORLD_READ))
    owns = owner_id == caller.user_id
    member = group_id in caller.member_of
    leads = group_id in caller.leader_of
    may_write = write in caller.privileges
    open_to_caller = bool(perm & WORLD_READ) or group_id == caller.directory.user_group
    if not (owns or caller.is_admin or leads or ((member or open_to_caller) and shared)):
        return NOTHING
    if caller.user_id == GUEST_USER:
        return LOOK
    colleague_writes = bool(perm & WORLD_WRITE) or (member and bool(perm & GROUP_WRITE))
    colleague_annotates = bool(perm & WORLD_ANNOTATE) or (member and bool(perm & GROUP_ANNOTATE))
    return Rights(
        see=True,
        annotate=owns or (shared and (may_write or leads or colleague_annotates or colleague_writes)),
        link=owns or (shared and (may_write or leads or colleague_writes)),
        edit=owns or may_write or leads or colleague_writes,
        delete=owns or delete in caller.privileges or leads or colleague_writes,
        chgrp=owns or "Chgrp" in caller.privileges,
        chown="Chown" in caller.privileges or leads,
    )


_SYSTEM_PRIVILEGES = {
    "Experimenter": "ModifyUser",
    "ExperimenterGroup": "ModifyGroup",
    "GroupExperimenterMap": "ModifyGroupMembership",
}


@dataclass(frozen=True, slots=True)
class FileKind:
    """What decides the rights on an OriginalFile: whether it is a folder, and the uuid of its repository."""

    is_folder: bool = False
    repo: str | None = None


def file_kind(class_name: str, row: Mapping[str, Any]) -> FileKind | None:
    """The kind of a file by its row; None for other classes."""
    if class_name != "OriginalFile":
        return None
    return FileKind(row.get("mimetype") == "Directory", row.get("repo"))


def rights_on(
    caller: Caller,
    class_name: str,
    owner_id: int | None,
    group_id: int | None,
    kind: FileKind | None = None,
) -> Rights:
    """What the caller may do with an object of this class; owner and group are None for classes without them.

    `kind` is that of an OriginalFile: folders have a rule of their own, and each repository its privileges.
    """
    if caller.share is not None:
        return NOTHING
    if owner_id is None or group_id is None:
        privilege = _SYSTEM_PRIVILEGES.get(class_name)
        changes = privilege in caller.privileges if privilege else caller.is_admin
        return Rights(
            see=True, annotate=True, link=True, edit=changes, delete=changes, chgrp=False, chown=False
        )
    if class_name == "OriginalFile":
        repo = kind.repo if kind is not None else None
        place = caller.directory.repositories.get(repo, "File") if repo is not None else "File"
        granted = rights(caller, owner_id, group_id, write=f"Write{place}", delete=f"Delete{place}")
    else:
        granted = rights(caller, owner_id, group_id)
    is_folder = kind is not None and kind.is_folder
    if group_id == USER_GROUP and not is_folder and granted.see and caller.user_id != GUEST_USER:
        return replace(granted, annotate=True, link=True)
    return granted


def may_enter(caller: Caller, group_id: int) -> bool:
    """Whether the caller may work in a group: members and administrators, and everybody where the world may read."""
    return (
        caller.is_admin
        or group_id in caller.member_of
        or bool(caller.directory.permissions(group_id) & WORLD_READ)
    )


def may_create(caller: Caller, class_name: str, group_id: int) -> bool:
    """Whether somebody who is neither member nor administrator may create objects of this class in a group."""
    perm = caller.directory.permissions(group_id)
    if perm & (WORLD_ANNOTATE if class_name.endswith("AnnotationLink") else WORLD_WRITE):
        return True
    return bool(perm & WORLD_READ) and SCHEMA[class_name].java_name.startswith("ome.model.display.")


def needed_right(class_name: str, target_class: str) -> str:
    """The right on an object of `target_class` that it takes to point to it from an object of `class_name`."""
    if "RenderingDef" in (class_name, target_class) or (
        class_name == "Thumbnail" and target_class == "Pixels"
    ):
        return "see"
    if class_name.endswith("AnnotationLink") or (class_name == "Roi" and target_class == "Image"):
        return "annotate"
    return "link"


def permissions_of(perm: int, granted: Rights, extended: Sequence[str] = ()) -> Any:
    """Permissions with OMERO's number, the restrictions of these rights and others by their names."""
    permissions = PermissionsI(perm)
    permissions._restrictions = granted.restrictions()  # noqa: SLF001 - omero-py offers no setter
    permissions._extendedRestrictions = list(extended)  # noqa: SLF001
    return permissions
