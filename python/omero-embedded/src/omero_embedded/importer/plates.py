"""Screens and plates that a reader found as objects of OMERO's model, with the images in their wells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omero.rtypes import rint, rstring

from omero_embedded.importer.parts import make_part
from omero_embedded.importer.values import rgba
from omero_embedded.model.objects import new, proxy
from omero_embedded.model.schema import SCHEMA

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from omero_embedded.importer.images import Wishes
    from omero_embedded.importer.metadata import FileInfo, NoteInfo, PartInfo


class Plates:
    """Makes the plates of one file, not saved yet."""

    def __init__(
        self,
        images: Mapping[str, Any],
        enum: Callable[[str, str], Any],
        note: Callable[[NoteInfo], Any | None],
    ) -> None:
        self._images = images
        self._enum = enum
        self._note = note
        self._known: dict[str, Any] = {}

    def make(self, found: FileInfo, title: str, wishes: Wishes) -> list[Any]:
        """All plates, in the screen that the user chose, else in those of the file."""
        screen = (
            wishes.target if wishes.target is not None and SCHEMA.of(wishes.target).name == "Screen" else None
        )
        present = {info.id for info in found.plates}
        wanted = [info for info in found.screens if screen is None and present & set(info.ids("plate"))]
        screens = [(info, self._screen(info)) for info in wanted]  # first, as wells refer to their reagents
        plates = [self._plate(info, title, wishes) for info in found.plates]
        for info, made in screens:
            for name in dict.fromkeys(info.ids("plate")):
                if name in present:
                    _link(made, self._known[name])
        if screen is not None:
            for plate in plates:
                _link(proxy("Screen", int(screen.getId().getValue())), plate)
        return plates

    def _make(self, info: PartInfo) -> Any:
        made = make_part(info, self._enum)
        self._known[info.id] = made
        for note in info.notes if SCHEMA[info.kind].is_annotatable else ():
            annotation = self._note(note)
            if annotation is not None:
                made.linkAnnotation(annotation)
        return made

    def _screen(self, info: PartInfo) -> Any:
        screen = self._make(info)
        if screen.getName() is None:
            screen.setName(rstring(info.id or "screen"))
        for part in info.parts:
            screen.addReagent(self._make(part))
        return screen

    def _plate(self, info: PartInfo, title: str, wishes: Wishes) -> Any:
        plate = self._make(info)
        name = (wishes.name or "").strip() or info.values.get("Name") or title
        plate.setName(rstring(name))
        if wishes.description:
            plate.setDescription(rstring(wishes.description))
        for part in info.parts:
            if part.kind == "Well":
                plate.addWell(self._well(part))
        for part in info.parts:
            if part.kind == "PlateAcquisition":
                plate.addPlateAcquisition(self._acquisition(part))
        return plate

    def _well(self, info: PartInfo) -> Any:
        well = self._make(info)
        colour = rgba(info.values.get("Color"))
        if colour is not None:
            for name, amount in zip(("Red", "Green", "Blue", "Alpha"), colour, strict=True):
                getattr(well, f"set{name}")(rint(amount))
        for reagent in info.ids("reagent"):
            if reagent in self._known:
                well.linkReagent(self._known[reagent])
        for part in info.parts:
            image = next((self._images[name] for name in part.ids("image") if name in self._images), None)
            if image is not None:  # a field that was planned and not taken has none
                sample = self._make(part)
                well.addWellSample(sample)
                image.addWellSample(sample)
        return well

    def _acquisition(self, info: PartInfo) -> Any:
        acquisition = self._make(info)
        for name in info.ids("sample"):
            if name in self._known:
                acquisition.addWellSample(self._known[name])
        return acquisition


def _link(screen: Any, plate: Any) -> None:
    link = new("ScreenPlateLink")
    link.setParent(screen)
    link.setChild(plate)
    plate.addScreenPlateLink(link)


def plates_of(images: Sequence[Any]) -> list[Any]:
    """The plates that saved images are in, each once."""
    wells = [sample.getWell() for image in images for sample in image.copyWellSamples()]
    return list({well.getPlate().getId().getValue(): well.getPlate() for well in wells}.values())
