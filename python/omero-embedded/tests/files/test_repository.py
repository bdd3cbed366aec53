"""Folders and files of the managed repository, as clients see them."""

from __future__ import annotations

from pathlib import Path

import omero
import omero.grid
import pytest
from omero.callbacks import CmdCallbackI
from omero.grid import RawAccessRequest
from omero.rtypes import rstring, unwrap


@pytest.fixture(scope="module")
def lab(site):
    site.group("lab", "rwr---", "alice", "bob")
    with site.client("root") as client:
        repository = client.getManagedRepository()
        repository.makeDir("shared", False)
    return site


@pytest.fixture(scope="module")
def folder(lab):
    """A folder of Alice's, as root would hand it to her."""
    from omero_embedded.files import rows, tree
    from omero_embedded.files.repositories import repositories_of

    with lab.client("alice") as client:
        context = client.sf.getAdminService().getEventContext()
    managed = repositories_of(lab.server).managed
    with lab.server.db.write() as connection:
        made = rows.NewFile((), "alice", managed.uuid, rows.DIRECTORY)
        rows.insert_rows(connection, rows.first_event(connection), [made], context.userId, context.groupId)
        assert tree.find(connection, managed, ("alice",)) is not None
    (managed.root / "alice").mkdir()
    return "alice"


def wait(client, handle):
    callback = CmdCallbackI(client, handle)
    callback.loop(100, 100)
    response = callback.getResponse()
    callback.close(True)
    return response


def test_all_repositories_are_listed_as_omero_lists_them(lab):
    with lab.client("alice") as client:
        found = client.sf.sharedResources().repositories()
        by_name = {
            unwrap(one.name): proxy for one, proxy in zip(found.descriptions, found.proxies, strict=True)
        }
        assert set(by_name) == {"scripts", "ManagedRepository", lab.server.data.name}
        assert omero.grid.ManagedRepositoryPrx.checkedCast(by_name["ManagedRepository"])
        assert not omero.grid.ManagedRepositoryPrx.checkedCast(by_name["scripts"])
        root = by_name["ManagedRepository"].root()
        assert unwrap(root.mimetype) == "Repository"
        assert unwrap(root.path) + unwrap(root.name) == str(lab.server.data / "ManagedRepository")


def test_folders_and_files_are_made_listed_and_deleted(lab, folder):
    with lab.client("alice") as client:
        repository = client.getManagedRepository()
        repository.makeDir(f"{folder}/one", False)
        with pytest.raises(omero.ValidationException, match="exists"):
            repository.makeDir(f"{folder}/one", False)
        repository.makeDir(f"{folder}/two/three", True)
        with pytest.raises(omero.ValidationException, match="does not exist"):
            repository.makeDir(f"{folder}/four/five", False)
        store = repository.file(f"{folder}/one/notes.txt", "rw")
        store.write(b"hello", 0, 5)
        store.close()
        assert repository.fileExists(f"{folder}/one/notes.txt")
        assert sorted(repository.list(folder)) == [f"{folder}/one", f"{folder}/two"]
        (file,) = repository.listFiles(f"{folder}/one")
        assert (file.name.val, file.path.val, file.size.val) == ("notes.txt", f"{folder}/one/", 5)
        assert repository.mimetype("x/y.png") == "image/png"
        tree = unwrap(repository.treeList(folder))[f"/{folder}"]["files"]
        assert tree[f"/{folder}/one"]["files"][f"/{folder}/one/notes.txt"]["size"] == 5
        reader = repository.file(f"{folder}/one/notes.txt", "r")
        assert reader.read(0, 10) == b"hello"
        with pytest.raises(omero.SecurityViolation):
            reader.write(b"x", 0, 1)
        reader.close()
        with pytest.raises(omero.ValidationException, match="recursively"):
            repository.deletePaths([f"{folder}/one"], False, False)
        response = wait(client, repository.deletePaths([f"{folder}/one"], True, False))
        assert isinstance(response, omero.cmd.OK), response
        assert not repository.fileExists(f"{folder}/one")
        assert not (lab.server.data / "ManagedRepository" / folder / "one").exists()


@pytest.mark.parametrize("path", ["../outside", "alice/../../outside", "a\x07b"])
def test_paths_cannot_leave_the_repository(lab, path):
    with lab.client("root") as client:
        repository = client.getManagedRepository()
        for call in (lambda: repository.makeDir(path, True), lambda: repository.file(path, "rw")):
            with pytest.raises(omero.ValidationException):
                call()


def test_people_make_folders_in_the_one_that_their_imports_go_into(lab):
    with lab.client("alice") as client, lab.client("bob") as other:
        context = client.sf.getAdminService().getEventContext()
        top = f"{context.userName}_{context.userId}"
        repository = client.getManagedRepository()
        repository.makeDir(f"{top}/notes/old", True)
        repository.makeDir(f"{top}/more", False)
        store = repository.file(f"{top}/notes/old/a.txt", "rw")
        store.write(b"hello", 0, 5)
        store.close()
        query = client.sf.getQueryService()
        hql = "select f.name, f.details.owner.omeName from OriginalFile f where f.name in ('{}', 'more')"
        owners = query.projection(hql.format(top), None, {"omero.group": "-1"})
        assert {row[0].val: row[1].val for row in owners} == {top: "root", "more": "alice"}
        assert repository.list(f"{top}/notes/old") == [f"{top}/notes/old/a.txt"]
        for path in (top, f"{top}/notes"):
            with pytest.raises(omero.SecurityViolation):
                other.getManagedRepository().makeDir(f"{path}/bobs", False)


def test_a_file_is_registered_once_and_opened_for_writing_only_by_who_may_write(lab, folder):
    with lab.client("alice") as client, lab.client("bob") as other:
        repository, path = client.getManagedRepository(), f"{folder}/kept.txt"
        store = repository.file(path, "rw")
        store.write(b"hello", 0, 5)
        file_id = store.save().id.val
        store.close()
        assert repository.register(path, rstring("text/plain")).id.val == file_id
        theirs = other.getManagedRepository()
        assert theirs.register(path, rstring("text/plain")).id.val == file_id
        reader = theirs.file(path, "r")
        assert reader.read(0, 5) == b"hello"
        reader.close()
        with pytest.raises(omero.SecurityViolation):
            theirs.file(path, "rw")


def test_only_owners_and_administrators_write(lab, folder):
    with lab.client("bob") as client:
        repository = client.getManagedRepository()
        with pytest.raises(omero.SecurityViolation):
            repository.makeDir(f"{folder}/bobs", False)
        with pytest.raises(omero.SecurityViolation):
            repository.makeDir("bobs", False)
        with pytest.raises(omero.SecurityViolation):
            repository.file("shared/bobs.txt", "rw")


def test_a_file_on_disk_is_not_written_over_before_it_is_registered(lab):
    shared = lab.server.data / "ManagedRepository" / "shared"
    (shared / "stray.csv").write_text("a,b\n")
    (shared / "strays").mkdir()
    with lab.client("root") as client:
        repository = client.getManagedRepository()
        for name in ("stray.csv", "strays"):
            with pytest.raises(omero.grid.UnregisteredFileException) as refused:
                repository.file(f"shared/{name}", "rw")
            told, kept = refused.value.file, repository.register(f"shared/{name}", None)
            for field in ("path", "name", "size", "mimetype"):
                assert unwrap(getattr(told, field)) == unwrap(getattr(kept, field))
    assert (shared / "stray.csv").read_text() == "a,b\n"


def test_files_on_disk_are_registered(lab):
    path = lab.server.data / "ManagedRepository" / "shared" / "found.csv"
    path.write_text("a,b\n")
    with lab.client("root") as client:
        repository = client.getManagedRepository()
        file = repository.register("shared/found.csv", None)
        assert (file.mimetype.val, file.size.val) == ("text/csv", 4)
        assert repository.register("shared/found.csv", None).id.val == file.id.val
        assert repository.verifyChecksums([file.id.val]) == []
        md5 = omero.model.ChecksumAlgorithmI()
        md5.value = omero.rtypes.rstring("MD5-128")
        assert repository.setChecksumAlgorithm(md5, [file.id.val]) == [file.id.val]
        assert repository.setChecksumAlgorithm(md5, [file.id.val]) == []
        path.write_text("a,c\n")
        assert repository.verifyChecksums([file.id.val]) == [file.id.val]


def test_raw_access_is_for_administrators(lab):
    def submit(client, command, *arguments):
        root = client.getManagedRepository().root()
        request = RawAccessRequest(repoUuid=root.hash.val, command=command, args=list(arguments))
        return wait(client, client.sf.submit(request))

    root = lab.server.data / "ManagedRepository"
    with lab.client("alice") as client:
        assert isinstance(submit(client, "touch", "shared/x"), omero.cmd.ERR)
    with lab.client("root") as client:
        assert isinstance(submit(client, "touch", "shared/x"), omero.cmd.OK)
        assert isinstance(submit(client, "mv", "shared/x", "shared/y"), omero.cmd.OK)
        assert (root / "shared" / "y").is_file()
        assert isinstance(submit(client, "rm", "../omero.db"), omero.cmd.ERR)
        assert isinstance(submit(client, "format", "shared"), omero.cmd.ERR)


def test_an_administrator_leaves_a_note_in_the_servers_log_and_alice_does_not(lab, caplog):
    def submit(client, level):
        request = RawAccessRequest(
            repoUuid="ScriptRepo", command="log", path=level, args=["backup", "starts"]
        )
        return wait(client, client.sf.submit(request))

    with lab.client("root") as client, caplog.at_level("INFO", logger="omero_embedded"):
        assert isinstance(submit(client, "info"), omero.cmd.OK)
        assert isinstance(submit(client, "loud"), omero.cmd.ERR)
    with lab.client("alice") as client:
        assert isinstance(submit(client, "info"), omero.cmd.ERR)
    assert [record.getMessage() for record in caplog.records if "note" in record.getMessage()] == [
        "note user=root text='backup starts'"
    ]


def test_administrators_learn_where_the_data_are(lab):
    with lab.client("root") as client:
        config = client.sf.getConfigService()
        data, managed = (config.getConfigValue(f"omero.{name}.dir") for name in ("data", "managed"))
        _, description = client.getManagedRepository(description=True)
    assert Path(data) == lab.server.data.resolve()
    assert Path(managed) == Path(description.path.val) / description.name.val
    with lab.client("alice") as client, pytest.raises(omero.SecurityViolation):
        client.sf.getConfigService().getConfigValue("omero.data.dir")
