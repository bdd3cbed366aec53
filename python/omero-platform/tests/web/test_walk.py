"""Every GET route of OMERO.web and its plugins answers, for everybody who may ask."""

from __future__ import annotations

import base64
import io
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

from .walker import Route, complaint, left_out, routes

if TYPE_CHECKING:
    from .conftest import Site

pytestmark = [pytest.mark.stack, pytest.mark.timeout(900)]

ROLES = {"alice": "user", "dora": "owner", "carol": "admin"}
NOT_ALLOWED = {302, 403, 404}

# Prints the path of every route of the running OMERO.web, as Django knows it.
_LIST_ROUTES = """
import django
django.setup()
from django.urls import get_resolver
def walk(patterns, prefix=""):
    for pattern in patterns:
        path = prefix + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            walk(pattern.url_patterns, path)
        else:
            print(path)
walk(get_resolver().url_patterns)
"""


@pytest.mark.parametrize("name", list(ROLES))
def test_every_page_answers(stack: Site, ids: dict[str, Any], name: str) -> None:
    browser = stack.browser(name)
    complaints = []
    for route in routes():
        path = route.path.format(**ids)
        response = browser.get(path, follow=route.kind != "redirect")
        if ROLES[name] in route.only:
            problem = complaint(route, response)
        else:
            refused = response.status_code in NOT_ALLOWED or "/login" in response.url
            problem = None if refused else f"open to {name}: status {response.status_code}"
        if problem:
            complaints.append(f"{path}: {problem}")
    assert not complaints, "\n".join(complaints)


def test_no_route_is_forgotten(stack: Site) -> None:
    known = [*(_plain(route) for route in routes()), *left_out()]
    own = ("^omeroweb_", "^omero_plugin_common")
    forgotten = [
        pattern
        for pattern in _django_routes(stack)
        if not pattern.startswith(own) and not any(_matches(pattern, path) for path in known)
    ]
    assert not forgotten, forgotten


def test_thumbnails_differ_from_image_to_image(stack: Site, ids: dict[str, Any]) -> None:
    browser = stack.browser("alice")
    images = [
        image["id"] for image in browser.get(f"/webclient/api/images/?id={ids['dataset']}").json()["images"]
    ]
    query = "&".join(f"id={image}" for image in images)
    thumbnails = browser.get(f"/webclient/get_thumbnails/?{query}").json()
    assert set(thumbnails) == {str(image) for image in images}
    pictures = {base64.b64decode(text.partition(",")[2]) for text in thumbnails.values()}
    assert len(pictures) == len(images)
    assert all(np.asarray(Image.open(io.BytesIO(picture))).std() > 5 for picture in pictures)


def test_the_histogram_is_that_of_the_pixels(stack: Site, ids: dict[str, Any]) -> None:
    found = (
        stack.browser("alice")
        .get(f"/webgateway/histogram_json/{ids['image']}/channel/0/?theT=0&theZ=0&bins=16")
        .json()
    )
    with stack.gateway("alice") as gateway:
        image = gateway.getObject("Image", ids["image"])
        plane = image.getPrimaryPixels().getPlane(0, 0, 0)
    assert sum(found["data"]) == plane.size
    assert len(found["data"]) == 16


def test_the_plate_shows_its_wells(stack: Site, ids: dict[str, Any]) -> None:
    grid = stack.browser("alice").get(f"/webgateway/plate/{ids['plate']}/").json()["grid"]
    assert (len(grid), len(grid[0])) == (8, 12)
    assert all(well and well["name"] for row in grid for well in row)


def test_logging_out_ends_the_session(stack: Site) -> None:
    browser = stack.browser("bob")
    browser.post("/webclient/logout/", {})
    assert "/login" in browser.get("/webclient/userdata/").url


def test_carol_becomes_alice_and_bob_cannot(stack: Site) -> None:
    assert stack.browser("carol").get("/webgateway/su/alice/").status_code == 200
    assert stack.browser("bob").get("/webgateway/su/alice/").status_code in NOT_ALLOWED


def _plain(route: Route) -> str:
    """The route's path with numbers for ids, without its query."""
    return re.sub(
        r"\{(\w+)\}", lambda name: "0/0/0/0/0" if name[1] == "zarr_chunk" else "1", route.path
    ).partition("?")[0]


def _django_routes(stack: Site) -> list[str]:
    from omero_platform.services.omeroweb import plugin_environment

    environment = {
        **plugin_environment(stack.instance),
        "PYTHONPATH": stack.instance.python_path(),
        "PATH": "/usr/bin:/bin",
    }
    command = [sys.executable, "-P", "-W", "ignore", "-c", _LIST_ROUTES]
    listed = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return listed.stdout.splitlines()


def _matches(pattern: str, path: str) -> bool:
    text = pattern.replace("/^", "/").removeprefix("^").replace("\\\\", "\\")
    text = re.sub(r"<int:\w+>", r"[0-9]+", text)
    text = re.sub(r"<slug:\w+>", r"[-a-zA-Z0-9_]+", text)
    return (
        re.match(text, path.removeprefix("/")) is not None
        if text.endswith("$")
        else re.fullmatch(text, path.removeprefix("/")) is not None
    )
