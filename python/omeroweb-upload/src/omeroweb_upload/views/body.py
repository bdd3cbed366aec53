"""The body of a request as it comes from the network, without buffering it."""

from __future__ import annotations

import socket
import struct
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.http import HttpRequest

    Read = Callable[[int], bytes | memoryview]

NO_LIMIT: Final = struct.pack("ll", 0, 0)


@contextmanager
def body_reader(request: HttpRequest, idle_seconds: float) -> Iterator[Read]:
    """Yield a function that reads the next bytes of the body, b"" at its end.

    What it returns holds until the call after the next one. Django would keep the body in memory, so it is read from
    the server's own stream, or from the socket where the server lets us. Where the socket is known, it raises
    TimeoutError when no byte comes for `idle_seconds`: a thread must not wait for a network that is gone.
    """
    stream = request.META.get("wsgi.input")
    connection = request.META.get("gunicorn.socket")
    if stream is None:
        raise RuntimeError("the web server gave no body to read")
    if not isinstance(connection, socket.socket):
        yield _of_stream(stream, content_length(request))
        return
    before = connection.gettimeout()
    direct = type(connection) is socket.socket and _is_plain(stream)
    try:
        if direct:
            connection.settimeout(None)
            seconds, fraction = divmod(idle_seconds, 1)
            limit = struct.pack("ll", int(seconds), int(fraction * 1_000_000))
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, limit)
            yield _of_socket(connection, stream.reader)
        else:
            connection.settimeout(idle_seconds)
            yield _of_stream(stream, content_length(request))
    finally:
        if connection.fileno() != -1:
            if direct:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, NO_LIMIT)
            connection.settimeout(before)


def _of_stream(stream: Any, left: int | None) -> Read:
    def read(size: int) -> bytes:
        nonlocal left
        wanted = size if left is None else min(size, left)
        block: bytes = stream.read(wanted) if wanted else b""
        if left is not None:
            left -= len(block)
        return block

    return read


def _is_plain(stream: Any) -> bool:
    """Whether this is gunicorn's body of known length, of which nothing was read yet, as we know it from inside."""
    reader = getattr(stream, "reader", None)
    return (
        type(reader).__name__ == "LengthReader"
        and isinstance(getattr(reader, "length", None), int)
        and hasattr(getattr(reader, "unreader", None), "take_buffered")
        and not stream.buf.tell()
    )


def _of_socket(connection: socket.socket, reader: Any) -> Read:
    """Let the kernel fill one of two buffers in turn; gunicorn would copy every byte three times more.

    The reader's own count is kept, so that gunicorn knows where the next request begins.
    """
    early: bytes = reader.unreader.take_buffered()
    if len(early) > reader.length:
        reader.unreader.unread(early[reader.length :])
        early = early[: reader.length]
    buffers: list[bytearray] = []

    def read(size: int) -> bytes | memoryview:
        nonlocal early
        wanted = min(size, reader.length)
        if early:
            block, early = early[:wanted], early[wanted:]
            reader.length -= len(block)
            return block
        if not wanted:
            return b""
        if len(buffers) < 2:
            buffers.append(bytearray(size if reader.length > size else wanted))
        else:
            buffers.reverse()
        view = memoryview(buffers[-1])[:wanted]
        try:
            got = connection.recv_into(view, wanted, socket.MSG_WAITALL)
        except BlockingIOError as error:
            raise TimeoutError("no byte came for too long") from error
        reader.length -= got
        return view[:got]

    return read


def content_length(request: HttpRequest) -> int | None:
    """How many bytes the request says it has; None when it comes in chunks of its own."""
    text = request.META.get("CONTENT_LENGTH") or ""
    if not text.isdigit():
        return None if "chunked" in request.META.get("HTTP_TRANSFER_ENCODING", "").lower() else 0
    return int(text)
