"""Uploading and downloading files as clients do."""

from __future__ import annotations

import hashlib
import os

import omero
import pytest
from omero.rtypes import rstring


@pytest.fixture(scope="module")
def lab(site):
    site.group("lab", "rwr---", "alice", "bob")
    site.group("secret", "rw----", "carol", "dave")
    return site


def upload(client, path, data: bytes):
    path.write_bytes(data)
    return client.upload(str(path), type="text/plain")


@pytest.mark.parametrize("size", [0, 1, 1023, 1024, 1025, 300_000])
def test_an_uploaded_file_comes_back_byte_for_byte(lab, tmp_path, size):
    data = os.urandom(size)
    with lab.client("alice") as client:
        made = upload(client, tmp_path / "data.bin", data)
        target = tmp_path / "copy.bin"
        client.download(client.sf.getQueryService().get("OriginalFile", made.id.val), str(target))
        assert target.read_bytes() == data


def test_size_and_checksum_are_stored_when_the_file_is_closed(lab):
    data = b"x" * 5000
    with lab.client("alice") as client:
        file = omero.model.OriginalFileI()
        file.name, file.path, file.mimetype = rstring("a"), rstring("/tmp/"), rstring("text/plain")
        file = client.sf.getUpdateService().saveAndReturnObject(file)
        store = client.sf.createRawFileStore()
        store.setFileId(file.id.val)
        assert not store.exists()
        store.write(data[:3000], 0, 3000)
        store.write(data[3000:], 3000, 2000)
        store.close()
        stored = client.sf.getQueryService().get("OriginalFile", file.id.val)
        assert stored.size.val == 5000
        assert stored.hash.val == hashlib.sha1(data).hexdigest()


def test_save_returns_the_row_with_its_new_size(lab, tmp_path):
    with lab.client("alice") as client:
        made = upload(client, tmp_path / "a.txt", b"hello world")
        store = client.sf.createRawFileStore()
        store.setFileId(made.id.val)
        assert store.truncate(5)
        saved = store.save()
        assert saved.size.val == 5
        assert saved.hash.val == hashlib.sha1(b"hello").hexdigest()
        assert store.read(0, 100) == b"hello"
        store.close()


def test_a_colleague_reads_but_does_not_write_in_a_read_only_group(lab, tmp_path):
    with lab.client("alice") as client:
        made = upload(client, tmp_path / "a.txt", b"hello")
    with lab.client("bob") as client:
        store = client.sf.createRawFileStore()
        store.setFileId(made.id.val)
        assert store.read(0, 5) == b"hello"
        with pytest.raises(omero.SecurityViolation):
            store.write(b"HELLO", 0, 5)
        store.close()


def test_files_of_a_private_group_are_closed_to_others(lab, tmp_path):
    with lab.client("carol") as client:
        made = upload(client, tmp_path / "a.txt", b"hello")
    for name in ("dave", "alice"):
        with lab.client(name) as client:
            store = client.sf.createRawFileStore()
            with pytest.raises(omero.SecurityViolation):
                store.setFileId(made.id.val, {"omero.group": "-1"})


def test_a_file_that_does_not_exist_is_named(lab):
    with lab.client("alice") as client:
        store = client.sf.createRawFileStore()
        with pytest.raises(omero.ApiUsageException, match="setFileId"):
            store.read(0, 1)
        with pytest.raises(omero.ValidationException, match="99999"):
            store.setFileId(99999)


def test_file_annotations_of_the_gateway(lab, tmp_path):
    path = tmp_path / "notes.csv"
    path.write_text("a,b\n1,2\n")
    with lab.gateway("alice") as conn:
        dataset = omero.gateway.DatasetWrapper(conn, omero.model.DatasetI())
        dataset.setName("with file")
        dataset.save()
        made = conn.createFileAnnfromLocalFile(str(path), mimetype="text/csv", ns="test")
        dataset.linkAnnotation(made)
        found = conn.getObject("Dataset", dataset.getId()).getAnnotation("test")
        assert found.getFile().getName() == "notes.csv"
        assert b"".join(found.getFileInChunks()) == b"a,b\n1,2\n"


def test_a_deleted_files_bytes_are_removed(lab, tmp_path):
    from omero_embedded.files.layout import by_id

    with lab.client("alice") as client:
        made = upload(client, tmp_path / "a.txt", b"hello")
        place = by_id(lab.server.data, made.id.val)
        assert place.read_bytes() == b"hello"
        client.submit(omero.cmd.Delete2(targetObjects={"OriginalFile": [made.id.val]}))
        assert not place.exists()
