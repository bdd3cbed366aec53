"""The scripts that the OME team publishes, unmodified, as OMERO.web starts them."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import omero
import omero.all
import pytest
from omero.rtypes import rdouble, rint, rlist, rlong, rstring

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from omero_embedded.testing_lab import Lab

CLIENT_PAIRS = "openmicroscopy.org/omero/client/mapAnnotation"


@dataclass
class Study:
    """A dataset of alice's with two images, and her session."""

    client: Any
    dataset: int
    images: list[int]
    folder: Path

    def run(self, path: str, **inputs: Any) -> dict[str, Any]:
        """Run an official script to its end; its outputs."""
        service = self.client.sf.getScriptService()
        script = next(s.id.val for s in service.getScripts() if s.path.val + s.name.val == f"/omero/{path}")
        process = service.runScript(script, inputs, None)
        process.wait()
        outputs: dict[str, Any] = process.getResults(0)
        assert "Message" in outputs, self.text(outputs["stderr"].val)
        return outputs

    def data(self, file: Any) -> bytes:
        """The bytes of an original file."""
        target = self.folder / f"{file.id.val}"
        self.client.download(file, str(target))
        return target.read_bytes()

    def text(self, file: Any) -> str:
        """The text of an original file."""
        return self.data(file).decode()

    def file_of(self, annotation: Any) -> Any:
        """The file of a file annotation."""
        params = omero.sys.ParametersI().addId(annotation.id.val)
        query = "select a.file from FileAnnotation a where a.id = :id"
        return self.client.sf.getQueryService().findByQuery(query, params)

    def pairs(self, image: int) -> list[tuple[str, str]]:
        """All key-values of an image."""
        params = omero.sys.ParametersI().addId(image)
        query = (
            "select a from ImageAnnotationLink l join l.child a join fetch a.mapValue "
            "where l.parent.id = :id and a.class = MapAnnotation"
        )
        found = self.client.sf.getQueryService().findAllByQuery(query, params)
        return sorted({(pair.name, pair.value) for annotation in found for pair in annotation.mapValue})

    def attached(self, word: str) -> str:
        """The text of the last file that was attached to the dataset and has this word in it."""
        params = omero.sys.ParametersI().addId(self.dataset)
        query = "select a.file from DatasetAnnotationLink l join l.child a where l.parent.id = :id order by a.id desc"
        files = self.client.sf.getQueryService().findAllByQuery(query, params)
        return next(text for text in map(self.text, files) if word in text)

    def attach(self, name: str, text: str) -> int:
        """Attach a text file to the dataset; the id of the annotation."""
        path = self.folder / name
        path.write_text(text)
        link = omero.model.DatasetAnnotationLinkI()
        link.parent = omero.model.DatasetI(self.dataset, False)
        link.child = omero.model.FileAnnotationI()
        link.child.file = omero.model.OriginalFileI(self.client.upload(str(path)).id.val, False)
        made: int = self.client.sf.getUpdateService().saveAndReturnObject(link).child.id.val
        return made


@pytest.fixture
def study(site: Lab, tmp_path: Path) -> Iterator[Study]:
    site.group("lab", "rwra--", "alice")
    dataset = site.dataset("alice", "wells")
    images = [
        site.image("alice", f"cells_{n}.tif", shape=(1, 2, 2, 40, 50), dataset=dataset) for n in range(2)
    ]
    with site.client("alice") as client:
        yield Study(client, dataset, images, tmp_path)


def longs(ids: list[int]) -> Any:
    return rlist([rlong(value) for value in ids])


def test_images_are_exported_together(study: Study) -> None:
    outputs = study.run(
        "export_scripts/Batch_Image_Export.py", Data_Type=rstring("Image"), IDs=longs(study.images)
    )
    archive = zipfile.ZipFile(io.BytesIO(study.data(study.file_of(outputs["File_Annotation"].val))))
    assert sum(name.endswith((".jpg", ".png")) for name in archive.namelist()) >= 2


def test_regions_are_exported_with_their_numbers(study: Study) -> None:
    rectangle = omero.model.RectangleI()
    rectangle.x, rectangle.y, rectangle.width, rectangle.height = (rdouble(n) for n in (2, 2, 10, 12))
    rectangle.theZ = rectangle.theT = rint(0)
    roi = omero.model.RoiI()
    roi.image = omero.model.ImageI(study.images[0], False)
    roi.addShape(rectangle)
    study.client.sf.getUpdateService().saveObject(roi)
    outputs = study.run(
        "export_scripts/Batch_ROI_Export.py", Data_Type=rstring("Image"), IDs=longs(study.images)
    )
    table = study.text(study.file_of(outputs["File_Annotation"].val))
    assert ",rectangle," in table
    assert ",120.0," in table  # its area, in pixels


def test_key_values_come_from_a_csv_file_and_go_into_one(study: Study) -> None:
    rows = "".join(f"{image},DMSO\n" for image in study.images)
    annotation = study.attach("pairs.csv", f"OBJECT_ID,Drug\n{rows}")
    study.run(
        "annotation_scripts/Import_from_csv.py",
        Data_Type=rstring("Dataset"),
        IDs=longs([study.dataset]),
        File_Annotation=rstring(str(annotation)),
        **{"Target Data_Type": rstring("-- Image")},
    )
    assert all(("Drug", "DMSO") in study.pairs(image) for image in study.images)

    study.run(
        "annotation_scripts/Convert_KeyVal_namespace.py",
        Data_Type=rstring("Image"),
        IDs=longs(study.images),
        **{
            "Input Namespace(s) (blank for default)": rlist([rstring(CLIENT_PAIRS)]),
            "New Namespace (blank for default)": rstring("lab"),
        },
    )
    outputs = study.run(
        "annotation_scripts/Export_to_csv.py",
        Data_Type=rstring("Dataset"),
        IDs=longs([study.dataset]),
        **{
            "Target Data_Type": rstring("-- Image"),
            "Namespace(s) (blank for default)": rlist([rstring("lab")]),
        },
    )
    assert outputs["Message"].val == f"The CSV is attached to Dataset:{study.dataset}."
    assert study.attached("OBJECT_NAME").count("DMSO") == len(study.images)


def test_a_table_is_made_of_a_csv_file(study: Study) -> None:
    annotation = study.attach(
        "table.csv", "# header s,d\nImage Name,Dose\ncells_0.tif,1.5\ncells_1.tif,2.5\n"
    )
    outputs = study.run(
        "import_scripts/Populate_Metadata.py",
        Data_Type=rstring("Dataset"),
        IDs=longs([study.dataset]),
        File_Annotation=rstring(str(annotation)),
    )
    assert "populated" in outputs["Message"].val


def test_figures_are_made_and_attached(study: Study) -> None:
    outputs = study.run(
        "figure_scripts/Thumbnail_Figure.py", Data_Type=rstring("Image"), IDs=longs(study.images)
    )
    picture = study.data(study.file_of(outputs["File_Annotation"].val))
    assert picture.startswith((b"\xff\xd8", b"\x89PNG"))
