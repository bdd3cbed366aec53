"""From a choice of images to pairs and back, over HTTP, with a worker and an embedded OMERO."""

from __future__ import annotations

from ..helpers import BASE, annotate, dataset_with_images, done, pairs_on

NAMES = ["P1_HeLa_glass_A1.tif", "P1_HeLa_glass_A2.tif", "P1_HeLa_glass_A10.tif"]


def test_names_become_pairs_and_undo_takes_them_away(alice, client, worker):
    dataset, ids = dataset_with_images(alice, NAMES)
    body = {"targets": [{"type": "Dataset", "id": dataset}]}
    suggested = client.post(BASE + "suggest/", json=body).json()
    assert suggested["matched"] == 3
    body["recipe"] = suggested["recipe"] | {"names": ["Project", "Sample", "Substrate", "Position"]}
    body["corrections"] = {ids[0]: {"Sample": "HEK"}}
    shown = client.post(BASE + "preview/", json=body).json()
    assert shown["columns"] == ["Project", "Sample", "Substrate", "Position"]
    assert [row[1] for row in shown["rows"]] == NAMES, "natural order"
    assert shown["rows"][0][3] == ["P1", "HEK", "glass", "A1"]
    assert shown["counts"] == {"changed": 3, "add": 12}
    job = done(client.post(BASE + "write/", json=body))
    assert job.result == {"counts": {"written": 3}, "total": 3}
    assert pairs_on(alice, ids[0]) == [
        [("Project", "P1"), ("Sample", "HEK"), ("Substrate", "glass"), ("Position", "A1")]
    ]
    assert pairs_on(alice, ids[0], marks=True)[0][-1][1].startswith("omphash_v1:")
    done(client.post(f"{BASE}undo/{job.id}/"))
    assert [pairs_on(alice, number) for number in ids] == [[], [], []]


def test_a_second_run_says_that_nothing_changes(alice, client, worker):
    dataset, ids = dataset_with_images(alice, NAMES)
    body = {"targets": [{"type": "Dataset", "id": dataset}]}
    done(client.post(BASE + "write/", json=body))
    again = done(client.post(BASE + "write/", json=body))
    assert again.result["counts"] == {"same": 3}
    assert all(len(pairs_on(alice, number)) == 1 for number in ids)


def test_annotations_typed_by_hand_stay_when_own_ones_are_replaced(alice, client, worker):
    dataset, ids = dataset_with_images(alice, NAMES)
    annotate(alice, ids[0], [("Project number", "typed by hand"), ("mood", "good")])
    body = {"targets": [{"type": "Dataset", "id": dataset}], "policy": "replace_own"}
    shown = client.post(BASE + "preview/", json=body).json()
    assert shown["rows"][0][4][0] == "b", (
        "the value typed by hand is a conflict, and the new one comes beside it"
    )
    done(client.post(BASE + "write/", json=body))
    assert [("Project number", "typed by hand"), ("mood", "good")] in pairs_on(alice, ids[0])
    assert len(pairs_on(alice, ids[0])) == 2
