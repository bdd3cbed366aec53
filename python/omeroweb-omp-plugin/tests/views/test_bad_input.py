"""What people get wrong, and what they are told."""

from __future__ import annotations

import json

import pytest

from ..helpers import BASE, annotate, dataset_with_images, done, pairs_on


@pytest.fixture
def dataset(alice):
    return dataset_with_images(alice, ["P1_HeLa_A1.tif", "P1_HeLa_A2.tif"])


def preview(client, dataset, **recipe):
    body = {"targets": [{"type": "Dataset", "id": dataset[0]}], "recipe": recipe}
    return client.post(BASE + "preview/", json=body)


def test_a_broken_regular_expression_is_explained_with_its_place(client, plugin_database, dataset):
    answer = preview(client, dataset, mode="regex", pattern="(abc")
    assert answer.status_code == 400
    assert "The regular expression is not valid" in answer.json()["error"]
    assert "character" in answer.json()["error"]


def test_an_id_that_no_object_can_have_is_refused_and_not_an_error_of_the_server(client, plugin_database):
    body = {"targets": [{"type": "Image", "id": 10**30}], "recipe": {}}
    assert client.post(BASE + "preview/", json=body).status_code == 400
    assert client.get(BASE + f"sources/?under=Project:{10**30}").status_code == 400


def test_a_regular_expression_of_a_megabyte_is_refused_at_once(client, plugin_database, dataset):
    answer = preview(client, dataset, mode="regex", pattern="(a|b)" * 200_000)
    assert answer.status_code == 400
    assert "at most 8,000 are allowed" in answer.json()["error"]


def test_a_catastrophic_regular_expression_is_stopped(alice, client, plugin_database):
    dataset = dataset_with_images(alice, ["a" * 60 + "!.tif"])
    answer = preview(client, dataset, mode="regex", pattern=r"((a|aa)+)+$")
    assert answer.status_code == 400
    assert "takes too long" in answer.json()["error"]
    assert answer.elapsed.total_seconds() < 20, "one name may take a tenth of a second; the machine is shared"


def test_three_hundred_variables_are_too_many(client, plugin_database, dataset):
    answer = preview(client, dataset, names=[f"v{number}" for number in range(300)])
    assert answer.status_code == 400
    assert "300 variable names are given; at most 15 are allowed" in answer.json()["error"]


def test_emoji_right_to_left_and_combining_names_are_written_as_they_are(alice, client, worker):
    names = ["🔬🧬_عينة_é́.tif", "שלום_ẹ̀_\u202eabc.tif"]
    dataset, ids = dataset_with_images(alice, names)
    body = {
        "targets": [{"type": "Dataset", "id": dataset}],
        "recipe": {"separators": "_", "names": ["🏷️", "اسم"]},
    }
    done(client.post(BASE + "write/", json=body))
    assert pairs_on(alice, ids[0]) == [[("🏷️", "🔬🧬"), ("اسم", "عينة"), ("Var3", "é́")]]
    assert pairs_on(alice, ids[1])[0][2] == ("Var3", "\u202eabc")


def test_what_no_database_holds_is_refused(client, plugin_database, dataset):
    for text in ("a\0b", "\ud800"):
        body = {
            "targets": [{"type": "Dataset", "id": dataset[0]}],
            "corrections": {str(dataset[1][0]): {"Sample type": text}},
        }
        content = json.dumps(body)
        answer = client.post(BASE + "write/", content=content, headers={"Content-Type": "application/json"})
        assert answer.status_code == 400
        assert "Sample type" in answer.json()["error"]


def test_the_marks_own_key_can_not_be_written(client, plugin_database, dataset):
    answer = preview(client, dataset, names=["omp_hash"])
    assert answer.status_code == 400
    assert "kept for the ownership mark" in answer.json()["error"]


def test_nothing_chosen_nothing_ticked_and_strangers_are_told(client, plugin_database, dataset):
    nothing = client.post(BASE + "preview/", json={"targets": []})
    assert (nothing.status_code, nothing.json()["error"][:19]) == (400, "Choose at least one")
    targets = [{"type": "Dataset", "id": dataset[0]}]
    unticked = client.post(BASE + "write/", json={"targets": targets, "image_ids": []})
    assert (unticked.status_code, unticked.json()["error"]) == (400, "No image is ticked. Tick at least one.")
    stranger = client.post(BASE + "write/", json={"targets": targets, "image_ids": [10**9]})
    assert stranger.status_code == 409
    missing = client.post(BASE + "preview/", json={"targets": [{"type": "Dataset", "id": 10**9}]})
    assert missing.status_code == 404


def test_spreadsheets_that_can_not_be_read_name_the_line(client, plugin_database):
    for text, told in (
        ("name,Dose\nx,5\n", "no column 'id'"),
        ("id,Dose\nabc,5\n", "Line 2 has the id 'abc'"),
        ("id,Dose\n1,5\n1,6\n", "There are 2 rows for image 1"),
        ("id,omp_hash\n1,5\n", "kept for the ownership mark"),
    ):
        answer = client.post(BASE + "csv/look/", json={"text": text})
        assert answer.status_code == 400
        assert told in answer.json()["error"]


def test_a_spreadsheet_row_with_a_key_twice_is_a_problem_of_that_row(alice, client, worker):
    _, ids = dataset_with_images(alice, ["a.tif", "b.tif"])
    text = f"id,Dose,Dose\n{ids[0]},5,6\n{ids[1]},5,\n"
    looked = client.post(BASE + "csv/look/", json={"text": text}).json()
    assert looked["counts"]["changed"] == 1
    assert "occurs twice" in looked["problems"][0]["message"]
    job = done(client.post(BASE + "csv/write/", json={"text": text}))
    assert job.result["counts"] == {"skipped": 1, "written": 1}
    rows = client.get(f"{BASE}results/{job.id}/").json()["rows"]
    assert "occurs twice" in next(row["message"] for row in rows if row["id"] == ids[0])
    assert pairs_on(alice, ids[0]) == []


def test_an_annotation_of_somebody_else_stays_and_is_shown_as_a_conflict(people, client, worker, alice):
    _, ids = dataset_with_images(alice, ["P1_HeLa.tif"])
    with people.gateway("bob") as bob:
        annotate(bob, ids[0], [("Project number", "bob's")])
    body = {"targets": [{"type": "Image", "id": ids[0]}]}
    shown = client.post(BASE + "preview/", json=body).json()
    assert shown["rows"][0][4][0] == "x"
    assert shown["rows"][0][5] == {"0": "bob's"}
    done(client.post(BASE + "write/", json=body))
    assert [("Project number", "bob's")] in pairs_on(alice, ids[0])
