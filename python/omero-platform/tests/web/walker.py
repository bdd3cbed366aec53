"""Walking through OMERO.web as a person with a browser would: logging in, asking for pages, looking at what comes back."""

from __future__ import annotations

import html
import io
import json
import re
from dataclasses import dataclass
from pathlib import Path

import requests
from PIL import Image

ROUTES = Path(__file__).with_name("routes.txt")
ERROR_MARKS = ("Traceback (most recent call last)", "Ooops, something went wrong", "Internal Server Error")
PICTURES = {"png": "PNG", "jpeg": "JPEG", "gif": "GIF"}


@dataclass(frozen=True, slots=True)
class Route:
    """One line of routes.txt."""

    path: str
    kind: str
    only: frozenset[str]
    statuses: frozenset[int]


def routes() -> list[Route]:
    """All routes that are walked."""
    return [_route(line) for line in _lines() if not line.startswith("-")]


def left_out() -> list[str]:
    """Paths of the routes that are not walked."""
    return [line.split()[1] for line in _lines() if line.startswith("-")]


def _lines() -> list[str]:
    lines = (line.strip() for line in ROUTES.read_text().splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def _route(line: str) -> Route:
    path, kind, *options = line.split()
    values = dict(option.split("=", 1) for option in options)
    only = frozenset(values["only"].split(",")) if "only" in values else frozenset({"user", "owner", "admin"})
    statuses = frozenset(int(code) for code in values.get("status", "200").split(","))
    return Route(path, kind, only, statuses if kind != "redirect" else statuses | {301, 302})


class Browser:
    """One person's session in OMERO.web."""

    def __init__(self, address: str, name: str, password: str) -> None:
        self.address = address.rstrip("/")
        self.http = requests.Session()
        page = self.get("/webclient/login/")
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
        if token is None:
            raise ValueError(f"no log-in form at {self.address}/webclient/login/: {page.text[:300]}")
        form = {"username": name, "password": password, "server": "1", "csrfmiddlewaretoken": token[1]}
        answer = self.http.post(
            f"{self.address}/webclient/login/", data=form, headers={"Referer": self.address}, timeout=60
        )
        if "/webclient/login" in answer.url:
            raise ValueError(f"{name} was not let in: {answer.text[:1000]}")

    def get(self, path: str, *, follow: bool = True) -> requests.Response:
        """The page at the path."""
        return self.http.get(self.address + path, timeout=120, allow_redirects=follow)

    def post(self, path: str, data: object, *, as_json: bool = False) -> requests.Response:
        """Send a form, or JSON, as the page's own scripts do."""
        headers = {"X-CSRFToken": self.http.cookies.get("csrftoken") or "", "Referer": self.address}
        sent = {"json": data} if as_json else {"data": data}
        return self.http.post(self.address + path, headers=headers, timeout=120, **sent)  # type: ignore[arg-type]


def complaint(route: Route, response: requests.Response) -> str | None:
    """What is wrong with the answer, None where it is right."""
    if response.status_code not in route.statuses:
        return f"status {response.status_code}: {_summary(response)}"
    if response.status_code != 200 or route.kind == "redirect":
        return None
    if not response.content:
        return "empty answer"
    wrong = _wrong_kind(route.kind, response)
    if wrong:
        return wrong
    if route.kind in ("html", "json", "text"):
        return next((f"the page says {mark!r}" for mark in ERROR_MARKS if mark in response.text), None)
    return None


def _wrong_kind(kind: str, response: requests.Response) -> str | None:
    if kind in PICTURES or kind == "picture":
        try:
            picture = Image.open(io.BytesIO(response.content))
            picture.load()
        except OSError as error:
            return f"no picture: {error}"
        return (
            None
            if picture.format == PICTURES.get(kind, picture.format)
            else f"a {picture.format} instead of {kind}"
        )
    if kind == "json":
        try:
            found = json.loads(response.text)
        except ValueError:
            return f"not JSON: {_summary(response)}"
        return f"JSON says {found['error']!r}" if isinstance(found, dict) and found.get("error") else None
    if kind == "html" and "<" not in response.text:
        return f"not HTML: {_summary(response)}"
    return None


def _summary(response: requests.Response) -> str:
    text = html.unescape(response.text)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    telling = [line for line in lines if re.search(r"(Error|Exception): |message = ", line)]
    return " | ".join((telling or lines)[-3:])[:400]
