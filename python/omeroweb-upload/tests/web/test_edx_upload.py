"""A folder with SEM images and spectra, from the drop to the right panel's attachments."""

from __future__ import annotations

from playwright.sync_api import expect

from ..helpers import spectrum_bytes
from .conftest import drop


def test_spectra_of_a_dropped_folder_are_attached_and_the_rest_can_be_placed_by_hand(
    page, network, tmp_path, files
):
    folder = tmp_path / "steel"
    folder.mkdir()
    for number in (1, 2):
        (folder / f"site {number}.tif").write_bytes(files(number + 500))
    for name in ("site 1", "site 2", "somewhere"):
        (folder / f"{name}.txt").write_bytes(spectrum_bytes(name))
    drop(page, str(folder))
    page.get_by_text("More choices").click()
    page.get_by_label("Special method").select_option("sem_edx_spectra")
    page.get_by_role("button", name="Upload and import").click()
    upload = page.locator(".upl-upload").first
    expect(upload).to_contain_text("10 outputs of spectra attached to the images.", timeout=180_000)
    expect(upload).to_contain_text("1 spectra found no image.")
    image = upload.locator(".upl-images a").first.get_attribute("href")

    upload.get_by_role("link", name="Choose their images").click()
    expect(page.locator(".edx-waiting")).to_contain_text("somewhere.txt", timeout=60_000)
    expect(page.locator(".edx-image")).to_have_count(2)

    page.goto(f"{network.url}{image}")
    attachments = page.locator("h1[data-name=attachments]")
    expect(attachments).to_contain_text("3", timeout=60_000)
    attachments.click()
    for name in (".txt", "_edx.png", ".h5"):
        expect(page.locator("#metadata_general li", has_text=name).first).to_be_visible(timeout=60_000)
