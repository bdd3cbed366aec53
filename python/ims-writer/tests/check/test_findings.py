"""Every damage a file can have is found and named."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from ims_writer.attributes import write_text
from ims_writer.check.cli import main
from ims_writer.check.findings import CODES
from ims_writer.check.run import check_file
from ims_writer.options import WriteOptions
from ims_writer.source import ArraySource
from ims_writer.write import write_ims

VOLUME = "DataSet/ResolutionLevel {}/TimePoint {}/Channel {}"
FIRST = VOLUME.format(0, 0, 0)
SECOND = VOLUME.format(1, 0, 0)
INFO = "DataSetInfo"


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A valid file of two levels, two channels and two time points, with padding at the edges."""
    path = tmp_path_factory.mktemp("sound") / "sound.ims"
    rng = np.random.default_rng(3)
    pixels = rng.integers(1, 4000, (2, 2, 11, 301, 333), dtype=np.uint16)
    write_ims(path, ArraySource(pixels), options=WriteOptions(gzip_level=1))
    return path


def retext(file: Any, where: str, name: str, text: str) -> None:
    """Replace the text of an attribute."""
    del file[where].attrs[name]
    write_text(file[where], name, text)


def replace(file: Any, where: str, **made: Any) -> None:
    """Replace a dataset."""
    del file[where]
    file.create_dataset(where, **made)


def plain(file: Any, where: str, name: str, value: Any) -> None:
    """Replace an attribute by one of h5py's choosing."""
    file[where].attrs[name] = value


def bump(file: Any, where: str, index: Any, by: int) -> None:
    """Change some numbers of a dataset."""
    file[where][index] = file[where][index] + by


def move_counts(file: Any) -> None:
    """Count the voxels of the upper half as if they were in the lower half."""
    counts = file[f"{FIRST}/Histogram"][()]
    file[f"{FIRST}/Histogram"][...] = np.concatenate((counts[:128] + counts[128:], np.zeros(128, "u8")))


def unwritten_chunk(file: Any) -> None:
    """Make the dataset anew with one chunk less."""
    old = file[f"{SECOND}/Data"]
    voxels, chunks = old[()], old.chunks
    replace(file, f"{SECOND}/Data", shape=voxels.shape, chunks=chunks, dtype=voxels.dtype, compression="gzip")
    file[f"{SECOND}/Data"][: chunks[0], : chunks[1], : chunks[2]] = voxels[
        : chunks[0], : chunks[1], : chunks[2]
    ]


def decimate(file: Any) -> None:
    """A second level that takes every second voxel, with a histogram of its own."""
    for t, c in np.ndindex(2, 2):
        large, small = (file[VOLUME.format(level, t, c)] for level in (0, 1))
        z, y, x = (int(small.attrs[f"ImageSize{axis}"].tobytes()) for axis in "ZYX")
        voxels = large["Data"][:11, :301, :333][:: 11 // z, ::2, ::2][:z, :y, :x]
        small["Data"][:z, :y, :x] = voxels
        counts = np.bincount(voxels.ravel(), minlength=4000)
        small["Histogram"][...] = np.bincount(np.arange(len(counts)) * 256 // len(counts), counts, 256)
        retext(file, small.name, "HistogramMax", str(len(counts) - 1))


def corrupt_chunk(path: Path) -> None:
    """Overwrite the bytes of one compressed chunk."""
    with h5py.File(path) as file:
        chunk = file[f"{FIRST}/Data"].id.get_chunk_info(0)
    with path.open("r+b") as handle:
        handle.seek(chunk.byte_offset + 10)
        handle.write(b"\0" * 500)


DAMAGES: list[tuple[str, str, Callable[[Any], object]]] = [
    ("IMS002", "pixels missing", lambda f: f.pop("DataSet")),
    ("IMS002", "description missing", lambda f: f.pop(INFO)),
    ("IMS002", "channel description missing", lambda f: f.pop(f"{INFO}/Channel 1")),
    ("IMS002", "time description missing", lambda f: f.pop(f"{INFO}/TimeInfo")),
    ("IMS003", "data missing", lambda f: f.pop(f"{FIRST}/Data")),
    ("IMS003", "histogram missing", lambda f: f.pop(f"{SECOND}/Histogram")),
    ("IMS004", "channel missing at one level", lambda f: f.pop(VOLUME.format(1, 1, 1))),
    (
        "IMS004",
        "gap in time points",
        lambda f: f.move(*(f"DataSet/ResolutionLevel 1/TimePoint {n}" for n in (1, 5))),
    ),
    ("IMS101", "no version", lambda f: f.attrs.pop("ImarisVersion")),
    ("IMS101", "no size", lambda f: f[SECOND].attrs.pop("ImageSizeY")),
    ("IMS101", "no colour", lambda f: f[f"{INFO}/Channel 0"].attrs.pop("Color")),
    ("IMS101", "no time stamp", lambda f: f[f"{INFO}/TimeInfo"].attrs.pop("TimePoint2")),
    ("IMS102", "text as a string", lambda f: plain(f, f"{INFO}/Image", "Unit", "um")),
    ("IMS102", "text as a number", lambda f: plain(f, FIRST, "ImageSizeX", 333)),
    ("IMS103", "null-padded text", lambda f: plain(f, f"{INFO}/Image", "Unit", np.array([b"u", b"m"]))),
    ("IMS104", "wrong version", lambda f: retext(f, "/", "ImarisVersion", "3.0")),
    ("IMS104", "size not a number", lambda f: retext(f, FIRST, "ImageSizeZ", "eleven")),
    ("IMS104", "colour of two parts", lambda f: retext(f, f"{INFO}/Channel 0", "Color", "1.000 0.500")),
    ("IMS104", "colour too bright", lambda f: retext(f, f"{INFO}/Channel 0", "Color", "255 0 0")),
    ("IMS104", "range reversed", lambda f: retext(f, f"{INFO}/Channel 1", "ColorRange", "9 3")),
    ("IMS104", "unknown colour mode", lambda f: retext(f, f"{INFO}/Channel 1", "ColorMode", "Rainbow")),
    ("IMS105", "too many time points stated", lambda f: retext(f, f"{INFO}/TimeInfo", "FileTimePoints", "7")),
    ("IMS105", "too many channels described", lambda f: f.create_group(f"{INFO}/Channel 2")),
    ("IMS106", "extents reversed", lambda f: retext(f, f"{INFO}/Image", "ExtMax2", "-4")),
    ("IMS106", "extents empty", lambda f: retext(f, f"{INFO}/Image", "ExtMax0", "0.000")),
    ("IMS201", "stated size too large", lambda f: retext(f, FIRST, "ImageSizeX", "3330")),
    ("IMS201", "stated size too small", lambda f: retext(f, FIRST, "ImageSizeX", "33")),
    ("IMS201", "description and pixels differ", lambda f: retext(f, f"{INFO}/Image", "Y", "300")),
    (
        "IMS202",
        "doubles",
        lambda f: replace(f, f"{FIRST}/Data", data=np.ones((16, 512, 512)), chunks=(8, 256, 256)),
    ),
    (
        "IMS202",
        "mixed types",
        lambda f: replace(f, f"{FIRST}/Data", data=np.ones((16, 512, 512), "u1"), chunks=(8, 256, 256)),
    ),
    ("IMS203", "one piece", lambda f: replace(f, f"{FIRST}/Data", data=np.ones((16, 512, 512), "u2"))),
    (
        "IMS203",
        "foreign filter",
        lambda f: replace(f, f"{FIRST}/Data", data=np.ones((16, 512, 512), "u2"), compression="lzf"),
    ),
    (
        "IMS204",
        "level as large as the one before",
        lambda f: f.copy(f["DataSet/ResolutionLevel 1"], f["DataSet"], "ResolutionLevel 2"),
    ),
    ("IMS205", "no pyramid", lambda f: f.pop("DataSet/ResolutionLevel 1")),
    ("IMS206", "chunk never written", unwritten_chunk),
    ("IMS208", "padding not zero", lambda f: bump(f, f"{FIRST}/Data", (0, 0, 340), 5)),
    ("IMS301", "wrong voxels in the second level", lambda f: bump(f, f"{SECOND}/Data", (1, 7, 7), 900)),
    ("IMS302", "every second voxel taken", decimate),
    ("IMS401", "histogram too short", lambda f: replace(f, f"{FIRST}/Histogram", data=np.ones(17, "u8"))),
    ("IMS401", "histogram of fractions", lambda f: replace(f, f"{FIRST}/Histogram", data=np.ones(256))),
    ("IMS402", "voxel counted twice", lambda f: bump(f, f"{FIRST}/Histogram", 40, 1)),
    ("IMS402", "fine histogram short", lambda f: bump(f, f"{FIRST}/Histogram1024", 700, 1)),
    ("IMS403", "range too small", lambda f: retext(f, FIRST, "HistogramMax", "1000.000")),
    (
        "IMS404",
        "counts shuffled",
        move_counts,
    ),
    ("IMS501", "no thumbnail", lambda f: f.pop("Thumbnail")),
    ("IMS502", "thumbnail in grey", lambda f: replace(f, "Thumbnail/Data", data=np.ones((256, 255), "u1"))),
]


def test_a_sound_file_has_no_findings(sound: Path) -> None:
    assert check_file(sound).findings == []


@pytest.mark.parametrize(
    ("code", "what", "damage"), DAMAGES, ids=[f"{code} {what}" for code, what, _ in DAMAGES]
)
def test_a_damage_is_found(
    code: str, what: str, damage: Callable[[Any], object], sound: Path, tmp_path: Path
) -> None:
    hurt = tmp_path / "hurt.ims"
    hurt.write_bytes(sound.read_bytes())
    with h5py.File(hurt, "r+") as file:
        damage(file)
    assert code in {finding.code for finding in check_file(hurt).findings}


def test_a_damaged_chunk_is_found(sound: Path, tmp_path: Path) -> None:
    hurt = tmp_path / "hurt.ims"
    hurt.write_bytes(sound.read_bytes())
    corrupt_chunk(hurt)
    assert {finding.code for finding in check_file(hurt).findings} == {"IMS207"}
    assert check_file(hurt, pixels=False).valid


def test_a_truncated_file_is_found(sound: Path, tmp_path: Path) -> None:
    hurt = tmp_path / "hurt.ims"
    hurt.write_bytes(sound.read_bytes()[: sound.stat().st_size // 2])
    assert [finding.code for finding in check_file(hurt).findings] == ["IMS001"]


def test_a_text_file_is_not_an_image(tmp_path: Path) -> None:
    (tmp_path / "notes.ims").write_text("not an image")
    assert [finding.code for finding in check_file(tmp_path / "notes.ims").findings] == ["IMS001"]


def test_every_code_has_a_damage_that_shows_it() -> None:
    assert {code for code, _, _ in DAMAGES} | {"IMS001", "IMS207"} == set(CODES)


def test_the_command_answers_with_its_exit_status(
    sound: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hurt = tmp_path / "hurt.ims"
    hurt.write_bytes(sound.read_bytes())
    with h5py.File(hurt, "r+") as file:
        file.pop("Thumbnail")
    assert main([str(sound)]) == 0
    assert capsys.readouterr().out == f"{sound}: valid (0 errors, 0 warnings)\n"
    assert main([str(hurt)]) == 0
    assert main(["--strict", str(hurt)]) == 1
    assert main([str(tmp_path / "absent.ims")]) == 2
    assert "No such file" in capsys.readouterr().err
    with h5py.File(hurt, "r+") as file:
        file.pop("DataSetInfo")
    assert main(["--quick", "--json", str(hurt)]) == 1
    assert '"code": "IMS002"' in capsys.readouterr().out
