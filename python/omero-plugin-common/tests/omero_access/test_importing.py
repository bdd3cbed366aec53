"""Importing through the managed repository of the embedded OMERO."""

from __future__ import annotations

import hashlib
import io
import time

import numpy as np
import omero.model
import pytest
import tifffile
from omero.rtypes import rstring, unwrap
from omero.sys import ParametersI

from omero_plugin_common.omero_access.importing import (
    ImportOverdueError,
    ImportRefusedError,
    import_content,
    import_fileset,
    import_settings,
    managed_repository,
    new_fileset,
)

SECONDS = 120.0


@pytest.fixture
def alice(people):
    with people.gateway("alice") as conn:
        yield conn


def tiff(seed, side=16):
    out = io.BytesIO()
    pixels = np.random.default_rng(seed).integers(0, 4000, (side, side)).astype("uint16")
    tifffile.imwrite(out, pixels)
    return out.getvalue(), pixels


def dataset(conn, name):
    made = omero.model.DatasetI()
    made.name = rstring(name)
    return conn.getUpdateService().saveAndReturnObject(made).id.val


def test_a_file_from_memory_becomes_an_image_in_its_dataset_with_name_and_description(alice):
    content, pixels = tiff(1)
    number = dataset(alice, "figures")
    settings = import_settings(name="Figure 1", description="a spectrum", target=("Dataset", number))
    response = import_content(alice, "figure.tif", content, settings, timeout_seconds=SECONDS)
    (made,) = response.pixels
    image = alice.getObject("Image", made.image.id.val)
    assert (image.getName(), image.getDescription()) == ("Figure 1", "a spectrum")
    assert image.getParent().getId() == number
    assert np.array_equal(image.getPrimaryPixels().getPlane(0, 0, 0), pixels)


def test_comments_find_the_fileset_of_several_files_again(alice):
    contents = [tiff(seed)[0] for seed in (2, 3)]

    def send(process):
        for number, content in enumerate(contents):
            store = process.getUploader(number)
            store.write(content, 0, len(content))
            store.close()
        return [hashlib.sha1(content).hexdigest() for content in contents]

    import_fileset(
        managed_repository(alice),
        new_fileset(["run/a.tif", "run/b.tif"], [("example.org/marker", "set 7")]),
        import_settings(thumbnails=False, statistics=False),
        send,
        wait=time.sleep,
        timeout_seconds=SECONDS,
    )
    rows = alice.getQueryService().projection(
        "select e.clientPath from FilesetAnnotationLink l, CommentAnnotation a, FilesetEntry e "
        "where l.child.id = a.id and a.ns = :ns and a.textValue = 'set 7' and e.fileset.id = l.parent.id "
        "order by e.clientPath",
        ParametersI().addString("ns", "example.org/marker"),
    )
    assert [unwrap(row[0]) for row in rows] == ["run/a.tif", "run/b.tif"]


def test_what_no_reader_knows_is_refused_in_the_servers_words(alice):
    with pytest.raises(ImportRefusedError) as refused:
        import_content(alice, "broken.tif", b"this is no TIFF", import_settings(), timeout_seconds=SECONDS)
    assert "broken.tif" in str(refused.value)
    assert "\n" not in str(refused.value)
    assert refused.value.response.name


def test_a_file_that_arrived_otherwise_than_it_was_sent_is_not_imported(alice):
    content, _ = tiff(4)

    def send(process):
        store = process.getUploader(0)
        store.write(content, 0, len(content))
        store.close()
        return [hashlib.sha1(b"something else").hexdigest()]

    fileset = new_fileset(["changed.tif"])
    with pytest.raises(omero.ChecksumValidationException):
        import_fileset(
            managed_repository(alice),
            fileset,
            import_settings(),
            send,
            wait=time.sleep,
            timeout_seconds=SECONDS,
        )
    named = ParametersI().addString("name", "changed.tif")
    assert alice.getQueryService().findAllByQuery("select i from Image i where i.name = :name", named) == []


def test_an_import_that_takes_too_long_is_given_up(alice):
    content, _ = tiff(5, side=4096)
    with pytest.raises(ImportOverdueError, match="within 0 s"):
        import_content(alice, "large.tif", content, import_settings(), timeout_seconds=0)


def test_who_waits_may_break_off(alice):
    class StoppedError(Exception):
        pass

    def stop(_seconds):
        raise StoppedError

    content, _ = tiff(6, side=4096)
    with pytest.raises(StoppedError):
        import_content(alice, "large.tif", content, import_settings(), wait=stop, timeout_seconds=SECONDS)
