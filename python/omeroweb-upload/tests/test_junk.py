import pytest

from omeroweb_upload.junk import skip_reason

NAMES = (
    "thumbs.db desktop.ini ehthumbs.db ehthumbs_vista.db $recycle.bin ntuser.dat ntuser.dat.log ntuser.ini iconcache.db "
    ".ds_store .apdisk .volumeicon.icns .fseventsd .spotlight-v100 .temporaryitems .trashes .directory .trash-1000 "
    ".picasa.ini .picasaoriginals .bridgecache .bridgecachet .bridgesort .adobe"
)
FOLDERS = (
    "lost+found", "$RECYCLE.BIN", "System Volume Information", ".Trashes", ".Spotlight-V100", ".fseventsd", ".TemporaryItems"
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES.split())
def test_what_systems_leave_behind_is_skipped_in_any_case_and_folder(name):
    for path in (name, name.upper(), f"run 1/deep/{name.title()}"):
        reason = skip_reason(path)
        assert reason is not None
        assert reason.endswith("not data")


@pytest.mark.parametrize("folder", FOLDERS)
def test_everything_in_a_folder_of_the_system_is_skipped(folder):
    for path in (f"{folder}/a.tif", f"run/{folder.upper()}/deep/a.tif"):
        reason = skip_reason(path)
        assert reason is not None
        assert "keeps for itself" in reason


def test_resource_forks_are_skipped():
    assert skip_reason("run/._cell.tif")
    assert "resource fork" in str(skip_reason("._x"))


@pytest.mark.parametrize(
    "path",
    [
        "metadata.xml",
        "run/Index.idx.xml",
        "lost+found/a.xml",
        ".Trashes/b.XML",
        "._c.xml",
        "x/$RECYCLE.BIN/d.ome.xml",
    ],
)
def test_xml_is_never_skipped(path):
    assert skip_reason(path) is None


@pytest.mark.parametrize(
    "path", ["a.tif", "thumbs.db.tif", "my thumbs.db", "trashes/a.tif", ".hidden.tif", "a/_.tif"]
)
def test_data_are_kept(path):
    assert skip_reason(path) is None
