import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tifffile import imwrite

from omeroweb_upload.filesets.detect import detect
from omeroweb_upload.filesets.headers import StagedHeaders
from omeroweb_upload.filesets.model import Kind
from omeroweb_upload.filesets.ome import read_ome_header


def only(paths, headers=None):
    """The one set that all paths make."""
    found = detect(paths, headers)
    assert not found.skipped
    assert len(found.sets) == 1, found.sets
    assert found.sets[0].members == tuple(sorted(paths))
    return found.sets[0]


def xml(*references, images=1, extra="", size='SizeZ="2" SizeC="1" SizeT="1"'):
    data = "".join(
        f'<TiffData IFD="0"><UUID FileName="{name}">urn:uuid:1</UUID></TiffData>' for name in references
    )
    body = f'<Image ID="Image:0"><Pixels ID="P" {size}>{data}</Pixels></Image>' * images
    return f'<?xml version="1.0"?><OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06">{extra}{body}</OME>'


class Headers:
    def __init__(self, **by_path):
        self.by_path = by_path

    def ome_xml(self, path):
        return self.by_path.get(path)


def headers(by_path):
    return Headers(**by_path)


# formats by names


@pytest.mark.parametrize(
    ("main", "others", "name"),
    [
        (
            "x/slide.vsi",
            ["x/_slide_/stack1/frame_t_0.ets", "x/_slide_/stack10001/frame_t_0.ets"],
            "Olympus VSI",
        ),
        ("cell.oif", ["cell.oif.files/s_C001.tif", "cell.oif.files/s_C001.pty"], "Olympus OIF"),
        ("cell.oir", ["cell_00001", "cell_00002"], "Olympus OIR"),
        ("a.mrxs", ["a/Slidedat.ini", "a/Data0000.dat"], "MIRAX"),
        ("lib/a.mvd2", ["lib/a.aisf", "lib/Data/1.aisf", "lib/Data/2.aiix"], "Volocity"),
        ("s.ndpis", ["s-DAPI.ndpi", "s-FITC.ndpi"], "Hamamatsu NDPIS"),
        ("exp.nd", ["exp_w1DAPI_s1.STK", "exp_w1DAPI_s2.STK"], "MetaMorph"),
        ("a.ics", ["a.ids"], "Image Cytometry Standard"),
        ("scan.hdr", ["scan.img"], "Analyze 7.5"),
        ("t.xml", ["t_Cycle00001_Ch1_000001.ome.tif", "t.env"], "Prairie"),
        ("a.sldy", ["a.dir/x.imgdir/ImageRecord.yaml"], "SlideBook 7"),
    ],
)
def test_companion_files_stay_with_their_main_file(main, others, name):
    found = only([main, *others])
    assert (found.kind, found.format, found.main) == (Kind.FORMAT, name, main)
    assert found.complete


@pytest.mark.parametrize(
    ("main", "others", "name"),
    [
        ("Images/Index.idx.xml", ["Images/r01c01f01p01-ch1sk1fk1fl1.tiff", "Images/r01c02f01p01-ch1sk1fk1fl1.tiff"],
         "PerkinElmer Harmony"),
        ("p/plate.HTD", ["p/plate_A01_s1_w1.TIF", "p/plate_A02_s1_w1.TIF", "p/TimePoint_2/plate_A01_s1_w1.TIF"],
         "MetaXpress"),
        ("p/x.xdce", ["p/A - 1(fld 1).tif", "p/A - 2(fld 1).tif"], "InCell"),
        ("MeasurementData.mlf", ["W1F001T0001Z01C1.tif", "MeasurementDetail.mrf"], "CellVoyager"),
        ("r/experiment_descriptor.xml", ["r/data/--W00001--P00001.tif", "r/experiment_descriptor.dat"], "ScanR"),
        ("Experiment.exp", ["Well A01/img.tif", "Well B02/img.tif"], "BD Pathway"),
    ],
)  # fmt: skip
def test_plates_are_one_set(main, others, name):
    found = only([main, *others])
    assert (found.kind, found.format, found.main) == (Kind.PLATE, name, main)


def test_a_main_file_without_its_companions_is_incomplete():
    found = only(["x/slide.vsi"])
    assert not found.complete
    assert found.missing == ("the folder _slide_",)
    assert only(["a.oif"]).missing == ("the folder a.oif.files",)


def test_files_of_formats_that_need_no_companion_stand_alone():
    for name in ("a.ics", "a.hdr", "a.oir", "notes.xml", "a.czi", "a.lif", "a.tif"):
        found = only([name])
        assert found.kind is Kind.SINGLE
        assert found.complete


def test_sets_of_one_format_in_one_folder_are_kept_apart():
    found = detect(["a.ics", "a.ids", "ab.ics", "ab.ids", "b.vsi", "_b_/s/f.ets", "c.vsi", "_c_/s/f.ets"])
    assert [item.members for item in found.sets] == [
        ("a.ics", "a.ids"), ("ab.ics", "ab.ids"), ("_b_/s/f.ets", "b.vsi"), ("_c_/s/f.ets", "c.vsi"),
    ]  # fmt: skip


def test_case_does_not_matter_between_companions():
    assert only(["Scan.ICS", "scan.IDS"]).format == "Image Cytometry Standard"


# directories


def test_a_zarr_folder_is_one_set_with_everything_in_it():
    found = only(
        ["r/a.ome.zarr/.zgroup", "r/a.ome.zarr/.zattrs", "r/a.ome.zarr/0/.zarray", "r/a.ome.zarr/0/0/0"]
    )
    assert (found.kind, found.main) == (Kind.DIRECTORY, "r/a.ome.zarr/.zgroup")
    assert only(["b.zarr/zarr.json", "b.zarr/c/0"]).main == "b.zarr/zarr.json"


def test_a_zarr_folder_inside_another_belongs_to_it():
    assert only(["a.zarr/.zgroup", "a.zarr/labels.zarr/.zarray"]).format == "Zarr"


def test_a_zarr_folder_without_its_description_is_incomplete():
    assert not only(["a.zarr/0/0"]).complete


def test_junk_inside_a_zarr_folder_is_skipped():
    found = detect(["a.zarr/.zgroup", "a.zarr/.DS_Store"])
    assert [item.path for item in found.skipped] == ["a.zarr/.DS_Store"]


# OME


def test_ome_tiffs_that_refer_to_each_other_are_one_set():
    text = xml("a_c0.ome.tif", "a_c1.ome.tif")
    found = only(
        ["r/a_c0.ome.tif", "r/a_c1.ome.tif"], headers({"r/a_c0.ome.tif": text, "r/a_c1.ome.tif": text})
    )
    assert (found.kind, found.main, found.images, found.planes) == (Kind.OME, "r/a_c0.ome.tif", 1, 2)


def test_a_companion_file_leads_its_tiffs():
    pointer = '<OME><BinaryOnly MetadataFile="x.companion.ome" UUID="urn:uuid:2"/></OME>'
    found = only(
        ["x.companion.ome", "x_1.tif", "x_2.tif"],
        headers(
            {"x.companion.ome": xml("x_1.tif", "x_2.tif", images=2), "x_1.tif": pointer, "x_2.tif": pointer}
        ),
    )
    assert (found.main, found.format, found.images) == ("x.companion.ome", "OME-TIFF with companion", 2)


def test_missing_files_of_a_set_are_named():
    found = only(["r/a.ome.tif"], headers({"r/a.ome.tif": xml("a.ome.tif", "b.ome.tif")}))
    assert found.missing == ("r/b.ome.tif",)


def test_an_ome_tiff_that_refers_to_itself_stands_alone():
    assert only(["a.ome.tif"], headers({"a.ome.tif": xml("a.ome.tif")})).kind is Kind.SINGLE


def test_an_ome_plate_is_a_plate():
    text = xml("a.tif", "b.tif", extra='<Plate ID="Plate:0"/>')
    assert only(["a.tif", "b.tif"], headers({"a.tif": text, "b.tif": text})).kind is Kind.PLATE


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "C:\\x.tif", "..\\b.tif"])
def test_references_out_of_the_folder_are_ignored(name):
    found = detect(["r/a.ome.tif", "b.tif"], headers({"r/a.ome.tif": xml(name)}))
    assert [item.members for item in found.sets] == [("b.tif",), ("r/a.ome.tif",)]
    assert all(not item.missing for item in found.sets)


def test_hostile_xml_is_not_expanded():
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>' + xml(
        "&b;.tif", size='SizeZ="9' + "9" * 50 + '"'
    )
    header = read_ome_header(bomb)
    assert header.references == ("&b;.tif",)
    assert header.planes <= 10**10


def test_namespace_prefixes_quotes_and_entities_are_understood():
    text = "<ome:OME><ome:Image ><ome:Pixels SizeZ='3' SizeC='2' SizeT='1'><ome:UUID x='1' FileName='a &amp; b.tif'/>"
    header = read_ome_header(text)
    assert (header.references, header.images, header.planes) == (("a & b.tif",), 1, 6)


def test_headers_are_read_from_files(tmp_path):
    data = np.zeros((8, 8), np.uint8)
    text = xml("a.ome.tif", "b.ome.tif").encode()
    for name in ("a.ome.tif", "b.ome.tif"):
        imwrite(tmp_path / name, data, description=text)
    imwrite(tmp_path / "plain.tif", data, description="ImageJ=1.53")
    (tmp_path / "broken.tif").write_bytes(b"II*\0 not a tiff")
    (tmp_path / "empty.tif").write_bytes(b"")
    (tmp_path / "c.companion.ome").write_text(xml("d.tif"))
    found = detect([path.name for path in tmp_path.iterdir()], StagedHeaders(tmp_path))
    by_main = {item.main: item for item in found.sets}
    assert by_main["a.ome.tif"].members == ("a.ome.tif", "b.ome.tif")
    assert by_main["c.companion.ome"].missing == ("d.tif",)
    assert {name for name, item in by_main.items() if item.kind is Kind.SINGLE} == {
        "broken.tif",
        "empty.tif",
        "plain.tif",
    }
    assert StagedHeaders(tmp_path).ome_xml("gone.tif") is None


# series by names


def test_tiffs_that_count_through_axes_are_one_image():
    names = [f"s/cell_z{z:03}_c{c}_t{t:02}.tif" for z in range(3) for c in (1, 2) for t in range(2)]
    found = only(names)
    assert (found.kind, found.main, found.images, found.planes) == (
        Kind.SERIES,
        "s/cell_z000_c1_t00.tif",
        1,
        12,
    )


def test_two_series_in_one_folder_are_kept_apart():
    found = detect(["a_z1.tif", "a_z2.tif", "b_z1.tif", "b_z2.tif", "a_z1.png"])
    assert [item.members for item in found.sets] == [
        ("a_z1.png",),
        ("a_z1.tif", "a_z2.tif"),
        ("b_z1.tif", "b_z2.tif"),
    ]


def test_a_series_with_a_gap_stays_single_files_and_says_why():
    found = detect(["a_z1_c1.tif", "a_z1_c2.tif", "a_z2_c1.tif", "other.tif"])
    assert all(item.kind is Kind.SINGLE for item in found.sets)
    remarks = {item.main: item.remarks for item in found.sets}
    assert "3 files and 2 Z × 2 C would be 4" in remarks["a_z1_c1.tif"][0]
    assert remarks["other.tif"] == ()


@pytest.mark.parametrize(
    "names", [["img001.tif", "img002.tif"], ["a_1.tif", "a_2.tif"], ["a_z1.tif"], ["c1.jpg", "c2.jpg"]]
)
def test_plain_numbers_and_other_formats_are_independent_images(names):
    assert all(item.kind is Kind.SINGLE for item in detect(names).sets)


# everything


def test_mixed_folders_are_sorted_out():
    found = detect(
        [
            "e/slide.vsi",
            "e/_slide_/s/f.ets",
            "e/Thumbs.db",
            "e/z/.DS_Store",
            "e/a_z1.tif",
            "e/a_z2.tif",
            "e/notes.pdf",
        ]
    )
    assert [(item.kind.value, len(item.members)) for item in found.sets] == [
        ("series", 2),
        ("single", 1),
        ("format", 2),
    ]
    assert {item.path for item in found.skipped} == {"e/Thumbs.db", "e/z/.DS_Store"}
    sizes = {"e/slide.vsi": 5, "e/_slide_/s/f.ets": 7}
    assert found.sets[2].size(sizes) == 12


parts = st.sampled_from(
    [
        "a",
        "b_z1",
        "b_z2",
        "a_00001",
        "_a_",
        "a.zarr",
        ".zgroup",
        "a.vsi",
        "a.ics",
        "a.ids",
        "b_z1.tif",
        "b_z2.tif",
        "index.xml",
        "x.tif",
        "thumbs.db",
        "a.oif",
        "a.oif.files",
        "a.mvd2",
        "data",
        "1.dat",
        "a.htd",
        "a_A01.tif",
    ]
)
some_paths = st.lists(parts, min_size=1, max_size=4).map("/".join)


@settings(deadline=None)
@given(st.lists(some_paths, max_size=25), st.randoms())
def test_every_path_is_in_exactly_one_set_or_skipped_in_whatever_order(paths, random):
    found = detect(paths)
    members = [member for item in found.sets for member in item.members]
    assert sorted(members + [item.path for item in found.skipped]) == sorted(set(paths))
    assert all(item.main in item.members for item in found.sets)
    random.shuffle(paths)
    assert detect(paths) == found


def test_ten_thousand_files_take_a_moment():
    paths = [f"run/{i:05}.{extension}" for i in range(4000) for extension in ("ics", "ids")]
    paths += [f"run/s{i}/x_z{z}_c{c}.tif" for i in range(100) for z in range(10) for c in range(2)]
    start = time.thread_time()
    found = detect(paths)
    assert time.thread_time() - start < 5
    assert len(found.sets) == 4100
