"""Turning what a view raised into the answer people or programs get."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, JsonResponse
from pydantic import ValidationError

from omero_plugin_common.health.problems import new_reference
from omero_plugin_common.jobs.errors import (
    JobError,
    JobLimitError,
    JobNotFoundError,
    JobStateError,
    UnknownKindError,
)
from omero_plugin_common.web.errors import UserError

if TYPE_CHECKING:
    from django.http import HttpRequest

logger = logging.getLogger(__name__)

JOB_STATUS: dict[type[JobError], int] = {
    JobNotFoundError: 404,
    JobLimitError: 429,
    JobStateError: 409,
    UnknownKindError: 404,
}
SECRET_FIELD = re.compile(r"key|password|secret|token", re.IGNORECASE)
UNEXPECTED = "Something unexpected went wrong. Quote the reference to your administrator."


def explain(error: Exception, request: HttpRequest) -> tuple[UserError, str]:
    """Return what to tell the caller, and a reference when the fault is ours (then it is logged)."""
    if isinstance(error, UserError):
        return error, ""
    if isinstance(error, JobError):
        return UserError(str(error), status=JOB_STATUS.get(type(error), 400)), ""
    if isinstance(error, ValidationError):
        return UserError(validation_text(error)), ""
    if isinstance(error, PermissionDenied):
        return UserError(str(error) or "You may not do this.", status=403), ""
    if isinstance(error, Http404):
        return UserError("There is nothing here, or it is not yours to see.", status=404), ""
    reference = new_reference()
    logger.error("view_failed path=%s reference=%s", request.path, reference, exc_info=error)
    return UserError(UNEXPECTED, status=500), reference


def json_error(error: Exception, request: HttpRequest) -> HttpResponse:
    """Return `{"error": …}` with the right status, and `reference` and `retry_after` when there are some."""
    told, reference = explain(error, request)
    body: dict[str, Any] = {"error": told.message}
    if reference:
        body["reference"] = reference
    if told.retry_after_seconds is not None:
        body["retry_after"] = told.retry_after_seconds
    response = JsonResponse(body, status=told.status)
    if told.retry_after_seconds is not None:
        response["Retry-After"] = str(told.retry_after_seconds)
    return response


def validation_text(error: ValidationError) -> str:
    """Say in one line per field what was wrong and what would be right."""
    parts = []
    for problem in error.errors(include_url=False, include_context=False):
        place = ".".join(str(part) for part in problem["loc"]) or "request"
        parts.append(f"{place}: {problem['msg']}{_got(place, problem['input'])}")
    return "; ".join(parts)


def _got(place: str, value: Any) -> str:
    """Return what was sent instead, unless it is or may hold a secret."""
    if isinstance(value, dict | list) or SECRET_FIELD.search(place):
        return ""
    return f" (got {value!r:.80})"
