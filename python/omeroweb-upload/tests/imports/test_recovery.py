"""Finding out what became of an import that was interrupted."""

from __future__ import annotations

import time

import omero
import pytest
from omero.rtypes import rstring

from omero_embedded.testing_images import Importer, sha1
from omero_plugin_common.database.owned import Owner
from omero_plugin_common.jobs.errors import JobCancelledError
from omeroweb_upload.config import upload_settings
from omeroweb_upload.engines.marking import NAMESPACE, Found, find_filesets
from omeroweb_upload.filesets.model import Kind
from omeroweb_upload.models import SetState, Status, UploadSession
from omeroweb_upload.services import importing
from omeroweb_upload.tasks import SessionParameters, run_import

from .test_survival import names_in_omero


def marked(marker):
    """The annotation by which a file set's import is found again."""
    comment = omero.model.CommentAnnotationI()
    comment.ns, comment.textValue = rstring(NAMESPACE), rstring(marker)
    return [comment]


class Patience:
    """A job of alice's that nobody interrupts."""

    def __init__(self, session=None, people=None):
        self.parameters = SessionParameters(session_id=session.id if session else "")
        self.done, self.checkpoint = 0, {}
        self.owner = Owner(2, "alice")
        self.gateway = lambda: people.gateway("alice")

    def wait(self, seconds):
        time.sleep(seconds)


def test_an_image_that_comes_while_its_half_import_is_removed_is_kept(
    plugin_database, no_worker, people, files, tmp_path, monkeypatch
):
    path = tmp_path / "quick.tif"
    path.write_bytes(files(1600))
    session = UploadSession.objects.create(owner_id=2, username="alice", group_id=3)
    row = session.sets.create(
        position=0, kind=Kind.SINGLE, main=path.name, state=SetState.IMPORTING, engine="api"
    )
    with people.gateway("alice") as conn:
        importer = Importer(conn.c)
        process = importer.begin([path], annotations=marked(row.marker))
        importer.upload(process, [path])

        def overtaken(_conn, fileset_id):
            importer.wait(process.verifyUpload([sha1(path)]))
            raise omero.ServerError(None, "omero.ServerError", f"Fileset:{fileset_id} is in use")

        monkeypatch.setattr(importing, "remove_fileset", overtaken)
        list(importing.reconcile(Patience(), conn, upload_settings(), session))
    row.refresh_from_db()
    assert row.state == SetState.IMPORTED
    assert len(row.image_ids) == len(names_in_omero(people, "quick")) == 1


def test_an_import_ends_after_the_batch_in_which_its_upload_was_cancelled(
    plugin_database, no_worker, people, monkeypatch
):
    session = UploadSession.objects.create(owner_id=2, username="alice", group_id=3, status=Status.IMPORTING)
    for position in range(3):
        session.sets.create(position=position, kind=Kind.SINGLE, main=f"{position}.tif")

    def cancelled_meanwhile(_context, _conn, _settings, _session):
        (one,) = importing.next_batch(session)
        session.sets.filter(pk=one.pk).update(state=SetState.IMPORTED)
        # What a process of OMERO.web leaves that is killed before it cancels the job.
        UploadSession.objects.update(status=Status.CANCELLED)
        return []

    monkeypatch.setattr(importing, "import_batch", cancelled_meanwhile)
    with pytest.raises(JobCancelledError):
        list(run_import(Patience(session, people)))
    assert session.sets.filter(state=SetState.PENDING).count() == 2
    assert UploadSession.objects.get().status == Status.CANCELLED


class Quick(Patience):
    """A job for which time does not matter."""

    def wait(self, seconds):
        pass


def interrupted(**columns):
    session = UploadSession.objects.create(owner_id=2, username="alice", group_id=3)
    return session, session.sets.create(position=0, kind=Kind.SINGLE, main="big.tif", engine="api", **columns)


def test_omero_gets_as_long_to_read_files_as_an_import_may_take(plugin_database, no_worker, monkeypatch):
    session, row = interrupted(state=SetState.IMPORTING)
    answers = [Found(7, (), (), reading=True)] * 1000 + [Found(7, (11,), (), reading=True)]
    monkeypatch.setattr(importing, "_traces", lambda *_: {row.pk: [answers.pop(0)]})
    job = Quick()
    steps = list(importing.reconcile(job, None, upload_settings(), session))
    row.refresh_from_db()
    assert (row.state, row.image_ids) == (SetState.IMPORTED, [11])
    # Others have their turns meanwhile, and a worker may be killed.
    (since,) = {step.checkpoint["since"] for step in steps[:-1]}
    assert abs(time.time() - since) < 60
    assert steps[-1].checkpoint == {}


@pytest.mark.parametrize(("reading", "waited"), [(True, True), (False, False)])
def test_files_that_omero_will_not_read_any_more_are_imported_again(
    plugin_database, no_worker, monkeypatch, reading, waited
):
    session, row = interrupted(state=SetState.IMPORTING)
    removed = []
    monkeypatch.setattr(importing, "_traces", lambda *_: {row.pk: [Found(7, (), (), reading=reading)]})
    monkeypatch.setattr(importing, "remove_fileset", lambda _conn, fileset_id: removed.append(fileset_id))
    job = Quick()
    if waited:
        job.checkpoint = {"since": time.time() - upload_settings().import_timeout_seconds - 1}
    assert all(step.checkpoint == {} for step in importing.reconcile(job, None, upload_settings(), session))
    row.refresh_from_db()
    assert (row.state, removed) == (SetState.PENDING, [7])


def test_what_omero_says_of_an_import_is_known_at_each_stage(plugin_database, people, files, tmp_path):
    good, broken = tmp_path / "stages.tif", tmp_path / "broken.tif"
    good.write_bytes(files(1610))
    broken.write_bytes(b"this is no TIFF")
    with people.gateway("alice") as conn:
        importer = Importer(conn.c)

        def begun(path):
            return importer.begin([path], annotations=marked(path.name))

        def found(path):
            (one,) = find_filesets(conn, [path.name])[path.name]
            return one

        process = begun(good)
        assert not found(good).reading
        importer.upload(process, [good])
        importer.wait(process.verifyUpload([sha1(good)]))
        assert len(found(good).image_ids) == 1
        process.close()
        process = begun(broken)
        importer.upload(process, [broken])
        importer.wait(process.verifyUpload([sha1(broken)]))
        assert not found(broken).reading
        process.close()


def test_an_image_that_came_after_its_import_was_given_up_is_not_imported_again(
    plugin_database, no_worker, people, files, tmp_path
):
    path = tmp_path / "late.tif"
    path.write_bytes(files(1620))
    session, late = interrupted(attempts=1)
    new = session.sets.create(position=1, kind=Kind.SINGLE, main="new.tif", engine="api")
    with people.gateway("alice") as conn:
        ids = Importer(conn.c).ids([path], annotations=marked(late.marker))
        importing.keep_late_images(conn, upload_settings(), session)
    late.refresh_from_db()
    new.refresh_from_db()
    assert (late.state, late.image_ids) == (SetState.IMPORTED, ids)
    assert new.state == SetState.PENDING
