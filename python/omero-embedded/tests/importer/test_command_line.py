"""The omero command line, unmodified, on imported files, scripts and search."""

from __future__ import annotations

import hashlib
import re

import numpy as np
import omero
import pytest
import tifffile
from omero.cli import CLI

HELLO = """
import omero.scripts as scripts
from omero.rtypes import rstring
client = scripts.client("Hello.py", "Says hello.", scripts.String("Name", optional=False))
print("hello " + client.getInput("Name", unwrap=True))
client.setOutput("Message", rstring("done"))
client.closeSession()
"""


@pytest.fixture(scope="module")
def imported(lab, tmp_path_factory):
    """A TIFF that Alice imported, and its image."""
    from omero_embedded.testing_images import Importer

    path = tmp_path_factory.mktemp("cli") / "mitosis.tif"
    tifffile.imwrite(path, np.arange(400, dtype="uint16").reshape(20, 20))
    with lab.client("alice") as client:
        (image,) = Importer(client).images([path])
    return path, image


@pytest.fixture
def run(lab, capsys, tmp_path, monkeypatch):
    """Runs `omero …` as a user; what it printed."""
    monkeypatch.setenv("OMERO_USERDIR", str(tmp_path / "user"))

    def invoke(*arguments: str, user: str = "alice") -> str:
        with lab.client(user) as client:
            client.sf.detachOnDestroy()
            key = client.getSessionId()
        cli = CLI()
        cli.loadplugins()
        try:
            cli.invoke(["-q", "-s", lab.address, "-k", key, *arguments], strict=True)
        finally:
            cli.close()
        printed = capsys.readouterr()
        return printed.out + printed.err

    return invoke


def test_download_gives_the_original_file(run, imported, tmp_path):
    path, image = imported
    run("download", f"Fileset:{image.fileset.id.val}", str(tmp_path / "out"))
    assert (tmp_path / "out" / "mitosis.tif").read_bytes() == path.read_bytes()


def test_fs_lists_repositories_filesets_files_and_logs(run, imported, tmp_path):
    _, image = imported
    fileset = str(image.fileset.id.val)
    assert "Managed" in run("fs", "repos")
    assert "ScriptRepo" in run("fs", "repos")
    assert re.search(rf"\|\s*{fileset}\s*\|", run("fs", "sets"))
    assert "mitosis.tif" in run("fs", "ls", fileset)
    run("fs", "logfile", fileset, str(tmp_path / "log"))
    assert "mitosis.tif" in (tmp_path / "log").read_text()


def test_search_finds_the_image(run, imported):
    assert "mitosis.tif" in run("search", "Image", "mitosis AND tif")


def test_scripts_are_uploaded_listed_launched_and_deleted(run, tmp_path):
    script = tmp_path / "Hello.py"
    script.write_text(HELLO)
    file_id = re.search(
        r"OriginalFile:(\d+)", run("script", "upload", "--official", str(script), user="root")
    )[1]
    assert "Hello.py" in run("script", "list")
    assert "Batch_Image_Export.py" in run("script", "list")
    assert "Says hello." in run("script", "params", file_id)
    printed = run("script", "launch", file_id, "Name=world")
    assert "hello world" in printed
    assert "Message=done" in printed
    assert HELLO.strip() in run("script", "cat", file_id)
    run("script", "delete", file_id, user="root")
    assert "Hello.py" not in run("script", "list")


def test_uploads_and_downloads_of_files(run, lab, tmp_path):
    source = tmp_path / "notes.txt"
    source.write_bytes(b"notes" * 1000)
    with lab.client("alice") as client:
        made = client.upload(str(source))
    run("download", f"OriginalFile:{made.id.val}", str(tmp_path / "copy.txt"))
    copy = (tmp_path / "copy.txt").read_bytes()
    assert hashlib.sha1(copy).hexdigest() == made.hash.val
    assert isinstance(made, omero.model.OriginalFile)
