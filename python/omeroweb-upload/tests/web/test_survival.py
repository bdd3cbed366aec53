"""What a new user's first large upload meets: the network goes, OMERO.web restarts, the worker is killed."""

from __future__ import annotations

import contextlib
import hashlib

import numpy as np
import pytest
import tifffile
from playwright.sync_api import expect

from omero_embedded.testing import PASSWORD
from omero_plugin_common.testing.servers import wait_until
from omeroweb_upload.models import SetState, UploadFile, UploadSession, UploadSet
from omeroweb_upload.services.attachments_find import attached_files

from ..helpers import Browser, spectrum_bytes
from ..imports.test_lifecycle import images_of, ome_set, stored_hashes
from .conftest import drop

MIB = 1024 * 1024
PATIENCE_MS = 400_000
SITES = ("site 1", "site 2")


def make_folder(tmp_path, files, big_bytes):
    """A folder with three others, one large file, junk, a set of two files, and images with their EDX spectra.

    Returns it, and the SHA-1 of images' and of spectra's files by path.
    """
    folder = tmp_path / "measurement"
    data = {}
    for number, place in enumerate(("day 1", "day 1/spot A", "day 2")):
        for copy in range(3):
            data[f"{place}/image {copy}.tif"] = files(700 + 10 * number + copy)
    (tmp_path / "sets").mkdir()
    data.update(ome_set(tmp_path / "sets"))
    data.update({f"day 2/{name}.tif": files(740 + number) for number, name in enumerate(SITES)})
    spectra = {f"day 2/{name}.txt": spectrum_bytes(name) for name in SITES}
    for path, content in (data | spectra).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    side = 1024
    planes = big_bytes // (side * side * 2)
    random = np.random.default_rng(7)
    with tifffile.TiffWriter(folder / "large stack.tif") as writer:
        plane = random.integers(0, 4000, (side, side)).astype("uint16")
        for number in range(planes):
            writer.write(plane + number, contiguous=True, metadata=None)
    for junk in ("Thumbs.db", "day 1/.DS_Store", "day 2/desktop.ini"):
        (folder / junk).write_bytes(b"junk")
    paths = [*data, "large stack.tif"]
    images = {f"measurement/{path}": _sha1(folder / path) for path in paths}
    return folder, images, {path.rpartition("/")[2]: _sha1(folder / path) for path in spectra}


def _sha1(path):
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha1").hexdigest()


@pytest.mark.timeout(5400)
@pytest.mark.parametrize("big_bytes", [200 * MIB, pytest.param(2048 * MIB, marks=pytest.mark.soak)])
def test_a_folder_survives_network_server_and_worker(
    page, network, web, running_worker, people, alice, tmp_path, files, big_bytes
):
    folder, expected, spectra = make_folder(tmp_path, files, big_bytes)
    # A busy machine may take in no more than two MiB per second.
    patience = PATIENCE_MS / 1000 + big_bytes / (2 * MIB)
    network.cut_at = network.bytes_up + int(big_bytes * 0.3)
    drop(page, str(folder))
    page.get_by_text("More choices").click()
    page.get_by_label("Special method").select_option("sem_edx_spectra")
    page.get_by_role("button", name="Upload and import").click()

    wait_until(lambda: network.is_cut, "the network being cut at 30 %", patience)
    expect(page.get_by_text("Trying again")).to_be_visible(timeout=PATIENCE_MS)
    network.mend()

    def arrived():
        return sum(UploadFile.objects.values_list("offset", flat=True))

    wait_until(lambda: arrived() >= 0.6 * big_bytes, "60 % having arrived", patience)
    web.kill()
    web.start()

    wait_until(
        lambda: UploadSet.objects.filter(state=SetState.IMPORTED).exists(),
        "the import being under way",
        patience,
    )
    running_worker.kill()
    running_worker.start()

    count = len(expected) - 1  # two files are one set
    expect(page.get_by_text(f"Done: {count} images are in OMERO.")).to_be_visible(timeout=1000 * patience)
    expect(page.locator(".upl-images img")).to_have_count(min(12, count))
    page.wait_for_function(
        "() => [...document.querySelectorAll('.upl-images img')].every((image) => image.naturalWidth > 0)"
    )
    page.get_by_text("Skipped files (5)").click()
    for junk in ("Thumbs.db", ".DS_Store", "desktop.ini"):
        expect(page.get_by_text(f"{junk} is a file of")).to_be_visible()
    expect(page.get_by_text("a spectrum to attach to one")).to_have_count(len(SITES))

    session = UploadSession.objects.get()
    # The session that the test began with may be too old by now.
    with contextlib.closing(web.login("alice", PASSWORD)) as http:
        found = Browser(http).sets(session.id)
    images = images_of(found)
    assert len(images) == len(set(images)) == count
    assert stored_hashes(people, images) == expected
    with people.gateway("alice") as conn:
        (large,) = [one for one in found["sets"] if one["main"].endswith("large stack.tif")]
        image = conn.getObject("Image", large["image_ids"][0])
        assert image.getSizeZ() * image.getSizeT() * image.getSizeC() == big_bytes // (1024 * 1024 * 2)
        everything = [
            image.getId() for image in conn.getObjects("Image") if image.getName() == "large stack.tif"
        ]
        assert everything == large["image_ids"]

    expect(page.get_by_text("10 outputs of spectra attached to the images.")).to_be_visible(
        timeout=PATIENCE_MS
    )
    by_main = {one["main"]: one["image_ids"][0] for one in found["sets"] if one["image_ids"]}
    sites = {by_main[f"measurement/day 2/{name}.tif"]: name for name in SITES}
    with people.gateway("alice") as conn:
        attached = attached_files(conn, "Image", images)
    assert {sites[one.object_id] for one in attached} == set(SITES), "spectra at images that have none"
    for image_id, name in sites.items():
        names = sorted(one.name for one in attached if one.object_id == image_id)
        assert names == [f"{name}.h5", f"{name}.txt", f"{name}_edx.png"]
    assert {one.name: one.sha1 for one in attached if one.name.endswith(".txt")} == spectra


def test_a_reloaded_page_continues_when_the_same_folder_is_chosen_again(page, network, tmp_path, files):
    folder = tmp_path / "again"
    folder.mkdir()
    (folder / "big.tif").write_bytes(files(800, 4000))
    (folder / "small.tif").write_bytes(files(801))
    network.cut_at = network.bytes_up + 12 * MIB
    drop(page, str(folder))
    page.get_by_role("button", name="Upload and import").click()
    wait_until(lambda: network.is_cut, "the network being cut", 120)
    # The page is closed while nothing goes through.
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto("about:blank")
    network.mend()
    page.goto(f"{network.url}/omeroweb_upload/")
    expect(page.get_by_text("choose the same files or folder again")).to_be_visible(timeout=PATIENCE_MS)
    before = sum(UploadFile.objects.values_list("offset", flat=True))
    drop(page, str(folder))
    page.get_by_role("button", name="Upload and import").click()
    expect(page.get_by_text("Done: 2 images are in OMERO.")).to_be_visible(timeout=PATIENCE_MS)
    assert UploadSession.objects.count() == 1
    assert before > 0


def test_a_paused_upload_waits_and_goes_on(page, network, tmp_path, files):
    (tmp_path / "p.tif").write_bytes(files(810, 4000))
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose files…").click()
    chooser.value.set_files(str(tmp_path / "p.tif"))
    network.bytes_per_second = 2 * MIB
    page.get_by_role("button", name="Upload and import").click()
    page.get_by_role("button", name="Pause").click(timeout=PATIENCE_MS)
    expect(page.get_by_text("Paused", exact=True)).to_be_visible(timeout=PATIENCE_MS)
    network.bytes_per_second = None
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_text("Done: 1 image is in OMERO.")).to_be_visible(timeout=PATIENCE_MS)
