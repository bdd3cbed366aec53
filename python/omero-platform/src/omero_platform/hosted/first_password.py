"""Root's password between the making of OMERO's tables and the first login, which sets the real one."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from omero.gateway import BlitzGateway
from omero.rtypes import rstring

if TYPE_CHECKING:
    from collections.abc import Mapping

log = logging.getLogger(__name__)


def first_password_file(environ: Mapping[str, str]) -> Path:
    """Where it waits; gone once the real password is set."""
    return Path(environ["OMERODIR"], "var/first-password")


def replace(environ: Mapping[str, str], host: str, port: int, password: str) -> bool:
    """Set the real password with the first one; returns whether that worked."""
    file = first_password_file(environ) if environ.get("OMERODIR") else None
    if file is None or not file.exists():
        return False
    gateway = BlitzGateway(
        "root", file.read_text(encoding="utf-8").strip(), host=host, port=port, secure=True
    )
    try:
        if not gateway.connect():
            return False
        gateway.c.sf.getAdminService().changePasswordWithOldPassword(
            rstring(file.read_text(encoding="utf-8").strip()), rstring(password)
        )
    finally:
        gateway.close()
    file.unlink()
    log.info("account=root password set")
    return True
