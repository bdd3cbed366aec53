"""What the routes answer, and to whom."""

from __future__ import annotations

import io

import pytest
from PIL import Image as Picture

from omero_embedded.testing import PASSWORD
from omeroweb_upload.models import SpecialMethodSettings
from omeroweb_upload.services.attachments_find import attached_files

BASE = "/omeroweb_upload/"


@pytest.fixture
def alices(web, plugin_database):
    return web.login("alice", PASSWORD)


@pytest.fixture
def bobs(web, plugin_database):
    return web.login("bob", PASSWORD)


@pytest.fixture
def grains(alice, lab):
    """A dataset of older days: three images, two spectra and a note attached to the dataset."""
    dataset_id, ids = lab.dataset(alice, "grain 1.tif", "grain 2.tif", "overview.tif")
    spectra = [
        lab.attach_to_dataset(
            alice, dataset_id, f"grain {number}.txt", lab.spectrum(f"grain {number}", seed=number)
        )
        for number in (1, 2)
    ]
    lab.attach_to_dataset(alice, dataset_id, "note.txt", b"bring the sample back\n")
    return dataset_id, ids, spectra


def link(image_id, annotation_id, **more):
    return {"image_id": image_id, "source": f"annotation:{annotation_id}", **more}


def test_a_dataset_offers_its_images_and_spectra_with_the_rule_that_joins_them(alices, grains):
    dataset_id, ids, spectra = grains
    found = alices.get(f"{BASE}edx/files/?dataset={dataset_id}").json()
    assert [image["name"] for image in found["images"]] == ["grain 1.tif", "grain 2.tif", "overview.tif"]
    assert [(file["name"], file["image_id"], file["rule"]) for file in found["files"]] == [
        ("grain 1.txt", ids[0], "same base name"),
        ("grain 2.txt", ids[1], "same base name"),
    ]
    assert found["files"][0]["source"] == f"annotation:{spectra[0]}"
    assert found["files"][0]["title"] == "grain 1"


def test_spectra_that_hang_on_an_image_already_stay_there(alices, alice, lab):
    dataset_id, ids = lab.dataset(alice, "a.tif", "b.tif")
    lab.attach_to_image(alice, ids[1], "a.txt", lab.spectrum())
    (file,) = alices.get(f"{BASE}edx/files/?dataset={dataset_id}").json()["files"]
    assert (file["image_id"], file["fixed"], file["rule"]) == (ids[1], True, "attached to this image already")


def test_for_attachments_every_file_of_the_dataset_is_offered(alices, grains):
    dataset_id, _, _ = grains
    found = alices.get(f"{BASE}attach/files/?dataset={dataset_id}").json()
    assert sorted(file["name"] for file in found["files"]) == ["grain 1.txt", "grain 2.txt", "note.txt"]


def test_an_upload_offers_its_images_and_spectra_by_folder(alices, alice, lab, upload):
    _, ids = lab.dataset(alice, "x.tif", "x.tif")
    made = upload(
        lab.owner(alice),
        alice.getEventContext().groupId,
        files={"one/x.txt": lab.spectrum("x"), "two/x.txt": lab.spectrum("x", seed=2), "two/Thumbs.db": b"?"},
        images={"one/x.tif": [ids[0]], "two/x.tif": [ids[1]]},
    )
    found = alices.get(f"{BASE}edx/files/?upload={made.session.id}").json()
    assert [(file["path"], file["image_id"]) for file in found["files"]] == [
        ("one/x.txt", ids[0]),
        ("two/x.txt", ids[1]),
    ]
    assert [image["folder"] for image in found["images"]] == ["one", "two"]
    others = alices.get(f"{BASE}attach/files/?upload={made.session.id}").json()
    assert [file["path"] for file in others["files"]] == ["one/x.txt", "two/x.txt"]


def test_bob_sees_nothing_of_alices_upload(bobs, alice, lab, upload):
    made = upload(lab.owner(alice), alice.getEventContext().groupId, files={"x.txt": lab.spectrum()})
    for url in (
        f"edx/files/?upload={made.session.id}",
        f"attach/files/?upload={made.session.id}",
        f"edx/spectrum/data/?source={made.token('x.txt')}",
        f"edx/spectrum/figure/?source={made.token('x.txt')}",
        f"edx/spectrum/csv/?source={made.token('x.txt')}",
    ):
        answer = bobs.get(BASE + url)
        assert answer.status_code == 404, url
        assert "is" in answer.json()["error"]


def test_a_preview_tells_what_will_be_made_and_what_keeps_a_file_from_being_read(alices, alice, lab, grains):
    dataset_id, ids, spectra = grains
    broken = lab.attach_to_dataset(
        alice, dataset_id, "broken.txt", (lab.fixtures / "error_cut_off.msa").read_bytes()
    )
    answer = alices.post(
        f"{BASE}edx/preview/",
        json={
            "links": [link(ids[0], spectra[0]), link(ids[1], broken), link(ids[0], 10**9)],
            "settings": {"create_figures_images": False},
        },
    ).json()
    good, bad = answer["rows"]
    assert (good["image"], good["name"], good["problem"]) == ("grain 1.tif", "grain 1.txt", "")
    assert good["make"] == ["original", "metadata", "table", "figure"]
    assert bad["problem"].startswith("broken.txt, line")
    assert "cut off" in bad["problem"]
    assert answer["missing"] == [{"image_id": ids[0], "source": f"annotation:{10**9}"}]
    assert attached_files(alice, "Image", ids) == []


def test_starting_attaches_and_a_second_preview_says_so(worker, alices, alice, lab, grains):
    _, ids, spectra = grains
    body = {"links": [link(ids[0], spectra[0])], "settings": {}, "key": "one"}
    started = alices.post(f"{BASE}edx/start/", json=body)
    assert started.status_code == 200, started.text
    again = alices.post(f"{BASE}edx/start/", json=body).json()
    assert again["job_id"] == started.json()["job_id"]
    job = lab.finished(again["job_id"])
    assert (job.state, job.result["failures"]) == ("done", [])
    answer = alices.post(f"{BASE}edx/preview/", json=body).json()
    assert (answer["to_make"], answer["existing"]) == (0, 5)
    undone = alices.post(f"{BASE}attach/undo/", json={"job_id": job.id}).json()
    assert alices.post(f"{BASE}attach/undo/", json={"job_id": job.id}).json() == undone
    assert lab.finished(undone["job_id"]).result == {"removed": 5}
    assert attached_files(alice, "Image", [ids[0]]) == []


def test_bob_may_neither_preview_start_nor_undo_on_alices_images(bobs, alice, bob, lab, grains):
    _, ids, _ = grains
    own = lab.attach_to_dataset(bob, lab.dataset(bob, "b.tif")[0], "b.txt", lab.spectrum())
    for what in ("edx/preview/", "edx/start/", "attach/preview/", "attach/start/"):
        answer = bobs.post(BASE + what, json={"links": [link(ids[0], own)]})
        assert answer.status_code == 403, what
        assert answer.json()["error"] == "You may not attach anything to grain 1.tif."
    assert bobs.post(f"{BASE}attach/undo/", json={"job_id": "0" * 32}).status_code == 404


@pytest.mark.parametrize(
    ("links", "says"),
    [
        ([], "links"),
        ([{"image_id": 0, "source": "annotation:1"}], "image_id"),
        ([{"image_id": 1, "source": "../../etc/passwd"}], "source"),
        ([{"image_id": 1, "source": "staged:XYZ"}], "source"),
        ([{"image_id": 1, "source": "annotation:1", "elements": ["<b>"]}], "elements"),
    ],
)
def test_requests_that_make_no_sense_are_refused_in_words(alices, links, says):
    answer = alices.post(f"{BASE}edx/start/", json={"links": links})
    assert answer.status_code == 400
    assert says in answer.json()["error"]


def test_images_that_are_not_there_are_named(alices):
    answer = alices.post(f"{BASE}edx/preview/", json={"links": [link(10**12, 1)]})
    assert answer.status_code == 404
    assert str(10**12) in answer.json()["error"]


def test_starting_needs_the_csrf_token_and_a_login(web, alices, grains):
    import httpx

    body = {"links": [link(grains[1][0], grains[2][0])]}
    cookies_only = httpx.Client(base_url=web.url, cookies=alices.cookies)
    assert cookies_only.post(f"{BASE}edx/start/", json=body).status_code == 403
    assert httpx.get(f"{web.url}{BASE}edx/lines/").status_code == 401
    assert alices.get(f"{BASE}edx/start/").status_code == 405


def test_a_spectrum_comes_with_numbers_labels_and_candidates(alices, grains):
    _, _, spectra = grains
    found = alices.get(f"{BASE}edx/spectrum/data/?source=annotation:{spectra[0]}").json()
    assert (len(found["x"]), len(found["y"])) == (1024, 1024)
    assert (found["title"], found["x_name"], found["y_name"]) == ("grain 1", "keV", "Counts")
    assert [label["symbol"] for label in found["labels"]] == ["O", "Fe"]
    (peak,) = found["unlabelled"]
    assert peak["energy_kev"] == pytest.approx(1.487, abs=0.02)
    assert peak["candidates"][0]["symbol"] == "Al"
    assert peak["candidates"][0]["score"] > 0.5
    assert ["TITLE", "grain 1"] in found["metadata"]


def test_a_file_that_is_no_spectrum_is_refused_with_its_line(alices, alice, lab, grains):
    number = lab.attach_to_dataset(
        alice, grains[0], "broken.txt", (lab.fixtures / "error_odd_pair.msa").read_bytes()
    )
    answer = alices.get(f"{BASE}edx/spectrum/data/?source=annotation:{number}")
    assert answer.status_code == 422
    assert "broken.txt, line" in answer.json()["error"]


def test_the_lines_of_every_element_come_at_once_uraniums_m_lines_included(alices):
    lines = alices.get(f"{BASE}edx/lines/").json()["lines"]
    assert len(lines) > 90
    assert {"Ma", "Mb"} <= {name for name, *_ in lines["U"]}
    assert {name: energy for name, energy, *_ in lines["Fe"]}["Ka1"] == pytest.approx(6.404, abs=0.002)


def test_the_figure_can_be_downloaded_with_chosen_elements(alices, grains):
    url = f"{BASE}edx/spectrum/figure/?source=annotation:{grains[2][0]}"
    plain = alices.get(url)
    assert plain.headers["Content-Disposition"] == 'attachment; filename="grain 1_edx.png"'
    assert Picture.open(io.BytesIO(plain.content)).size == (1275, 750)
    assert alices.get(url).content == plain.content
    assert alices.get(url + "&elements=Al").content != plain.content
    assert alices.get(url + "&format=pdf").content.startswith(b"%PDF-")
    refused = alices.get(url + "&elements=Xx")
    assert (refused.status_code, "'Xx' is no element" in refused.json()["error"]) == (422, True)
    assert alices.get(url + "&format=exe").status_code == 400


def test_the_numbers_can_be_downloaded(alices, grains):
    answer = alices.get(f"{BASE}edx/spectrum/csv/?source=annotation:{grains[2][0]}")
    rows = answer.text.split("\r\n")
    assert rows[0] == "x [keV],y [counts]"
    assert len(rows) == 1026
    assert answer.headers["Content-Disposition"] == 'attachment; filename="grain 1.txt.csv"'


def test_names_are_joined_before_anything_is_uploaded(alices):
    answer = alices.post(
        f"{BASE}edx/associate/",
        json={
            "spectra": [["a/site 1.txt", ""], ["a/odd.txt", ""]],
            "images": ["a/site 1.tif", "a/site 2.tif"],
        },
    ).json()
    assert answer["matches"] == [
        {"spectrum": "a/site 1.txt", "image": "a/site 1.tif", "rule": "same base name"}
    ]
    assert answer["unmatched_spectra"] == ["a/odd.txt"]


def test_method_settings_are_saved_loaded_and_deleted_per_user(alices, bobs):
    method = {"method": "sem_edx_spectra"}
    url = f"{BASE}special-method-settings/"
    assert alices.post(f"{url}load/", json=method).json() == {"success": True, "settings": None}
    saved = alices.post(
        f"{url}save/", json={**method, "settings": {"create_tables": "false", "surprise": 1}}
    ).json()
    assert saved["success"]
    assert saved["settings"]["create_tables"] is False
    assert saved["settings"]["create_figures_images"] is True
    assert "surprise" not in saved["settings"]
    assert alices.post(f"{url}load/", json=method).json()["settings"] == saved["settings"]
    assert bobs.post(f"{url}load/", json=method).json()["settings"] is None
    assert alices.post(f"{url}delete/", json=method).json()["message"] == "Deleted."
    assert alices.post(f"{url}load/", json=method).json()["settings"] is None
    assert alices.post(f"{url}load/", json={"method": "other"}).status_code == 400


def test_settings_of_an_older_system_are_taken_over(alices, plugin_database):
    SpecialMethodSettings.objects.create(
        username="alice", method_key="sem_edx_spectra", settings={"create_tables": False}
    )
    found = alices.post(f"{BASE}special-method-settings/load/", json={"method": "sem_edx_spectra"}).json()[
        "settings"
    ]
    assert found["create_tables"] is False
    assert found["create_figures_attachments"] is True
