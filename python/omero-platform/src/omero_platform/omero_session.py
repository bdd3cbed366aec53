"""Sessions with the stack's OMERO API, by omero-py as anybody else would open them."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from omero.gateway import BlitzGateway

from omero_platform.errors import PlatformError
from omero_platform.instance import HOST
from omero_platform.secret_files import secret

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omero_platform.instance import Instance


@contextlib.contextmanager
def session(instance: Instance, user: str, password: str, group: str = "") -> Iterator[Any]:
    """A BlitzGateway for one user; raises PlatformError when the server refuses."""
    port = instance.port("omeroserver", "ssl")
    gateway = BlitzGateway(user, password, host=HOST, port=port, secure=True)
    try:
        if not gateway.connect():
            raise PlatformError(f"The OMERO API refused the login of {user}: {gateway.getLastError()}")
        if (
            group
            and gateway.getEventContext().groupName != group
            and not gateway.setGroupNameForSession(group)
        ):
            raise PlatformError(f"{user} is not a member of the group {group}.")
        yield gateway
    finally:
        gateway.close()


def root_session(instance: Instance) -> contextlib.AbstractContextManager[Any]:
    """A session of OMERO's root."""
    return session(instance, "root", secret(instance, "omero-root"))
