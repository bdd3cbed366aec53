"""Passing a request on to Grafana or Prometheus: fixed hosts, safe methods, and nothing of OMERO's sessions.

Both must know the path they are seen under (Grafana: `root_url` and `serve_from_sub_path`; Prometheus:
`--web.external-url` with `--web.route-prefix=/`), so nothing in their answers needs rewriting.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

import httpx

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SENT_HEADERS = (
    "Accept",
    "Accept-Language",
    "Content-Type",
    "If-None-Match",
    "If-Modified-Since",
    "Range",
    "User-Agent",
)
RETURNED_HEADERS = (
    "Cache-Control",
    "Content-Disposition",
    "Content-Encoding",
    "Content-Language",
    "Content-Length",
    "Content-Range",
    "Content-Type",
    "ETag",
    "Expires",
    "Last-Modified",
    "Vary",
)
# Grafana's auth.proxy.header_name in monitoring/grafana/settings.json.
USER_HEADER = "X-OMERO-User"
SAFE_METHODS = frozenset({"GET", "HEAD"})
# Grafana asks its data sources with POST; this only reads.
READING_POSTS = {"grafana": re.compile(r"api/ds/query")}
LONGEST_BODY_BYTES = 1024 * 1024
# Prometheus' own administration, which must not be reached even with GET.
REFUSED = {
    "prometheus": re.compile(r"api/v\d+/admin(/.*)?|-/(reload|quit)|debug/.*"),
    "grafana": re.compile(r"api/admin(/.*)?|logout|login.*"),
}


class ProxyError(Exception):
    """A request that is not passed on; `status` is the answer's."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class Upstream:
    """Where requests go: `base` is an address without path, `prefix` the path that browsers use.

    With `strips_prefix` the upstream is asked without that path. `user` signs the administrator in to Grafana's
    auth proxy as a viewer; a `token` is used instead where one is configured.
    """

    name: str
    base: str
    prefix: str
    strips_prefix: bool = False
    token: str = ""
    user: str = ""
    timeout_seconds: float = 10.0


@dataclass(frozen=True, slots=True)
class Asked:
    """A request to pass on; `path` is what stands behind the prefix, without the question mark."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Answered:
    """What came back, to be streamed and closed."""

    status: int
    headers: Mapping[str, str]
    chunks: Iterator[bytes]


def check(upstream: Upstream, asked: Asked) -> None:
    """Refuse what may not be passed on; raises ProxyError."""
    reads = READING_POSTS.get(upstream.name)
    reading = asked.method == "POST" and reads is not None and reads.fullmatch(asked.path) is not None
    if asked.method not in SAFE_METHODS and not reading:
        raise ProxyError(f"{asked.method} is not passed on to {upstream.name}; pages here only read.", 405)
    if len(asked.body) > LONGEST_BODY_BYTES:
        raise ProxyError("The request is too long.", 413)
    plain = unquote(unquote(asked.path))
    parts = plain.split("/")
    if ".." in parts or "\\" in plain or not plain.isprintable() or plain.startswith("/") or "?" in plain:
        raise ProxyError("This path is not passed on.", 400)
    if not asked.query.isascii() or not asked.query.isprintable():
        raise ProxyError("This query is not passed on.", 400)
    if REFUSED[upstream.name].fullmatch(plain.rstrip("/")):
        raise ProxyError(f"{plain} is not passed on to {upstream.name}.", 403)


def target_of(upstream: Upstream, asked: Asked) -> httpx.URL:
    """Return the address to ask; whatever the path says, scheme, host and port stay the upstream's."""
    base = httpx.URL(upstream.base)
    raw = asked.path if upstream.strips_prefix else f"{upstream.prefix}{asked.path}"
    quoted = quote(f"/{raw.lstrip('/')}", safe="/:@!$&'()*+,;=-._~").encode("ascii")
    query = quote(asked.query, safe="-._~!$&'()*+,;=:@/?%").encode("ascii")
    return base.copy_with(raw_path=quoted + (b"?" + query if query else b""))


def headers_for(upstream: Upstream, asked: Asked) -> dict[str, str]:
    """Return the few headers that are passed on: no cookie, no authorization of the browser's."""
    found = {name: asked.headers[name] for name in SENT_HEADERS if name in asked.headers}
    if upstream.token:
        found["Authorization"] = f"Bearer {upstream.token}"
    elif upstream.user:
        found[USER_HEADER] = upstream.user.encode("ascii", errors="replace").decode()
    return found


def fetch(upstream: Upstream, asked: Asked) -> Answered:
    """Ask the upstream and return its answer as a stream; raises ProxyError."""
    check(upstream, asked)
    client = httpx.Client(
        timeout=upstream.timeout_seconds, trust_env=False, follow_redirects=False, headers={}, cookies=None
    )
    request = client.build_request(
        asked.method,
        target_of(upstream, asked),
        headers=headers_for(upstream, asked),
        content=asked.body or None,
    )
    for name in ("Accept-Encoding", "Connection"):
        request.headers.pop(name, None)
    try:
        answer = client.send(request, stream=True)
    except httpx.HTTPError as error:
        client.close()
        raise ProxyError(f"{upstream.name} doesn't answer ({type(error).__name__}).", 502) from error
    headers = {name: answer.headers[name] for name in RETURNED_HEADERS if name in answer.headers}
    location = answer.headers.get("Location")
    if location is not None:
        try:
            headers["Location"] = own_location(upstream, location)
        except ProxyError:
            answer.close()
            client.close()
            raise
    return Answered(answer.status_code, headers, _stream(client, answer))


def elsewhere(upstream: Upstream, asked: Asked, status: int) -> str | None:
    """Return where a page is that this build of Prometheus has under another name, as Debian's has."""
    if upstream.name == "prometheus" and asked.path == "targets" and status == httpx.codes.NOT_FOUND:
        return f"{upstream.prefix}classic/targets"
    return None


def own_location(upstream: Upstream, location: str) -> str:
    """Return where a redirect leads below the prefix; raises ProxyError when it leads anywhere else."""
    path = location.removeprefix(upstream.base)
    if path.startswith(upstream.prefix):
        return path
    if upstream.strips_prefix and path.startswith("/") and not path.startswith("//"):
        return upstream.prefix + path[1:]
    raise ProxyError(
        f"{upstream.name} sends the browser to another place. Configure it to be seen under {upstream.prefix}.",
        502,
    )


def _stream(client: httpx.Client, answer: httpx.Response) -> Iterator[bytes]:
    try:
        yield from answer.iter_raw()
    finally:
        answer.close()
        client.close()
