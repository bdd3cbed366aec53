"""Rendering settings from and to RenderingDefs that are not in the store."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import omero
import omero.all
from omero.rtypes import rbool, rdouble, rint, rstring

from omero_embedded.pixels.codomain import as_objects
from omero_embedded.pixels.enums import entry
from omero_embedded.pixels.types import PixelsError

if TYPE_CHECKING:
    from omero_embedded.pixels.rows import PixelsInfo
    from omero_embedded.pixels.settings import ChannelSettings, RenderSettings
    from omero_embedded.security.context import Call


def merged(settings: RenderSettings, sent: Any) -> RenderSettings:
    """The settings with what `sent` has; a group of values (colour, window, curve) with a null in it is left out."""
    if sent is None:
        raise PixelsError("a RenderingDef is needed to take settings from")
    channels = list(settings.channels)
    for index, binding in enumerate(_bindings(sent)[: len(channels)]):
        if binding is not None:
            channels[index] = _merged_channel(channels[index], binding)
    values: dict[str, Any] = {"channels": tuple(channels)}
    if sent.getModel() is not None and sent.getModel().isLoaded():
        values["model"] = sent.getModel().getValue().getValue()
    for name, value in (("default_z", sent.getDefaultZ()), ("default_t", sent.getDefaultT())):
        if value is not None:
            values[name] = value.getValue()
    return replace(settings, **values, **_quantum(sent.getQuantization()))


def _bindings(sent: Any) -> list[Any]:
    return list(sent.copyWaveRendering()) if sent.isWaveRenderingLoaded() else []


def _quantum(quantum: Any) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if quantum is None or not quantum.isLoaded():
        return values
    if quantum.getBitResolution() is not None:
        values["bit_resolution"] = quantum.getBitResolution().getValue()
    if quantum.getCdStart() is not None and quantum.getCdEnd() is not None:
        values["codomain"] = (quantum.getCdStart().getValue(), quantum.getCdEnd().getValue())
    return values


def _merged_channel(channel: ChannelSettings, sent: Any) -> ChannelSettings:
    values: dict[str, Any] = {}
    if sent.getActive() is not None:
        values["active"] = sent.getActive().getValue()
    window = (sent.getInputStart(), sent.getInputEnd())
    if None not in window:
        values["start"], values["end"] = sorted(value.getValue() for value in window)
    family = sent.getFamily()
    curve = (sent.getCoefficient(), sent.getNoiseReduction())
    if family is not None and family.isLoaded() and None not in curve:
        values["family"] = family.getValue().getValue()
        values["coefficient"], values["noise_reduction"] = (value.getValue() for value in curve)
    color = (sent.getRed(), sent.getGreen(), sent.getBlue(), sent.getAlpha())
    if None not in color:
        values["color"] = tuple(value.getValue() for value in color)
    if sent.getLookupTable() is not None:
        values["lookup_table"] = sent.getLookupTable().getValue() or None
    if sent.isSpatialDomainEnhancementLoaded():
        maps = sent.copySpatialDomainEnhancement()
        values["reverse"] = any(isinstance(one, omero.model.ReverseIntensityContext) for one in maps)
    return replace(channel, **values)


def described(call: Call, info: PixelsInfo, settings: RenderSettings) -> Any:
    """Settings as a RenderingDef that is not saved."""
    made = omero.model.RenderingDefI()
    made.setPixels(omero.model.PixelsI(info.id, False))
    made.setDefaultZ(rint(settings.default_z))
    made.setDefaultT(rint(settings.default_t))
    made.setModel(entry(call, "RenderingModel", settings.model))
    made.setQuantization(quantum_def(settings))
    for channel in settings.channels:
        made.addChannelBinding(_binding(call, channel))
    return made


def quantum_def(settings: RenderSettings) -> Any:
    """Bit resolution and codomain interval as a QuantumDef that is not saved."""
    quantum = omero.model.QuantumDefI()
    quantum.setBitResolution(rint(settings.bit_resolution))
    quantum.setCdStart(rint(settings.codomain[0]))
    quantum.setCdEnd(rint(settings.codomain[1]))
    return quantum


def _binding(call: Call, channel: ChannelSettings) -> Any:
    made = omero.model.ChannelBindingI()
    made.setInputStart(rdouble(channel.start))
    made.setInputEnd(rdouble(channel.end))
    made.setActive(rbool(channel.active))
    made.setFamily(entry(call, "Family", channel.family))
    made.setCoefficient(rdouble(channel.coefficient))
    made.setNoiseReduction(rbool(channel.noise_reduction))
    for name, value in zip(("Red", "Green", "Blue", "Alpha"), channel.color, strict=True):
        getattr(made, f"set{name}")(rint(value))
    made.setLookupTable(rstring(channel.lookup_table) if channel.lookup_table else None)
    for context in as_objects(channel):
        made.addCodomainMapContext(context)
    return made
