"""Texts that the shared components show; functions, so that a page can hand them to its script by name."""

from __future__ import annotations


def cancel() -> str:
    return "Cancel"


def close() -> str:
    return "Close"


def retry() -> str:
    return "Try again"


def filter_rows() -> str:
    return "Filter"


def rows_shown(shown: str, total: str) -> str:
    return f"{shown} of {total} rows"


def rows_selected(count: str) -> str:
    return f"{count} selected"


def select_all_rows() -> str:
    return "Select all rows shown"


def select_row(name: str) -> str:
    return f"Select {name}"


def no_rows() -> str:
    return "Nothing matches the filter."


def job_waiting() -> str:
    return "Waiting for its turn"


def job_running(done: str, total: str) -> str:
    return f"{done} of {total}"


def job_time_left(time: str) -> str:
    return f"about {time} left"


def job_cancelling() -> str:
    return "Stopping…"


def job_done() -> str:
    return "Done"


def job_failed(error: str) -> str:
    return f"Failed: {error}"


def job_cancelled() -> str:
    return "Cancelled"


def connection_lost() -> str:
    return "The server doesn't answer. Trying again…"


def session_ended() -> str:
    return "Your session has ended. Log in again."


def with_reference(error: str, reference: str) -> str:
    return f"{error} (reference {reference})"


def confirm_irreversible_action() -> str:
    return "This can't be undone."


SHARED = (
    cancel,
    close,
    retry,
    filter_rows,
    rows_shown,
    rows_selected,
    select_all_rows,
    select_row,
    no_rows,
    job_waiting,
    job_running,
    job_time_left,
    job_cancelling,
    job_done,
    job_failed,
    job_cancelled,
    connection_lost,
    session_ended,
    with_reference,
    confirm_irreversible_action,
)
