"""Exporter over live Ice; the files are read with tifffile and checked with ome-types."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np
import ome_types
import omero
import omero.all
import pytest
import tifffile
from omero.rtypes import rstring

if TYPE_CHECKING:
    from conftest import Lab

ARRAY = np.random.default_rng(10).integers(0, 60000, (2, 3, 4, 10, 12)).astype(np.uint16)


def exported(client: Any, method: str, *image_ids: int) -> bytes:
    exporter = client.sf.createExporter()
    for image_id in image_ids:
        exporter.addImage(image_id)
    size = getattr(exporter, method)()
    data = b""
    while len(data) < size:
        data += exporter.read(len(data), 5000)
    exporter.close()
    return data


@pytest.fixture(scope="module")
def image_id(lab: Lab) -> int:
    with lab.site.client("alice") as client:
        image_id, pixels_id = lab.image(client, ARRAY, "cells ß <1>")
        describe(client, image_id, pixels_id)
        return image_id


def describe(client: Any, image_id: int, pixels_id: int) -> None:
    update = client.sf.getUpdateService()
    pixels = client.sf.getPixelsService().retrievePixDescription(pixels_id)
    pixels.setPhysicalSizeX(omero.model.LengthI(0.25, omero.model.enums.UnitsLength.MICROMETER))
    logical = pixels.getChannel(1).getLogicalChannel()
    logical.setName(rstring("GFP"))
    logical.setEmissionWave(omero.model.LengthI(509, omero.model.enums.UnitsLength.NANOMETER))
    update.saveObject(pixels)
    tag = omero.model.TagAnnotationI()
    tag.setTextValue(rstring("mitosis"))
    link = omero.model.ImageAnnotationLinkI()
    link.setParent(omero.model.ImageI(image_id, False))
    link.setChild(tag)
    update.saveObject(link)


def test_an_ome_tiff_has_the_pixels_and_the_metadata(alice: Any, image_id: int) -> None:
    data = exported(alice, "generateTiff", image_id)
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        assert file.is_ome
        np.testing.assert_array_equal(file.asarray(), ARRAY)
        description = file.ome_metadata
    document = ome_types.from_xml(description)
    image = document.images[0]
    assert image.name == "cells ß <1>"
    assert (image.pixels.size_x, image.pixels.size_c, image.pixels.size_t) == (12, 3, 2)
    assert (image.pixels.physical_size_x, image.pixels.physical_size_x_unit.value) == (0.25, "µm")
    assert image.pixels.channels[1].name == "GFP"
    assert image.pixels.channels[1].emission_wavelength == 509
    tag = document.structured_annotations[0]
    assert (tag.value, tag.id) == ("mitosis", image.annotation_refs[0].id)


def test_ome_xml_describes_several_images(alice: Any, lab: Lab, image_id: int) -> None:
    other, _ = lab.image(alice, ARRAY[:1, :1, :1], "other")
    document = ome_types.from_xml(exported(alice, "generateXml", image_id, other).decode())
    assert [image.name for image in document.images] == ["cells ß <1>", "other"]
    assert document.experimenters[0].user_name == "alice"


def test_the_gateway_exports(lab: Lab, image_id: int) -> None:
    with lab.site.gateway("alice") as conn:
        size, chunks = conn.getObject("Image", image_id).exportOmeTiff(bufsize=4096)
        data = b"".join(chunks)
    assert len(data) == size
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        np.testing.assert_array_equal(file.asarray(), ARRAY)


def test_wrong_use_is_refused(alice: Any, image_id: int) -> None:
    exporter = alice.sf.createExporter()
    with pytest.raises(omero.ApiUsageException) as refused:
        exporter.generateTiff()
    assert "call addImage first" in refused.value.message
    with pytest.raises(omero.ApiUsageException) as refused:
        exporter.read(0, 10)
    assert "call generateTiff or generateXml first" in refused.value.message
    exporter.addImage(10**9)
    with pytest.raises(omero.ValidationException):
        exporter.generateXml()
    exporter.addImage(image_id)
    with pytest.raises(omero.ApiUsageException) as refused:
        exporter.generateTiff()
    assert "holds one image, 2 were added" in refused.value.message
