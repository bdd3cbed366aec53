"""The `omero` command, unmodified, against the embedded server."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from omero_embedded.testing import PASSWORD

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Terminal


HELLO = """
import omero.scripts as scripts
from omero.rtypes import rstring
client = scripts.client("Say_Hello.py", "Greets.", scripts.String("Name", optional=False))
client.setOutput("Message", rstring("hello " + client.getInput("Name").val))
client.closeSession()
"""


def test_alice_logs_in_and_sees_her_sessions(terminal: Terminal) -> None:
    assert "alice" in terminal.omero("sessions", "list")
    assert "alice" in terminal.omero("sessions", "who")


def test_a_wrong_password_is_refused(terminal: Terminal) -> None:
    terminal.omero("logout")
    text = terminal.omero("login", "-s", terminal.site.address, "-u", "alice", "-w", "wrong", check=False)
    assert re.search(r"[Pp]assword|PermissionDenied|denied", text)


def test_an_administrator_makes_a_group_and_a_user(terminal: Terminal) -> None:
    terminal.log_in("carol")
    terminal.omero("group", "add", "optics", "--type", "read-annotate")
    terminal.omero("user", "add", "gina", "Gina", "Tester", "optics", "-P", PASSWORD)
    assert "optics" in terminal.omero("group", "list")
    assert "gina" in terminal.omero("user", "list")
    terminal.omero("group", "adduser", "--name", "optics", "bob")
    assert "optics" in terminal.omero("user", "listgroups", "bob", "--long")
    terminal.omero("group", "perms", "--type", "read-only", "--name", "optics")
    assert "rwr---" in terminal.omero("group", "info", "--group-name", "optics")
    terminal.omero("user", "joingroup", "--name", "alice", "--group-name", "optics")
    terminal.log_in("gina")


def test_objects_are_made_changed_and_found(terminal: Terminal) -> None:
    project = terminal.made("obj", "new", "Project", "name=screening")
    dataset = terminal.made("obj", "new", "Dataset", "name=plates")
    terminal.omero("obj", "new", "ProjectDatasetLink", f"parent={project}", f"child={dataset}")
    terminal.omero("obj", "update", dataset, "description=first batch")
    assert "first batch" in terminal.omero("obj", "get", dataset, "description")
    shown = terminal.omero(
        "hql", "-q", "--style", "csv", "select d.id, d.name from Dataset d where d.name = 'plates'"
    )
    assert "plates" in shown


def test_wrong_hql_is_explained(terminal: Terminal) -> None:
    text = terminal.omero("hql", "-q", "select d from Datasett d", check=False)
    assert "Datasett" in text
    assert "Dataset" in text


def test_key_values_are_set_by_obj(terminal: Terminal) -> None:
    annotation = terminal.made("obj", "new", "MapAnnotation", "ns=test.cli")
    terminal.omero("obj", "map-set", annotation, "mapValue", "cell line", "HeLa")
    assert "HeLa" in terminal.omero("obj", "map-get", annotation, "mapValue", "cell line")


def test_tags_are_made_linked_and_listed(terminal: Terminal, image: tuple[int, int]) -> None:
    terminal.omero("tag", "create", "--name", "mitosis", "--desc", "dividing cells")
    listed = terminal.omero("tag", "list", "--nopage")
    assert "mitosis" in listed
    tag = terminal.omero(
        "hql", "-q", "--style", "plain", "select t.id from TagAnnotation t where t.textValue = 'mitosis'"
    )
    number = re.findall(r"\d+", tag)[-1]
    terminal.omero("tag", "link", f"Image:{image[0]}", number)
    links = terminal.omero(
        "hql",
        "-q",
        "--style",
        "csv",
        f"select l.parent.id from ImageAnnotationLink l where l.child.id = {number}",
    )
    assert str(image[0]) in links


def test_search_finds_images_by_name(terminal: Terminal, image: tuple[int, int]) -> None:
    assert "cells.tif" in terminal.omero("search", "Image", "cells*", "--style", "csv")


def test_a_dry_run_deletes_nothing_and_a_delete_does(terminal: Terminal) -> None:
    dataset = terminal.made("obj", "new", "Dataset", "name=doomed")
    terminal.omero("delete", dataset, "--dry-run", "--report")
    assert "doomed" in terminal.omero("obj", "get", dataset, "name")
    terminal.omero("delete", dataset, "--report")
    assert "doomed" not in terminal.omero("hql", "-q", "--style", "csv", "select d.name from Dataset d")


def test_deleting_a_dataset_deletes_its_images(terminal: Terminal, image: tuple[int, int]) -> None:
    text = terminal.omero("delete", f"Dataset:{image[1]}", "--report")
    assert "Image" in text
    left = terminal.omero(
        "hql", "-q", "--style", "csv", f"select count(i) from Image i where i.id = {image[0]}"
    )
    assert re.search(r"0,0\s*$", left)


def test_an_image_moves_to_another_group(terminal: Terminal, image: tuple[int, int]) -> None:
    terminal.omero("chgrp", "archive", f"Image:{image[0]}", "--dry-run", "--report")
    terminal.omero("chgrp", "archive", f"Image:{image[0]}", "--report")
    with terminal.site.gateway("alice") as conn:
        conn.SERVICE_OPTS.setOmeroGroup("-1")
        assert conn.getObject("Image", image[0]).getDetails().getGroup().getName() == "archive"


def test_an_administrator_gives_data_away(terminal: Terminal, image: tuple[int, int]) -> None:
    terminal.log_in("carol")
    terminal.omero("chown", "bob", f"Dataset:{image[1]}", "--report")
    with terminal.site.gateway("bob") as conn:
        assert conn.getObject("Image", image[0]).getOwnerOmeName() == "bob"


def test_files_are_uploaded_and_downloaded_unchanged(terminal: Terminal, tmp_path: Path) -> None:
    sent = tmp_path / "protocol.txt"
    sent.write_bytes(bytes(range(256)) * 4096)
    original = terminal.made("upload", str(sent))
    received = tmp_path / "received.txt"
    terminal.omero("download", original, str(received))
    assert received.read_bytes() == sent.read_bytes()


@pytest.mark.parametrize("command", ["repos", "sets", "images"])
def test_fs_lists(terminal: Terminal, command: str) -> None:
    assert terminal.omero("fs", command, "--style", "csv")


def test_fs_tells_who_uses_how_much(terminal: Terminal, image: tuple[int, int]) -> None:
    text = terminal.omero("fs", "usage", f"Image:{image[0]}", "--report", "--wait=-1")
    assert "bytes" in text.lower()


def test_a_script_is_uploaded_listed_and_run(terminal: Terminal, tmp_path: Path) -> None:
    script = tmp_path / "Say_Hello.py"
    script.write_text(HELLO)
    uploaded = re.search(r"\d+", terminal.omero("script", "upload", str(script)))
    assert uploaded is not None
    assert "Say_Hello.py" in terminal.omero("script", "list", "user")
    assert "hello alice" in terminal.omero("script", "launch", uploaded[0], "Name=alice")


def test_rendering_settings_are_shown(terminal: Terminal, image: tuple[int, int]) -> None:
    assert "ch0: active=True" in terminal.omero("render", "info", f"Image:{image[0]}")
    terminal.omero("render", "test", f"Image:{image[0]}")


def test_metadata_is_summarised(terminal: Terminal, image: tuple[int, int]) -> None:
    assert f"Image:{image[0]}" in terminal.omero("metadata", "summary", f"Image:{image[0]}")


def test_rendering_settings_are_set_from_a_file(
    terminal: Terminal, image: tuple[int, int], tmp_path: Path
) -> None:
    wanted = tmp_path / "rendering.json"
    wanted.write_text(
        json.dumps(
            {
                "version": 2,
                "greyscale": False,
                "channels": {
                    "1": {"label": "DAPI", "color": "0000FF", "start": 5, "end": 15, "active": True}
                },
            }
        )
    )
    terminal.omero("render", "set", f"Image:{image[0]}", str(wanted))
    text = terminal.omero("render", "info", f"Image:{image[0]}", "--style", "json")
    shown = json.loads(text[text.index("{") : text.rindex("}") + 1])
    channel = shown["channels"]["1"]
    assert (channel["label"], channel["color"], channel["start"], channel["end"]) == ("DAPI", "0000FF", 5, 15)


def test_an_original_file_of_an_imported_image_is_downloaded(
    terminal: Terminal, imported: tuple[int, Path], tmp_path: Path
) -> None:
    image_id, sent = imported
    folder = tmp_path / "downloaded"
    folder.mkdir()
    terminal.omero("download", f"Image:{image_id}", str(folder))
    assert [path.read_bytes() for path in folder.rglob("*.tif")] == [sent.read_bytes()]
    with terminal.site.gateway("alice") as conn:
        fileset = conn.getObject("Image", image_id).getFileset().getId()
    assert sent.name in terminal.omero("fs", "ls", f"Fileset:{fileset}")


def test_fs_tells_how_long_the_steps_of_an_import_took(
    terminal: Terminal, imported: tuple[int, Path]
) -> None:
    fileset = terminal.omero(
        "hql", "-q", "--style", "plain", f"select i.fileset.id from Image i where i.id = {imported[0]}"
    )
    report = terminal.omero("fs", "importtime", f"Fileset:{fileset.strip().split(',')[-1]}")
    assert re.search(r"upload.*setId.*metadata.*pixels", report, re.DOTALL), report


def test_an_administrator_leaves_a_note_in_the_log(
    terminal: Terminal, caplog: pytest.LogCaptureFixture
) -> None:
    terminal.log_in("carol")
    with caplog.at_level("INFO", logger="omero_embedded"):
        terminal.omero("admin", "log", "ScriptRepo", "backup starts")
    assert "backup starts" in caplog.text


def test_cleansing_the_data_folder_leaves_everything_that_is_known(
    terminal: Terminal, imported: tuple[int, Path], tmp_path: Path
) -> None:
    note = tmp_path / "note.txt"
    note.write_text("kept")
    file = terminal.made("upload", str(note))
    data = terminal.site.server.data
    lost = data / "Files" / "999"
    lost.write_text("of no file")
    before = {path for path in data.rglob("*") if path.is_file() and path != lost}
    terminal.log_in("carol")
    terminal.omero("admin", "cleanse", str(data))
    after = {path for path in data.rglob("*") if path.is_file()}
    assert before - after == set()
    assert not lost.exists()
    terminal.log_in("alice")
    assert terminal.omero("download", file, "-").startswith("kept")


def test_metadata_is_populated_from_a_csv_file(
    terminal: Terminal, image: tuple[int, int], tmp_path: Path
) -> None:
    rows = tmp_path / "treatment.csv"
    rows.write_text("# header s,d,s\nImage Name,Dose,Drug\ncells.tif,2.5,nocodazole\n")
    terminal.omero("metadata", "populate", f"Dataset:{image[1]}", "--file", str(rows))
    terminal.omero(
        "metadata",
        "populate",
        f"Dataset:{image[1]}",
        "--context",
        "bulkmap",
        "--cfg",
        str(bulk_map(tmp_path)),
    )
    with terminal.site.gateway("alice") as conn:
        tables = [
            a.getFile().getName()
            for a in conn.getObject("Dataset", image[1]).listAnnotations()
            if a.getFile()
        ]
        found = conn.getObject("Image", image[0]).listAnnotations()
        pairs = {tuple(pair) for annotation in found for pair in annotation.getValue()}
    assert tables == ["bulk_annotations"]
    assert {("Drug", "nocodazole"), ("Dose", "2.5")} <= pairs


def bulk_map(folder: Path) -> Path:
    """The configuration that makes key-values of a column."""
    path = folder / "bulkmap.yml"
    path.write_text("columns:\n  - name: Drug\n    includeclient: yes\n    clientname: Drug\n")
    return path


def test_an_image_is_duplicated(terminal: Terminal, image: tuple[int, int]) -> None:
    text = terminal.omero("duplicate", f"Dataset:{image[1]}", "--report")
    assert "Dataset" in text


def test_rdf_describes_an_image(terminal: Terminal, image: tuple[int, int]) -> None:
    assert "cells.tif" in terminal.omero("rdf", f"Image:{image[0]}")
