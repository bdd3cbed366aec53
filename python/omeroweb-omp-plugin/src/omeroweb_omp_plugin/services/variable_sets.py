"""A user's variable sets: every version kept, some shared with a group."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from django.db import connections, transaction
from pydantic import BaseModel, Field

from omero_plugin_common.database.alias import ALIAS
from omero_plugin_common.web.errors import UserError
from omeroweb_omp_plugin.parsing.errors import ParsingError
from omeroweb_omp_plugin.parsing.variables import (
    DEFAULT_MAX_SETS,
    MAX_MAX_SETS,
    MAX_MAX_VARIABLES,
    MIN_MAX_SETS,
    check_names,
)
from omeroweb_omp_plugin.services.recipes import Key, Text, TypeModel  # noqa: TC001 - pydantic reads them
from omeroweb_omp_plugin.store.variable_sets import VariableSet, VariableSetVersion

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from django.db.models import QuerySet

    from omero_plugin_common.database.owned import Owner

FORMAT = "omeroweb_omp_plugin variable sets"
VERSIONS_KEPT = 50
# The first number of PostgreSQL's advisory locks for this; services.runs has others.
ONE_USERS_SETS = 0x0E09


class SetDetails(BaseModel):
    """What a set holds besides the names."""

    types: list[TypeModel] = Field(default_factory=list, max_length=MAX_MAX_VARIABLES)


class ExportedSet(BaseModel):
    """One set in an exported file."""

    set_name: Key
    var_names: list[Text]
    details: SetDetails = Field(default_factory=SetDetails)


class ExportFile(BaseModel):
    """An exported file."""

    format: str
    sets: list[ExportedSet] = Field(max_length=MAX_MAX_SETS)


@contextmanager
def one_at_a_time(owner: Owner) -> Iterator[None]:
    """Change a user's sets in one transaction, after any other change of them that is under way."""
    with transaction.atomic(using=ALIAS), connections[ALIAS].cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [ONE_USERS_SETS, owner.user_id % 2**31])
        yield


def own_sets(owner: Owner) -> QuerySet[VariableSet]:
    """The user's sets, newest first."""
    found: QuerySet[VariableSet] = VariableSet.objects.of(owner).order_by("-updated_at", "-id")
    return found


def shared_sets(owner: Owner, groups: Collection[int]) -> QuerySet[VariableSet]:
    """The sets that others share with one of these groups."""
    found: QuerySet[VariableSet] = VariableSet.objects.filter(group_id__in=groups)
    return found.exclude(owner_id=owner.user_id).order_by("username", "set_name")


def described(entry: VariableSet, owner: Owner) -> dict[str, Any]:
    """One set as lists show it."""
    return {
        "name": entry.set_name,
        "owner": entry.username,
        "owner_id": entry.owner_id,
        "mine": entry.owner_id == owner.user_id,
        "version": entry.version,
        "group_id": entry.group_id,
        "updated": entry.updated_at.isoformat(),
    }


def find_set(owner: Owner, name: str, *, of: int | None = None, groups: Collection[int] = ()) -> VariableSet:
    """The user's set of this name, or another user's that is shared. Raises UserError 404."""
    mine = of is None or of == owner.user_id
    rows = own_sets(owner) if mine else shared_sets(owner, groups).filter(owner_id=of)
    found = rows.filter(set_name=name).first()
    if found is None:
        raise UserError(f"There is no variable set called {name!r}.", status=404)
    return found


def save_set(
    owner: Owner,
    name: str,
    var_names: list[str],
    details: SetDetails | None = None,
    *,
    most: int | None = None,
    overwrite: bool = False,
    replaces: int | None = None,
) -> VariableSet:
    """Store a set, as a new version when it exists and `overwrite` is said.

    replaces: the version that was looked at before. Raises UserError, 409 when that is no longer the newest.
    """
    name = checked_name(name)
    names = checked_names(var_names)
    content = (details or SetDetails()).model_dump(mode="json")
    with one_at_a_time(owner):
        known = own_sets(owner).filter(set_name=name).first()
        if known is not None:
            if not overwrite:
                raise UserError(f"You have a variable set called {name!r} already. Choose another name.")
            if replaces is not None and replaces != known.version:
                raise UserError(
                    f"{name!r} was saved elsewhere meanwhile: it is version {known.version} now, not {replaces}. "
                    "Look at it, then save again.",
                    status=409,
                )
            return new_version(known, names, content)
        limit = most if most is not None and MIN_MAX_SETS <= most <= MAX_MAX_SETS else DEFAULT_MAX_SETS
        if own_sets(owner).count() >= limit:
            raise UserError(f"You have {limit} variable sets, which is the most. Delete one first.")
        made: VariableSet = VariableSet.objects.create(
            username=owner.username, owner_id=owner.user_id, set_name=name, var_names=names, details=content
        )
        return made


def new_version(known: VariableSet, names: list[str], content: dict[str, Any]) -> VariableSet:
    """Keep what the set was and make it what it shall be."""
    VariableSetVersion.objects.create(
        variable_set=known,
        version=known.version,
        var_names=known.var_names,
        details=known.details,
        saved_at=known.updated_at,
    )
    known.var_names, known.details, known.version = names, content, known.version + 1
    known.save()
    VariableSetVersion.objects.filter(variable_set=known, version__lte=known.version - VERSIONS_KEPT).delete()
    return known


def version_of(entry: VariableSet, version: int) -> VariableSet | VariableSetVersion:
    """A version of a set. Raises UserError 404."""
    if version == entry.version:
        return entry
    found = VariableSetVersion.objects.filter(variable_set=entry, version=version).first()
    if found is None:
        raise UserError(f"{entry.set_name!r} has no version {version} any more.", status=404)
    return found


def rename_set(owner: Owner, name: str, new_name: str) -> None:
    """Give a set another name. Raises UserError."""
    new_name = checked_name(new_name)
    with one_at_a_time(owner):
        entry = find_set(owner, name)
        if new_name != name and own_sets(owner).filter(set_name=new_name).exists():
            raise UserError(f"You have a variable set called {new_name!r} already. Choose another name.")
        entry.set_name = new_name
        entry.save(update_fields=["set_name", "updated_at"])


def delete_set(owner: Owner, name: str) -> None:
    """Delete a set with its versions. Raises UserError 404."""
    with one_at_a_time(owner):
        find_set(owner, name).delete()


def share_set(owner: Owner, name: str, group_id: int | None) -> None:
    """Let the members of a group load a set, or nobody else. Raises UserError 404."""
    with one_at_a_time(owner):
        entry = find_set(owner, name)
        entry.group_id = group_id
        entry.save(update_fields=["group_id", "updated_at"])


def import_sets(owner: Owner, file: ExportFile, *, most: int | None) -> int:
    """Store the sets of an exported file, all or none; a name that is taken gets a number."""
    if file.format != FORMAT:
        raise UserError(f"This is no file of variable sets: its format is {file.format!r}, not {FORMAT!r}.")
    with one_at_a_time(owner):
        taken = set(own_sets(owner).values_list("set_name", flat=True))
        for entry in file.sets:
            name, number = entry.set_name.strip(), 1
            while name in taken:
                number += 1
                name = f"{entry.set_name.strip()} ({number})"
            taken.add(name)
            save_set(owner, name, entry.var_names, entry.details, most=most)
    return len(file.sets)


def export_sets(owner: Owner) -> ExportFile:
    """All of the user's sets, oldest first."""
    return ExportFile(
        format=FORMAT,
        sets=[
            ExportedSet(set_name=entry.set_name, var_names=entry.var_names, details=entry.details)
            for entry in own_sets(owner).reverse()
        ],
    )


def checked_name(name: str) -> str:
    """The trimmed name of a set. Raises UserError."""
    if not name.strip():
        raise UserError("Give the variable set a name.")
    return name.strip()


def checked_names(var_names: list[str]) -> list[str]:
    """The trimmed names of variables, none of them blank. Raises UserError."""
    try:
        names = check_names(var_names)
    except ParsingError as fault:
        raise UserError(f"{fault}.") from fault
    if not names or not all(names):
        raise UserError("Every variable of a set needs a name, and a set needs at least one.")
    return list(names)
