"""Pages of spectra and attachments, and the files they offer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.http import content_disposition_header

from omero_plugin_common.omero_access.group_context import ALL_GROUPS, in_group
from omero_plugin_common.string_utils import message_payload
from omero_plugin_common.web.errors import UserError
from omero_plugin_common.web.messages import SHARED
from omero_plugin_common.web.views import api, page
from omeroweb_upload.edx_messages import SPECTRUM_MESSAGES, WIZARD_MESSAGES
from omeroweb_upload.services.edx_items import METHOD_KEY
from omeroweb_upload.services.edx_settings import check_enabled, settings_or_usual
from omeroweb_upload.services.edx_spectrum import csv_of, draw, load_spectrum, spectra_of_image
from omeroweb_upload.spectra.names import PDF_MIMETYPE, PNG_MIMETYPE, figure_name
from omeroweb_upload.spectra.present import lines_json, spectrum_json
from omeroweb_upload.spectra.symbols import read_symbols

if TYPE_CHECKING:
    from django.http import HttpRequest

    from omero_plugin_common.web.caller import Caller

MAX_DATASETS = 2000
# What electron microscopes measure, in keV.
LOWEST_LINE, HIGHEST_LINE = 0.05, 120.0
KINDS = {"png": PNG_MIMETYPE, "pdf": PDF_MIMETYPE}


@page("GET")
def wizard(request: HttpRequest, caller: Caller, *, method: str) -> dict[str, Any]:
    """Bring files and images together: `?dataset=` or `?upload=`, or choose a dataset."""
    check_enabled(method)
    spectra = method == METHOD_KEY
    prefix = "omeroweb_upload_edx" if spectra else "omeroweb_upload_attach"
    return {
        "template": "omeroweb_upload/edx_wizard.html",
        "spectra": spectra,
        "datasets": _datasets(caller),
        "messages_payload": message_payload([*SHARED, *WIZARD_MESSAGES]),
        "page_data": {
            "spectra": spectra,
            "dataset": request.GET.get("dataset", ""),
            "upload": request.GET.get("upload", ""),
            "method": method,
            "settings": settings_or_usual(caller.owner, METHOD_KEY) if spectra else None,
            "urls": {
                "files": reverse(f"{prefix}_files"),
                "preview": reverse(f"{prefix}_preview"),
                "start": reverse(f"{prefix}_start"),
                "undo": reverse("omeroweb_upload_attach_undo"),
                "save": reverse("omeroweb_upload_special_save"),
                "delete": reverse("omeroweb_upload_special_delete"),
                "job": reverse("omero_plugin_common_job", args=["0" * 32]).replace("0" * 32, "{id}"),
                "thumbnail": reverse("webgateway_render_thumbnail", args=[0]).replace("/0/", "/{id}/"),
                "image": reverse("webindex") + "?show=image-{id}",
                "spectrum": reverse("omeroweb_upload_edx_spectrum"),
            },
        },
    }


def _datasets(caller: Caller) -> list[dict[str, Any]]:
    """Datasets the caller may choose, by name."""
    from omero.sys import ParametersI  # noqa: PLC0415 - Ice is loaded when a page needs it

    parameters = ParametersI().page(0, MAX_DATASETS)
    query = "select dataset.id, dataset.name from Dataset dataset order by dataset.name, dataset.id"
    with in_group(caller.conn, ALL_GROUPS):
        rows = caller.conn.getQueryService().projection(query, parameters, caller.conn.SERVICE_OPTS)
    return [{"id": row[0].getValue(), "name": row[1].getValue()} for row in rows]


@page("GET")
def spectrum(request: HttpRequest, caller: Caller) -> dict[str, Any]:
    """One image's spectra (`?image=`) or one file (`?source=`), to look at and to label."""
    image, token = request.GET.get("image", ""), request.GET.get("source", "")
    if image.isdecimal() and len(image) < 19:
        name, spectra = spectra_of_image(caller, int(image))
        title = f"Spectra of {name}"
    elif token:
        shown = load_spectrum(caller, token)
        image, title = "", shown.name
        spectra = [{"source": token, "name": shown.name}]
    else:
        raise UserError("Name an image by ?image= and its number, or a file by ?source=.")
    return {
        "template": "omeroweb_upload/edx_spectrum.html",
        "title": title,
        "image_id": image,
        "spectra": spectra,
        "messages_payload": message_payload([*SHARED, *SPECTRUM_MESSAGES]),
        "page_data": {
            "image_id": int(image) if image else None,
            "spectra": spectra,
            "urls": {
                "data": reverse("omeroweb_upload_edx_data"),
                "lines": reverse("omeroweb_upload_edx_lines"),
                "figure": reverse("omeroweb_upload_edx_figure"),
                "csv": reverse("omeroweb_upload_edx_csv"),
                "start": reverse("omeroweb_upload_edx_start"),
                "job": reverse("omero_plugin_common_job", args=["0" * 32]).replace("0" * 32, "{id}"),
            },
        },
    }


@api("GET")
def data(request: HttpRequest, caller: Caller) -> dict[str, Any]:
    """A spectrum's numbers, labels, candidates and header."""
    shown = load_spectrum(caller, request.GET.get("source", ""))
    return spectrum_json(shown.name, shown.analysis)


@api("GET")
def lines(_request: HttpRequest, _caller: Caller) -> HttpResponse | dict[str, Any]:
    """The X-ray lines of every element: name, energy in keV, relative weight, energy to excite it."""
    return lines_json(LOWEST_LINE, HIGHEST_LINE)


@api("GET")
def figure(request: HttpRequest, caller: Caller) -> HttpResponse:
    """The spectrum's figure to download, `?format=png` or `pdf`, with the labels of chosen `?elements=`."""
    kind = request.GET.get("format", "png")
    if kind not in KINDS:
        raise UserError(f"format should be {' or '.join(KINDS)}, not {kind!r:.20}")
    shown = load_spectrum(caller, request.GET.get("source", ""))
    body = draw(shown, kind, read_symbols(request.GET.get("elements")))
    return _download(body, KINDS[kind], figure_name(shown.name, kind))


@api("GET")
def csv(request: HttpRequest, caller: Caller) -> HttpResponse:
    """The spectrum's numbers to download."""
    shown = load_spectrum(caller, request.GET.get("source", ""))
    return _download(csv_of(shown).encode(), "text/csv; charset=utf-8", f"{shown.name}.csv")


def _download(body: bytes, mimetype: str, name: str) -> HttpResponse:
    response = HttpResponse(body, content_type=mimetype)
    response.headers["Content-Disposition"] = (
        content_disposition_header(as_attachment=True, filename=name) or ""
    )
    response["X-Content-Type-Options"] = "nosniff"
    return response
