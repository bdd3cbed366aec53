"""The other routes: removing with proof of identity, spreadsheets, variable sets, settings, older scripts."""

from __future__ import annotations

import time

import omero.model
import pytest
from omero.rtypes import rstring

from omero_embedded.testing import PASSWORD
from omero_plugin_common.models import AuditEntry
from omero_plugin_common.testing.servers import wait_until
from omeroweb_omp_plugin.csv_pairs import import_csv
from omeroweb_omp_plugin.models import UserSettings, VariableSet, WrittenObject

from ..conftest import FRESH_LOGIN_SECONDS
from ..helpers import BASE, annotate, dataset_with_images, done, ended, pairs_on

NAMES = ["P1_HeLa_A1.tif", "P1_HeLa_A2.tif"]


@pytest.fixture
def project(alice):
    """A project of alice's with one dataset: (project id, dataset id, image ids)."""
    dataset, ids = dataset_with_images(alice, NAMES)
    box = omero.model.ProjectI()
    box.name = rstring("study 7")
    link = omero.model.ProjectDatasetLinkI()
    link.parent, link.child = box, omero.model.DatasetI(dataset, False)
    return alice.getUpdateService().saveAndReturnObject(link).parent.id.val, dataset, ids


def test_removing_mine_leaves_what_others_and_hands_wrote(alice, people, client, worker, project):
    _, dataset, ids = project
    body = {"targets": [{"type": "Dataset", "id": dataset}]}
    done(client.post(BASE + "write/", json=body))
    annotate(alice, ids[0], [("typed", "by hand")])
    shown = client.post(BASE + "remove/preview/", json=body).json()
    assert (shown["images"], shown["annotations"], shown["pairs"], shown["staying"]) == (2, 2, 6, 1)
    done(client.post(BASE + "remove/", json=body | {"password": PASSWORD}))
    assert pairs_on(alice, ids[0]) == [[("typed", "by hand")]]
    assert pairs_on(alice, ids[1]) == []
    entries = AuditEntry.objects.filter(action="omp.remove").order_by("id")
    assert [entry.outcome for entry in entries] == ["requested", "done"]


def test_removing_all_takes_every_namespace_and_undo_brings_it_back(alice, client, worker, project):
    _, dataset, ids = project
    annotate(alice, ids[0], [("typed", "by hand")])
    annotate(alice, ids[0], [("of", "another tool")], "example.org/tool", "a note")
    body = {"targets": [{"type": "Dataset", "id": dataset}], "everybodys": True}
    shown = client.post(BASE + "remove/preview/", json=body).json()
    assert set(shown["namespaces"]) == {"example.org/tool", "openmicroscopy.org/omero/client/mapAnnotation"}
    job = done(client.post(BASE + "remove/", json=body | {"password": PASSWORD}))
    assert pairs_on(alice, ids[0]) == []
    done(client.post(f"{BASE}undo/{job.id}/"))
    assert sorted(pairs_on(alice, ids[0])) == [[("of", "another tool")], [("typed", "by hand")]]


def test_a_wrong_password_removes_nothing(alice, client, worker, project):
    _, dataset, ids = project
    annotate(alice, ids[0], [("typed", "by hand")])
    body = {"targets": [{"type": "Dataset", "id": dataset}], "everybodys": True, "password": "wrong"}
    refused = client.post(BASE + "remove/", json=body)
    assert (refused.status_code, refused.json()["error"]) == (403, "The password is wrong.")
    assert pairs_on(alice, ids[0]) != []


def test_people_without_a_password_confirm_with_a_fresh_login(people, alice, client, web, worker, project):
    _, dataset, ids = project
    annotate(alice, ids[0], [("typed", "by hand")])
    body = {"targets": [{"type": "Dataset", "id": dataset}], "everybodys": True}
    wait_until(
        lambda: time.monotonic() - client.logged_in_at > FRESH_LOGIN_SECONDS + 1, "the login being old"
    )
    refused = client.post(BASE + "remove/", json=body)
    assert refused.status_code == 403
    assert "log out, log in again" in refused.json()["error"]
    assert pairs_on(alice, ids[0]) != []
    fresh = web.login("alice", PASSWORD)
    done(fresh.post(BASE + "remove/", json=body))
    assert pairs_on(alice, ids[0]) == []


def test_spreadsheets_carry_images_and_datasets_there_and_back(alice, client, worker, project):
    number, dataset, ids = project
    done(client.post(BASE + "write/", json={"targets": [{"type": "Dataset", "id": dataset}]}))
    answer = client.post(BASE + "csv/export/", json={"targets": [{"type": "Project", "id": number}]})
    assert answer.headers["Content-Type"].startswith("text/csv")
    rows = import_csv(answer.text)
    assert [(row.level, row.id) for row in rows] == [
        ("dataset", dataset),
        ("image", ids[0]),
        ("image", ids[1]),
    ]
    assert dict(rows[1].pairs)["Sample type"] == "HeLa"
    edited = answer.text.replace("HeLa", "HEK").replace(
        f"dataset,{dataset},plates,,", f"dataset,{dataset},plates,P9,"
    )
    looked = client.post(BASE + "csv/look/", json={"text": edited}).json()
    assert looked["counts"]["changed"] == 3
    job = done(client.post(BASE + "csv/write/", json={"text": edited}))
    assert job.result["counts"] == {"written": 3}
    assert ("Sample type", "HEK") in pairs_on(alice, ids[0])[0]
    done(client.post(f"{BASE}undo/{job.id}/"))
    assert ("Sample type", "HeLa") in pairs_on(alice, ids[0])[0]


def test_variable_sets_keep_versions_are_shared_and_travel(clients, people, plugin_database):
    alice, bob = clients["alice"], clients["bob"]
    save = {"set_name": "screen", "var_names": ["Dose", "Day"]}
    assert alice.post(BASE + "varsets/save/", json=save).status_code == 200
    again = alice.post(BASE + "varsets/save/", json=save)
    assert (again.status_code, "already" in again.json()["error"]) == (400, True)
    types = {"types": [{"key": "Drug", "type": "word", "words": ["taxol", "ctrl"]}]}
    newer = save | {"var_names": ["Dose", "Drug"], "details": types, "overwrite": True}
    assert alice.post(BASE + "varsets/save/", json=newer).json()["version"] == 2
    assert alice.get(BASE + "varsets/load/", params={"set_name": "screen"}).json()["var_names"] == [
        "Dose",
        "Drug",
    ]
    former = alice.get(BASE + "varsets/load/", params={"set_name": "screen", "version": "1"}).json()
    assert former["var_names"] == ["Dose", "Day"]

    assert bob.get(BASE + "varsets/").json()["details"] == []
    lab = people_group(people)
    assert (
        alice.post(BASE + "varsets/share/", json={"set_name": "screen", "group_id": lab}).status_code == 200
    )
    (shared,) = bob.get(BASE + "varsets/").json()["details"]
    query = {"set_name": "screen", "owner_id": shared["owner_id"]}
    assert bob.get(BASE + "varsets/load/", params=query).json()["details"]["types"][0]["words"] == [
        "taxol",
        "ctrl",
    ]
    assert bob.post(BASE + "varsets/delete/", json={"set_name": "screen"}).status_code == 404

    file = alice.get(BASE + "varsets/export/").json()
    assert bob.post(BASE + "varsets/import/", json=file).json() == {"imported": 1}
    assert (
        bob.post(BASE + "varsets/rename/", json={"set_name": "screen", "new_name": "mine"}).status_code == 200
    )
    assert bob.get(BASE + "varsets/").json()["sets"] == ["mine"]
    assert alice.post(BASE + "varsets/delete/", json={"set_name": "screen"}).json() == {"ok": True}


def people_group(people):
    with people.client("root") as root:
        return root.sf.getAdminService().lookupGroup("lab").id.val


def test_variable_sets_have_limits_and_need_names(client, plugin_database):
    for number in range(5):
        body = {"set_name": f"set {number}", "var_names": ["Dose"], "max_sets": 5}
        assert client.post(BASE + "varsets/save/", json=body).status_code == 200
    full = client.post(
        BASE + "varsets/save/", json={"set_name": "one more", "var_names": ["a"], "max_sets": 5}
    )
    assert (full.status_code, full.json()["error"][:25]) == (400, "You have 5 variable sets,")
    for bad in (
        {"set_name": " ", "var_names": ["a"]},
        {"set_name": "x", "var_names": ["a", " "]},
        {"set_name": "x", "var_names": "a"},
    ):
        assert client.post(BASE + "varsets/save/", json=bad).status_code == 400
    assert client.get(BASE + "varsets/load/").status_code == 400
    assert client.get(BASE + "varsets/load/?set_name=unknown").status_code == 404


def test_settings_are_loaded_after_they_were_saved(client, plugin_database):
    assert client.get(BASE + "user-settings/").json()["settings"]["maxParsedVariables"] == 10
    saved = client.post(
        BASE + "user-settings/save/",
        json={"settings": {"maxParsedVariables": 12, "defaultVariableNames": ["Drug", " Dose "]}},
    )
    assert saved.json()["success"] is True
    loaded = client.get(BASE + "user-settings/").json()["settings"]
    assert (loaded["maxParsedVariables"], loaded["defaultVariableNames"]) == (12, ["Drug", "Dose"])
    page = client.get(BASE).text
    assert '"Drug", "Dose"' in page
    for bad in ({"maxParsedVariables": 99}, {"unknown": 1}, {"defaultVariableNames": ["a"] * 20}):
        assert client.post(BASE + "user-settings/save/", json={"settings": bad}).status_code == 400


def test_all_of_a_users_data_and_nobody_elses_is_deleted(clients, plugin_database, people):
    for name in ("alice", "bob"):
        clients[name].post(BASE + "varsets/save/", json={"set_name": "s", "var_names": ["a"]})
        clients[name].post(BASE + "user-settings/save/", json={"settings": {"maxVariableSets": 20}})
    deleted = clients["alice"].post(BASE + "user-data/delete-all/").json()
    assert deleted["ok"] is True
    assert (deleted["deleted"]["omp_variable_sets"], deleted["deleted"]["omp_user_settings"]) == (1, 1)
    assert [row.username for row in VariableSet.objects.all()] == ["bob"]
    assert [row.username for row in UserSettings.objects.all()] == ["bob"]
    assert clients["bob"].post(BASE + "user-data/delete-variable-sets/").json() == {"ok": True, "deleted": 1}
    assert clients["bob"].post(BASE + "user-data/delete-api-keys/").json() == {"ok": True, "deleted": 0}


def test_bob_neither_sees_nor_takes_back_alices_job(alice, clients, worker, project):
    _, dataset, ids = project
    job = done(clients["alice"].post(BASE + "write/", json={"targets": [{"type": "Dataset", "id": dataset}]}))
    for method, path in (("get", "results"), ("post", "undo"), ("get", "progress")):
        assert getattr(clients["bob"], method)(f"{BASE}{path}/{job.id}/").status_code == 404
    assert clients["bob"].get(BASE + "runs/").json() == {"runs": []}
    assert pairs_on(alice, ids[0]) != []


def test_root_is_sent_away(clients, plugin_database):
    root = clients["root"]
    assert root.get(BASE + "root-status/").json() == {"is_root_user": True}
    refused = root.get(BASE + "projects/")
    assert (refused.status_code, "Log in as yourself" in refused.json()["error"]) == (403, True)
    assert "logged in as root" in root.get(BASE).text


def test_changes_need_the_csrf_token(client, plugin_database):
    refused = client.post(BASE + "write/", json={"targets": []}, headers={"X-CSRFToken": ""})
    assert refused.status_code == 403


def test_older_scripts_list_start_and_follow(alice, clients, worker, project):
    number, dataset, ids = project
    client = clients["alice"]
    assert {"id": number, "name": "study 7"} in client.get(BASE + "projects/").json()["owned"]
    theirs = clients["bob"].get(BASE + "projects/").json()
    assert {"id": number, "name": "study 7", "owner": "alice", "access": "read_annotate"} in theirs[
        "collab_annotate"
    ]
    listed = client.post(BASE, data={"action": "list_datasets", "project": str(number)}).json()["datasets"]
    assert [(entry["id"], entry["image_count"]) for entry in listed] == [(dataset, 2)]
    started = client.post(
        BASE + "start_job/",
        json={
            "project_id": number,
            "separator": "_",
            "separator_mode": "chars",
            "var_names": ["P", "Cells", ""],
            "delete_mode": "keep",
            "image_ids": f"{ids[0]},{ids[1]}",
            "chunk_size": 5,
        },
    )
    assert started.json()["total"] == 2
    done(started)
    progress = client.get(f"{BASE}progress/{started.json()['job_id']}/").json()
    assert set(progress) == {"done", "total", "percent", "eta_seconds", "finished", "last_log"}
    assert (progress["done"], progress["finished"]) == (2, True)
    assert pairs_on(alice, ids[0]) == [[("P", "P1"), ("Cells", "HeLa"), ("Var3", "A1")]]
    missing = client.get(f"{BASE}progress/{'0' * 32}/")
    assert (missing.status_code, missing.json()["finished"]) == (404, True)


def test_older_scripts_write_the_values_an_ai_found_as_they_were_approved(alice, client, worker, project):
    number, _, ids = project
    body = {
        "project_id": number,
        "separator_mode": "ai_parse",
        "var_names": ["Cells"],
        "image_ids": ids,
        "rows": [{"img_id": ids[0], "values": ["HeLa Kyoto", "well A1"]}],
    }
    job = done(client.post(BASE + "start_job/", json=body))
    assert job.result["counts"] == {"written": 1, "skipped": 1}
    assert pairs_on(alice, ids[0]) == [[("Cells", "HeLa Kyoto"), ("Var2", "well A1")]]


def test_older_scripts_can_not_reach_images_outside_their_project(alice, clients, worker, project):
    number, _, _ = project
    _, others = dataset_with_images(alice, ["elsewhere.tif"])
    body = {"project_id": number, "image_ids": others}
    assert clients["alice"].post(BASE + "start_job/", json=body).status_code == 409
    nothing = clients["alice"].post(BASE + "start_job/", json={"project_id": number, "image_ids": []})
    assert nothing.status_code == 400
    assert clients["alice"].get(BASE + "start_job/").status_code == 405


def test_older_scripts_remove_and_wait(alice, client, worker, project):
    number, dataset, ids = project
    done(client.post(BASE + "write/", json={"targets": [{"type": "Dataset", "id": dataset}]}))
    annotate(alice, ids[0], [("typed", "by hand")])
    own = client.post(BASE + "delete_plugin/", json={"project_id": number, "password": PASSWORD})
    assert own.json() == {"ok": True, "deleted_images": 2, "deleted_annotations": 2, "errors": []}
    everything = client.post(BASE + "delete_all/", json={"project_id": number, "password": PASSWORD})
    assert everything.json() == {"ok": True, "deleted_count": 1, "errors": []}
    assert pairs_on(alice, ids[0]) == []


def test_acquisition_metadata_is_copied_once(alice, client, worker):
    image = omero.model.ImageI()
    image.name = rstring("taken.tif")
    image.acquisitionDate = omero.rtypes.rtime(1_700_000_000_000)
    number = alice.getUpdateService().saveAndReturnObject(image).id.val
    body = {"targets": [{"type": "Image", "id": number}]}
    done(client.post(BASE + "acquisition/", json=body))
    assert pairs_on(alice, number) == [[("acquisition_date", "2023-11-14 22:13:20+00:00")]]
    again = done(client.post(BASE + "acquisition/", json=body))
    assert again.result["counts"] == {"same": 1}
    assert len(pairs_on(alice, number)) == 1


def test_clicking_twice_starts_one_job(client, worker, project):
    _, dataset, _ = project
    body = {"targets": [{"type": "Dataset", "id": dataset}], "key": "one click"}
    first, second = (client.post(BASE + "write/", json=body).json()["job_id"] for _ in range(2))
    assert first == second
    ended(first)


def test_wells_runs_orphans_and_single_images_can_be_chosen(alice, client, plugin_database):
    image = omero.model.ImageI()
    image.name = rstring("A1_HeLa.tif")
    sample = omero.model.WellSampleI()
    sample.image = image
    well = omero.model.WellI()
    well.row, well.column = omero.rtypes.rint(0), omero.rtypes.rint(0)
    well.addWellSample(sample)
    plate = omero.model.PlateI()
    plate.name = rstring("plate 7")
    plate.addWell(well)
    saved = alice.getUpdateService().saveAndReturnObject(plate)
    plate_id = saved.id.val
    (found,) = client.get(BASE + f"sources/?under=Plate:{plate_id}").json()["children"]
    assert (found["name"], found["count"]) == ("A1", 1)
    orphan = omero.model.ImageI()
    orphan.name = rstring("orphan_1.tif")
    orphan_id = alice.getUpdateService().saveAndReturnObject(orphan).id.val
    for target, name in (
        ({"type": "Well", "id": found["id"]}, "A1_HeLa.tif"),
        ({"type": "Plate", "id": plate_id}, "A1_HeLa.tif"),
        ({"type": "Image", "id": orphan_id}, "orphan_1.tif"),
        ({"type": "Orphans", "id": alice.getUserId()}, "orphan_1.tif"),
    ):
        rows = client.post(BASE + "preview/", json={"targets": [target]}).json()["rows"]
        assert name in [row[1] for row in rows]
        if target["type"] == "Orphans":
            assert "A1_HeLa.tif" not in [row[1] for row in rows]


def test_old_records_are_forgotten_with_the_jobs(client, worker, project, people):
    from datetime import timedelta

    from django.utils import timezone

    _, dataset, _ = project
    body = {"targets": [{"type": "Dataset", "id": dataset}]}
    done(client.post(BASE + "write/", json=body))
    WrittenObject.objects.update(changed_at=timezone.now() - timedelta(days=400))
    job = done(client.post(BASE + "write/", json=body))
    assert set(WrittenObject.objects.values_list("job_id", flat=True)) == {job.id}


def test_folders_of_the_imported_file_can_be_read_instead_of_the_name(alice, client, plugin_database):
    fileset = omero.model.FilesetI()
    fileset.templatePrefix = rstring("alice/")
    file = omero.model.OriginalFileI()
    file.name, file.path, file.size = rstring("img.ome.tif"), rstring("alice/"), omero.rtypes.rlong(1)
    file.mimetype = rstring("image/tiff")
    entry = omero.model.FilesetEntryI()
    entry.clientPath, entry.originalFile = rstring("home/alice/20260312_HeLa/5-HT_day-01/img.ome.tif"), file
    fileset.addFilesetEntry(entry)
    image = omero.model.ImageI()
    image.name, image.fileset = rstring("img"), fileset
    number = alice.getUpdateService().saveAndReturnObject(image).id.val
    for source, values in (
        ({"source": "folder", "level": 1}, ["5-HT", "day", "01"]),
        ({"source": "folder", "level": 2}, ["20260312", "HeLa"]),
        ({"source": "extension"}, ["ome", "tif"]),
    ):
        body = {"targets": [{"type": "Image", "id": number}], "recipe": source}
        (row,) = client.post(BASE + "preview/", json=body).json()["rows"]
        assert row[3] == values
