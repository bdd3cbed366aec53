"""Tags, key-value pairs, comments, ratings, attachments and regions of interest of the demo."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omero.gateway import (
    CommentAnnotationWrapper,
    FileAnnotationWrapper,
    MapAnnotationWrapper,
    TagAnnotationWrapper,
)
from omero.model import EllipseI, ImageI, PolygonI, RectangleI, RoiI
from omero.rtypes import rdouble, rint, rstring

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

CLIENT_NAMESPACE = "openmicroscopy.org/omero/client/mapAnnotation"  # key-value pairs that people may edit
GENE_NAMESPACE = "openmicroscopy.org/mapr/gene"
STROKE = -65281  # magenta, as signed RGBA
PROTOCOL = """Immunofluorescence of HeLa cells

1. Fix 15 min in 4 % paraformaldehyde, wash 3 x in PBS.
2. Permeabilise 10 min in 0.1 % Triton X-100, block 30 min in 2 % BSA.
3. Anti-tubulin 1:500 over night at 4 C; Alexa Fluor 488 1:1000 for one hour.
4. Phalloidin Alexa Fluor 594 1:200 for 20 min, DAPI 1 ug/ml for 5 min, mount.
"""


def tag(gateway: Any, name: str, targets: Iterable[Any], description: str = "") -> None:
    """Link a tag, made when the user does not have it, to objects that lack it."""
    known = {
        found.getTextValue(): found
        for found in gateway.getObjects("TagAnnotation", opts={"owner": gateway.getUserId()})
    }
    annotation = known.get(name)
    if annotation is None:
        annotation = TagAnnotationWrapper(gateway)
        annotation.setValue(name)
        annotation.setDescription(description)
        annotation.save()
    for target in targets:
        if not any(found.getId() == annotation.getId() for found in target.listAnnotations()):
            target.linkAnnotation(annotation)


def key_values(gateway: Any, target: Any, pairs: dict[str, str], namespace: str = CLIENT_NAMESPACE) -> None:
    """Describe an object by key-value pairs."""
    annotation = MapAnnotationWrapper(gateway)
    annotation.setNs(namespace)
    annotation.setValue([[key, value] for key, value in pairs.items()])
    annotation.save()
    target.linkAnnotation(annotation)


def comment(gateway: Any, target: Any, text: str) -> None:
    """Say something about an object."""
    annotation = CommentAnnotationWrapper(gateway)
    annotation.setValue(text)
    annotation.save()
    target.linkAnnotation(annotation)


def attach_protocol(gateway: Any, target: Any) -> None:
    """Attach a text file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "immunofluorescence-protocol.txt"
        path.write_text(PROTOCOL)
        annotation: FileAnnotationWrapper = gateway.createFileAnnfromLocalFile(
            str(path), mimetype="text/plain", desc="How it was stained"
        )
    target.linkAnnotation(annotation)


def draw_regions(gateway: Any, image_id: int, ellipses: Sequence[tuple[float, float, float]]) -> None:
    """Draw nuclei as ellipses (x, y, radius), a background rectangle and an outline, unless there are regions already."""
    if gateway.getObject("Image", image_id).getROICount():
        return
    shapes: list[Any] = []
    for number, (x, y, radius) in enumerate(ellipses, start=1):
        ellipse = EllipseI()
        ellipse.x, ellipse.y = rdouble(x), rdouble(y)
        ellipse.radiusX, ellipse.radiusY = rdouble(radius), rdouble(radius * 0.85)
        ellipse.textValue = rstring(f"nucleus {number}")
        shapes.append(ellipse)
    background = RectangleI()
    background.x, background.y, background.width, background.height = (
        rdouble(value) for value in (4, 4, 28, 28)
    )
    background.textValue = rstring("background")
    outline = PolygonI()
    outline.points = rstring("60,40 120,52 132,110 88,138 48,96")
    outline.textValue = rstring("cell outline")
    for shape in (*shapes, background, outline):
        region = RoiI()
        region.setImage(ImageI(image_id, False))
        shape.theZ, shape.theT = rint(0), rint(0)
        shape.strokeColor = rint(STROKE)
        region.addShape(shape)
        gateway.c.sf.getUpdateService().saveObject(region, gateway.SERVICE_OPTS)
