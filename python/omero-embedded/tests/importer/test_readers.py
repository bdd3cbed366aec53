"""Readers against files that other libraries wrote."""

from __future__ import annotations

import gc
import json
from pathlib import Path

import numpy as np
import pytest
import tifffile
import zarr
from PIL import Image

from omero_embedded.importer.readers.base import ReadError
from omero_embedded.importer.readers.fake import FakeReader
from omero_embedded.importer.readers.registry import choose
from omero_embedded.pixels.source import read_plane, read_region
from omero_embedded.pixels.types import Dimensions, Region

random = np.random.default_rng(1)


def values(*shape: int, dtype: str = "uint16") -> np.ndarray:
    return random.integers(0, 200, shape).astype(dtype)


def opened(path, series=0):
    reader, main = choose([path])
    return reader.describe(main), reader.open(main, series)


def assert_planes(source, tczyx: np.ndarray) -> None:
    size_t, size_c, size_z, size_y, size_x = tczyx.shape
    assert source.dimensions == Dimensions(size_x, size_y, size_z, size_c, size_t)
    for t in range(size_t):
        for c in range(size_c):
            for z in range(size_z):
                np.testing.assert_array_equal(read_plane(source, z, c, t), tczyx[t, c, z])


def test_ome_tiff_with_all_axes_and_its_metadata(tmp_path):
    data = values(2, 3, 4, 20, 30)
    metadata = {
        "axes": "TCZYX",
        "Name": "cells",
        "PhysicalSizeX": 0.25,
        "PhysicalSizeXUnit": "µm",
        "PhysicalSizeZ": 700,
        "PhysicalSizeZUnit": "nm",
        "TimeIncrement": 5,
        "TimeIncrementUnit": "s",
        "Channel": {"Name": ["DAPI", "GFP", "RFP"], "EmissionWavelength": [450, 510, 600]},
        "Plane": {"PositionX": [0.5] * 24, "PositionXUnit": ["µm"] * 24, "ExposureTime": [0.1] * 24},
    }
    path = tmp_path / "a.ome.tif"
    tifffile.imwrite(path, data, ome=True, metadata=metadata)
    found, source = opened(path)
    image = found.images[0]
    assert found.format == "OMETiff"
    assert (image.name, image.pixel_type) == ("cells", "uint16")
    assert image.physical_size == ((0.25, "MICROMETER"), None, (700.0, "NANOMETER"))
    assert image.time_increment == (5.0, "SECOND")
    assert [channel.name for channel in image.channels] == ["DAPI", "GFP", "RFP"]
    assert image.channels[1].emission == (510.0, "NANOMETER")
    assert len(image.planes) == 24
    assert image.planes[0].exposure == (0.1, "SECOND")
    assert_planes(source, data)
    source.close()


def test_ome_tiff_with_several_images(tmp_path):
    first, second = values(5, 6), values(7, 8, dtype="uint8")
    path = tmp_path / "two.ome.tif"
    with tifffile.TiffWriter(path, ome=True) as writer:
        writer.write(first, metadata={"Name": "one"})
        writer.write(second, metadata={"Name": "two"})
    found, source = opened(path, 1)
    assert [image.name for image in found.images] == ["one", "two"]
    assert_planes(source, second[None, None, None])


def test_ome_tiff_of_several_files(tmp_path):
    data = values(2, 9, 8)
    names = ["c0.ome.tif", "c1.ome.tif"]
    uuids = [f"urn:uuid:00000000-0000-0000-0000-00000000000{number}" for number in range(2)]
    blocks = "".join(
        f'<TiffData FirstC="{c}" FirstZ="0" FirstT="0" IFD="0" PlaneCount="1">'
        f'<UUID FileName="{names[c]}">{uuids[c]}</UUID></TiffData>'
        for c in range(2)
    )
    for c in range(2):
        xml = (
            '<?xml version="1.0" encoding="UTF-8"?>'
            f'<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06" UUID="{uuids[c]}">'
            '<Image ID="Image:0" Name="split"><Pixels ID="Pixels:0" DimensionOrder="XYCZT" Type="uint16" SizeX="8" '
            f'SizeY="9" SizeZ="1" SizeC="2" SizeT="1"><Channel ID="Channel:0:0"/><Channel ID="Channel:0:1"/>{blocks}'
            "</Pixels></Image></OME>"
        )
        tifffile.imwrite(tmp_path / names[c], data[c], description=xml, metadata=None)
    found, source = opened(tmp_path / names[0])
    assert found.images[0].dimensions == Dimensions(8, 9, 1, 2, 1)
    assert_planes(source, data[None, :, None])
    source.close()


@pytest.mark.parametrize("compression", [None, "zlib", "lzw"])
def test_tiled_pyramids_give_their_levels_and_any_region(tmp_path, compression):
    data = values(300, 400, dtype="uint8")
    path = tmp_path / "pyramid.ome.tif"
    with tifffile.TiffWriter(path, ome=True) as writer:
        options = {"tile": (64, 64), "compression": compression}
        writer.write(data, subifds=2, **options)
        writer.write(data[::2, ::2], subfiletype=1, **options)
        writer.write(data[::4, ::4], subfiletype=1, **options)
    _, source = opened(path)
    assert source.levels == ((400, 300), (200, 150), (100, 75))
    assert source.tile_size == (64, 64)
    np.testing.assert_array_equal(
        read_region(source, 0, 0, 0, Region(37, 50, 200, 123)), data[50:173, 37:237]
    )
    np.testing.assert_array_equal(read_plane(source, 0, 0, 0, 2), data[::4, ::4])
    source.close()


@pytest.mark.parametrize("options", [{"compression": "zlib"}, {"tile": (16, 16)}, {"rowsperstrip": 3}])
def test_every_plane_of_an_ome_tiff_that_is_not_stored_in_one_piece(tmp_path, options):
    data = values(2, 3, 40, 50)
    path = tmp_path / "planes.ome.tif"
    tifffile.imwrite(path, data, metadata={"axes": "CZYX"}, photometric="minisblack", **options)
    _, source = opened(path)
    assert_planes(source, data[None])
    source.close()


def test_pyramids_of_several_planes(tmp_path):
    data = values(3, 64, 96, dtype="uint8")
    path = tmp_path / "pyramid.ome.tif"
    with tifffile.TiffWriter(path, ome=True) as writer:
        options = {"tile": (32, 32), "compression": "zlib", "photometric": "minisblack"}
        writer.write(data, subifds=1, metadata={"axes": "CYX"}, **options)
        writer.write(data[:, ::2, ::2], subfiletype=1, **options)
    _, source = opened(path)
    for channel in range(3):
        np.testing.assert_array_equal(read_plane(source, 0, channel, 0), data[channel])
        np.testing.assert_array_equal(read_plane(source, 0, channel, 0, 1), data[channel, ::2, ::2])
    source.close()


@pytest.mark.parametrize("planar", ["contig", "separate"])
@pytest.mark.parametrize("compression", [None, "zlib"])
def test_colour_tiffs_have_three_channels(tmp_path, planar, compression):
    data = values(40, 50, 3, dtype="uint8")
    stored = data if planar == "contig" else np.moveaxis(data, 2, 0)
    path = tmp_path / "rgb.tif"
    tifffile.imwrite(
        path, stored, photometric="rgb", planarconfig=planar, compression=compression, rowsperstrip=7
    )
    found, source = opened(path)
    assert found.images[0].dimensions == Dimensions(50, 40, 1, 3, 1)
    assert_planes(source, np.moveaxis(data, 2, 0)[None, :, None])
    source.close()


def test_imagej_hyperstacks_with_calibration(tmp_path):
    data = values(2, 3, 4, 20, 30)
    path = tmp_path / "stack.tif"
    swapped = np.swapaxes(data, 1, 2)
    info = {"axes": "TZCYX", "spacing": 0.5, "unit": "um", "finterval": 2.0}
    tifffile.imwrite(path, swapped, imagej=True, resolution=(4, 4), metadata=info)
    found, source = opened(path)
    assert found.images[0].physical_size == ((0.25, "MICROMETER"), (0.25, "MICROMETER"), (0.5, "MICROMETER"))
    assert found.images[0].time_increment == (2.0, "SECOND")
    assert_planes(source, data)
    source.close()


def test_plain_multi_page_tiffs_are_time_series(tmp_path):
    data = values(5, 16, 17)
    path = tmp_path / "pages.tif"
    tifffile.imwrite(path, data, metadata=None, compression="zlib", photometric="minisblack")
    _, source = opened(path)
    assert_planes(source, data[:, None, None])
    source.close()


@pytest.mark.parametrize(
    "dtype", ["uint8", "int8", "uint16", "int16", "uint32", "int32", "float32", "float64"]
)
@pytest.mark.parametrize("byteorder", ["<", ">"])
def test_every_pixel_type_in_both_byte_orders(tmp_path, dtype, byteorder):
    data = values(6, 7, dtype=dtype)
    path = tmp_path / "typed.tif"
    tifffile.imwrite(path, data, byteorder=byteorder)
    found, source = opened(path)
    assert found.images[0].pixel_type == {"float32": "float", "float64": "double"}.get(dtype, dtype)
    assert_planes(source, data[None, None, None])
    source.close()


def test_types_that_omero_lacks_are_refused(tmp_path):
    path = tmp_path / "long.tif"
    tifffile.imwrite(path, values(4, 4, dtype="int64"))
    with pytest.raises(ReadError, match="int64"):
        opened(path)


def test_a_broken_tiff_is_named(tmp_path):
    path = tmp_path / "broken.tif"
    path.write_bytes(b"II*\0garbage")
    with pytest.raises(ReadError, match=r"broken\.tif"):
        opened(path)


@pytest.mark.parametrize(("suffix", "kind"), [("png", "PNG"), ("bmp", "BMP"), ("gif", "GIF")])
def test_pictures_without_loss(tmp_path, suffix, kind):
    data = values(20, 30, dtype="uint8")
    path = tmp_path / f"picture.{suffix}"
    Image.fromarray(data).save(path)
    found, source = opened(path)
    assert found.format == kind
    np.testing.assert_array_equal(read_plane(source, 0, 0, 0), data)


def test_colour_png_and_16_bit_png(tmp_path):
    colour = values(20, 30, 3, dtype="uint8")
    Image.fromarray(colour).save(tmp_path / "colour.png")
    _, source = opened(tmp_path / "colour.png")
    assert_planes(source, np.moveaxis(colour, 2, 0)[None, :, None])
    deep = values(20, 30, dtype="uint16") * 300
    Image.fromarray(deep).save(tmp_path / "deep.png")
    found, source = opened(tmp_path / "deep.png")
    assert found.images[0].pixel_type == "uint16"
    assert_planes(source, deep[None, None, None])


def test_jpeg_is_close_to_what_was_saved(tmp_path):
    data = np.tile(np.arange(64, dtype=np.uint8) * 3, (48, 1))
    path = tmp_path / "photo.jpg"
    Image.fromarray(data).save(path, quality=95)
    found, source = opened(path)
    assert found.format == "JPEG"
    assert np.abs(read_plane(source, 0, 0, 0).astype(int) - data).max() < 12


def test_ome_zarr_with_levels_and_calibration(tmp_path):
    data = values(2, 3, 64, 80)
    group = zarr.open_group(str(tmp_path / "a.zarr"), mode="w")
    group.create_dataset("0", data=data, chunks=(1, 1, 32, 40), dimension_separator="/")
    group.create_dataset("1", data=data[..., ::2, ::2], chunks=(1, 1, 32, 40), dimension_separator="/")
    axes = [{"name": "c"}, *({"name": name, "unit": "micrometer"} for name in "zyx")]
    scales = [{"type": "scale", "scale": [1, 2.0, 0.5, 0.5]}]
    group.attrs["multiscales"] = [
        {
            "version": "0.4",
            "name": "spots",
            "axes": axes,
            "datasets": [{"path": "0", "coordinateTransformations": scales}, {"path": "1"}],
        }
    ]
    group.attrs["omero"] = {
        "channels": [{"label": "DAPI", "color": "0000FF"}, {"label": "GFP", "color": "00FF00"}]
    }
    found, source = opened(tmp_path / "a.zarr" / ".zattrs")
    image = found.images[0]
    assert image.name == "spots"
    assert image.physical_size == ((0.5, "MICROMETER"), (0.5, "MICROMETER"), (2.0, "MICROMETER"))
    assert [channel.color for channel in image.channels] == [(0, 0, 255, 255), (0, 255, 0, 255)]
    assert source.levels == ((80, 64), (40, 32))
    assert source.tile_size == (40, 32)
    assert_planes(source, data[None])


def test_a_zarr_that_is_no_image_says_so(tmp_path):
    path = tmp_path / "x.zarr" / ".zattrs"
    path.parent.mkdir()
    path.write_text(json.dumps({"hello": 1}))
    with pytest.raises(ReadError, match="multiscales"):
        opened(path)


def test_fake_files_do_what_their_names_say(tmp_path):
    path = tmp_path / "x&sizeX=30&sizeY=20&sizeC=3&series=2&pixelType=int16&physicalSizeX=0.5.fake"
    path.touch()
    found, source = opened(path)
    assert len(found.images) == 2
    assert found.images[0].physical_size[0] == (0.5, "MICROMETER")
    assert source.dimensions == Dimensions(30, 20, 1, 3, 1)
    plane = read_plane(source, 0, 2, 0)
    assert plane[15, 7] == -(2**15) + 7
    assert [plane[0, 10 * box] for box in range(3)] == [0, 2, 0]
    second = FakeReader().open(path, 1)
    assert [read_plane(second, 0, 1, 0)[9, 10 * box] for box in range(3)] == [1, 1, 0]


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("uint8", [255, 0]),
        ("int8", [127, -128]),
        ("uint16", [255, 256]),
        ("float", [255, 256]),
        ("bit", [1, 0]),
    ],
)
def test_the_gradient_of_a_fake_file_starts_with_the_smallest_value_and_wraps(tmp_path, kind, values):
    path = tmp_path / f"x&sizeX=300&sizeY=20&pixelType={kind}.fake"
    path.touch()
    _, source = opened(path)
    assert list(read_plane(source, 0, 0, 0)[15, 255:257]) == values


def test_the_boxes_of_a_fake_file_hold_series_plane_z_c_and_t(tmp_path):
    path = tmp_path / "x&sizeX=60&sizeY=20&sizeZ=2&sizeC=3&sizeT=4&dimOrder=XYCTZ.fake"
    path.touch()
    _, source = opened(path)
    assert list(read_plane(source, 1, 2, 3)[0, :50:10]) == [0, 2 + 3 * (3 + 4), 1, 2, 3]


def test_the_resolutions_of_a_fake_file_shrink_by_its_scale(tmp_path):
    path = tmp_path / "x&sizeX=640&sizeY=320&resolutions=3&resolutionScale=4.fake"
    path.touch()
    _, source = opened(path)
    assert source.levels == ((640, 320), (160, 80), (40, 20))
    assert read_plane(source, 0, 0, 0, level=2).shape == (20, 40)


def test_the_companion_of_a_fake_file_describes_channels_and_planes_of_each_series(tmp_path):
    path = tmp_path / "x&series=2&sizeZ=2&sizeC=2.fake"
    path.touch()
    lines = [
        "physicalSizeX=0.5 nm",
        "withInstrument=true",
        "color_1=0x00FF00FF",
        "acquisitionDate=2017-01-31_23-59-00",
    ]
    lines += ["[series_1]", "ChannelName_0=DAPI", "ChannelEmissionWavelength_1=528nm", "ExposureTime_3=40"]
    lines += ["ExposureTimeUnit_3=ms", "DeltaT_0=1.5", "PositionX_2=3"]
    (tmp_path / f"{path.name}.ini").write_text("\n".join(lines))
    found, _ = opened(path)
    first, second = found.images
    assert (first.planes, first.physical_size[0]) == ((), (0.5, "NANOMETER"))
    assert first.acquired_ms == 1_485_907_140_000
    assert [part.id for part in found.instruments] == [first.instrument] == [second.instrument]
    assert [channel.name for channel in second.channels] == ["DAPI", None]
    assert [channel.emission for channel in second.channels] == [None, (528, "NANOMETER")]
    assert [channel.color for channel in first.channels] == [None, (0, 255, 0, 255)]
    assert [(plane.z, plane.c) for plane in second.planes] == [(0, 0), (1, 0), (0, 1), (1, 1)]
    assert [plane.exposure for plane in second.planes] == [None, None, None, (40, "MILLISECOND")]
    assert second.planes[0].delta_t == (1.5, "SECOND")
    assert second.planes[2].position[0] == (3, "MICROMETER")


@pytest.mark.parametrize(
    ("key", "value"), [("dimOrder", "XYZ"), ("acquisitionDate", "today"), ("sizeX", "-1")]
)
def test_what_a_fake_file_cannot_be_is_named(tmp_path, key, value):
    path = tmp_path / f"x&{key}={value}.fake"
    path.touch()
    with pytest.raises(ReadError, match=key):
        opened(path)


def test_the_companion_of_a_fake_file_adds_sizes_and_original_metadata(tmp_path):
    path = tmp_path / "x&sizeX=30.fake"
    path.touch()
    assert opened(path)[0].metadata == {}
    (tmp_path / "x&sizeX=30.fake.ini").write_text("sizeY=20\n[GlobalMetadata]\nMy key=50 %\n")
    found, _ = opened(path)
    assert (found.images[0].dimensions.x, found.images[0].dimensions.y) == (30, 20)
    assert (found.metadata, found.images[0].metadata) == ({"My key": "50 %"}, {})


def test_a_companion_that_is_no_text_is_named(tmp_path):
    path = tmp_path / "x.fake"
    path.touch()
    (tmp_path / "x.fake.ini").write_bytes(b"\xff\xfe")
    with pytest.raises(ReadError, match=r"x\.fake\.ini"):
        opened(path)


def test_fake_files_with_plates_put_each_image_into_one_well(tmp_path):
    path = tmp_path / "p&screens=1&plates=2&plateRows=2&plateCols=3&plateAcqs=2&fields=2.fake"
    path.touch()
    found, _ = opened(path)
    assert len(found.images) == 2 * 2 * 3 * 2 * 2
    (screen,) = found.screens
    assert screen.ids("plate") == [plate.id for plate in found.plates]
    wells = [part for plate in found.plates for part in plate.parts if part.kind == "Well"]
    assert [(well.values["Row"], well.values["Column"]) for well in wells[:4]] == [
        ("0", "0"),
        ("0", "1"),
        ("0", "2"),
        ("1", "0"),
    ]
    assert [name for well in wells for sample in well.parts for name in sample.ids("image")] == [
        image.id for image in found.images
    ]
    runs = [part for part in found.plates[0].parts if part.kind == "PlateAcquisition"]
    assert [len(run.ids("sample")) for run in runs] == [12, 12]


@pytest.mark.parametrize("key", ["screens", "plates", "plateRows", "plateCols", "plateAcqs", "fields"])
def test_one_key_of_a_plate_is_enough_to_make_a_fake_plate(tmp_path, key):
    path = tmp_path / f"p&screens=0&plates=0&plateRows=0&plateCols=0&plateAcqs=0&fields=0&{key}=1.fake"
    path.touch()
    found, _ = opened(path)
    assert (len(found.plates), len(found.images)) == (1, 1)
    assert len(found.screens) == (key == "screens")


def test_unknown_files_name_what_can_be_read(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("hello")
    with pytest.raises(ReadError, match="OME-TIFF"):
        choose([path])


def test_the_main_file_is_found_among_others(tmp_path):
    (tmp_path / "notes.txt").touch()
    tifffile.imwrite(tmp_path / "b.tif", values(4, 4))
    _, main = choose([tmp_path / "notes.txt", tmp_path / "b.tif"])
    assert main.name == "b.tif"


def test_a_file_is_closed_with_the_last_reference_to_its_source(tmp_path):
    path = tmp_path / "tiled.tif"
    data = values(64, 64)
    tifffile.imwrite(path, data, tile=(16, 16), compression="zlib")

    def open_files() -> int:
        gc.collect()
        return len(list(Path("/proc/self/fd").iterdir()))

    opened(path)[1].close()
    before = open_files()
    for _ in range(20):
        _, source = opened(path)
        np.testing.assert_array_equal(read_plane(source, 0, 0, 0), data)
    del source
    assert open_files() == before
