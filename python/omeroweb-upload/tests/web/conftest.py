"""A browser, a network that can be cut, and pages to look at."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page


@dataclass(slots=True)
class Network:
    """A proxy between browser and server that can be cut, slowed down and mended."""

    target: int
    bytes_up: int = 0
    cut_at: int | None = None
    bytes_per_second: float | None = None
    _listener: socket.socket = field(default_factory=socket.socket)
    _open: set[socket.socket] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _is_cut: bool = False

    def __post_init__(self) -> None:
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind(("127.0.0.1", 0))
        self._listener.listen(64)
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def cut(self) -> None:
        """Drop every connection and accept none."""
        with self._lock:
            self._is_cut = True
            for one in self._open:
                _shut(one)
            self._open.clear()

    def mend(self) -> None:
        with self._lock:
            self._is_cut = False
            self.cut_at = None

    @property
    def is_cut(self) -> bool:
        return self._is_cut

    def close(self) -> None:
        self.cut()
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if self._is_cut:
                client.close()
                continue
            try:
                server = socket.create_connection(("127.0.0.1", self.target))
            except OSError:
                client.close()
                continue
            with self._lock:
                self._open |= {client, server}
            threading.Thread(target=self._pump, args=(client, server, True), daemon=True).start()
            threading.Thread(target=self._pump, args=(server, client, False), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket, up: bool) -> None:
        try:
            while data := source.recv(65536):
                sink.sendall(data)
                if up and self.bytes_per_second:
                    time.sleep(len(data) / self.bytes_per_second)
                if up:
                    self.bytes_up += len(data)
                    if self.cut_at is not None and self.bytes_up >= self.cut_at:
                        self.cut()
        except OSError:
            pass
        finally:
            _shut(source)
            _shut(sink)


def _shut(one: socket.socket) -> None:
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()


@pytest.fixture
def network(web) -> Iterator[Network]:
    """The network in front of OMERO.web."""
    made = Network(web.port)
    yield made
    made.close()


def log_in(page: Page, url: str, name: str) -> None:
    """Log in on OMERO.web's own page and open the upload page."""
    from omero_embedded.testing import PASSWORD

    page.goto(f"{url}/webclient/login/?url=/omeroweb_upload/")
    page.fill("#id_username", name)
    page.fill("#id_password", PASSWORD)
    page.click("input[type=submit], button[type=submit]")
    page.wait_for_url("**/omeroweb_upload/")


@pytest.fixture
def page(browser, alice, network) -> Iterator[Page]:
    """Alice at the upload page; a message in the console fails the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    opened = context.new_page()
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    log_in(opened, network.url, "alice")
    yield opened
    context.close()
    assert not errors


def drop(page: Page, *paths: str) -> None:
    """Drop files and folders of this machine on the page, as a file manager does."""
    box = page.locator("#upl-drop").bounding_box()
    at = {"x": box["x"] + box["width"] / 2, "y": box["y"] + 20}
    data = {"items": [], "files": list(paths), "dragOperationsMask": 1}
    session = page.context.new_cdp_session(page)
    for kind in ("dragEnter", "dragOver", "drop"):
        session.send("Input.dispatchDragEvent", {"type": kind, **at, "data": data})
    session.detach()
