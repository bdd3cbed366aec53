"""Users' pictures: files linked to their experimenter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omero.model import ExperimenterAnnotationLinkI, ExperimenterI, FileAnnotationI, OriginalFileI
from omero.rtypes import rlong, rstring

from omero_embedded.errors import api_usage
from omero_embedded.hql.run import objects
from omero_embedded.updates.save import save

if TYPE_CHECKING:
    from omero_embedded.security.context import Call

NAMESPACE = "openmicroscopy.org/omero/experimenter/photo"
MAX_BYTES = 1 << 20

_LINKS = (
    "select link from ExperimenterAnnotationLink link join fetch link.child as a join fetch a.file"
    " where link.parent.id = :user and a.ns = :ns order by link.id"
)


def photos(call: Call, user_id: int) -> list[Any]:
    """The user's pictures, as OriginalFiles."""
    return [link.child.file for link in _links(call, user_id)]


def save_photo(call: Call, name: str, mimetype: str, content: bytes) -> int:
    """Store the caller's picture, replacing the earlier one; returns the id of its OriginalFile."""
    if len(content) > MAX_BYTES:
        raise api_usage(f"the picture has {len(content)} bytes, at most {MAX_BYTES} are kept")
    links = _links(call, call.caller.user_id)
    file = links[0].child.file if links else OriginalFileI()
    file.name, file.path = rstring(name), rstring("/")
    file.mimetype, file.size = rstring(mimetype), rlong(len(content))
    (file,) = save(call, [file])
    store = call.server.create("omero.api.RawFileStore", call.session)
    store.setFileId(call, file.id.val)
    store.truncate(call, 0)
    store.write(call, content, 0, len(content))
    store.save(call)
    store.close(call)
    if not links:
        annotation = FileAnnotationI()
        annotation.file, annotation.ns = OriginalFileI(file.id.val, False), rstring(NAMESPACE)
        link = ExperimenterAnnotationLinkI()
        link.parent, link.child = ExperimenterI(call.caller.user_id, False), annotation
        save(call, [link])
    file_id: int = file.id.val
    return file_id


def _links(call: Call, user_id: int) -> list[Any]:
    links: list[Any] = objects(call, _LINKS, {"user": user_id, "ns": NAMESPACE})
    return links
