"""Routes of attachments and SEM-EDX spectra."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import path

from omeroweb_upload.services.edx_items import METHOD_KEY
from omeroweb_upload.views import edx, edx_api

if TYPE_CHECKING:
    from django.urls import URLPattern

SPECTRA = {"method": METHOD_KEY}
ATTACHMENTS = {"method": ""}

routes: list[URLPattern] = [
    path("edx/", edx.wizard, SPECTRA, name="omeroweb_upload_edx"),
    path("edx/files/", edx_api.files, SPECTRA, name="omeroweb_upload_edx_files"),
    path("edx/associate/", edx_api.associate, name="omeroweb_upload_edx_associate"),
    path("edx/preview/", edx_api.preview, SPECTRA, name="omeroweb_upload_edx_preview"),
    path("edx/start/", edx_api.begin, SPECTRA, name="omeroweb_upload_edx_start"),
    path("edx/spectrum/", edx.spectrum, name="omeroweb_upload_edx_spectrum"),
    path("edx/spectrum/data/", edx.data, name="omeroweb_upload_edx_data"),
    path("edx/spectrum/figure/", edx.figure, name="omeroweb_upload_edx_figure"),
    path("edx/spectrum/csv/", edx.csv, name="omeroweb_upload_edx_csv"),
    path("edx/lines/", edx.lines, name="omeroweb_upload_edx_lines"),
    path("attach/", edx.wizard, ATTACHMENTS, name="omeroweb_upload_attach"),
    path("attach/files/", edx_api.files, ATTACHMENTS, name="omeroweb_upload_attach_files"),
    path("attach/preview/", edx_api.preview, ATTACHMENTS, name="omeroweb_upload_attach_preview"),
    path("attach/start/", edx_api.begin, ATTACHMENTS, name="omeroweb_upload_attach_start"),
    path("attach/undo/", edx_api.undo, name="omeroweb_upload_attach_undo"),
    path("special-method-settings/save/", edx_api.save_settings, name="omeroweb_upload_special_save"),
    path("special-method-settings/load/", edx_api.load_settings, name="omeroweb_upload_special_load"),
    path("special-method-settings/delete/", edx_api.delete_settings, name="omeroweb_upload_special_delete"),
]
