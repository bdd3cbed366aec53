"""A new user exports a z-stack from OMERO.web, watches it, downloads the file, and asks for it again."""

from __future__ import annotations

import re
import time

import h5py
import numpy as np
import pytest
from playwright.sync_api import expect

from ims_writer.check.run import check_file
from omero_embedded.testing import PASSWORD
from omero_platform.demo import pictures
from omero_plugin_common.models import Job

from ..helpers import volume

pytestmark = pytest.mark.browser
PATIENCE = 120_000


@pytest.fixture
def stack(lab):
    """A z-stack of the demo: three channels, nine planes; (id, pixels)."""
    channels = pictures.fluorescence_stack(7, 256, 9)
    pixels = np.stack([np.stack(list(channel)) for channel in channels])[np.newaxis]
    return lab.image("bob", pixels, "20260312_HeLa_ctrl_DAPI-Tubulin-Actin_63x_rep1"), pixels


def log_in(browser, web, name, **options):
    page = browser.new_context(accept_downloads=True, **options).new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(f"{web.url}/webclient/login/")
    page.fill("#id_username", name)
    page.fill("#id_password", PASSWORD)
    page.click("input[type=submit]")
    page.wait_for_selector("#dataTree")
    return page


def open_panel(page, web, image_id):
    page.goto(f"{web.url}/webclient/?show=image-{image_id}")
    page.wait_for_selector(f"#dataTree [data-id='{image_id}'] .jstree-clicked, #dataTree .jstree-clicked")
    tab = page.locator("#annotation_tabs_list a", has_text="Imaris")
    expect(page.locator("#annotation_tabs_list li:has(a[href='#imaris_tab'])")).not_to_have_class(
        re.compile("ui-state-disabled"), timeout=PATIENCE
    )
    tab.click()
    return page.frame_locator("#imaris_tab iframe")


def test_select_export_watch_download_and_again_from_the_cache(browser, web, exporter, lab, stack, tmp_path):
    image_id, pixels = stack
    page = log_in(browser, web, "bob")
    panel = open_panel(page, web, image_id)
    panel.get_by_role("button", name="Export").click()
    expect(panel.locator("progress")).to_be_visible(timeout=PATIENCE)
    link = panel.get_by_role("link", name="Download 20260312_HeLa_ctrl")
    expect(link).to_be_visible(timeout=PATIENCE)
    with page.expect_download() as started:
        link.click()
    path = tmp_path / started.value.suggested_filename
    started.value.save_as(path)
    assert path.name == "20260312_HeLa_ctrl_DAPI-Tubulin-Actin_63x_rep1.ims"
    assert check_file(path).findings == []
    with h5py.File(path) as file:
        for channel in range(3):
            stored = file[f"DataSet/ResolutionLevel 0/TimePoint 0/Channel {channel}/Data"][:9, :256, :256]
            np.testing.assert_array_equal(stored, pixels[0, channel])

    began = time.monotonic()
    panel.get_by_role("button", name="Export").click()
    expect(panel.locator("#ims-said")).to_have_text(re.compile("exported before"), timeout=PATIENCE)
    assert time.monotonic() - began < 10
    expect(panel.get_by_role("link", name="Download 20260312_HeLa_ctrl")).to_have_count(1)
    assert Job.objects.filter(kind="imaris.export").count() == 1
    page.context.close()


def test_an_export_is_cancelled_and_started_again_from_the_page(browser, web, exporter, lab):
    image_id = lab.image("alice", volume((1, 1, 1, 16, 16), np.uint8), "small.tif")
    taken = lab.take_processors(2)
    page = log_in(browser, web, "alice", viewport={"width": 320, "height": 700})
    page.goto(f"{web.url}/omeroweb_imaris_connector/?image={image_id}")
    page.get_by_role("button", name="Export").click()
    expect(page.locator(".omp-job-message")).to_contain_text(
        "Waiting for a free script processor", timeout=PATIENCE
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator(".omp-job-state")).to_have_text("Cancelled", timeout=PATIENCE)
    lab.free(taken)
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("link", name="Download small.tif.ims")).to_be_visible(timeout=PATIENCE)
    page.context.close()


def test_open_with_offers_imaris_and_help_explains_it(browser, web, exporter, lab):
    image_id = lab.image("alice", volume((1, 1, 1, 16, 16), np.uint8), "menu.tif")
    page = log_in(browser, web, "alice")
    entries = page.evaluate(
        "async () => (await (await fetch('/webgateway/open_with/')).json()).open_with_options"
    )
    (entry,) = [one for one in entries if one["id"] == "Imaris"]
    page.goto(f"{web.url}{entry['url']}?image={image_id}")
    expect(page.locator(".ims-images")).to_have_text(re.compile("menu.tif"))
    page.get_by_role("link", name="Help").last.click()
    expect(page.get_by_role("heading", name="Exporting to Imaris")).to_be_visible()
    page.context.close()
