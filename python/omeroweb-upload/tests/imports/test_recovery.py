"""Finding out what became of an import that was interrupted."""

from __future__ import annotations

import time

import omero
from omero.rtypes import rstring

from omero_embedded.testing_images import Importer, sha1
from omeroweb_upload.config import upload_settings
from omeroweb_upload.engines.marking import NAMESPACE
from omeroweb_upload.filesets.model import Kind
from omeroweb_upload.models import SetState, UploadSession
from omeroweb_upload.services import importing

from .test_survival import names_in_omero


class Patience:
    """A job that nobody interrupts."""

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
