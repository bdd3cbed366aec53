"""The five pages as a new administrator meets them, in a real browser."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from omero_embedded.testing import PASSWORD
from omero_plugin_common.testing.servers import wait_until
from omeroweb_admin_tools.models import StorageMeasurement

from ..conftest import LOGS

pytestmark = pytest.mark.browser

BASE = "/omeroweb_admin_tools/"
PAGES = {
    "": "Admin tools",
    "logs/": "Logs",
    "resource-monitoring/": "Resources",
    "storage/": "Storage",
    "storage/quota/": "Quotas",
    "server-database-testing/": "Diagnostics",
}


@pytest.fixture
def page(browser, web, plugin_database):
    """A page of Carol's, who has just become administrator; it collects what the console complains about."""
    context = browser.new_context(base_url=web.url, viewport={"width": 1280, "height": 900})
    client = web.login("carol", PASSWORD)
    context.add_cookies(
        [{"name": key, "value": value, "url": web.url} for key, value in client.cookies.items()]
    )
    client.close()
    found = context.new_page()
    found.set_default_timeout(30_000)
    found.complaints = []
    found.on("console", lambda text: found.complaints.append(text.text) if text.type == "error" else None)
    found.on("pageerror", lambda error: found.complaints.append(str(error)))
    yield found
    context.close()


@pytest.fixture
def some_logs():
    path = LOGS / "omeroweb.log"
    now = datetime.now(UTC)
    path.write_text(
        "".join(
            f"[{now:%Y-%m-%d %H:%M:%S} +0000] [{'ERROR' if number == 5 else 'INFO'}] <b>line</b> {number}\n"
            for number in range(20)
        )
    )
    yield path
    path.unlink()


def serious(page):
    return [
        (found["id"], [node["html"] for node in found["nodes"]][:2])
        for found in Axe().run(page).response["violations"]
        if found["impact"] in ("serious", "critical")
    ]


def real(complaints):
    """Without the answers 503 that say what does not run here."""
    return [text for text in complaints if "503" not in text]


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_accessible_and_fits_narrow_and_wide_light_and_dark(page, path, some_logs):
    for width, scheme in ((1280, "light"), (320, "dark")):
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(BASE + path)
        expect(page.get_by_role("heading", level=1)).to_contain_text(PAGES[path])
        page.wait_for_load_state("networkidle")
        assert serious(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), (
            "it scrolls sideways"
        )
    assert real(page.complaints) == []
    folder = os.environ.get("ADMIN_SCREENSHOTS")
    if folder:
        name = path.strip("/").replace("/", "-") or "index"
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def test_a_log_line_is_found_shown_in_context_and_followed(page, some_logs):
    page.goto(BASE + "logs/")
    rows = page.locator("#log-rows tr")
    expect(rows).to_have_count(20)
    page.get_by_label("error", exact=True).check()
    expect(rows).to_have_count(1)
    expect(rows.first).to_contain_text("<b>line</b> 5")
    rows.first.get_by_role("button", name="Around").click()
    expect(page.get_by_role("dialog")).to_contain_text("line</b> 4")
    assert serious(page) == []
    page.get_by_role("button", name="Close").click()
    page.get_by_role("button", name="Follow").click()
    expect(page.get_by_role("button", name="Stop following")).to_be_visible()
    with some_logs.open("a") as stream:
        stream.write(f"[{datetime.now(UTC):%Y-%m-%d %H:%M:%S} +0000] [ERROR] fresh trouble\n")
    expect(rows.first).to_contain_text("fresh trouble")
    assert "level=error" in page.url


def test_a_search_can_be_sent_to_a_colleague_as_an_address(page, some_logs):
    page.goto(BASE + "logs/?query=line%3C%2Fb%3E+7&lookback=3600&container=omeroweb")
    expect(page.locator("#log-rows tr")).to_have_count(1)
    expect(page.get_by_label("Text, or an error's reference")).to_have_value("line</b> 7")
    expect(page.locator("#log-chosen")).to_have_text("1 chosen")
    expect(page.locator("mark")).to_have_text("line</b> 7")


def test_a_quota_is_set_after_seeing_what_changes(page, environment):
    page.goto(BASE + "storage/quota/")
    page.get_by_label("Quota of lab in GB").fill("2.5")
    page.get_by_role("button", name="Save changes…").click()
    dialog = page.get_by_role("dialog", name="Change 1 quotas?")
    expect(dialog).to_contain_text("lab: none → 2.5 GB")
    dialog.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("no quota")).to_be_visible()
    page.get_by_role("button", name="Save changes…").click()
    page.get_by_role("dialog").get_by_role("button", name="Change", exact=True).click()
    expect(page.locator("#log tr").first).to_contain_text("lab: none → 2.5 GB (by carol)")
    for path in (environment.folder / "quotas").glob("*.json"):
        path.unlink()


def test_storage_is_measured_at_the_press_of_a_button(page, worker):
    pressed = datetime.now(UTC)
    page.goto(BASE + "storage/")
    page.get_by_role("button", name="Measure now").click()
    # The worker also measures by itself, so the page may have figures before.
    wait_until(
        lambda: StorageMeasurement.objects.filter(at__gte=pressed).exclude(job_id="").exists(),
        "a measurement after the button was pressed",
        timeout=90,
    )
    expect(page.locator("#measured")).to_contain_text("Measured", timeout=90_000)
    page.get_by_role("button", name="By group", exact=True).click()
    expect(page.locator("#view")).to_contain_text("lab")
    assert serious(page) == []


def test_diagnostics_show_results_with_what_to_do(page):
    page.goto(BASE + "server-database-testing/")
    page.get_by_label("Whole platform").uncheck()
    page.get_by_label("Plugin database").check()
    page.get_by_role("button", name="Run").click()
    expect(page.get_by_role("row", name="A statement in the plugin database")).to_contain_text(
        "PASS", timeout=60_000
    )
    assert serious(page) == []


def test_the_overview_leads_to_the_log_of_a_reference(page, some_logs):
    page.goto(BASE)
    expect(page.locator("#health")).to_contain_text("Redis")
    page.get_by_role("textbox", name="Reference").fill("abcdef12")
    page.get_by_role("button", name="Find it in the logs").click()
    wait_until(lambda: "query=abcdef12" in page.url, "the search")
    expect(page.locator("#log-status")).to_contain_text("Nothing was found")
