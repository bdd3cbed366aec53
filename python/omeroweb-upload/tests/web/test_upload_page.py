"""The page as a new user meets it."""

from __future__ import annotations

from playwright.sync_api import expect

from omero_plugin_common.testing.servers import wait_until
from omeroweb_upload.models import SetState, Status, UploadSession, UploadSet

from .conftest import drop


def make_folder(tmp_path, files):
    folder = tmp_path / "experiment"
    for seed, path in enumerate(("a.tif", "day 1/b.tif", "day 1/deep/c.tif")):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(files(seed + 100))
    (folder / "Thumbs.db").write_bytes(b"junk")
    return folder


def test_a_dropped_folder_becomes_images_with_thumbnails_and_links(page, tmp_path, files):
    drop(page, str(make_folder(tmp_path, files)))
    expect(page.get_by_text("4 files,")).to_be_visible()
    page.get_by_role("button", name="Upload and import").click()
    expect(page.get_by_text("Done: 3 images are in OMERO.")).to_be_visible(timeout=120_000)
    expect(page.locator(".upl-images img")).to_have_count(3)
    page.wait_for_function(
        "() => [...document.querySelectorAll('.upl-images img')].every((image) => image.naturalWidth > 0)"
    )
    assert "show=image-" in page.locator(".upl-images a").first.get_attribute("href")
    page.get_by_text("Skipped files (1)").click()
    expect(page.get_by_text("Thumbs.db is a file of Windows, not data")).to_be_visible()


def test_cancelling_asks_first_and_goes_on_if_it_was_not_meant(page, tmp_path):
    folder = tmp_path / "odd"
    folder.mkdir()
    (folder / "thing.oddformat").write_bytes(b"what only its owner knows")
    drop(page, str(folder))
    page.get_by_role("button", name="Upload and import").click()
    upload = page.locator(".upl-upload").first
    expect(upload).to_contain_text("Please decide", timeout=120_000)
    upload.get_by_role("button", name="Cancel").click()
    question = page.get_by_role("dialog", name="Cancel this upload?")
    question.get_by_role("button", name="Go on with it").click()
    expect(question).to_have_count(0)
    expect(upload).to_contain_text("Please decide")
    upload.get_by_role("button", name="Cancel").click()
    question.get_by_role("button", name="Cancel the upload").click()
    expect(upload).to_contain_text("Cancelled", timeout=120_000)


def test_a_cancelled_upload_shows_what_still_becomes_an_image(page, tmp_path, files, running_worker):
    folder = tmp_path / "one"
    folder.mkdir()
    (folder / "one.tif").write_bytes(files(2000))
    running_worker.stop()
    try:
        drop(page, str(folder))
        page.get_by_role("button", name="Upload and import").click()
        upload = page.locator(".upl-upload").first
        expect(upload.get_by_role("button", name="Cancel")).to_be_visible(timeout=120_000)
        wait_until(
            lambda: UploadSession.objects.filter(status=Status.CHECKING).exists(), "all files arriving"
        )
        row = UploadSession.objects.get().sets.create(
            position=0, kind="single", main="one.tif", state=SetState.IMPORTING
        )
        upload.get_by_role("button", name="Cancel").click()
        page.get_by_role("button", name="Cancel the upload").click()
        expect(upload).to_contain_text("Cancelled", timeout=120_000)
        expect(upload).to_contain_text("File sets (1)")
        page.wait_for_load_state("networkidle")
        UploadSet.objects.filter(pk=row.pk).update(state=SetState.IMPORTED, image_ids=[1])
        expect(page.locator(".upl-images a")).to_have_count(1, timeout=30_000)
    finally:
        running_worker.start()
