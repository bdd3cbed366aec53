"""The life of an upload over JSON: start, transfer in forms, status, import, confirm, prune, cancel, retry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse

from omero_plugin_common.web.views import api
from omeroweb_upload.config import upload_settings
from omeroweb_upload.models import ENDED, FileState, Status
from omeroweb_upload.services import sessions, status
from omeroweb_upload.services.errors import UploadError
from omeroweb_upload.services.files import keep_only, remove_staged
from omeroweb_upload.services.receive import receive
from omeroweb_upload.services.requests import MoreFiles, PruneRequest, StartRequest
from omeroweb_upload.services.start import add_files
from omeroweb_upload.services.start import start as start_session
from omeroweb_upload.services.targets import check_target, group_name
from omeroweb_upload.views.access import refuse_root
from omeroweb_upload.views.slots import slot

if TYPE_CHECKING:
    from django.http import HttpRequest

    from omero_plugin_common.web.caller import Caller
    from omeroweb_upload.models import UploadSession


def _session(caller: Caller, job_id: str) -> UploadSession:
    refuse_root(caller)
    return sessions.find_session(job_id, caller.owner.user_id)


@api("POST", body=StartRequest)
def start(_request: HttpRequest, caller: Caller, *, body: StartRequest) -> dict[str, Any]:
    """Announce files and where they go; an unfinished upload with the same fingerprint is continued."""
    refuse_root(caller)
    group_id = check_target(caller.conn, body.destination(), caller.group_id)
    session, resumed = start_session(
        upload_settings(), caller.owner, group_id, body, group_name=group_name(caller.conn, group_id)
    )
    session = sessions.advance(session)
    return {
        "ok": True,
        "job_id": session.id,
        "resumed": resumed,
        "status": session.status,
        "upload_url": reverse("omeroweb_upload_files", args=[session.id]),
        "import_step_url": reverse("omeroweb_upload_import", args=[session.id]),
        "status_url": reverse("omeroweb_upload_status", args=[session.id]),
        "confirm_url": reverse("omeroweb_upload_confirm", args=[session.id]),
        "prune_url": reverse("omeroweb_upload_prune", args=[session.id]),
        **status.files_of(session),
    }


@api("POST", body=MoreFiles)
def announce(_request: HttpRequest, caller: Caller, *, job_id: str, body: MoreFiles) -> dict[str, Any]:
    """Announce further files of an upload."""
    session = _session(caller, job_id)
    last = max(session.files.values_list("position", flat=True), default=-1)
    add_files(upload_settings(), session, body.files, more_files=body.more_files)
    sessions.advance(session)
    return {"ok": True, **status.files_of(session, after=last)}


@api("POST")
def upload(request: HttpRequest, caller: Caller, *, job_id: str) -> dict[str, Any]:
    """Take whole small files from a form: `files`, and as many `relative_paths`."""
    session, settings = _session(caller, job_id), upload_settings()
    files = request.FILES.getlist("files")
    paths = request.POST.getlist("relative_paths")
    if len(files) != len(paths):
        raise UploadError(f"{len(files)} files came with {len(paths)} relative_paths; send one for each.")
    saved: list[str] = []
    errors: list[str] = []
    with slot(caller.owner.user_id, in_process=settings.requests_at_once):
        for file, path in zip(files, paths, strict=True):
            try:
                saved.append(_take_form_file(session, file, path))
            except UploadError as error:
                errors.append(f"{path}: {error.message}")
    session = sessions.advance(session)
    shown = status.status_of(session)
    return {
        "ok": not errors,
        "saved": saved,
        "errors": errors,
        "error": errors[0] if errors else None,
        "uploaded_bytes": shown["uploaded_bytes"],
        "total_bytes": shown["total_bytes"],
        "ready": session.status != Status.UPLOADING,
    }


def _take_form_file(session: UploadSession, file: Any, path: str) -> str:
    """Take one whole file of a form; returns its path."""
    row = session.files.select_related("session").filter(path=path.replace("\\", "/")).first()
    if row is None:
        raise UploadError(f"{path} was not announced.")
    if row.state == FileState.PENDING:
        file.seek(row.offset)
        receive(upload_settings(), row, row.offset, file.read)
    if row.state == FileState.PENDING:
        raise UploadError(f"{path} has {row.offset} bytes; {row.size} were announced.")
    return str(row.path)


@api("GET")
def files(request: HttpRequest, caller: Caller, *, job_id: str) -> dict[str, Any]:
    """Files with their offsets, 5000 at a time; `?after=` continues."""
    session = _session(caller, job_id)
    after = request.GET.get("after", "-1")
    if not after.removeprefix("-").isdigit():
        raise UploadError(f"after must be a number, not {after!r}.")
    return {"ok": True, "job_id": session.id, **status.files_of(session, int(after))}


@api("GET")
def sets(_request: HttpRequest, caller: Caller, *, job_id: str) -> dict[str, Any]:
    """File sets, and what is skipped and why."""
    return {"ok": True, **status.sets_of(_session(caller, job_id))}


@api("GET", "POST")
def show_status(_request: HttpRequest, caller: Caller, *, job_id: str) -> dict[str, Any]:
    """How far an upload is."""
    return status.status_of(sessions.advance(_session(caller, job_id)))


@api("POST")
def import_step(_request: HttpRequest, caller: Caller, *, job_id: str) -> dict[str, Any]:
    """Start the import of an upload that is ready; harmless afterwards."""
    session = sessions.advance(_session(caller, job_id))
    if session.status == Status.READY:
        sessions.start_import(session)
        session.refresh_from_db()
    shown = status.status_of(session)
    keys = ("status", "imported_bytes", "total_bytes", "messages")
    return {"ok": True, "done": session.status in ENDED, **{key: shown[key] for key in keys}}


@api("POST")
def confirm(request: HttpRequest, caller: Caller, *, job_id: str) -> dict[str, Any]:
    """Import what can be imported; `?duplicates=skip` leaves out what is in OMERO already."""
    session = _session(caller, job_id)
    if session.status == Status.AWAITING and request.GET.get("duplicates") == "skip":
        from omeroweb_upload.services.checking import skip_duplicates  # noqa: PLC0415 - loads Ice

        skip_duplicates(session)
    return {"ok": True, "status": sessions.confirm(session).status}


@api("POST", body=PruneRequest)
def prune(_request: HttpRequest, caller: Caller, *, job_id: str, body: PruneRequest) -> dict[str, Any]:
    """Keep only the files listed and look at them again; of an upload that has ended, remove what is staged."""
    session, settings = _session(caller, job_id), upload_settings()
    if session.status in ENDED:
        if not remove_staged(settings, session):
            raise UploadError("This upload is still being worked on. Wait for its end.", status=409)
        return {"ok": True, "status": session.status, "removed": 0}
    removed = keep_only(settings, session, body.keep_paths)
    if session.status == Status.UPLOADING:
        session = sessions.advance(session)
    elif removed:
        sessions.recheck(session)
        session.refresh_from_db()
    return {"ok": True, "status": session.status, "removed": removed}


@api("POST")
def cancel(_request: HttpRequest, caller: Caller, *, job_id: str) -> dict[str, Any]:
    """End an upload at whatever stage it is."""
    return {"ok": True, "status": sessions.cancel(_session(caller, job_id)).status}


@api("POST", major=True)
def retry(_request: HttpRequest, caller: Caller, *, job_id: str) -> dict[str, Any]:
    """Import again what failed, and only that."""
    return {"ok": True, "status": sessions.retry(_session(caller, job_id)).status}


@api("GET")
def mine(_request: HttpRequest, caller: Caller) -> dict[str, Any]:
    """The caller's uploads, newest first."""
    refuse_root(caller)
    return {"ok": True, "uploads": status.sessions_of(caller.owner.user_id)}
