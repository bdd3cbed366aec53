"""What can be called while looking into a share: only what reads, and reads nothing but what the share shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omero_embedded import errors

if TYPE_CHECKING:
    from collections.abc import Mapping

# These work for the session itself, whatever it looks into. IShare has rules of its own, and a handle refuses requests
# that were submitted in a share: `submit` itself can raise nothing.
OUTSIDE = frozenset(
    {"omero.api.IShare", "omero.api.ISession", "omero.api.ServiceFactory", "omero.cmd.Handle"}
)
# Of these services every operation that begins with one of the words reads, through the filter of what is visible.
_READING = (
    "get",
    "find",
    "load",
    "lookup",
    "retrieve",
    "contained",
    "count",
    "can",
    "all",
    "projection",
    "refresh",
)
SERVICES = frozenset(
    {
        "omero.api.IAdmin",
        "omero.api.IConfig",
        "omero.api.IContainer",
        "omero.api.IMetadata",
        "omero.api.IPixels",
        "omero.api.IQuery",
        "omero.api.IRenderingSettings",
        "omero.api.IRoi",
        "omero.api.ITypes",
    }
)
# Texts of what is linked to an object would be searched, too.
_NOT_READING = frozenset({"findAllByFullText"})
# One client's own objects: every operation but those that store something.
OBJECTS: Mapping[str, frozenset[str]] = {
    "omero.api.RenderingEngine": frozenset({"saveCurrentSettings", "saveAsNewSettings"}),
    "omero.api.ThumbnailStore": frozenset({"createThumbnail", "createThumbnails"}),
    "omero.api.RawPixelsStore": frozenset(
        {"setPlane", "setTile", "setRow", "setStack", "setTimepoint", "setRegion", "prepare", "save"}
        | {"calculateMessageDigest"}
    ),
}
# With the key of a share comes no right to anything else of its owner's.
_NOT_WITH_KEY = frozenset({"setSecurityContext", "getSecurityContexts", "setSecurityPassword"})


def check_allowed(interface: str, name: str, share_id: int, *, with_key: bool) -> None:
    """Raise SecurityViolation for an operation that a share is not looked at with.

    `with_key` says that the session was opened with the key of the share.
    """
    if not _allowed(interface, name) or (with_key and not _allowed_with_key(interface, name)):
        service = interface.rpartition(".")[2]
        raise errors.security(f"{service}.{name} is not allowed in a share ({share_id}); deactivate it first")


def _allowed(interface: str, name: str) -> bool:
    if interface in OUTSIDE:
        return True
    if interface in OBJECTS:
        return name not in OBJECTS[interface]
    return interface in SERVICES and name.startswith(_READING) and name not in _NOT_READING


def _allowed_with_key(interface: str, name: str) -> bool:
    return interface != "omero.api.ISession" and name not in _NOT_WITH_KEY
