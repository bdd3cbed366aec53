"""The OMERO session of a job, opened again when the server has closed it in the middle."""

from __future__ import annotations

import logging
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, TypeVar

import Ice
import omero

from omero_plugin_common.jobs.transient import is_transient

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from omero_plugin_common.jobs.context import JobContext

T = TypeVar("T")
MOST_TRIES = 3
# What calls raise once the server has forgotten the session.
SESSION_LOST = (
    omero.SessionException,
    omero.ClientError,
    Ice.ObjectNotExistException,
    Ice.ConnectionLostException,
)

logger = logging.getLogger(__name__)


class JobSession:
    """Runs functions with the job's connection; they must bear being run again."""

    def __init__(self, context: JobContext) -> None:
        self.context = context
        self._stack = ExitStack()
        self._conn: Any = None

    def __enter__(self) -> JobSession:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def run(self, act: Callable[[Any], T]) -> T:
        """The function's result, with a new session after each loss of one. Raises what the function raises."""
        for tries_left in reversed(range(MOST_TRIES)):
            try:
                return act(self._connection())
            except SESSION_LOST as lost:
                self._close()
                if not tries_left:
                    raise
                logger.info("omp_session_lost job=%s reason=%s", self.context.job_id, type(lost).__name__)
        raise AssertionError("unreachable")

    def _connection(self) -> Any:
        if self._conn is None:
            self._conn = self._stack.enter_context(self.context.gateway())
        return self._conn

    def _close(self) -> None:
        """Close what is open; a session that is gone can't be closed any more."""
        self._conn = None
        try:
            self._stack.close()
        except Exception as error:
            if not isinstance(error, SESSION_LOST) and not is_transient(error):
                raise
