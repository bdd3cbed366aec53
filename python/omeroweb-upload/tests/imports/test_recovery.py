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
from omeroweb_upload.engines.marking import NAMESPACE
from omeroweb_upload.filesets.model import Kind
from omeroweb_upload.models import SetState, Status, UploadSession
from omeroweb_upload.services import importing
from omeroweb_upload.tasks import SessionParameters, run_import

from .test_survival import names_in_omero


class Patience:
    """A job of alice's that nobody interrupts."""

    def __init__(self, session=None, people=None):
        self.parameters = SessionParameters(session_id=session.id if session else "")
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
        comment = omero.model.CommentAnnotationI()
        comment.ns, comment.textValue = rstring(NAMESPACE), rstring(row.marker)
        process = importer.begin([path], annotations=[comment])
        importer.upload(process, [path])

        def overtaken(_conn, fileset_id):
            importer.wait(process.verifyUpload([sha1(path)]))
            raise omero.ServerError(None, "omero.ServerError", f"Fileset:{fileset_id} is in use")

        monkeypatch.setattr(importing, "remove_fileset", overtaken)
        importing.reconcile(Patience(), conn, upload_settings(), session)
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
