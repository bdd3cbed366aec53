"""The export itself, from OMERO's pixels to the file attached there, read back by readers that are not ours."""

from __future__ import annotations

import os
import stat
from datetime import UTC, datetime

import h5py
import numpy as np
import omero.model
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from omero.model.enums import UnitsLength, UnitsTime
from omero.rtypes import rdouble, rint, rstring, rtime

from ims_writer.check.run import check_file
from omero_embedded.testing_images import Importer
from omeroweb_imaris_connector.conversion.attach import attach
from omeroweb_imaris_connector.conversion.description import describe
from omeroweb_imaris_connector.conversion.errors import ExportError, ExportStoppedError
from omeroweb_imaris_connector.conversion.export import export_image, file_name
from omeroweb_imaris_connector.conversion.options import BIOFORMATS, ExportOptions
from omeroweb_imaris_connector.conversion.pixels import stored_type
from omeroweb_imaris_connector.conversion.reporting import SilentReporter
from omeroweb_imaris_connector.conversion.workplace import MARKER

from ..helpers import volume

DTYPES = ("int8", "uint8", "int16", "uint16", "int32", "uint32", "float32", "float64")
PLAIN = ExportOptions()


def exported(lab, person, image_id, options=PLAIN, **more):
    with lab.site.gateway(person) as conn:
        return export_image(conn, image_id, options, work_folder=str(prepared(lab)), **more)


def prepared(lab):
    folder = lab.work / "in-process"
    folder.mkdir(exist_ok=True)
    (folder / MARKER).touch()
    return folder


def text(group, name):
    return b"".join(group.attrs[name]).decode()


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    shape=st.tuples(
        st.integers(1, 3), st.integers(1, 4), st.integers(1, 6), st.integers(1, 70), st.integers(1, 70)
    ),
    dtype=st.sampled_from(DTYPES),
)
def test_pixels_of_every_type_and_shape_survive(lab, shape, dtype):
    pixels = volume(shape, dtype, seed=sum(shape))
    done = exported(lab, "alice", lab.image("alice", pixels))
    kept = stored_kind(dtype)
    with lab.file_of("alice", done.attached.annotation_id) as path:
        assert check_file(path).findings == []
        with h5py.File(path) as file:
            for t in range(shape[0]):
                for c in range(shape[1]):
                    data = file[f"DataSet/ResolutionLevel 0/TimePoint {t}/Channel {c}/Data"]
                    assert data.dtype == kept
                    stored = data[: shape[2], : shape[3], : shape[4]]
                    np.testing.assert_array_equal(stored, pixels[t, c].astype(kept))
    assert ("rounded" in done.message) == (dtype in ("int32", "float64"))
    assert [path.name for path in prepared(lab).iterdir()] == [MARKER]


def stored_kind(dtype):
    return dtype if dtype in ("uint8", "uint16", "uint32") else "float32"


def test_a_reader_that_is_not_ours_finds_pixels_levels_sizes_and_channels(lab):
    from imaris_ims_file_reader.ims import ims

    pixels = volume((2, 2, 12, 300, 280), np.uint16)
    image_id = lab.image("alice", pixels)
    with lab.site.gateway("alice") as conn:
        described_in_omero(conn, image_id)
    done = exported(lab, "alice", image_id)
    with lab.file_of("alice", done.attached.annotation_id) as path:
        reader = ims(str(path))
        assert (reader.TimePoints, reader.Channels, reader.ResolutionLevels) == (2, 2, 2)
        np.testing.assert_array_equal(reader[0, 1, 1, :, :, :].squeeze(), pixels[1, 1])
        assert reader.resolution == pytest.approx((0.5, 0.2, 0.1), rel=1e-4)
        smaller = reader[1, 0, 0, :, :, :].squeeze()
        assert smaller.shape == reader.metaData[1, 0, 0, "shape"][-3:]
        with h5py.File(path) as file:
            channel = file["DataSetInfo/Channel 1"]
            assert text(channel, "Name") == "Tubulin"
            assert [float(part) for part in text(channel, "Color").split()] == pytest.approx(
                [0, 1, 0.502], abs=1e-3
            )
            assert [float(part) for part in text(channel, "ColorRange").split()] == [100, 4000]
            times = file["DataSetInfo/TimeInfo"]
            assert text(times, "TimePoint1") == "2026-03-12 10:00:00.000"
            assert text(times, "TimePoint2") == "2026-03-12 10:05:00.000"
            assert text(file["DataSetInfo/Image"], "ExtMax0") == "28.000"


def described_in_omero(conn, image_id):
    """Give an image voxel sizes in different units, a channel's name, colour and range, and times."""
    update = conn.getUpdateService()
    image = conn.getObject("Image", image_id)
    pixels = image.getPrimaryPixels()._obj
    pixels.setPhysicalSizeX(omero.model.LengthI(100, UnitsLength.NANOMETER))
    pixels.setPhysicalSizeY(omero.model.LengthI(0.2, UnitsLength.MICROMETER))
    pixels.setPhysicalSizeZ(omero.model.LengthI(0.0005, UnitsLength.MILLIMETER))
    pixels.setTimeIncrement(omero.model.TimeI(5, UnitsTime.MINUTE))
    update.saveObject(pixels)
    fresh = conn.getObject("Image", image_id)
    logical = fresh.getChannels(noRE=True)[1].getLogicalChannel()._obj
    logical.setName(rstring("Tubulin"))
    update.saveObject(logical)
    fresh._obj.setAcquisitionDate(rtime(datetime(2026, 3, 12, 10, tzinfo=UTC).timestamp() * 1000))
    update.saveObject(fresh._obj)
    settings_service = conn.getRenderingSettingsService()
    settings_service.setOriginalSettingsInSet("omero.model.Image", [image_id])
    binding = describe_binding(conn, fresh.getPixelsId(), 1)
    binding.setRed(rint(0)), binding.setGreen(rint(255)), binding.setBlue(rint(128))
    binding.setInputStart(rdouble(100)), binding.setInputEnd(rdouble(4000))
    update.saveObject(binding)


def describe_binding(conn, pixels_id, number):
    from omero.sys import ParametersI

    query = "select r from RenderingDef r join fetch r.waveRendering where r.pixels.id = :id"
    return (
        conn.getQueryService().findByQuery(query, ParametersI().addId(pixels_id)).copyWaveRendering()[number]
    )


def test_what_is_unknown_about_a_voxel_is_taken_from_x(lab):
    image_id = lab.image("alice", volume((1, 1, 1, 4, 4), np.uint8))
    with lab.site.gateway("alice") as conn:
        assert describe(conn, image_id).metadata.voxel_um == (1, 1, 1)
        pixels = conn.getObject("Image", image_id).getPrimaryPixels()._obj
        pixels.setPhysicalSizeX(omero.model.LengthI(0.25, UnitsLength.MICROMETER))
        pixels.setPhysicalSizeZ(omero.model.LengthI(3, UnitsLength.PIXEL))
        conn.getUpdateService().saveObject(pixels)
        assert describe(conn, image_id).metadata.voxel_um == (0.25, 0.25, 0.25)


def test_the_key_changes_with_pixels_metadata_and_options_only(lab):
    image_id = lab.image("alice", volume((1, 2, 1, 8, 8), np.uint8))
    with lab.site.gateway("alice") as conn:
        key = describe(conn, image_id).key(PLAIN)
        assert describe(conn, image_id).key(PLAIN) == key
        assert describe(conn, image_id).key(ExportOptions(compression=9)) != key
        keys = {key}
        image = conn.getObject("Image", image_id)
        image.setDescription("told differently")
        image.save()
        keys.add(describe(conn, image_id).key(PLAIN))
        store = conn.c.sf.createRawPixelsStore()
        store.setPixelsId(image.getPixelsId(), False)
        store.setPlane(bytes(64), 0, 0, 0)
        store.save()
        store.close()
        keys.add(describe(conn, image_id).key(PLAIN))
        assert len(keys) == 3


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("cells.tif", "cells.tif.ims"),
        ("a/b\\c:d", "a_b_c_d.ims"),
        ("../../etc/passwd", "etc_passwd.ims"),
        ("", "image_{id}.ims"),
        ("Zellkörper 3 µm", "Zellk_rper 3 _m.ims"),
        ("x" * 300, "x" * 196 + ".ims"),
    ],
)
def test_file_names_are_safe_everywhere(lab, name, wanted):
    image_id = lab.image("alice", volume((1, 1, 1, 2, 2), np.uint8), name or "x")
    with lab.site.gateway("alice") as conn:
        if not name:
            image = conn.getObject("Image", image_id)
            image.setName("")
            image.save()
        assert file_name(describe(conn, image_id)) == wanted.format(id=image_id)


def test_a_chosen_pixel_type_that_does_not_fit_is_refused_with_the_reason(lab):
    image_id = lab.image("alice", np.full((1, 1, 1, 8, 8), 300, np.uint16))
    with pytest.raises(ExportError, match="do not fit uint8"):
        exported(lab, "alice", image_id, ExportOptions(pixel_type="uint8"))
    with lab.site.gateway("alice") as conn:
        image = describe(conn, image_id)
        assert stored_type(image, ExportOptions(pixel_type="float32")) == "float32"
        assert stored_type(image, PLAIN) == "uint16"


class CancelledWhileSaving(SilentReporter):
    """Whoever cancels does it after the last piece was sent and before the annotation is there."""

    def stopped(self, *, now=False):
        return now


def test_a_file_that_was_saved_while_somebody_cancelled_is_taken_back(lab, tmp_path):
    image_id = lab.image("alice", volume((1, 1, 1, 8, 8), np.uint8))
    path = tmp_path / "cell.ims"
    path.write_bytes(b"the contents")
    with lab.site.gateway("alice") as conn:
        with pytest.raises(ExportStoppedError):
            attach(conn, describe(conn, image_id), path, path.name, 4711, CancelledWhileSaving())
        files = "select file.id from OriginalFile file where file.path = '/imaris-exports/4711/'"
        assert conn.getQueryService().projection(files, None) == []
        assert list(conn.getObject("Image", image_id).listAnnotations()) == []


def test_dora_cannot_export_alices_image(lab):
    image_id = lab.image("alice", volume((1, 1, 1, 4, 4), np.uint8))
    with pytest.raises(ExportError, match="There is no image"):
        exported(lab, "dora", image_id)


STAND_IN = """#!{python}
import pathlib, sys
words = dict(zip(sys.argv[1::2], sys.argv[2::2]))
assert pathlib.Path(words["-i"]).is_file(), words
assert set(words) == {{"-i", "-ii", "-o", "-vx", "-vy", "-vz", "-c"}}, words
assert [float(words[name]) for name in ("-vx", "-vy", "-vz")] == [1.0, 1.0, 1.0], words
assert words["-ii"] == "0" and words["-c"] == "2", words
if {fails}:
    print("Unknown File Type")
    sys.exit(2)
pathlib.Path(words["-o"]).write_bytes(b"converted " + pathlib.Path(words["-i"]).read_bytes()[:4])
"""


@pytest.fixture
def converter(tmp_path, monkeypatch):
    """Put a stand-in for the vendor's converter on the PATH; it checks what it is given."""
    import sys

    def install(*, fails=False):
        program = tmp_path / "ImarisConvertBioformats"
        program.write_text(STAND_IN.format(python=sys.executable, fails=fails))
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")

    return install


@pytest.fixture(scope="module")
def imported(lab, tmp_path_factory):
    """An image imported from a TIFF file, so that there is an original file; its id."""
    import tifffile

    path = tmp_path_factory.mktemp("originals") / "original.tif"
    tifffile.imwrite(path, np.arange(64, dtype=np.uint8).reshape(8, 8))
    with lab.site.client("alice") as client:
        (image_id,) = Importer(client).ids([path])
    return image_id


def test_the_vendors_converter_is_used_when_asked_for(lab, imported, converter):
    converter()
    done = exported(lab, "alice", imported, ExportOptions(converter=BIOFORMATS))
    with lab.file_of("alice", done.attached.annotation_id) as path:
        assert path.read_bytes() == b"converted II*\x00"


def test_a_converter_that_fails_is_a_failure_with_what_it_said(lab, imported, converter):
    converter(fails=True)
    with pytest.raises(ExportError, match=r"made no file \(exit code 2\): Unknown File Type"):
        exported(lab, "alice", imported, ExportOptions(converter=BIOFORMATS))


def test_without_the_converter_or_an_original_file_the_message_says_so(lab, converter):
    image_id = lab.image("alice", volume((1, 1, 1, 4, 4), np.uint8))
    with pytest.raises(ExportError, match="is not installed on the OMERO server"):
        exported(lab, "alice", image_id, ExportOptions(converter=BIOFORMATS))
    converter()
    with pytest.raises(ExportError, match="has no original file"):
        exported(lab, "alice", image_id, ExportOptions(converter=BIOFORMATS))
