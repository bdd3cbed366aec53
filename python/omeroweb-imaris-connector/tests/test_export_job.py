"""Exports as jobs: from the queue through the script processor into OMERO."""

from __future__ import annotations

import h5py
import numpy as np

from ims_writer.check.run import check_file
from omero_plugin_common.jobs import service
from omeroweb_imaris_connector.models import ImarisExport
from omeroweb_imaris_connector.tasks import KIND

from .helpers import volume, wait_for_end


def submit(lab, name, image_id, **parameters):
    return service.submit(KIND, lab.owner(name), {"image_id": image_id, **parameters})


def test_an_export_ends_with_a_valid_file_attached_to_the_image(lab, exporter):
    pixels = volume((2, 2, 5, 40, 50), np.uint16)
    image_id = lab.image("alice", pixels)
    ended = wait_for_end(submit(lab, "alice", image_id).id)
    assert (ended.state, ended.error) == ("done", "")
    assert ended.result["name"] == "cells.tif.ims"
    with lab.site.gateway("alice") as conn:
        (annotation,) = conn.getObject("Image", image_id).listAnnotations(ns="omero.export.ims")
        assert annotation.getId() == ended.result["annotation_id"]
    with lab.file_of("alice", ended.result["annotation_id"]) as path:
        assert check_file(path).findings == []
        with h5py.File(path) as file:
            stored = file["DataSet/ResolutionLevel 0/TimePoint 1/Channel 1/Data"][:5, :40, :50]
            np.testing.assert_array_equal(stored, pixels[1, 1])
    assert ImarisExport.objects.get().image_id == image_id
