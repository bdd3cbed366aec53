"""The service itself: one request per connection over a unix socket, from accounts that are allowed to ask."""

from __future__ import annotations

import json
import logging
import os
import socket
import socketserver
import struct
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from omeroweb_admin_tools.enforcer import projects
from omeroweb_admin_tools.enforcer.apply import EnforceError, apply, usable_mount
from omeroweb_admin_tools.enforcer.kernel import Kernel, LinuxKernel
from omeroweb_admin_tools.enforcer.requests import Request

if TYPE_CHECKING:
    from pathlib import Path

    from omeroweb_admin_tools.enforcer.apply import Result
    from omeroweb_admin_tools.enforcer.mounts import Mount

logger = logging.getLogger(__name__)

LONGEST_REQUEST = 2 * 1024 * 1024
PATIENCE_SECONDS = 10.0
CREDENTIALS = struct.Struct("3i")


@dataclass(frozen=True, slots=True)
class Service:
    """The folder with one sub-folder per group, the file of project numbers, and the user ids that may ask."""

    root: Path
    numbers_file: Path
    allowed: frozenset[int]
    kernel: Kernel

    def answer(self, raw: bytes, asker: int) -> dict[str, Any]:
        """Return the answer to a request; nothing is done for one that is refused."""
        if asker not in self.allowed:
            logger.warning("quota_refused uid=%s", asker)
            return {"ok": False, "error": f"The account with the number {asker} may not set quotas."}
        try:
            request = Request.model_validate_json(raw)
        except ValidationError as error:
            first = error.errors(include_url=False, include_context=False, include_input=False)[0]
            place = ".".join(str(part) for part in first["loc"]) or "request"
            return {"ok": False, "error": f"The request is wrong at {place}: {first['msg']}."}
        try:
            mount = usable_mount(self.root)
            results = self._obey(request, mount)
        except EnforceError as error:
            return {"ok": False, "error": str(error)}
        for result in results:
            if result.action != "unchanged" and not request.dry_run:
                logger.info("quota group=%s action=%s detail=%r", result.group, result.action, result.detail)
        return {
            "ok": True,
            "filesystem": {"type": mount.type, "mount_point": mount.point, "source": mount.source},
            "results": [result.as_json() for result in results],
        }

    def _obey(self, request: Request, mount: Mount) -> list[Result]:
        """Do what is asked; raises EnforceError when the numbers of the groups can't be read or kept."""
        try:
            numbers = projects.read(self.numbers_file)
        except ValueError as error:
            raise EnforceError(f"{self.numbers_file} is damaged. Restore it from a backup.") from error
        except OSError as error:
            raise EnforceError(f"{self.numbers_file} can't be read: {error.strerror}.") from error
        save = partial(projects.write, self.numbers_file)
        try:
            return apply(request, self.root, mount.source, numbers, self.kernel, save)
        except OSError as error:
            raise EnforceError(
                f"{self.numbers_file} can't be written: {error.strerror}. Nothing was changed."
            ) from error


class _Handler(socketserver.StreamRequestHandler):
    timeout = PATIENCE_SECONDS
    server: QuotaServer

    def handle(self) -> None:
        raw = self.connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, CREDENTIALS.size)
        _, asker, _ = CREDENTIALS.unpack(raw)
        try:
            line = self.rfile.readline(LONGEST_REQUEST + 1)
        except TimeoutError:
            return
        if len(line) > LONGEST_REQUEST:
            answer: dict[str, Any] = {"ok": False, "error": "The request is too long."}
        else:
            answer = self.server.service.answer(line, asker)
        self.wfile.write(json.dumps(answer).encode() + b"\n")


class QuotaServer(socketserver.UnixStreamServer):
    """Answers one request after the other, so that no two change quotas at once."""

    def __init__(self, path: Path, service: Service, group: int = -1) -> None:
        self.service = service
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        super().__init__(str(path), _Handler)
        os.chown(path, -1, group)
        path.chmod(0o660 if group >= 0 else 0o600)


def make_service(root: Path, numbers_file: Path, allowed: frozenset[int]) -> Service:
    """Return the service on the running kernel."""
    return Service(root, numbers_file, allowed, LinuxKernel())
