"""One spectrum for the page that shows it, whether staged or in OMERO."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from omero_plugin_common.omero_access.group_context import ALL_GROUPS, in_group
from omero_plugin_common.omero_access.images import images_of
from omero_plugin_common.web.errors import UserError
from omeroweb_upload.association import is_spectrum_name
from omeroweb_upload.emsa.errors import EmsaError
from omeroweb_upload.emsa.read import parse_emsa
from omeroweb_upload.emsa.text import MAX_BYTES
from omeroweb_upload.plot.figure import FigureError
from omeroweb_upload.services.attachments_find import attached_files
from omeroweb_upload.services.edx_figure import figure_bytes
from omeroweb_upload.services.edx_sources import SourceGoneError, find_source
from omeroweb_upload.spectra.analyse import Analysis, UnknownElementError, analyse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omero_plugin_common.web.caller import Caller

UNREADABLE = 422


@dataclass(frozen=True, slots=True)
class ShownSpectrum:
    """A spectrum with the name of its file."""

    name: str
    sha1: str
    analysis: Analysis


def load_spectrum(caller: Caller, token: str) -> ShownSpectrum:
    """Read a spectrum; raises UserError 404 for a file that isn't there or the caller's, 422 for what is no spectrum."""
    try:
        source = find_source(caller.conn, caller.owner, token)
    except SourceGoneError as error:
        raise UserError("There is no such file, or it is not yours to see.", status=404) from error
    try:
        spectrum = parse_emsa(source.read(MAX_BYTES + 1), source.name)
    except EmsaError as error:
        raise UserError(f"This is no spectrum that can be shown. {error}", status=UNREADABLE) from error
    return ShownSpectrum(source.name, source.sha1, analyse(spectrum))


def spectra_of_image(caller: Caller, image_id: int) -> tuple[str, list[dict[str, str]]]:
    """The image's name and its spectra as token and name; raises UserError 404."""
    with in_group(caller.conn, ALL_GROUPS):
        rows = images_of(caller.conn, "Image", [image_id])
        if not rows:
            raise UserError("There is no such image, or it is not yours to see.", status=404)
        files = attached_files(caller.conn, "Image", [image_id])
    spectra = [
        {"source": f"annotation:{file.annotation_id}", "name": file.name}
        for file in files
        if is_spectrum_name(file.name)
    ]
    return rows[0].name, spectra


def draw(shown: ShownSpectrum, kind: str, elements: Sequence[str] | None) -> bytes:
    """The figure as `png` or `pdf`; raises UserError for elements or spectra that cannot be drawn."""
    try:
        return figure_bytes(shown.analysis.spectrum, kind, elements)
    except (FigureError, UnknownElementError, ValueError) as error:
        raise UserError(f"The figure can't be drawn: {error}.", status=UNREADABLE) from error


def csv_of(shown: ShownSpectrum) -> str:
    """Energies and values as comma separated text, with the units in the first line."""
    spectrum = shown.analysis.spectrum
    x = spectrum.energy_kev if spectrum.is_energy else spectrum.x
    unit = "keV" if spectrum.is_energy else spectrum.x_unit
    lines = [f"x [{unit}],y [{spectrum.y_unit}]"]
    lines += [f"{energy!r},{value!r}" for energy, value in zip(x.tolist(), spectrum.y.tolist(), strict=True)]
    return "\r\n".join(lines) + "\r\n"
