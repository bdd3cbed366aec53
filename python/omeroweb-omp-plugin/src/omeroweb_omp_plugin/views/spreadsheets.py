"""CSV over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from pydantic import BaseModel, Field

from omeroweb_omp_plugin.config import signer
from omeroweb_omp_plugin.csv_pairs import export_csv, import_csv
from omeroweb_omp_plugin.merge.model import Policy
from omeroweb_omp_plugin.services.spreadsheets import csv_preview, entries_of_rows, rows_of
from omeroweb_omp_plugin.services.starting import start_write
from omeroweb_omp_plugin.services.user_settings import batch_size
from omeroweb_omp_plugin.views.access import user_api
from omeroweb_omp_plugin.views.errors import told
from omeroweb_omp_plugin.views.reading import chosen
from omeroweb_omp_plugin.views.removing import ImagesModel

if TYPE_CHECKING:
    from django.http import HttpRequest

    from omero_plugin_common.web.caller import Caller


class CsvModel(BaseModel):
    """The text of a CSV file, and what happens to pairs that are there."""

    text: str
    policy: Policy = Policy.MERGE
    key: str | None = Field(default=None, max_length=64)


@user_api("POST", body=ImagesModel)
def export(_request: HttpRequest, caller: Caller, *, body: ImagesModel) -> HttpResponse:
    """Return the pairs of the images and their datasets."""
    images = chosen(caller, body.targets)
    text = export_csv(rows_of(caller.conn, body.targets, images, caller.owner.user_id))
    # Spreadsheets take the file for UTF-8 only with the mark in front.
    response = HttpResponse("\ufeff" + text, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="key-values.csv"'
    return response


@user_api("POST", body=CsvModel)
def look(_request: HttpRequest, caller: Caller, *, body: CsvModel) -> dict[str, Any]:
    """Return what writing the file's rows would do."""
    with told():
        entries = entries_of_rows(import_csv(body.text))
    return csv_preview(caller.conn, entries, body.policy, signer(), caller.owner.user_id)


@user_api("POST", body=CsvModel, major=True)
def write(_request: HttpRequest, caller: Caller, *, body: CsvModel) -> dict[str, Any]:
    """Start writing the file's rows."""
    with told():
        entries = entries_of_rows(import_csv(body.text))
    job = start_write(caller.owner, entries, body.policy, key=body.key, batch=batch_size(caller.owner))
    return {"job_id": job.id, "total": job.total}
