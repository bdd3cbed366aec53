"""Which engine imports which set."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Final

from omeroweb_upload.filesets.model import Kind
from omeroweb_upload.formats import Readable, readable

if TYPE_CHECKING:
    from omeroweb_upload.config import UploadSettings
    from omeroweb_upload.models import UploadSet

API: Final = "api"
CLI: Final = "cli"


def cli_problem(settings: UploadSettings) -> str:
    """Why OMERO's command line can't import here, "" if it can."""
    if settings.engine == API:
        return "the command line is switched off (OMERO_WEB_UPLOAD_ENGINE=api)"
    for command in (settings.omero_command, settings.java_command):
        if shutil.which(command) is None:
            return f"{command} is not installed beside the worker, and what needs Bio-Formats on the client needs it"
    return ""


def engine_for(settings: UploadSettings, row: UploadSet) -> str:
    """The API where the set's files are known; the command line, where it can run, for what only Bio-Formats finds."""
    if settings.engine in (API, CLI):
        return settings.engine
    if row.pk is not None and any(file.source for file in row.files.all()):
        # Links into the repository are made by the command line, or by servers that make them themselves.
        return API if cli_problem(settings) else CLI
    known = row.kind != Kind.SINGLE or readable(row.main) is Readable.YES
    return API if known or cli_problem(settings) else CLI
