"""What is made of a spectrum, in OMERO."""

from __future__ import annotations

import io
import time

import numpy as np
import omero
import omero.model
import pytest
from omero.rtypes import rstring
from PIL import Image as Picture

from omeroweb_upload.emsa.read import parse_emsa
from omeroweb_upload.services.attachments import (
    ChecksumError,
    Content,
    Place,
    attach,
    content_of_bytes,
    content_of_path,
    link_annotation,
    read_file,
)
from omeroweb_upload.services.attachments_find import attached_files, own_files
from omeroweb_upload.services.edx_items import Item, Output
from omeroweb_upload.services.edx_make import Maker
from omeroweb_upload.services.edx_metadata import metadata_of
from omeroweb_upload.services.edx_present import present_outputs
from omeroweb_upload.services.edx_undo import undo_items
from omeroweb_upload.spectra import names


@pytest.fixture
def image(alice, lab):
    """The id of an image of alice's, in a dataset."""
    return lab.dataset(alice, "Site 1 Electron Image.tif")[1][0]


def place(image_id):
    return Place(image_id, names.SPECTRA_NAMESPACE, names.folder_for(image_id))


def maker(conn, owner):
    return Maker(conn, owner, names.SPECTRA_NAMESPACE, lambda: None, time.sleep)


@pytest.fixture
def item(alice, image, lab, upload):
    """alice's spectrum in an upload, with everything made of it."""
    data = lab.spectrum()
    made = upload(lab.owner(alice), alice.getEventContext().groupId, files={"a/Site 1 Spectrum 1.txt": data})
    return Item(
        image_id=image,
        source=made.token("a/Site 1 Spectrum 1.txt"),
        name="Site 1 Spectrum 1.txt",
        sha1=lab.sha1(data),
        outputs=list(Output),
    )


def make_all(conn, owner, item):
    worker = maker(conn, owner)
    for output in item.outputs:
        worker.make(item, output)


def test_a_file_attached_twice_is_there_once_with_its_bytes(alice, image):
    content = content_of_bytes("notes.txt", "text/plain", b"grain 3 is bright\n")
    first = attach(alice, content, place(image))
    second = attach(alice, content, place(image))
    assert first.made
    assert not second.made
    (file,) = attached_files(alice, "Image", [image])
    assert (file.annotation_id, file.name, file.namespace) == (
        first.annotation_id,
        "notes.txt",
        "sem_edx.spectra",
    )
    assert read_file(alice, file.file_id, 100) == b"grain 3 is bright\n"


def test_a_file_of_several_blocks_arrives_whole(alice, image, tmp_path):
    path = tmp_path / "big.bin"
    path.write_bytes(np.random.default_rng(0).bytes(5_000_001))
    content = content_of_path(path, "big.bin", "application/octet-stream")
    attach(alice, content, place(image))
    (file,) = attached_files(alice, "Image", [image])
    assert file.size == 5_000_001
    assert file.sha1 == content.sha1
    assert read_file(alice, file.file_id, 10_000_000) == path.read_bytes()


def test_an_empty_file_can_be_attached(alice, image):
    attach(alice, content_of_bytes("empty.txt", "text/plain", b""), place(image))
    (file,) = attached_files(alice, "Image", [image])
    assert file.size == 0


def test_an_interrupted_attempt_is_taken_up_and_leaves_nothing(alice, image):
    half = omero.model.OriginalFileI()
    half.name, half.path = rstring("notes.txt"), rstring(names.folder_for(image))
    half.mimetype = rstring("text/plain")
    half_id = alice.getUpdateService().saveAndReturnObject(half).id.val
    attach(alice, content_of_bytes("notes.txt", "text/plain", b"whole"), place(image))
    (file,) = attached_files(alice, "Image", [image])
    assert file.file_id == half_id
    assert read_file(alice, half_id, 100) == b"whole"
    assert own_files(alice, names.folder_for(image), "notes.txt", alice.getUserId()) == []


def test_a_file_that_changes_under_way_is_not_linked(alice, image):
    content = Content("notes.txt", "text/plain", 5, "0" * 40, lambda: io.BytesIO(b"other"))
    with pytest.raises(ChecksumError, match=r"notes\.txt has the SHA-1 0000.*try again"):
        attach(alice, content, place(image))
    assert attached_files(alice, "Image", [image]) == []


def test_bob_cannot_attach_to_alices_image_in_a_read_only_group(bob, image):
    with pytest.raises(omero.SecurityViolation):
        attach(bob, content_of_bytes("notes.txt", "text/plain", b"mine now"), place(image))


def test_an_annotation_of_the_dataset_is_linked_not_copied(alice, lab):
    dataset_id, (image_id,) = lab.dataset(alice, "x.tif")
    annotation_id = lab.attach_to_dataset(alice, dataset_id, "x.txt", lab.spectrum())
    assert link_annotation(alice, image_id, annotation_id).made
    assert not link_annotation(alice, image_id, annotation_id).made
    assert [file.annotation_id for file in attached_files(alice, "Image", [image_id])] == [annotation_id]


def test_a_spectrum_becomes_file_table_figures_pairs_and_an_image(alice, item, lab):
    make_all(alice, lab.owner(alice), item)
    files = {file.name: file for file in attached_files(alice, "Image", [item.image_id])}
    assert set(files) == {
        "Site 1 Spectrum 1.txt",
        "Site 1 Spectrum 1.h5",
        "Site 1 Spectrum 1_edx.png",
        "Site 1 Spectrum 1_edx.pdf",
    }
    assert {file.namespace for name, file in files.items() if not name.endswith(".h5")} == {"sem_edx.spectra"}
    assert files["Site 1 Spectrum 1.h5"].namespace == "openmicroscopy.org/omero/client/table"
    assert "Site 1 Spectrum 1.txt" in files["Site 1 Spectrum 1.h5"].description
    (row,) = metadata_of(alice, [item.image_id])[item.image_id]
    pairs = dict(row.pairs)
    assert pairs["Spectrum file"] == "Site 1 Spectrum 1.txt"
    assert pairs["TITLE"] == "Site 1 Spectrum 1"
    assert pairs["Elements labelled"] == "O, Fe"
    assert any(key.startswith("Candidates at 1.4") and value.startswith("Al Ka") for key, value in row.pairs)


def test_the_table_has_the_spectrums_numbers_and_hangs_on_the_dataset_too(alice, item, lab):
    maker(alice, lab.owner(alice)).make(item, Output.TABLE)
    (file,) = attached_files(alice, "Image", [item.image_id])
    table = alice.c.sf.sharedResources().openTable(omero.model.OriginalFileI(file.file_id, False))
    try:
        assert [column.name for column in table.getHeaders()] == ["Image", "Energy_keV", "Counts"]
        data = table.read([0, 1, 2], 0, table.getNumberOfRows())
        assert {key: table.getAllMetadata()[key].val for key in ("x_unit", "y_unit")} == {
            "x_unit": "keV",
            "y_unit": "counts",
        }
    finally:
        table.close()
    spectrum = parse_emsa(lab.spectrum())
    image, energy, counts = (column.values for column in data.columns)
    assert set(image) == {item.image_id}
    np.testing.assert_array_equal(energy, spectrum.x)
    np.testing.assert_array_equal(counts, spectrum.y)
    dataset = alice.getObject("Image", item.image_id).getParent()
    assert [found.annotation_id for found in attached_files(alice, "Dataset", [dataset.getId()])] == [
        file.annotation_id
    ]


def test_the_figure_is_a_picture_and_the_same_bytes_each_time(alice, item, lab):
    maker(alice, lab.owner(alice)).make(item, Output.FIGURE)
    (file,) = attached_files(alice, "Image", [item.image_id])
    first = read_file(alice, file.file_id, 10**7)
    assert Picture.open(io.BytesIO(first)).size == (1275, 750)
    undo_items(alice, [item], names.SPECTRA_NAMESPACE)
    maker(alice, lab.owner(alice)).make(item, Output.FIGURE)
    (again,) = attached_files(alice, "Image", [item.image_id])
    assert read_file(alice, again.file_id, 10**7) == first


def test_the_figure_as_an_image_lies_beside_the_spectrums_image(alice, item, lab):
    maker(alice, lab.owner(alice)).make(item, Output.FIGURE_IMAGE)
    dataset = alice.getObject("Image", item.image_id).getParent()
    found = {image.getName(): image for image in dataset.listChildren()}
    assert set(found) == {"Site 1 Electron Image.tif", "Site 1 Spectrum 1_edx.png"}
    figure = found["Site 1 Spectrum 1_edx.png"]
    assert (figure.getSizeX(), figure.getSizeY()) == (1275, 750)


def test_chosen_elements_make_a_figure_of_their_own(alice, item, lab):
    owner = lab.owner(alice)
    maker(alice, owner).make(item, Output.FIGURE)
    chosen = item.model_copy(update={"elements": ["Al", "O"]})
    maker(alice, owner).make(chosen, Output.FIGURE)
    files = attached_files(alice, "Image", [item.image_id])
    assert [file.name for file in files] == ["Site 1 Spectrum 1_edx.png"] * 2
    assert "labels Al, O" in files[1].description
    assert files[0].sha1 != files[1].sha1


def test_making_everything_again_changes_nothing(alice, item, lab):
    owner = lab.owner(alice)
    make_all(alice, owner, item)
    before = present_outputs(alice, [item], names.SPECTRA_NAMESPACE)
    make_all(alice, owner, item)
    assert present_outputs(alice, [item], names.SPECTRA_NAMESPACE) == before
    assert set(before[0]) == set(Output)
    assert len(attached_files(alice, "Image", [item.image_id])) == 4
    assert len(list(alice.getObject("Image", item.image_id).getParent().listChildren())) == 2


def test_undoing_takes_away_what_was_made_and_nothing_else(alice, item, lab):
    owner = lab.owner(alice)
    attach(alice, content_of_bytes("notes.txt", "text/plain", b"mine"), place(item.image_id))
    maker(alice, owner).make(item, Output.TABLE)
    later = item.model_copy(update={"existing": [Output.TABLE]})
    make_all(alice, owner, later)
    assert undo_items(alice, [later], names.SPECTRA_NAMESPACE) == 5
    left = [file.name for file in attached_files(alice, "Image", [item.image_id])]
    assert sorted(left) == ["Site 1 Spectrum 1.h5", "notes.txt"]
    assert metadata_of(alice, [item.image_id]) == {}
    assert len(list(alice.getObject("Image", item.image_id).getParent().listChildren())) == 1
    assert undo_items(alice, [later], names.SPECTRA_NAMESPACE) == 0


def test_undoing_leaves_a_linked_annotation_where_it_came_from(alice, lab, plugin_database):
    dataset_id, (image_id,) = lab.dataset(alice, "x.tif")
    annotation_id = lab.attach_to_dataset(alice, dataset_id, "x.txt", lab.spectrum())
    item = Item(
        image_id=image_id,
        source=f"annotation:{annotation_id}",
        name="x.txt",
        sha1=lab.sha1(lab.spectrum()),
        outputs=[Output.ORIGINAL],
    )
    make_all(alice, lab.owner(alice), item)
    assert undo_items(alice, [item], names.SPECTRA_NAMESPACE) == 1
    assert attached_files(alice, "Image", [image_id]) == []
    assert [file.annotation_id for file in attached_files(alice, "Dataset", [dataset_id])] == [annotation_id]
