"""What is passed on to Grafana and Prometheus: nothing of OMERO's, nowhere else, and only what reads."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from omeroweb_admin_tools.services.proxy import (
    Asked,
    ProxyError,
    Upstream,
    check,
    elsewhere,
    fetch,
    own_location,
    target_of,
)

from ..edges import serve

PREFIX = "/omeroweb_admin_tools/resource-monitoring/grafana-proxy/"
BROWSER = {
    "Accept": "text/html",
    "Cookie": "sessionid=secret; csrftoken=secret",
    "Authorization": "Basic secret",
    "X-CSRFToken": "secret",
    "X-OMERO-User": "secret",
    "X-Forwarded-For": "1.2.3.4",
    "Origin": "http://evil",
    "Referer": "http://evil/?secret",
    "User-Agent": "Tester",
}


@pytest.fixture
def edge():
    with serve() as found:
        yield found


def upstream(edge, name="grafana", **more) -> Upstream:
    return Upstream(name, edge.url, PREFIX, **more)


def ask(path, method="GET", **more) -> Asked:
    return Asked(method, path, more.get("query", ""), more.get("headers", BROWSER), more.get("body", b""))


def test_the_request_is_exactly_this_and_has_no_secret(edge):
    edge.answers[PREFIX + "d/omero"] = (
        200,
        {"Set-Cookie": "grafana_session=x", "ETag": "e", "Server": "s"},
        b"page",
    )
    found = fetch(upstream(edge), ask("d/omero", query="from=now-6h&x=%20"))
    assert b"".join(found.chunks) == b"page"
    assert found.headers == {"ETag": "e", "Content-Length": "4"}
    host = edge.url.removeprefix("http://")
    assert edge.requests == [
        f"GET {PREFIX}d/omero?from=now-6h&x=%20 HTTP/1.1\r\nHost: {host}\r\nAccept: text/html\r\n"
        f"User-Agent: Tester\r\n\r\n".encode()
    ]


def test_a_viewers_token_is_added_here(edge):
    edge.answers[PREFIX + "api/health"] = (200, {}, b"")
    list(fetch(upstream(edge, token="viewer"), ask("api/health")).chunks)
    assert b"Authorization: Bearer viewer\r\n" in edge.requests[0]
    assert b"secret" not in edge.requests[0]


def test_the_administrator_is_named_to_grafana_and_nobody_can_name_another(edge):
    edge.answers[PREFIX + "api/health"] = (200, {}, b"")
    list(fetch(upstream(edge, user="carol"), ask("api/health")).chunks)
    assert edge.requests[0].count(b"X-OMERO-User: carol\r\n") == 1
    assert b"secret" not in edge.requests[0]


def test_prometheus_is_asked_without_the_prefix_and_may_redirect_below_it(edge):
    edge.answers["/targets"] = (302, {"Location": "/classic/targets"}, b"")
    found = fetch(upstream(edge, "prometheus", strips_prefix=True), ask("targets"))
    list(found.chunks)
    assert (found.status, found.headers["Location"]) == (302, PREFIX + "classic/targets")


def test_debians_prometheus_has_its_targets_elsewhere(edge):
    place = upstream(edge, "prometheus", strips_prefix=True)
    assert elsewhere(place, ask("targets"), 404) == PREFIX + "classic/targets"
    assert elsewhere(place, ask("targets"), 200) is None
    assert elsewhere(place, ask("graph"), 404) is None
    assert elsewhere(upstream(edge), ask("targets"), 404) is None


@pytest.mark.parametrize("location", ["http://evil/", "//evil/", "/login", "https://evil" + PREFIX])
def test_a_redirect_to_anywhere_else_is_refused(edge, location):
    with pytest.raises(ProxyError):
        own_location(upstream(edge), location)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "CONNECT", "TRACE"])
@pytest.mark.parametrize("name", ["grafana", "prometheus"])
def test_methods_that_could_change_something_are_refused(edge, method, name):
    with pytest.raises(ProxyError) as refused:
        fetch(upstream(edge, name), ask("api/v1/anything", method))
    assert refused.value.status == 405
    assert edge.requests == []


def test_only_grafanas_reading_query_may_be_posted(edge):
    check(upstream(edge), ask("api/ds/query", "POST", body=b"{}"))
    for name, path in (
        ("prometheus", "api/ds/query"),
        ("grafana", "api/ds/query/x"),
        ("grafana", "api/dashboards/db"),
    ):
        with pytest.raises(ProxyError):
            check(upstream(edge, name), ask(path, "POST"))
    with pytest.raises(ProxyError) as refused:
        check(upstream(edge), ask("api/ds/query", "POST", body=b"x" * 2_000_000))
    assert refused.value.status == 413


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("grafana", "../../etc"),
        ("grafana", "a/%2e%2e/b"),
        ("grafana", "a/%252e%252e/b"),
        ("grafana", "a\\b"),
        ("grafana", "a\r\nHost: evil"),
        ("grafana", "/evil/"),
        ("grafana", "api/admin/settings"),
        ("grafana", "logout"),
        ("prometheus", "-/quit"),
        ("prometheus", "-/reload/"),
        ("prometheus", "api/v1/admin/tsdb/snapshot"),
        ("prometheus", "debug/pprof/heap"),
    ],
)
def test_paths_that_lead_out_or_administer_are_refused(edge, name, path):
    with pytest.raises(ProxyError):
        fetch(upstream(edge, name), ask(path))
    assert edge.requests == []


@given(st.text(max_size=60), st.text(st.characters(max_codepoint=127), max_size=40))
@example("graph", "#")
@example("graph", "x=%zz&y=[1]")
def test_no_path_reaches_another_host(path, query):
    for strips in (True, False):
        place = Upstream("grafana", "http://127.0.0.1:3000", PREFIX, strips)
        asked = Asked("GET", path, query, {})
        try:
            check(place, asked)
        except ProxyError:
            continue
        target = target_of(place, asked)
        assert (target.scheme, target.host, target.port) == ("http", "127.0.0.1", 3000)
