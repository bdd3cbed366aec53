"""Real HTTP servers on this machine that stand where the network ends, and remember every byte they were sent."""

from __future__ import annotations

import json
import socketserver
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Edge:
    """A server whose answers a test sets, by path without the query; `requests` are the raw heads and bodies.

    It keeps its answers back while `answering` is cleared.
    """

    answers: dict[str, tuple[int, dict[str, str], bytes]] = field(default_factory=dict)
    requests: list[bytes] = field(default_factory=list)
    url: str = ""
    answering: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.answering.set()

    def json(self, path: str, document, status: int = 200) -> None:
        self.answers[path] = (status, {"Content-Type": "application/json"}, json.dumps(document).encode())

    @property
    def lines(self) -> list[str]:
        """The request lines."""
        return [raw.split(b"\r\n", 1)[0].decode() for raw in self.requests]


def handler(edge: Edge):
    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                line = self.rfile.readline()
                if not line:
                    return
                head += line
            length = next(
                (
                    int(part[15:])
                    for part in head.split(b"\r\n")
                    if part.lower().startswith(b"content-length:")
                ),
                0,
            )
            edge.requests.append(head + self.rfile.read(length))
            edge.answering.wait(60)
            path = head.split(b" ")[1].decode().partition("?")[0]
            status, headers, body = edge.answers.get(path, (404, {}, b"nothing here"))
            told = {"Content-Length": str(len(body)), "Connection": "close", **headers}
            text = "".join(f"{name}: {value}\r\n" for name, value in told.items())
            self.wfile.write(f"HTTP/1.1 {status} X\r\n{text}\r\n".encode() + body)

    return Handler


class TcpServer(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


class SocketServer(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True


@contextmanager
def serve(path=None):
    """Yield an Edge on a free port, or on a unix socket at `path`."""
    edge = Edge()
    server = (
        TcpServer(("127.0.0.1", 0), handler(edge)) if path is None else SocketServer(str(path), handler(edge))
    )
    edge.url = f"http://127.0.0.1:{server.server_address[1]}" if path is None else str(path)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield edge
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
