"""An OME-TIFF of a plate becomes a plate, with its wells, fields, runs and screens."""

from __future__ import annotations

import omero
import pytest
from omero.gateway import BlitzGateway
from omero.rtypes import rstring

from .omexml_files import image_xml, ome_xml, write_ome_tiff

PLATE = """<Screen ID="Screen:0" Name="siRNA" ProtocolIdentifier="P7"><Description>knock-downs</Description>
  <Reagent ID="Reagent:0" Name="siPLK1" ReagentIdentifier="s449"/><PlateRef ID="Plate:0"/></Screen>
<Plate ID="Plate:0" Name="P1" Rows="2" Columns="3" RowNamingConvention="letter" ColumnNamingConvention="number"
    WellOriginX="3" WellOriginXUnit="mm" ExternalIdentifier="barcode 5"><Description>first run</Description>
  <Well ID="Well:0" Row="0" Column="0" Type="control" Color="-16776961"><AnnotationRef ID="Annotation:0"/><ReagentRef ID="Reagent:0"/>
    <WellSample ID="WellSample:0" Index="0" PositionX="1.5" Timepoint="2024-05-06T07:08:09"><ImageRef ID="Image:0"/></WellSample>
    <WellSample ID="WellSample:1" Index="1" PositionX="2.5"><ImageRef ID="Image:1"/></WellSample></Well>
  <Well ID="Well:1" Row="1" Column="2"><WellSample ID="WellSample:2" Index="2"><ImageRef ID="Image:2"/></WellSample>
    <WellSample ID="WellSample:3" Index="3"/></Well>
  <PlateAcquisition ID="PlateAcquisition:0" Name="run 1" MaximumFieldCount="2" StartTime="2024-05-06T07:00:00">
    <WellSampleRef ID="WellSample:0"/><WellSampleRef ID="WellSample:1"/><WellSampleRef ID="WellSample:2"/></PlateAcquisition>
</Plate>"""
NOTES = """<StructuredAnnotations><MapAnnotation ID="Annotation:0"><Value><M K="Gene">PLK1</M></Value></MapAnnotation></StructuredAnnotations>"""


def plate_file(path):
    return write_ome_tiff(path, ome_xml(PLATE + "".join(image_xml(number) for number in range(3)) + NOTES), 3)


@pytest.fixture
def conn(alice):
    return BlitzGateway(client_obj=alice.client)


@pytest.fixture
def response(alice, tmp_path):
    return alice.run([plate_file(tmp_path / "plate.ome.tif")])


@pytest.fixture
def plate(conn, response):
    return conn.getObject("Plate", response.objects[0].id.val)


def test_the_import_answers_with_the_plate_and_all_pixels(response):
    assert [type(found).__name__ for found in response.objects] == ["PlateI"]
    assert len(response.pixels) == 3


def test_the_plate_as_the_file_describes_it(plate):
    assert (plate.name, plate.description, plate.externalIdentifier) == ("P1", "first run", "barcode 5")
    assert (plate.rows, plate.columns) == (2, 3)
    assert plate.getRowLabels() == ["A", "B"]
    assert list(plate.getColumnLabels()) == [1, 2, 3]
    assert (plate._obj.wellOriginX.getValue(), str(plate._obj.wellOriginX.getUnit())) == (3, "MILLIMETER")


def test_wells_hold_their_images_in_order(plate):
    first, last = sorted(plate.listChildren(), key=lambda well: (well.row, well.column))
    assert [(well.row, well.column, well.getWellPos()) for well in (first, last)] == [
        (0, 0, "A1"),
        (1, 2, "B3"),
    ]
    names = [sample.getImage().getName() for sample in first.listChildren()]
    assert names == ["plate.ome.tif [field 0]", "plate.ome.tif [field 1]"]
    assert [sample.getImage().getName() for sample in last.listChildren()] == ["plate.ome.tif [field 2]"]
    pixels = [sample.getImage().getPrimaryPixels().getPlane()[0, 0] for sample in first.listChildren()]
    assert pixels == [0, 1]


def test_what_else_the_file_says_of_a_well(plate):
    well = min(plate.listChildren(), key=lambda well: well.row)
    assert (well.type, well.red, well.green, well.blue, well.alpha) == ("control", 255, 0, 0, 255)
    sample = next(iter(well.listChildren()))
    assert (sample._obj.posX.getValue(), str(sample._obj.posX.getUnit())) == (1.5, "REFERENCEFRAME")
    assert sample._obj.timepoint.val == 1_714_979_289_000
    (pairs,) = well.listAnnotations()
    assert pairs.getValue() == [("Gene", "PLK1")]


def test_runs_know_their_fields(plate):
    (run,) = plate.listPlateAcquisitions()
    assert (run.name, run.maximumFieldCount) == ("run 1", 2)
    assert plate.getNumberOfFields(run.getId()) == (0, 1)


def test_the_files_own_screen_is_made_with_its_reagents(conn, plate):
    screen = plate.getParent()
    assert (screen.name, screen.description, screen.protocolIdentifier) == ("siRNA", "knock-downs", "P7")
    rows = conn.getQueryService().projection(
        "select r.name, w.row from WellReagentLink l join l.child r join l.parent w where w.plate.id = :id",
        omero.sys.ParametersI().addId(plate.getId()),
    )
    assert [(name.val, row.val) for name, row in rows] == [("siPLK1", 0)]


def test_a_screen_that_the_user_chose_gets_the_plate(alice, conn, tmp_path):
    screen = omero.model.ScreenI()
    screen.name = rstring("hers")
    screen = conn.getUpdateService().saveAndReturnObject(screen)
    path = plate_file(tmp_path / "plate.ome.tif")
    response = alice.run(
        [path],
        userSpecifiedTarget=screen.proxy(),
        userSpecifiedName=rstring("day 1"),
        userSpecifiedDescription=rstring("cold"),
    )
    plates = list(conn.getObject("Screen", screen.id.val).listChildren())
    assert [plate.getId() for plate in plates] == [response.objects[0].id.val]
    assert (plates[0].name, plates[0].description) == ("day 1", "cold")


def test_bobs_screen_in_a_read_only_group_takes_no_plate_of_alice(alice, lab, tmp_path):
    with lab.client("bob") as client:
        screen = omero.model.ScreenI()
        screen.name = rstring("his")
        screen = client.sf.getUpdateService().saveAndReturnObject(screen)
    before = alice.client.sf.getQueryService().projection("select count(p) from Plate p", None)[0][0].val
    response = alice.run([plate_file(tmp_path / "plate.ome.tif")], userSpecifiedTarget=screen.proxy())
    assert isinstance(response, omero.cmd.ERR)
    assert (
        alice.client.sf.getQueryService().projection("select count(p) from Plate p", None)[0][0].val == before
    )


def test_deleting_the_plate_deletes_its_images_and_files(alice, lab, plate):
    ids = [sample.getImage().getId() for well in plate.listChildren() for sample in well.listChildren()]
    alice.client.submit(omero.cmd.Delete2(targetObjects={"Plate": [plate.getId()]}))
    params = omero.sys.ParametersI().addIds(ids)
    left = alice.client.sf.getQueryService().projection(
        "select i.id from Image i where i.id in (:ids)", params
    )
    assert left == []
