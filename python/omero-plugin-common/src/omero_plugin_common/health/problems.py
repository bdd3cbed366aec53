"""What keeps a plugin from working, kept per app for the page that tells administrators."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from uuid import uuid4

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a plugin is switched off: messages for administrators, and the reference that the log has too."""

    messages: tuple[str, ...]
    reference: str


_problems: dict[str, Problem] = {}


def new_reference() -> str:
    """Return a short id that a user can quote and an administrator can search the log for."""
    return uuid4().hex[:10]


def report_problem(app_label: str, messages: tuple[str, ...], *, exc_info: bool = False) -> Problem:
    """Switch a plugin off and log why."""
    problem = Problem(messages, new_reference())
    _problems[app_label] = problem
    logger.error(
        "plugin_disabled app=%s reference=%s reason=%s",
        app_label,
        problem.reference,
        " ".join(messages),
        exc_info=exc_info,
    )
    return problem


def clear_problem(app_label: str) -> None:
    _problems.pop(app_label, None)


def problem_of(app_label: str) -> Problem | None:
    """Return why the plugin is switched off, None when it works."""
    return _problems.get(app_label)
