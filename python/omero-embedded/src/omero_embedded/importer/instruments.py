"""Instruments, and the settings by which images and channels refer to their parts, as objects of OMERO's model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omero_embedded.importer.omexml_parts import LIGHT_SOURCES
from omero_embedded.importer.parts import fill, make_part
from omero_embedded.model.objects import new

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from omero_embedded.importer.metadata import ImageInfo, PartInfo

# The field of settings that holds what they are settings of.
_OF = {"ObjectiveSettings": "objective", "DetectorSettings": "detector", "LightSettings": "lightSource"}


class Instruments:
    """The instruments of a file, each made once however many images refer to it."""

    def __init__(self, found: Sequence[PartInfo], enum: Callable[[str, str], Any]) -> None:
        self._enum = enum
        self._known: dict[str, Any] = {}
        self._holder: dict[str, Any] = {}
        self._instruments = {info.id: self._instrument(info) for info in found}

    def _instrument(self, info: PartInfo) -> Any:
        instrument = new("Instrument")
        for part in info.parts:
            made = make_part(part, self._enum)
            self._known[part.id] = made
            self._holder[part.id] = instrument
            if part.kind == "Microscope":
                instrument.setMicroscope(made)
            else:
                getattr(instrument, f"add{'LightSource' if part.kind in LIGHT_SOURCES else part.kind}")(made)
        for part in info.parts:
            self._refer(part)
        return instrument

    def _refer(self, part: PartInfo) -> None:
        """Connect a part to the others that it names or holds."""
        made = self._known[part.id]
        for inner in part.parts:
            made.setTransmittanceRange(make_part(inner, self._enum))
        if part.kind == "Laser":
            made.setPump(self._first(part, "pump"))
        if part.kind == "FilterSet":
            self._filters(part, made)

    def _filters(self, part: PartInfo, made: Any) -> None:
        made.setDichroic(self._first(part, "dichroic"))
        for role, add in (("excitation", made.linkExcitationFilter), ("emission", made.linkEmissionFilter)):
            for name in dict.fromkeys(part.ids(role)):
                if name in self._known:
                    add(self._known[name])

    def _first(self, part: PartInfo, role: str) -> Any:
        return next((self._known[name] for name in part.ids(role) if name in self._known), None)

    def describe_image(self, image: Any, info: ImageInfo) -> None:
        """Set the instrument, objective and surroundings of an image."""
        settings = self._settings(info.objective)
        image.setObjectiveSettings(settings)
        held = self._holder.get(info.objective.id) if info.objective is not None else None
        image.setInstrument(self._instruments.get(info.instrument or "", held))
        if info.environment is not None:
            image.setImagingEnvironment(make_part(info.environment, self._enum))

    def describe_channel(
        self, logical: Any, values: Mapping[str, str], settings: Mapping[str, PartInfo]
    ) -> None:
        """Set how a channel was taken; settings of what the file does not describe are left out."""
        fill(logical, values, self._enum)
        for name, part in settings.items():
            made = self._channel_part(part)
            if made is not None:
                setattr(logical, f"_{name}", made)

    def _channel_part(self, part: PartInfo) -> Any:
        if part.kind == "FilterSetRef":
            return self._known.get(part.id)
        if part.kind == "LightPath":
            path = new("LightPath")
            self._filters(part, path)
            return path
        return self._settings(part)

    def _settings(self, part: PartInfo | None) -> Any:
        if part is None or part.id not in self._known:
            return None
        made = make_part(part, self._enum)
        setattr(made, f"_{_OF[part.kind]}", self._known[part.id])
        return made
