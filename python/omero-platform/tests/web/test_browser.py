"""What a researcher does on the first day, in a real browser.

With OMERO_PLATFORM_SCREENSHOTS set to a folder, the pages are kept there as the pictures of the documentation.
"""

from __future__ import annotations

import io
import os
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING

import omero
import omero.all
import pytest
from omero.rtypes import rstring
from PIL import Image
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser as Chromium
    from playwright.sync_api import Locator, Page, Request

    from .conftest import Site

ATTEMPTS = 30
pytestmark = [pytest.mark.stack, pytest.mark.browser, pytest.mark.timeout(300)]

PROJECT, DATASET = "2026_mitosis-inhibitors", "20260312_HeLa"
LOADED = "images => images.length > 0 && images.every(image => image.complete && image.naturalWidth > 0)"


class Client:
    """OMERO.web as one person sees it, and what went wrong on its pages."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        self.faults: list[str] = []
        page.set_default_timeout(30_000)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("request", self._refuse_other_hosts)
        page.on(
            "response",
            lambda answer: (
                self.faults.append(f"{answer.status} {answer.url}") if answer.status >= 500 else None
            ),
        )

    def _refuse_other_hosts(self, request: Request) -> None:
        if request.url.startswith("http") and not request.url.startswith(self.address):
            self.faults.append(f"asks {request.url}")

    def log_in(self, name: str, password: str) -> None:
        """From the front page to the data."""
        self.page.goto(self.address)
        self.page.fill("#id_username", name)
        self.page.fill("#id_password", password)
        self.page.click("[type=submit]")
        self.page.wait_for_selector("#dataTree .jstree-node")

    def node(self, text: str) -> Locator:
        """A row of the tree."""
        anchor = f"span[contains(@class,'jstree-anchor')][contains(normalize-space(.),'{text}')]"
        return self.page.locator(f"xpath=//*[@id='dataTree']//li[{anchor}]").first

    def expand(self, text: str) -> None:
        """Open a row of the tree."""
        self.node(text).locator("xpath=./i").click()

    def select(self, text: str) -> None:
        """Click on a row of the tree."""
        self.node(text).locator("xpath=./span").click()

    def open_dataset(self) -> Locator:
        """Show the thumbnails of the demo's first dataset."""
        self.expand(PROJECT)
        self.select(DATASET)
        thumbnails = self.page.locator("#dataIcons li.row img")
        expect(thumbnails).to_have_count(6)
        self.page.wait_for_function(f"({LOADED})([...document.querySelectorAll('#dataIcons li.row img')])")
        return thumbnails

    def open_image(self) -> Locator:
        """Select the first image; its right panel."""
        self.open_dataset().first.click()
        panel = self.page.locator("#metadata_general")
        expect(panel).to_contain_text("Dimensions (XY)")
        return panel

    def section(self, title: str) -> None:
        """Unfold a part of the right panel."""
        heading = self.page.locator("#metadata_general h1", has_text=re.compile(rf"^\s*{title}"))
        heading.scroll_into_view_if_needed()
        if (
            "closed" in (heading.get_attribute("class") or "")
            or heading.get_attribute("aria-expanded") == "false"
        ):
            heading.click()

    def picture(self, name: str) -> None:
        """Keep the page as it looks now."""
        keep_picture(self.page, name)


def keep_picture(page: Page, name: str) -> None:
    """Keep a page for the documentation, if a folder for that is named."""
    folder = os.environ.get("OMERO_PLATFORM_SCREENSHOTS")
    if folder:
        # Few colours are enough for a page, and keep the file small.
        shot = Image.open(io.BytesIO(page.screenshot()))
        shot.quantize(192).save(Path(folder) / f"{name}.png", optimize=True)


@pytest.fixture
def alice(chromium: Chromium, stack: Site) -> Iterator[Client]:
    page = chromium.new_page(viewport={"width": 1280, "height": 800})
    client = Client(page, stack.address)
    client.log_in("alice", stack.password("alice"))
    yield client
    page.close()
    assert client.faults == []


def test_alice_finds_her_images_by_project_and_dataset(alice: Client) -> None:
    thumbnails = alice.open_dataset()
    sources = {thumbnails.nth(number).get_attribute("src") for number in range(6)}
    assert len(sources) == 6
    alice.picture("webclient-thumbnails")


def test_the_right_panel_tells_all_about_an_image_and_never_says_error(alice: Client) -> None:
    panel = alice.open_image()
    expect(panel).to_contain_text("256 x 256")
    expect(panel).to_contain_text("DAPI, Tubulin-AF488, Actin-AF594")
    expect(panel).to_contain_text("Cell line")
    assert "error" not in panel.inner_text().lower()
    alice.picture("webclient-image")
    for tab, content in (("Acquisition", "#metadata_tab"), ("Preview", "#preview_tab")):
        alice.page.get_by_role("tab", name=tab).click()
        shown = alice.page.locator(content)
        expect(shown).not_to_be_empty()
        assert "error" not in shown.inner_text().lower()


def test_channels_go_on_and_off_in_the_full_viewer(alice: Client) -> None:
    alice.open_image()
    with alice.page.context.expect_page() as opened:
        alice.page.get_by_text("Full viewer").click()
    viewer = opened.value
    image = viewer.locator("#weblitz-viewport-img")
    image.wait_for()
    viewer.wait_for_function(f"({LOADED})([document.querySelector('#weblitz-viewport-img')])")
    with_dapi = image.get_attribute("src")
    channel = viewer.get_by_text("DAPI", exact=True).locator("visible=true").first
    channel.click()
    expect(image).not_to_have_attribute("src", with_dapi or "")
    viewer.wait_for_function(f"({LOADED})([document.querySelector('#weblitz-viewport-img')])")
    without_dapi = image.get_attribute("src")
    channel.click()
    expect(image).not_to_have_attribute("src", without_dapi or "")
    keep_picture(viewer, "webclient-viewer")
    viewer.close()


def test_alice_adds_a_tag(alice: Client) -> None:
    alice.open_image()
    alice.section("Tags")
    alice.page.click("#launch_tags_form")
    name = f"checked {time.time_ns()}"
    # The form hears what is typed only once its tags are loaded, which takes a while on a busy machine.
    add = alice.page.locator("#id_add_new_tag")
    for _ in range(ATTEMPTS):
        alice.page.fill("#id_tag", "")
        alice.page.locator("#id_tag").press_sequentially(name)
        if add.is_enabled():
            break
        alice.page.wait_for_timeout(1000)
    add.click()
    alice.page.get_by_role("button", name="Save", exact=True).click()
    expect(alice.page.locator("#tags_container")).to_contain_text(name)


def test_alice_comments(alice: Client) -> None:
    alice.open_image()
    alice.section("Comments")
    text = f"looks fine {time.time_ns()}"
    alice.page.fill("#id_comment", text)
    alice.page.get_by_role("button", name="Add Comment").click()
    expect(alice.page.locator("#comments_container")).to_contain_text(text)


def test_alice_adds_a_key_and_its_value(alice: Client) -> None:
    alice.open_image()
    table = alice.page.locator("#mapAnnContainer table.editableKeyValueTable").first
    # Tab in the last cell opens a new row, as in a spreadsheet.
    table.locator("tbody tr").last.locator("td").last.click()
    table.locator("input").press("Tab")
    table.locator("input").press_sequentially("Passage")
    table.locator("input").press("Tab")
    value = str(time.time_ns())
    with alice.page.expect_response(lambda answer: value in (answer.request.post_data or "")):
        table.locator("input").press_sequentially(value)
        table.locator("input").press("Enter")
    alice.page.reload()
    alice.open_image()
    expect(alice.page.locator("#mapAnnContainer")).to_contain_text(value)


def test_alice_renames_a_dataset_and_deletes_it(alice: Client, stack: Site) -> None:
    name = f"scratch {time.time_ns()}"
    with stack.gateway("alice") as gateway:
        dataset = omero.model.DatasetI()
        dataset.name = rstring(name)
        gateway.getUpdateService().saveObject(dataset)
    alice.page.reload()
    alice.select(name)
    heading = alice.page.locator("#metadata_general .data_heading").first
    expect(heading).to_contain_text(name)
    heading.locator("button.btn_edit").click()
    heading.locator("input[type=text]").fill(f"{name} renamed")
    heading.get_by_text("Save").click()
    expect(alice.node(f"{name} renamed")).to_be_visible()
    alice.page.locator("#deleteButton").click()
    alice.page.get_by_role("button", name="Yes").click()
    expect(alice.node(name)).to_have_count(0)


def test_alice_logs_out(alice: Client) -> None:
    alice.page.locator("#show_user_dropdown").click()
    alice.page.get_by_text("Logout").click()
    expect(alice.page.locator("#id_username")).to_be_visible()
