"""Metadata, thumbnail, progress and sources."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import zarr
from h5py import h5a, h5t
from imaris_ims_file_reader.ims import ims_reader

from ims_writer.check.run import check_file
from ims_writer.errors import SourceError
from ims_writer.metadata import Channel, ImageMetadata
from ims_writer.options import Progress, WriteOptions
from ims_writer.source import ArraySource, BlockReader, ZarrSource
from ims_writer.write import write_ims

Make = Callable[..., np.ndarray[Any, Any]]
Read = Callable[[Path, int, int, int], np.ndarray[Any, Any]]
Info = Callable[[Path, str, str], str]

START = datetime(2026, 1, 31, 13, 5, 9, 250_000, tzinfo=UTC)


@pytest.fixture
def described(tmp_path: Path, noisy_image: Make) -> Path:
    """A file with all metadata given."""
    path = tmp_path / "described.ims"
    metadata = ImageMetadata(
        name="Zellen µ/%",
        description="long " * 400,
        voxel_um=(0.1, 0.2, 0.75),
        origin_um=(-5.0, 1.0, 1e-7),
        channels=(
            Channel("DAPI", color=(0, 0, 1), display_range=(10, 4000), excitation_nm=405, emission_nm=461),
            Channel("Cy5", color=(1, 0.5, 0.25), gamma=1.5, opacity=0.5),
        ),
        times=(START, START + timedelta(seconds=90)),
        extra={"OMERO": {"Image": "17"}, "Image": {"LensPower": "63x", "X": "9999"}},
    )
    write_ims(path, ArraySource(noisy_image((2, 2, 3, 50, 70), "u2")), metadata)
    return path


def test_sizes_extents_and_times_are_in_the_file(described: Path, info: Info) -> None:
    assert [info(described, "Image", axis) for axis in "XYZ"] == ["70", "50", "3"]
    low = [float(info(described, "Image", f"ExtMin{axis}")) for axis in range(3)]
    high = [float(info(described, "Image", f"ExtMax{axis}")) for axis in range(3)]
    assert low == [-5.0, 1.0, 1e-7]
    assert high == pytest.approx([2.0, 11.0, 2.25 + 1e-7], rel=1e-12)
    assert info(described, "Image", "Name") == "Zellen µ/%"
    assert info(described, "Image", "RecordingDate") == "2026-01-31 13:05:09.250"
    assert info(described, "TimeInfo", "TimePoint2") == "2026-01-31 13:06:39.250"
    assert info(described, "TimeInfo", "FileTimePoints") == "2"


def test_extra_attributes_are_kept_but_cannot_falsify_sizes(described: Path, info: Info) -> None:
    assert info(described, "OMERO", "Image") == "17"
    assert info(described, "Image", "LensPower") == "63x"
    with h5py.File(described) as file:
        assert file["DataSetInfo/Image/Description"][()].tobytes() == b"long " * 400
    assert check_file(described).findings == []


def test_channels_keep_colour_range_and_wavelengths(described: Path, info: Info) -> None:
    names = ("Name", "Color", "ColorRange", "LSMExcitationWavelength", "LSMEmissionWavelength")
    told = [info(described, "Channel 0", name) for name in names]
    assert told == ["DAPI", "0.000 0.000 1.000", "10.000 4000.000", "405", "461"]
    assert info(described, "Channel 1", "Color") == "1.000 0.500 0.250"
    assert (
        info(described, "Channel 1", "GammaCorrection"),
        info(described, "Channel 1", "ColorOpacity"),
    ) == (
        "1.500",
        "0.500",
    )
    low, high = map(float, info(described, "Channel 1", "ColorRange").split())
    assert 0 <= low < 1000
    assert 60_000 < high <= 65_535


def test_the_public_reader_sees_the_voxel_size(described: Path) -> None:
    reader = ims_reader(str(described))
    try:
        assert reader.resolution == (0.75, 0.2, 0.1)
    finally:
        reader.close()


def test_text_is_of_the_type_c_programs_read(described: Path) -> None:
    with h5py.File(described) as file:
        attribute = h5a.open(file["DataSetInfo/Image"].id, b"Unit")
        characters = np.zeros(2, "S1")
        attribute.read(characters, mtype=h5t.C_S1)
    assert characters.tobytes() == b"um"


def test_an_image_without_times_has_blank_time_stamps(tmp_path: Path, noisy_image: Make, info: Info) -> None:
    path = tmp_path / "image.ims"
    write_ims(path, ArraySource(noisy_image((3, 1, 1, 5, 5), "u1")))
    assert info(path, "TimeInfo", "TimePoint3").strip() == ""
    assert info(path, "Channel 0", "Color") == "1.000 1.000 1.000"


def test_the_thumbnail_shows_the_channels_in_their_colours(tmp_path: Path) -> None:
    image = np.zeros((1, 2, 4, 600, 300), "u2")
    image[0, 0, 2, :300] = 1000
    image[0, 1, 1, 300:] = 500
    shown = (0.0, 1000.0)
    channels = (Channel(color=(1, 0, 0), display_range=shown), Channel(color=(0, 1, 0), display_range=shown))
    write_ims(tmp_path / "image.ims", ArraySource(image), ImageMetadata(channels=channels))
    with h5py.File(tmp_path / "image.ims") as file:
        picture = file["Thumbnail/Data"][()].reshape(256, 256, 4)
    assert picture[40, 128].tolist() == [255, 0, 0, 255]
    assert picture[200, 128].tolist() == [0, 128, 0, 255]
    assert picture[128, 2].tolist() == [0, 0, 0, 255]


def test_progress_ends_when_the_file_is_there(tmp_path: Path, noisy_image: Make) -> None:
    path = tmp_path / "image.ims"
    seen: list[tuple[float, bool]] = []

    def note(progress: Progress) -> None:
        seen.append((progress.fraction, path.exists()))

    write_ims(path, ArraySource(noisy_image((4, 2, 6, 300, 300), "u2")), progress=note)
    fractions = [fraction for fraction, _ in seen]
    assert fractions == sorted(fractions)
    assert len(set(fractions)) > 4
    assert seen[-1] == (1.0, True)
    assert not any(there for _, there in seen[:-1])


def test_signed_pixels_can_be_converted_when_asked(tmp_path: Path, stored_level: Read) -> None:
    image = np.arange(-300, 300, dtype="i2").reshape(1, 1, 2, 15, 20)
    written = write_ims(tmp_path / "a.ims", ArraySource(image), options=WriteOptions(pixel_type="float32"))
    assert written.pixel_type == "float32"
    assert np.array_equal(stored_level(tmp_path / "a.ims", 0, 0, 0), image[0, 0])
    assert check_file(tmp_path / "a.ims").findings == []


def test_floats_that_are_not_finite_survive(tmp_path: Path, stored_level: Read) -> None:
    image = np.array([[np.nan, 1.5], [np.inf, -2.0]], "f4")
    write_ims(tmp_path / "a.ims", ArraySource(image))
    assert np.array_equal(stored_level(tmp_path / "a.ims", 0, 0, 0)[0], image, equal_nan=True)
    assert check_file(tmp_path / "a.ims").findings == []


def test_arrays_are_read_by_their_axes(tmp_path: Path, noisy_image: Make, stored_level: Read) -> None:
    image = noisy_image((31, 20, 3, 2), "u2")
    source = ArraySource(image, axes="XYCZ")
    assert isinstance(source, BlockReader)
    assert source.shape == (1, 3, 2, 20, 31)
    write_ims(tmp_path / "a.ims", source)
    assert np.array_equal(stored_level(tmp_path / "a.ims", 0, 0, 2), image[:, :, 2].transpose(2, 1, 0))
    with pytest.raises(SourceError, match="lack Y or X"):
        ArraySource(image[0, 0], axes="ZC")
    with pytest.raises(SourceError, match="do not name the 2 dimensions"):
        ArraySource(image[0, 0], axes="ZYX")


def test_zarr_arrays_and_ome_zarr_groups_are_read_by_path(
    tmp_path: Path, noisy_image: Make, stored_level: Read
) -> None:
    image = noisy_image((2, 3, 5, 40, 41), "u2")
    zarr.save_array(str(tmp_path / "plain.zarr"), image)
    group = zarr.open_group(str(tmp_path / "image.ome.zarr"), mode="w")
    group.create_dataset("full", data=image)
    group.attrs["multiscales"] = [{"axes": [{"name": n} for n in "tczyx"], "datasets": [{"path": "full"}]}]
    for name in ("plain.zarr", "image.ome.zarr"):
        write_ims(tmp_path / "a.ims", ZarrSource(str(tmp_path / name)))
        assert np.array_equal(stored_level(tmp_path / "a.ims", 0, 1, 2), image[1, 2])
    zarr.open_group(str(tmp_path / "bare.zarr"), mode="w")
    with pytest.raises(SourceError, match="without multiscales"):
        ZarrSource(str(tmp_path / "bare.zarr"))
