"""A real HTTP server on a free port that records what it is sent and answers what a test lines up."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

LONGEST_HANG_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Seen:
    """A request as it arrived; header names in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Told:
    """An ordinary answer."""

    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)

    def __call__(self, handler: Handler) -> None:
        content = self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()
        handler.send_response(self.status)
        for name, value in {"Content-Type": "application/json", **self.headers}.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)


def hang(handler: Handler) -> None:
    """Say nothing for a minute, or until the test is over."""
    handler.double.over.wait(LONGEST_HANG_SECONDS)
    handler.close_connection = True


def trickle(handler: Handler) -> None:
    """Send one byte of an answer after the other, so that no single pause is long."""
    for byte in b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n" + b"X-Padding: a\r\n" * 1000:
        if handler.double.over.wait(0.05):
            break
        handler.wfile.write(bytes([byte]))
        handler.wfile.flush()
    handler.close_connection = True


def trickled_body(handler: Handler) -> None:
    """Send the head at once and the body byte by byte."""
    handler.send_response(200)
    handler.send_header("Content-Length", "100000")
    handler.end_headers()
    while not handler.double.over.wait(0.05):
        handler.wfile.write(b" ")
        handler.wfile.flush()


def break_off(handler: Handler) -> None:
    """Promise more than is sent."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"choices": [')
    handler.close_connection = True


def endless(handler: Handler) -> None:
    """Send without end."""
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    while not handler.double.over.is_set():
        handler.wfile.write(b"10000\r\n" + b" " * 0x10000 + b"\r\n")


class Handler(BaseHTTPRequestHandler):
    """Hands requests to the double."""

    protocol_version = "HTTP/1.1"
    double: HttpDouble

    def do_GET(self) -> None:
        self._answer()

    do_POST = do_GET  # noqa: N815 - likewise

    def _answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        headers = {name.lower(): value for name, value in self.headers.items()}
        seen = Seen(self.command, self.path, headers, self.rfile.read(length))
        try:
            self.double.next_answer(seen)(self)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's name
        pass


class HttpDouble:
    """The server; `answers` are used up in order, then `always` answers."""

    def __init__(self, ssl_context: ssl.SSLContext | None = None) -> None:
        self.requests: list[Seen] = []
        self.answers: list[Callable[[Handler], None]] = []
        self.always: Callable[[Handler], None] = Told(404, {})
        self.over = threading.Event()
        handler = type("BoundHandler", (Handler,), {"double": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        if ssl_context is not None:
            self._server.socket = ssl_context.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def next_answer(self, seen: Seen) -> Callable[[Handler], None]:
        """Record a request and choose its answer."""
        self.requests.append(seen)
        return self.answers.pop(0) if self.answers else self.always

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Answer nobody any more."""
        self.over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
