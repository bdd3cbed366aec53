"""The body of a request as it comes from the network, without buffering it."""

from __future__ import annotations

import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.http import HttpRequest


@contextmanager
def body_reader(request: HttpRequest, idle_seconds: float) -> Iterator[Callable[[int], bytes]]:
    """Yield a function that reads the next bytes of the body, b"" at its end.

    Django would keep the body in memory, so it is read from the server's own stream. Where the socket is known, it
    raises TimeoutError when no byte comes for `idle_seconds`: a thread must not wait for a network that is gone.
    """
    stream = request.META.get("wsgi.input")
    connection = request.META.get("gunicorn.socket")
    if stream is None:
        raise RuntimeError("the web server gave no body to read")
    before = connection.gettimeout() if isinstance(connection, socket.socket) else None
    if isinstance(connection, socket.socket):
        connection.settimeout(idle_seconds)
    left = content_length(request)

    def read(size: int) -> bytes:
        nonlocal left
        wanted = size if left is None else min(size, left)
        block: bytes = stream.read(wanted) if wanted else b""
        if left is not None:
            left -= len(block)
        return block

    try:
        yield read
    finally:
        if isinstance(connection, socket.socket) and connection.fileno() != -1:
            connection.settimeout(before)


def content_length(request: HttpRequest) -> int | None:
    """How many bytes the request says it has; None when it comes in chunks of its own."""
    text = request.META.get("CONTENT_LENGTH") or ""
    if not text.isdigit():
        return None if "chunked" in request.META.get("HTTP_TRANSFER_ENCODING", "").lower() else 0
    return int(text)
