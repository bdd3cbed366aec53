"""Imports through a live server."""

from __future__ import annotations

import re

import numpy as np
import omero
import pytest
import tifffile
import zarr
from omero.rtypes import rbool, rstring, unwrap

from omero_embedded.files import checksums
from omero_embedded.testing_images import Importer, sha1

random = np.random.default_rng(3)


def tiff(path, *shape: int, **options):
    data = random.integers(0, 1000, shape).astype("uint16")
    tifffile.imwrite(path, data, **options)
    return data


def planes(client, image):
    pixels = image.getPrimaryPixels()
    store = client.sf.createRawPixelsStore()
    store.setPixelsId(pixels.id.val, False)
    try:
        raw = [
            np.frombuffer(store.getPlane(z, c, t), ">u2").reshape(pixels.sizeY.val, pixels.sizeX.val)
            for t in range(pixels.sizeT.val)
            for c in range(pixels.sizeC.val)
            for z in range(pixels.sizeZ.val)
        ]
    finally:
        store.close()
    return np.stack(raw)


@pytest.mark.parametrize(
    ("series", "wish", "names"),
    [
        (1, None, ["a&series=1.fake"]),
        (2, None, ["a&series=2.fake [a]", "a&series=2.fake [a 2]"]),
        (2, " slides ", ["slides [a]", "slides [a 2]"]),
        (1, "x" * 300 + "end", ["…" + "x" * 251 + "end"]),
    ],
)
def test_images_are_called_like_their_file_and_several_also_by_their_name_in_it(
    alice, tmp_path, series, wish, names
):
    path = tmp_path / f"a&series={series}.fake"
    path.touch()
    images = alice.images([path], userSpecifiedName=rstring(wish) if wish else None)
    assert [image.name.val for image in images] == names


@pytest.mark.parametrize(
    ("kind", "limits"),
    [("uint8", [0, 255]), ("int16", [-(2**15), 2**15 - 1]), ("float", [-(2**31), 2**31 - 1])],
)
def test_channels_of_large_planes_get_the_limits_of_the_type(alice, tmp_path, kind, limits):
    path = tmp_path / f"big&sizeX=4000&sizeY=4000&pixelType={kind}.fake"
    path.touch()
    pixels = alice.run([path], doThumbnails=rbool(False)).pixels[0].id.val
    query = f"select s.globalMin, s.globalMax from Channel c join c.statsInfo s where c.pixels.id = {pixels}"
    found = alice.client.sf.getQueryService().projection(query, None)
    assert unwrap(found) == [limits]


def test_a_fake_plate_has_its_images_in_its_wells_in_order(alice, tmp_path):
    path = tmp_path / "p&screens=1&plateRows=2&plateCols=2&fields=2&plateAcqs=2.fake"
    path.touch()
    ids = alice.ids([path])
    rows = alice.client.sf.getQueryService().projection(
        "select s.name, w.row, w.column, index(ws), ws.plateAcquisition.id, i.id from Image i join i.wellSamples ws "
        "join ws.well w join w.plate.screenLinks l join l.parent s where i.id in (:ids) order by i.series",
        omero.sys.ParametersI().addIds(ids),
    )
    found = [unwrap(row) for row in rows]
    assert [row[5] for row in found] == ids
    assert {row[0] for row in found} == {"Screen Name 0"}
    assert [row[1:4] for row in found[:6]] == [
        [0, 0, 0],
        [0, 0, 1],
        [0, 0, 2],
        [0, 0, 3],
        [0, 1, 0],
        [0, 1, 1],
    ]
    assert len({row[4] for row in found}) == 2


def test_an_ome_tiff_becomes_an_image_with_its_metadata_and_pixels(alice, tmp_path):
    path = tmp_path / "cells.ome.tif"
    metadata = {"axes": "TCZYX", "Name": "spleen", "PhysicalSizeX": 0.5, "Channel": {"Name": ["DAPI", "GFP"]}}
    data = tiff(path, 2, 2, 3, 20, 30, ome=True, metadata=metadata)
    (image,) = alice.images([path])
    pixels = image.getPrimaryPixels()
    assert image.name.val == "cells.ome.tif"
    assert image.format.value.val == "OMETiff"
    sizes = [getattr(pixels, f"size{axis}").val for axis in "XYZCT"]
    assert sizes == [30, 20, 3, 2, 2]
    assert pixels.pixelsType.value.val == "uint16"
    assert (pixels.physicalSizeX.getValue(), str(pixels.physicalSizeX.getUnit())) == (0.5, "MICROMETER")
    channels = pixels.copyChannels()
    assert [channel.logicalChannel.name.val for channel in channels] == ["DAPI", "GFP"]
    assert channels[1].statsInfo.globalMax.val == data[:, 1].max()
    np.testing.assert_array_equal(planes(alice.client, image), data.reshape(-1, 20, 30))


OME_NOTES = """<?xml version="1.0" encoding="UTF-8"?>
<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06">
  <Image ID="Image:0" Name="notes">
    <Pixels ID="Pixels:0" DimensionOrder="XYZCT" Type="uint8" SizeX="8" SizeY="6" SizeZ="1" SizeC="1" SizeT="1">
      <Channel ID="Channel:0:0" SamplesPerPixel="1"/><TiffData/>
    </Pixels>
    <ROIRef ID="ROI:0"/><ROIRef ID="ROI:9"/>
    <AnnotationRef ID="Annotation:1"/><AnnotationRef ID="Annotation:0"/><AnnotationRef ID="Annotation:2"/>
  </Image>
  <StructuredAnnotations>
    <MapAnnotation ID="Annotation:0" Namespace="lab/conditions"><Value><M K="Drug">DMSO</M><M K="Dose">2</M></Value></MapAnnotation>
    <TagAnnotation ID="Annotation:1"><Description>how it went</Description><Value>good</Value></TagAnnotation>
    <LongAnnotation ID="Annotation:2"><Value>not a number</Value></LongAnnotation>
  </StructuredAnnotations>
  <ROI ID="ROI:0" Name="nucleus">
    <Union>
      <Rectangle ID="Shape:0" X="1" Y="2" Width="3.5" Height="2" TheZ="0" StrokeColor="-65281" StrokeWidth="2"/>
      <Polygon ID="Shape:1" Points="0,0 4,0 4,3" Text="edge">
        <Transform A00="1" A10="0" A01="0" A11="1" A02="5" A12="6"/>
      </Polygon>
    </Union>
  </ROI>
</OME>"""


def test_rois_and_annotations_of_an_ome_tiff_come_along(alice, tmp_path):
    path = tmp_path / "notes.ome.tif"
    tifffile.imwrite(path, np.zeros((6, 8), "uint8"), description=OME_NOTES.encode(), metadata=None)
    (image,) = alice.images([path])

    query = alice.client.sf.getQueryService()
    params = omero.sys.ParametersI().addId(image.id.val)
    (roi,) = query.findAllByQuery("select r from Roi r join fetch r.shapes where r.image.id = :id", params)
    rectangle, polygon = roi.copyShapes()
    links = query.findAllByQuery(
        "select l from ImageAnnotationLink l join fetch l.child where l.parent.id = :id order by l.id", params
    )

    assert roi.name.val == "nucleus"
    assert [value.val for value in (rectangle.x, rectangle.y, rectangle.width, rectangle.height)] == [
        1,
        2,
        3.5,
        2,
    ]
    assert (rectangle.theZ.val, rectangle.theT, rectangle.strokeColor.val) == (0, None, -65281)
    assert (rectangle.strokeWidth.getValue(), rectangle.strokeWidth.getSymbol()) == (2, "pixel")
    assert (polygon.points.val, polygon.textValue.val) == ("0,0 4,0 4,3", "edge")
    tag, pairs = (link.child for link in links)
    assert (tag.textValue.val, tag.description.val) == ("good", "how it went")
    assert (pairs.ns.val, [(p.name, p.value) for p in pairs.mapValue]) == (
        "lab/conditions",
        [("Drug", "DMSO"), ("Dose", "2")],
    )


def test_the_original_file_is_downloaded_byte_for_byte(alice, tmp_path):
    path = tmp_path / "original.tif"
    tiff(path, 64, 64)
    (image,) = alice.images([path])
    query = "select e from FilesetEntry e join fetch e.originalFile where e.fileset.id = :id"
    params = omero.sys.ParametersI().addId(image.fileset.id.val)
    (entry,) = alice.client.sf.getQueryService().findAllByQuery(query, params)
    copy = tmp_path / "copy.tif"
    alice.client.download(entry.originalFile, str(copy))
    assert copy.read_bytes() == path.read_bytes()
    assert entry.originalFile.hash.val == sha1(path)
    assert entry.originalFile.size.val == path.stat().st_size
    assert entry.clientPath.val == str(path)
    user = alice.client.sf.getAdminService().getEventContext().userId
    assert re.fullmatch(
        rf"alice_{user}/\d{{4}}-\d\d/\d\d/\d\d-\d\d-\d\d\.\d{{3}}/", entry.originalFile.path.val
    )


@pytest.mark.parametrize("algorithm", checksums.PREFERENCE)
def test_uploads_are_verified_with_every_algorithm(alice, tmp_path, algorithm):
    path = tmp_path / "checked.tif"
    tiff(path, 30, 30)
    process = alice.begin([path], algorithm)
    alice.upload(process, [path], 1000)
    with pytest.raises(omero.ChecksumValidationException) as refused:
        process.verifyUpload(["00"])
    right = checksums.of_file(algorithm, path)
    assert refused.value.failingChecksums == {0: right}
    response = alice.wait(process.verifyUpload([right]))
    process.close()
    assert len(response.pixels) == 1


def test_the_servers_preference_decides_the_algorithm(alice):
    names = [unwrap(algorithm.value) for algorithm in alice.repository.listChecksumAlgorithms()]
    assert names == list(checksums.PREFERENCE)

    def suggested(*offered: str):
        found = []
        for name in offered:
            algorithm = omero.model.ChecksumAlgorithmI()
            algorithm.value = rstring(name)
            found.append(algorithm)
        return alice.repository.suggestChecksumAlgorithm(found)

    assert suggested("CRC-32", "MD5-128").value.val == "MD5-128"
    assert suggested("Whirlpool") is None


def test_user_names_target_and_annotations_are_applied(alice, tmp_path):
    path = tmp_path / "wish.tif"
    tiff(path, 10, 10)
    update = alice.client.sf.getUpdateService()
    dataset = omero.model.DatasetI()
    dataset.name = rstring("target")
    dataset = update.saveAndReturnObject(dataset)
    tag = omero.model.TagAnnotationI()
    tag.textValue = rstring("imported")
    settings = {
        "userSpecifiedTarget": dataset.proxy(),
        "userSpecifiedName": rstring("my name"),
        "userSpecifiedDescription": rstring("my words"),
        "userSpecifiedAnnotationList": [tag],
    }
    (image,) = alice.images([path], **settings)
    assert (image.name.val, image.description.val) == ("my name", "my words")
    rows = alice.client.sf.getQueryService().projection(
        "select d.name, a.textValue from Image i join i.datasetLinks dl join dl.parent d "
        "join i.annotationLinks al join al.child a where i.id = :id",
        omero.sys.ParametersI().addId(image.id.val),
    )
    assert unwrap(rows) == [["target", "imported"]]


def test_files_of_several_folders_keep_what_differs_in_their_paths(alice, tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    tiff(tmp_path / "one" / "a.tif", 8, 8)
    (tmp_path / "two" / "notes.txt").write_text("hello")
    paths = [tmp_path / "one" / "a.tif", tmp_path / "two" / "notes.txt"]
    (image,) = alice.images(paths)
    rows = alice.client.sf.getQueryService().projection(
        "select f.templatePrefix, o.path, o.name from Fileset f join f.usedFiles e join e.originalFile o "
        "where f.id = :id order by o.id",
        omero.sys.ParametersI().addId(image.fileset.id.val),
    )
    (prefix, first, a), (_, second, notes) = unwrap(rows)
    assert (first, a) == (f"{prefix}one/", "a.tif")
    assert (second, notes) == (f"{prefix}two/", "notes.txt")


def test_an_ome_zarr_folder(alice, tmp_path):
    data = random.integers(0, 99, (2, 1, 32, 40)).astype("uint16")
    top = tmp_path / "image.zarr"
    group = zarr.open_group(str(top), mode="w")
    group.create_dataset("0", data=data, chunks=(1, 1, 32, 20), dimension_separator="/")
    axes = [{"name": name} for name in "czyx"]
    group.attrs["multiscales"] = [{"version": "0.4", "axes": axes, "datasets": [{"path": "0"}]}]
    paths = sorted(path for path in top.rglob("*") if path.is_file())
    (image,) = alice.images(paths)
    np.testing.assert_array_equal(planes(alice.client, image), data[:, 0])


def test_the_import_log_says_what_was_read(alice, tmp_path):
    path = tmp_path / "logged.tif"
    tiff(path, 8, 8)
    (image,) = alice.images([path])
    from omero.plugins.fs import get_logfile

    file = get_logfile(alice.client.sf.getQueryService(), image.fileset.id.val)
    target = tmp_path / "import.log"
    alice.client.download(file, str(target))
    assert "logged.tif" in target.read_text()
    assert f"Image:{image.id.val}" in target.read_text()
    assert file.size.val == target.stat().st_size


def left_over(lab, client) -> tuple[int, list[str]]:
    count = unwrap(client.sf.getQueryService().projection("select count(f.id) from Fileset f", None))[0][0]
    root = lab.server.data / "ManagedRepository"
    return count, sorted(str(path.relative_to(root)) for path in root.rglob("*"))


def test_a_file_that_is_no_image_leaves_nothing_behind(alice, lab, tmp_path):
    tiff(tmp_path / "warm-up.tif", 8, 8)
    alice.images([tmp_path / "warm-up.tif"])
    before = left_over(lab, alice.client)
    path = tmp_path / "broken.tif"
    path.write_bytes(b"II*\0 this is not a TIFF")
    response = alice.run([path])
    assert isinstance(response, omero.cmd.ERR)
    assert "broken.tif" in response.parameters["message"]
    assert left_over(lab, alice.client) == before


def test_an_import_refused_while_its_rows_are_made_leaves_nothing_behind(alice, lab, tmp_path):
    before = left_over(lab, alice.client)
    nowhere = omero.model.TagAnnotationI(999_999, False)
    with pytest.raises(omero.ServerError, match="999999"):
        alice.begin([tmp_path / "refused.tif"], annotations=(nowhere,))
    assert left_over(lab, alice.client) == before


def test_an_abandoned_upload_leaves_nothing_behind(alice, lab, tmp_path):
    tiff(tmp_path / "warm-up.tif", 8, 8)
    alice.images([tmp_path / "warm-up.tif"])
    before = left_over(lab, alice.client)
    path = tmp_path / "half.tif"
    tiff(path, 100, 100)
    process = alice.begin([path])
    store = process.getUploader(0)
    store.write(path.read_bytes()[:500], 0, 500)
    assert process.getUploadOffset(0) == 500
    process.close()
    assert left_over(lab, alice.client) == before


def test_a_missing_upload_is_named(alice, tmp_path):
    path = tmp_path / "never.tif"
    tiff(path, 8, 8)
    process = alice.begin([path])
    with pytest.raises(omero.ResourceError, match=r"never\.tif"):
        process.verifyUpload([sha1(path)])
    with pytest.raises(omero.ApiUsageException, match="0 to 0"):
        process.getUploader(1)
    process.close()


def test_deleting_the_image_removes_its_files(alice, lab, tmp_path):
    path = tmp_path / "gone.tif"
    tiff(path, 8, 8)
    (image,) = alice.images([path])
    root = lab.server.data / "ManagedRepository"
    assert list(root.rglob("gone.tif"))
    alice.client.submit(omero.cmd.Delete2(targetObjects={"Fileset": [image.fileset.id.val]}))
    assert not list(root.rglob("gone.tif"))


def test_in_place_import_is_for_administrators_where_allowed(lab, tmp_path):
    path = tmp_path / "in-place.tif"
    tiff(path, 8, 8)
    transfer = omero.model.CommentAnnotationI()
    transfer.ns = rstring("openmicroscopy.org/omero/import/fileTransfer")
    transfer.textValue = rstring("ome.formats.importer.transfers.SymlinkFileTransfer")
    with lab.client("alice") as client:
        process = Importer(client).begin([path], annotations=(transfer,))
        with pytest.raises(omero.SecurityViolation, match="in-place"):
            process.verifyUpload([sha1(path)])
        process.close()
    lab.server.config.set("omero.fs.inplace", "true")
    with lab.client("root") as client:
        importer = Importer(client)
        process = importer.begin([path], annotations=(transfer,))
        response = importer.wait(process.verifyUpload([sha1(path)]))
        process.close()
        assert len(response.pixels) == 1
    (link,) = (lab.server.data / "ManagedRepository").rglob("in-place.tif")
    assert link.is_symlink()
    assert link.resolve() == path


def test_bob_can_see_but_not_change_alices_files(alice, lab, tmp_path):
    path = tmp_path / "hers.tif"
    tiff(path, 8, 8)
    (image,) = alice.images([path])
    query = "select o from FilesetEntry e join e.originalFile o where e.fileset.id = :id"
    with lab.client("bob") as client:
        params = omero.sys.ParametersI().addId(image.fileset.id.val)
        (file,) = client.sf.getQueryService().findAllByQuery(query, params)
        repository = client.getManagedRepository()
        store = repository.fileById(file.id.val)
        assert store.read(0, 4) == path.read_bytes()[:4]
        with pytest.raises(omero.SecurityViolation):
            store.write(b"x", 0, 1)
        store.close()
        with pytest.raises(omero.SecurityViolation):
            repository.makeDir(file.path.val + "mine", False)
