"""The wizard and the spectrum page in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from omero_embedded.testing import PASSWORD
from omeroweb_upload.services.attachments_find import attached_files

pytestmark = pytest.mark.browser

SMALL = {"width": 320, "height": 800}


@pytest.fixture
def page(browser, web, plugin_database):
    """alice's browser; what its console complains about is kept."""
    context = browser.new_context(base_url=web.url, viewport={"width": 1280, "height": 900})
    context.set_default_timeout(60_000)
    client = web.login("alice", PASSWORD)
    context.add_cookies(
        [{"name": key, "value": value, "url": web.url} for key, value in client.cookies.items()]
    )
    found = context.new_page()
    found.complaints = []
    found.on("console", lambda said: found.complaints.append(said.text) if said.type == "error" else None)
    found.on("pageerror", lambda error: found.complaints.append(str(error)))
    yield found
    context.close()


@pytest.fixture
def grains(alice, lab):
    """A dataset of older days: three images, two spectra that rules can place and one that they can't."""
    dataset_id, ids = lab.dataset(alice, "grain 1.tif", "grain 2.tif", "overview.tif")
    spectra = [
        lab.attach_to_dataset(alice, dataset_id, name, lab.spectrum(name[:-4], seed=number))
        for number, name in enumerate(("grain 1.txt", "grain 2.txt", "somewhere.txt"), start=1)
    ]
    return dataset_id, ids, spectra


def findings(page):
    from axe_playwright_python.sync_playwright import Axe

    violations = Axe().run(page).response["violations"]
    return [
        (violation["id"], [node["html"] for node in violation["nodes"]][:3])
        for violation in violations
        if violation["impact"] in ("serious", "critical")
    ]


def scrolls_sideways(page):
    return page.evaluate("document.documentElement.scrollWidth > window.innerWidth")


def open_spectrum(page, source):
    page.goto(f"/omeroweb_upload/edx/spectrum/?source=annotation:{source}")
    page.wait_for_selector("#edx-chart[data-ready] canvas")
    expect(page.locator("#edx-loading")).to_be_hidden()


def test_spectra_are_brought_to_their_images_attached_shown_and_taken_back(page, worker, alice, grains):
    dataset_id, ids, _ = grains
    page.goto("/omeroweb_upload/edx/")
    page.get_by_label("Dataset").select_option(str(dataset_id))
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.locator("#edx-count")).to_have_text("2 of 3 files have an image.")
    expect(page.locator(".edx-waiting")).to_contain_text("somewhere.txt")
    page.get_by_label("Image for somewhere.txt").focus()
    page.get_by_label("Image for somewhere.txt").select_option(label="overview.tif")
    expect(page.locator("#edx-count")).to_have_text("3 of 3 files have an image.")
    expect(page.locator(".edx-image", has_text="overview.tif")).to_contain_text("chosen by hand")

    page.get_by_role("button", name="Preview").click()
    expect(page.locator("#edx-summary")).to_have_text("15 will be made, 0 are there already.")
    assert attached_files(alice, "Image", ids) == []
    page.get_by_role("button", name="Attach", exact=True).click()
    expect(page.locator("#edx-result")).to_contain_text("15 outputs attached.", timeout=120_000)
    names = {file.name for file in attached_files(alice, "Image", [ids[0]])}
    assert names == {"grain 1.txt", "grain 1.h5", "grain 1_edx.png"}

    page.goto(f"/webclient/?show=image-{ids[0]}")
    attachments = page.locator("h1[data-name=attachments]")
    expect(attachments).to_contain_text("3", timeout=60_000)
    attachments.click()
    for name in ("grain 1.txt", "grain 1_edx.png", "grain 1.h5"):
        expect(page.locator("#metadata_general li", has_text=name).first).to_be_visible(timeout=60_000)

    page.goto(f"/omeroweb_upload/edx/?dataset={dataset_id}")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("#edx-summary")).to_contain_text("Everything is there already.")
    expect(page.get_by_role("button", name="Attach", exact=True)).to_be_disabled()
    assert page.complaints == []


def test_what_was_attached_is_taken_back_with_one_button(page, worker, alice, grains):
    dataset_id, ids, _ = grains
    page.goto(f"/omeroweb_upload/edx/?dataset={dataset_id}")
    for option in ("Labelled figure as an image beside the spectrum's image", "Table of energies and counts"):
        page.get_by_label(option).uncheck()
    page.get_by_role("button", name="Preview").click()
    page.get_by_role("button", name="Attach", exact=True).click()
    expect(page.locator("#edx-result")).to_contain_text("6 outputs attached.", timeout=120_000)
    page.get_by_role("button", name="Take away").click()
    page.get_by_role("dialog").get_by_role("button", name="Take away").click()
    expect(page.locator("#edx-result")).to_have_text("6 outputs were taken away.", timeout=120_000)
    assert attached_files(alice, "Image", ids) == []
    assert len(attached_files(alice, "Dataset", [dataset_id])) == 3
    assert page.complaints == []


def test_a_users_usual_choice_is_kept_and_forgotten(page, grains):
    dataset_id, _, _ = grains
    page.goto(f"/omeroweb_upload/edx/?dataset={dataset_id}")
    pdf = page.get_by_label("Labelled figure for print (PDF), attached")
    expect(pdf).not_to_be_checked()
    pdf.check()
    page.get_by_role("button", name="Save as my usual choice").click()
    expect(page.locator("#omp-notices")).to_contain_text("Saved as your usual choice.")
    page.reload()
    expect(pdf).to_be_checked()
    page.get_by_role("button", name="Forget my choice").click()
    expect(page.locator("#omp-notices")).to_contain_text("Your saved choice was deleted.")
    page.reload()
    expect(pdf).not_to_be_checked()


def test_a_spectrum_is_labelled_from_its_candidates_and_by_symbol(page, grains):
    open_spectrum(page, grains[2][0])
    chips = page.locator("#edx-elements li")
    expect(chips).to_have_count(2)
    page.get_by_role("button", name="Label Al, Al Ka1").click()
    expect(chips).to_have_count(3)
    assert "elements=O%2CFe%2CAl" in page.url
    page.get_by_label("Symbol").fill("cu")
    page.get_by_role("button", name="Label", exact=True).click()
    expect(page.locator("#edx-elements")).to_contain_text("Cu")
    page.get_by_label("Symbol").fill("Zz")
    page.get_by_role("button", name="Label", exact=True).click()
    expect(page.locator("#edx-wrong")).to_have_text("Zz is no element with X-ray lines.")
    page.get_by_role("button", name="Remove Fe").click()
    expect(page.locator("#edx-elements")).not_to_contain_text("Fe")
    assert "elements=O%2CAl%2CCu" in page.locator("#edx-png").get_attribute("href")
    page.get_by_role("button", name="Labels of the file").click()
    expect(chips).to_have_count(2)
    assert "elements" not in page.url
    assert page.complaints == []


def test_the_chart_works_with_the_keyboard(page, grains):
    open_spectrum(page, grains[2][0])
    chart, cursor = page.locator("#edx-chart"), page.locator("#edx-cursor")
    chart.focus()
    page.keyboard.press("PageDown")
    expect(cursor).to_contain_text("0.5")
    page.keyboard.press("PageDown")
    expect(cursor).to_contain_text("1.4")
    first = cursor.inner_text()
    page.keyboard.press("ArrowRight")
    expect(cursor).not_to_have_text(first)
    page.keyboard.press("l")
    expect(page.get_by_label("Logarithmic")).to_be_checked()
    assert "scale=log" in page.url
    page.keyboard.press("+")
    page.keyboard.press("0")
    assert page.complaints == []


def test_several_spectra_of_an_image_are_drawn_over_each_other_and_the_address_keeps_it(page, alice, lab):
    _, (image_id,) = lab.dataset(alice, "grain.tif")
    lab.attach_to_image(alice, image_id, "one.txt", lab.spectrum("one"))
    lab.attach_to_image(alice, image_id, "two.txt", lab.spectrum("two", seed=2))
    page.goto(f"/omeroweb_upload/edx/spectrum/?image={image_id}")
    page.wait_for_selector("#edx-chart[data-ready] canvas")
    page.get_by_label("two.txt").check()
    expect(page.locator(".u-legend .u-series")).to_have_count(2)
    page.reload()
    expect(page.locator(".u-legend .u-series")).to_have_count(2)
    expect(page.get_by_label("two.txt")).to_be_checked()


def test_a_chosen_figure_is_attached_to_its_image(page, worker, alice, lab):
    _, (image_id,) = lab.dataset(alice, "grain.tif")
    lab.attach_to_image(alice, image_id, "one.txt", lab.spectrum("one"))
    page.goto(f"/omeroweb_upload/edx/spectrum/?image={image_id}&elements=Al,O")
    page.wait_for_selector("#edx-chart[data-ready] canvas")
    page.get_by_role("button", name="Attach this figure to the image").click()
    expect(page.locator("#omp-notices")).to_contain_text(
        "The figure is attached to the image.", timeout=120_000
    )
    (figure,) = [file for file in attached_files(alice, "Image", [image_id]) if file.name == "one_edx.png"]
    assert "labels Al, O" in figure.description


def test_a_file_that_is_no_spectrum_says_so_on_its_page(page, alice, lab):
    dataset_id, _ = lab.dataset(alice, "grain.tif")
    number = lab.attach_to_dataset(alice, dataset_id, "note.txt", b"bring the sample back\n")
    page.goto(f"/omeroweb_upload/edx/spectrum/?source=annotation:{number}")
    expect(page.locator("main")).to_contain_text("This is no spectrum that can be shown. note.txt, line 1:")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [SMALL, {"width": 1280, "height": 900}], ids=["narrow", "wide"])
def test_the_pages_are_accessible_and_never_scroll_sideways(page, grains, scheme, viewport):
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size(viewport)
    page.goto(f"/omeroweb_upload/edx/?dataset={grains[0]}")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("#edx-summary")).to_contain_text("will be made")
    assert findings(page) == []
    assert not scrolls_sideways(page)
    open_spectrum(page, grains[2][0])
    assert findings(page) == []
    assert not scrolls_sideways(page)
    page.goto(f"/omeroweb_upload/attach/?dataset={grains[0]}")
    expect(page.locator("#edx-count")).to_contain_text("files have an image")
    assert findings(page) == []
    assert not scrolls_sideways(page)
    assert page.complaints == []
