"""Small answers about OMERO objects, whether raw model objects or gateway wrappers."""

from __future__ import annotations

from typing import Any


def text_of(value: Any) -> str:
    """Return the text in an rtype, or the value as text; None becomes an empty string."""
    plain = unwrap(value)
    return "" if plain is None else str(plain)


def unwrap(value: Any) -> Any:
    """Return the Python value inside an rtype (rstring, rlong, …); anything else comes back as it is."""
    getter = getattr(value, "getValue", None)
    if callable(getter):
        return getter()
    return getattr(value, "val", value)


def id_of(obj: Any) -> int | None:
    """Return the id of a model object or wrapper, None when it has none yet."""
    inner = getattr(obj, "_obj", None)
    for candidate in (inner, obj):
        if candidate is None:
            continue
        getter = getattr(candidate, "getId", None)
        found = unwrap(getter()) if callable(getter) else unwrap(getattr(candidate, "id", None))
        if found is not None:
            return int(found)
    return None


def owner_of(obj: Any) -> Any | None:
    """Return the owner's Experimenter as the object's details carry it, None when they don't."""
    inner = getattr(obj, "_obj", None) or obj
    details = inner.getDetails() if hasattr(inner, "getDetails") else getattr(inner, "details", None)
    owner = getattr(details, "owner", None) if details is not None else None
    return owner if owner is not None else getattr(inner, "owner", None)


def owner_id_of(obj: Any) -> int | None:
    """Return the owner's user id, None when the object doesn't say."""
    owner = owner_of(obj)
    return None if owner is None else id_of(owner)


def is_owned_by(obj: Any, user_id: int | None) -> bool:
    """Say whether the user owns the object; no user asked for means everybody's, an unknown owner nobody's."""
    if user_id is None:
        return True
    owner_id = owner_id_of(obj)
    return owner_id is not None and owner_id == int(user_id)


def current_user_id(conn: Any) -> int:
    """Return the OMERO id of the connection's user."""
    return int(conn.getUserId())


def owner_username_of(obj: Any) -> str:
    """Return the owner's login name, or the best other name the object carries, or an empty string."""
    owner = owner_of(obj)
    if owner is None:
        return ""
    for attribute in ("omeName", "name", "firstName"):
        text = text_of(getattr(owner, attribute, None))
        if text:
            return text
    return text_of(id_of(owner))


def can_read_and_write(obj: Any) -> bool:
    """Say whether the current user may change the object, by what the server put in its permissions."""
    for name in ("canEdit", "canWrite"):
        check = getattr(obj, name, None)
        if callable(check):
            return bool(check())
    inner = getattr(obj, "_obj", None) or obj
    permissions = inner.getDetails().getPermissions()
    return bool(permissions.canEdit())
