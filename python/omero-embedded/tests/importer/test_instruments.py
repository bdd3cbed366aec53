"""What an OME-TIFF says of the microscope and its settings, as clients then find it."""

from __future__ import annotations

import omero
import pytest
from omero.gateway import BlitzGateway

from .omexml_files import image_xml, ome_xml, write_ome_tiff

INSTRUMENT = """<Instrument ID="Instrument:0">
  <Microscope Manufacturer="Zeiss" Model="LSM 900" SerialNumber="77" Type="Inverted"/>
  <Laser ID="LightSource:0" Model="488" Power="20" Type="SolidState" LaserMedium="NdYAG" Wavelength="488" Tuneable="false"
    RepetitionRate="80" RepetitionRateUnit="MHz"><Pump ID="LightSource:1"/></Laser>
  <Arc ID="LightSource:1" Type="Xe" Power="1.5" PowerUnit="W"/>
  <LightEmittingDiode ID="LightSource:2" Model="Colibri"/>
  <GenericExcitationSource ID="LightSource:3"><Map><M K="mode">two photon</M></Map></GenericExcitationSource>
  <Detector ID="Detector:0" Model="GaAsP" Type="PMT" Gain="1.5" Voltage="650" Offset="-2" Zoom="1"/>
  <Detector ID="Detector:1" Model="HyD"/>
  <Objective ID="Objective:0" Model="Plan-Apochromat" Manufacturer="Zeiss" NominalMagnification="63" LensNA="1.4"
    Immersion="Oil" Correction="PlanApo" WorkingDistance="190" Iris="true" CalibratedMagnification="62.8"/>
  <FilterSet ID="FilterSet:0" Model="38"><ExcitationFilterRef ID="Filter:0"/><DichroicRef ID="Dichroic:0"/>
    <EmissionFilterRef ID="Filter:1"/></FilterSet>
  <Filter ID="Filter:0" Model="BP 470/40" Type="BandPass"><TransmittanceRange CutIn="450" CutOut="490" Transmittance="0.9"/></Filter>
  <Filter ID="Filter:1" Model="BP 525/50"/>
  <Dichroic ID="Dichroic:0" Model="FT 495"/>
</Instrument>"""
IMAGE = """<AcquisitionDate>2024-05-06T07:08:09</AcquisitionDate><InstrumentRef ID="Instrument:0"/>
<ObjectiveSettings ID="Objective:0" CorrectionCollar="0.17" Medium="Oil" RefractiveIndex="1.518"/>
<ImagingEnvironment Temperature="37" AirPressure="1013" Humidity="0.6" CO2Percent="0.05"/>
<StageLabel Name="well 3" X="10" Y="2.5" XUnit="mm"/>"""
CHANNEL = """<LightSourceSettings ID="LightSource:0" Attenuation="0.1" Wavelength="488"/>
<DetectorSettings ID="Detector:0" Gain="2" Binning="2x2" ReadOutRate="5" Voltage="600" Integration="4"/>
<FilterSetRef ID="FilterSet:0"/>
<LightPath><ExcitationFilterRef ID="Filter:0"/><DichroicRef ID="Dichroic:0"/><EmissionFilterRef ID="Filter:1"/></LightPath>"""


@pytest.fixture(scope="module")
def images(lab, tmp_path_factory):
    """Two images by one instrument, as BlitzGateway shows them."""
    from omero_embedded.testing_images import Importer

    with lab.client("alice") as client:
        second = IMAGE.replace("2024-05-06", "2025-01-01")
        described = image_xml(
            0,
            inside=IMAGE,
            channel=CHANNEL,
            attributes='NDFilter="0.3" AcquisitionMode="LaserScanningConfocalMicroscopy"',
        )
        xml = ome_xml(INSTRUMENT + described + image_xml(1, inside=second))
        path = write_ome_tiff(tmp_path_factory.mktemp("files") / "scope.ome.tif", xml, 2)
        ids = Importer(client).ids([path])
        conn = BlitzGateway(client_obj=client)
        yield [conn.getObject("Image", image_id) for image_id in ids]


@pytest.fixture
def instrument(images):
    return images[0].getInstrument()


def measure(value):
    return value.getValue(), str(value.getUnit())


def test_the_images_share_one_instrument(images):
    first, second = (image.getInstrument().getId() for image in images)
    assert first == second


def test_the_microscope(instrument):
    scope = instrument.getMicroscope()
    assert (scope.manufacturer, scope.model, scope.serialNumber) == ("Zeiss", "LSM 900", "77")
    assert scope.getMicroscopeType().value == "Inverted"


def test_the_objective_and_its_settings(images, instrument):
    (objective,) = instrument.getObjectives()
    assert (objective.model, objective.nominalMagnification, objective.lensNA) == ("Plan-Apochromat", 63, 1.4)
    assert (objective.getImmersion().value, objective.getCorrection().value) == ("Oil", "PlanApo")
    assert (objective.iris, objective.calibratedMagnification) == (True, 62.8)
    assert measure(objective._obj.workingDistance) == (190, "MICROMETER")
    settings = images[0].getObjectiveSettings()
    assert (settings.correctionCollar, settings.refractiveIndex) == (0.17, 1.518)
    assert settings.getMedium().value == "Oil"
    assert settings.getObjective().getId() == objective.getId()


def test_detectors_and_filters(instrument):
    found, plain = instrument.getDetectors()
    assert (found.model, found.gain, found.offsetValue, found.getDetectorType().value) == (
        "GaAsP",
        1.5,
        -2,
        "PMT",
    )
    assert measure(found._obj.voltage) == (650, "VOLT")
    assert plain.getDetectorType().value in ("Unknown", "Other")
    assert sorted(one.model for one in instrument.getFilters()) == ["BP 470/40", "BP 525/50"]
    assert [one.model for one in instrument.getDichroics()] == ["FT 495"]


def test_light_sources_of_every_kind(instrument):
    found = sorted(instrument._obj.copyLightSource(), key=lambda source: source.id.val)
    kinds = ["LaserI", "ArcI", "LightEmittingDiodeI", "GenericExcitationSourceI"]
    assert [type(source).__name__ for source in found] == kinds
    laser, arc, diode, generic = found
    assert (laser.type.value.val, laser.laserMedium.value.val) == ("SolidState", "NdYAG")
    assert (laser.tuneable.val, laser.pump.id.val) == (False, arc.id.val)
    assert measure(laser.wavelength) == (488, "NANOMETER")
    assert measure(laser.power) == (20, "MILLIWATT")
    assert measure(laser.repetitionRate) == (80, "MEGAHERTZ")
    assert (arc.type.value.val, measure(arc.power)) == ("Xe", (1.5, "WATT"))
    assert diode.model.val == "Colibri"
    assert [(pair.name, pair.value) for pair in generic.map] == [("mode", "two photon")]


def test_how_a_channel_was_taken(images):
    logical = images[0].getChannels()[0].getLogicalChannel()
    assert (logical.ndFilter, logical.getMode().value) == (0.3, "LaserScanningConfocalMicroscopy")
    light, detector = logical.getLightSourceSettings(), logical.getDetectorSettings()
    assert (light.attenuation, light.getLightSource().model) == (0.1, "488")
    assert measure(light._obj.wavelength) == (488, "NANOMETER")
    assert (detector.gain, detector.getBinning().value, detector._obj.integration.val) == (2, "2x2", 4)
    assert measure(detector._obj.readOutRate) == (5, "MEGAHERTZ")
    assert detector.getDetector().model == "GaAsP"
    path = logical.getLightPath()
    assert [one.model for one in path.getExcitationFilters()] == ["BP 470/40"]
    assert [one.model for one in path.getEmissionFilters()] == ["BP 525/50"]
    assert path.getDichroic().model == "FT 495"
    band = path.getExcitationFilters()[0].getTransmittanceRange()
    assert measure(band._obj.cutIn) == (450, "NANOMETER")
    assert logical._obj.filterSet.model.val == "38"


def test_surroundings_stage_and_date(images):
    around = images[0].getImagingEnvironment()
    assert measure(around._obj.temperature) == (37, "CELSIUS")
    assert measure(around._obj.airPressure) == (1013, "MILLIBAR")
    assert (around.humidity, around.co2percent) == (0.6, 0.05)
    label = images[0].getStageLabel()
    assert label.name == "well 3"
    assert measure(label._obj.positionX) == (10, "MILLIMETER")
    assert measure(label._obj.positionY) == (2.5, "REFERENCEFRAME")
    assert [f"{image.getAcquisitionDate():%Y-%m-%dT%H:%M:%S}" for image in images] == [
        "2024-05-06T07:08:09",
        "2025-01-01T07:08:09",
    ]


def test_settings_of_what_the_file_does_not_describe_are_left_out(alice, tmp_path):
    inside = '<InstrumentRef ID="Instrument:9"/><ObjectiveSettings ID="Objective:9"/>'
    channel = '<DetectorSettings ID="Detector:9" Gain="much"/>'
    path = write_ome_tiff(tmp_path / "vague.ome.tif", ome_xml(image_xml(0, inside=inside, channel=channel)))
    (image_id,) = alice.ids([path])
    image = BlitzGateway(client_obj=alice.client).getObject("Image", image_id)
    assert image.getInstrument() is None
    assert image.getObjectiveSettings() is None
    assert image.getChannels()[0].getLogicalChannel()._obj.detectorSettings is None


def test_files_of_2008_wrap_their_light_sources(alice, tmp_path):
    instrument = """<Instrument ID="Instrument:0"><LightSource ID="LightSource:0" Manufacturer="Coherent" Power="3">
      <Laser Type="Gas" LaserMedium="Argon"/></LightSource></Instrument>"""
    xml = ome_xml(instrument + image_xml(0, inside='<InstrumentRef ID="Instrument:0"/>'))
    (image_id,) = alice.ids([write_ome_tiff(tmp_path / "old.ome.tif", xml)])
    query = "select l from Image i join i.instrument n join n.lightSource l where i.id = :id"
    params = omero.sys.ParametersI().addId(image_id)
    (laser,) = alice.client.sf.getQueryService().findAllByQuery(query, params)
    assert (type(laser).__name__, laser.manufacturer.val, laser.power.getValue()) == ("LaserI", "Coherent", 3)


def test_deleting_the_image_deletes_what_belongs_to_it(alice, tmp_path):
    xml = ome_xml(INSTRUMENT + image_xml(0, inside=IMAGE, channel=CHANNEL))
    (image_id,) = alice.ids([write_ome_tiff(tmp_path / "gone.ome.tif", xml)])
    query = alice.client.sf.getQueryService()
    counting = "select count(d) from DetectorSettings d where d.gain = 2"
    before = query.projection(counting, None)[0][0].val
    alice.client.submit(omero.cmd.Delete2(targetObjects={"Image": [image_id]}))
    assert query.projection(counting, None)[0][0].val == before - 1
