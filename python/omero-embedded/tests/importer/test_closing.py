"""Clients that go, or change their mind, at the worst moments of an import: all of it is there, or nothing."""

from __future__ import annotations

import threading
import time

import Ice
import numpy as np
import omero
import pytest
import tifffile
from omero.rtypes import unwrap

from omero_embedded.files import tree
from omero_embedded.importer import filesets
from omero_embedded.importer import run as running
from omero_embedded.importer.process import ImportProcess
from omero_embedded.testing import PASSWORD
from omero_embedded.testing_images import Importer, sha1

PATIENCE = 30


class Gate:
    """Holds the server where it is until the test has done something."""

    def __init__(self):
        self.reached = threading.Event()
        self.opened = threading.Event()

    def hold(self):
        self.reached.set()
        assert self.opened.wait(PATIENCE)

    def after(self, function):
        """The function, held between its end and its answer."""

        def held(*values, **options):
            answer = function(*values, **options)
            self.hold()
            return answer

        return held


@pytest.fixture
def gate():
    gate = Gate()
    yield gate
    gate.opened.set()


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "held.tif"
    tifffile.imwrite(path, np.arange(64, dtype="uint16").reshape(8, 8))
    return path


def sent(alice, path):
    process = alice.begin([path])
    alice.upload(process, [path])
    return process


def in_background(act):
    thread = threading.Thread(target=act, daemon=True)
    thread.start()
    return thread


def cancelled_there(alice, path, gate):
    """The handle of an import that was cancelled where the server is held, and its process."""
    process = sent(alice, path)
    handle = process.verifyUpload([sha1(path)])
    assert gate.reached.wait(PATIENCE)
    assert handle.cancel()
    return handle, process


def images(client):
    """(name, fileset) of the images; a fileset that is gone is None."""
    return unwrap(
        client.sf.getQueryService().projection(
            "select i.name, f.id from Image i left outer join i.fileset f order by i.id", None
        )
    )


@pytest.fixture
def empty(lab, alice):
    """Nothing of the tests before."""
    ids = unwrap(alice.client.sf.getQueryService().projection("select f.id from Fileset f", None))
    if ids:
        targets = {"Fileset": [row[0] for row in ids]}
        alice.wait(alice.client.sf.submit(omero.cmd.Delete2(targetObjects=targets)))
    return lab.server.data / "ManagedRepository"


def test_an_import_closed_while_its_files_are_verified_goes_on(alice, lab, path, empty, gate, monkeypatch):
    monkeypatch.setattr(ImportProcess, "_store", gate.after(ImportProcess._store))
    process = sent(alice, path)
    answers = []
    verifying = in_background(lambda: answers.append(alice.wait(process.verifyUpload([sha1(path)]))))
    assert gate.reached.wait(PATIENCE)
    process.close()
    gate.opened.set()
    verifying.join(PATIENCE)
    assert isinstance(answers[0], omero.grid.ImportResponse)
    ((name, fileset),) = images(alice.client)
    assert name == "held.tif"
    assert fileset is not None
    (stored,) = empty.rglob("held.tif")
    assert stored.read_bytes() == path.read_bytes()


def test_an_import_closed_while_its_files_are_verified_and_refused_leaves_nothing(
    alice, path, empty, gate, monkeypatch
):
    monkeypatch.setattr(ImportProcess, "_checked", gate.after(ImportProcess._checked))
    process = sent(alice, path)
    refusals = []

    def verify():
        try:
            process.verifyUpload(["00"])
        except omero.ChecksumValidationException as refusal:
            refusals.append(refusal)

    verifying = in_background(verify)
    assert gate.reached.wait(PATIENCE)
    process.close()
    gate.opened.set()
    verifying.join(PATIENCE)
    assert refusals
    assert unwrap(alice.client.sf.getQueryService().projection("select f.id from Fileset f", None)) == []
    assert not list(empty.rglob("held.tif"))


def test_an_import_cancelled_before_its_images_are_saved_leaves_nothing(
    alice, path, empty, gate, monkeypatch
):
    monkeypatch.setattr(running, "_measured", gate.after(running._measured))
    handle, process = cancelled_there(alice, path, gate)
    gate.opened.set()
    response = alice.wait(handle)
    process.close()
    assert isinstance(response, omero.cmd.ERR)
    assert response.name == "cancelled"
    assert images(alice.client) == []
    assert not list(empty.rglob("held.tif"))


def test_an_import_cancelled_after_its_images_are_saved_has_come_to_its_end(
    alice, path, empty, gate, monkeypatch
):
    monkeypatch.setattr(running, "_save", gate.after(running._save))
    handle, process = cancelled_there(alice, path, gate)
    process.close()
    gate.opened.set()
    response = alice.wait(handle)
    assert isinstance(response, omero.grid.ImportResponse)
    ((_, fileset),) = images(alice.client)
    assert fileset is not None
    assert list(empty.rglob("held.tif"))


def test_a_client_that_is_cut_off_while_its_files_are_verified_gets_its_image(
    alice, lab, path, empty, gate, monkeypatch
):
    monkeypatch.setattr(ImportProcess, "_store", gate.after(ImportProcess._store))
    ended = threading.Event()
    run = ImportProcess.run

    def noted(self, *values):
        try:
            return run(self, *values)
        finally:
            ended.set()

    monkeypatch.setattr(ImportProcess, "run", noted)
    process = sent(alice, path)
    in_background(lambda: process.verifyUpload([sha1(path)]))
    assert gate.reached.wait(PATIENCE)
    (session,) = [one for one in lab.server.sessions.all() if one.uuid == alice.client.getSessionId()]
    lab.server.sessions.release_servants(session)
    gate.opened.set()
    assert ended.wait(PATIENCE)
    ((_, fileset),) = images(alice.client)
    assert fileset is not None
    assert list(empty.rglob("held.tif"))


def test_what_is_verified_or_given_up_is_written_no_more(alice, path, empty):
    process = alice.begin([path])
    first, second = process.getUploader(0), process.getUploader(0)
    data = path.read_bytes()
    first.write(data, 0, len(data))
    first.close()
    with pytest.raises(omero.ChecksumValidationException):
        process.verifyUpload(["00"])
    second.write(data, 0, len(data))
    handle = process.verifyUpload([sha1(path)])
    with pytest.raises(omero.ApiUsageException, match="no longer be written"):
        second.write(b"late", 0, 4)
    assert isinstance(alice.wait(handle), omero.grid.ImportResponse)
    process.close()
    (stored,) = empty.rglob("held.tif")
    assert stored.read_bytes() == data


def test_an_uploader_of_a_closed_import_makes_no_file_again(alice, path, empty):
    process = alice.begin([path])
    uploader = process.getUploader(0)
    process.close()
    with pytest.raises(omero.ApiUsageException, match="no longer be written"):
        uploader.write(b"late", 0, 4)
    uploader.close()
    assert not list(empty.rglob("held.tif"))


def test_an_import_whose_folder_cannot_be_made_leaves_no_rows(alice, path, empty, monkeypatch):
    def full(*_values):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tree, "make_on_disk", full)
    with pytest.raises(omero.ServerError):
        alice.begin([path])
    assert unwrap(alice.client.sf.getQueryService().projection("select f.id from Fileset f", None)) == []


def test_an_import_is_taken_back_whose_client_is_lost_while_it_is_announced(
    lab, path, empty, gate, monkeypatch
):
    monkeypatch.setattr(filesets, "prepare", gate.after(filesets.prepare))
    client = omero.client(host=lab.address)
    client.createSession("alice", PASSWORD)
    session = lab.server.sessions.get(client.getSessionId())
    importer = Importer(client)
    failures = []

    def announce():
        try:
            importer.begin([path])
        except Ice.Exception as failure:
            failures.append(failure)

    announcing = in_background(announce)
    assert gate.reached.wait(PATIENCE)
    client.ic.destroy()
    announcing.join(PATIENCE)
    assert failures
    gate.opened.set()
    deadline = time.monotonic() + PATIENCE
    while (list(empty.rglob("held.tif*")) or session.servants) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert session.servants == {}
    with lab.client("alice") as other:
        assert unwrap(other.sf.getQueryService().projection("select f.id from Fileset f", None)) == []
