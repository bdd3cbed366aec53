"""Just enough of the Ice protocol to ask an OMERO server whether it serves, without loading omero-py (1.5 s).

Message layout: "The Ice Protocol" in the Ice 3.6 manual, protocol 1.0, encoding 1.0.
"""

from __future__ import annotations

import socket
import ssl
import struct
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from types import TracebackType

HEADER = struct.Struct(
    "<4s4sBBi"
)  # magic, versions of protocol and encoding, message type, compression, size
VERSIONS = bytes([1, 0, 1, 0])
REQUEST, REPLY, VALIDATE, CLOSE = 0, 2, 3, 4
NORMAL, IDEMPOTENT = 0, 2
REPLY_STATUS = (
    "",
    "user exception",
    "no such object",
    "no such facet",
    "no such operation",
    "unknown local exception",
    "unknown user exception",
    "unknown exception",
)
LONGEST_MESSAGE = 1 << 20


class IceError(Exception):
    """The other side does not speak Ice, or refused the request."""


def size(number: int) -> bytes:
    """A length as Ice writes it."""
    return bytes([number]) if number < 255 else b"\xff" + struct.pack("<i", number)


def string(text: str) -> bytes:
    """A string as Ice writes it."""
    encoded = text.encode()
    return size(len(encoded)) + encoded


def encapsulation(parameters: bytes) -> bytes:
    """Parameters as they travel in a request."""
    return struct.pack("<iBB", len(parameters) + 6, 1, 0) + parameters


class IceRouter:
    """The Glacier2 router of an OMERO server, reached over SSL; close it with `with`."""

    def __init__(self, host: str, port: int, patience_seconds: float) -> None:
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = (
            ssl.CERT_NONE
        )  # the certificate is self-signed and the server is on this machine
        raw = socket.create_connection((host, port), patience_seconds)
        try:
            self._socket = context.wrap_socket(raw)
        except OSError:
            raw.close()
            raise
        self._requests = 0
        kind, _body = self._read()
        if kind != VALIDATE:
            raise IceError(f"port {port} does not greet like an Ice server")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()

    def ping(self) -> None:
        """Ask the router whether it is there; raises IceError when it is not."""
        self._call("ice_ping", IDEMPOTENT, b"")

    def log_in(self, user: str, password: str) -> None:
        """Open a session and close it again; raises IceError when the server refuses."""
        self._call("createSession", NORMAL, string(user) + string(password))
        self._call("destroySession", NORMAL, b"")

    def _call(self, operation: str, mode: int, parameters: bytes) -> None:
        self._requests += 1
        no_facet, no_context = size(0), size(0)
        body = (
            struct.pack("<i", self._requests)
            + string("router")
            + string("OMERO.Glacier2")
            + no_facet
            + string(operation)
            + bytes([mode])
            + no_context
            + encapsulation(parameters)
        )
        self._socket.sendall(HEADER.pack(b"IceP", VERSIONS, REQUEST, 0, HEADER.size + len(body)) + body)
        while True:
            kind, answer = self._read()
            if kind == CLOSE:
                raise IceError("the server closed the connection")
            if kind == REPLY and struct.unpack_from("<i", answer)[0] == self._requests:
                break
        status = answer[4]
        if status:
            raise IceError(
                f"{operation} was answered with: {REPLY_STATUS[min(status, len(REPLY_STATUS) - 1)]}"
            )

    def _read(self) -> tuple[int, bytes]:
        magic, _versions, kind, _compression, length = HEADER.unpack(self._receive(HEADER.size))
        if magic != b"IceP" or not HEADER.size <= length <= LONGEST_MESSAGE:
            raise IceError("the answer is not Ice")
        return kind, self._receive(length - HEADER.size)

    def _receive(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            more = self._socket.recv(count - len(data))
            if not more:
                raise IceError("the connection ended in the middle of an answer")
            data += more
        return data
