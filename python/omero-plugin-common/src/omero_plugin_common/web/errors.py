"""Errors on their way to a person."""

from __future__ import annotations


class UserError(Exception):
    """Something the caller can act on: shown as it is, with the HTTP status given."""

    def __init__(self, message: str, *, status: int = 400, retry_after_seconds: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.retry_after_seconds = retry_after_seconds
