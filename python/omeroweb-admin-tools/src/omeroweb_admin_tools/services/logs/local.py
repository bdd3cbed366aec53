"""Logs in local files: the log folder of the stack, searched through the same interface as Loki."""

from __future__ import annotations

import heapq
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from omeroweb_admin_tools.services.logs.entries import (
    LogEntry,
    container_name,
    level_of,
    split_container,
    time_of,
)
from omeroweb_admin_tools.services.logs.query import LogContext, LogError, LogPage, LogQuery
from omeroweb_admin_tools.services.logs.reader import ShrunkError
from omeroweb_admin_tools.services.logs.scan import (
    LogFile,
    Matcher,
    OutOfTimeError,
    matcher_for,
    text_matcher,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import tzinfo
    from pathlib import Path

OTHER = "platform"
LONGEST_MESSAGE = 20_000
LOG_ENDINGS = (".log", ".out", ".err")


@dataclass(frozen=True, slots=True)
class LocalLogs:
    """A folder of log files; `files_of` maps services to their files, the first being the service's own output."""

    folder: Path
    files_of: Mapping[str, tuple[str, ...]]
    zone: tzinfo = UTC
    kind: str = field(default="files", init=False)

    def sources(self) -> dict[str, tuple[str, ...]]:
        """Return the internal files of each service that has any log here."""
        present = self._present()
        return {
            service: tuple(name for own, name in present if own == service and name is not None)
            for service in dict.fromkeys(own for own, _ in present)
        }

    def search(self, query: LogQuery) -> LogPage:
        """Return the newest matching entries of the files asked for."""
        matcher = matcher_for(query.text, is_regex=query.is_regex, levels=query.levels)
        deadline = time.monotonic() + query.timeout_seconds
        problems: list[str] = []
        found: list[LogEntry] = []
        with ExitStack() as stack:
            streams = []
            for source, path in self._chosen(query).items():
                try:
                    file = stack.enter_context(LogFile(path, self.zone))
                except OSError as error:
                    problems.append(f"{path.name} can't be read: {error.strerror}.")
                    continue
                entries = self._entries(file, source, query, matcher, deadline)
                streams.append(until_shrunk(entries, path.name, problems))
            try:
                for entry in heapq.merge(*streams, key=lambda entry: entry.time, reverse=True):
                    found.append(entry)
                    if len(found) > query.limit:
                        break
            except OutOfTimeError:
                problems.append(
                    f"The search stopped after {query.timeout_seconds:.0f} s. Choose a shorter time range or fewer files, "
                    "or search for plain text."
                )
            streams.clear()
        return LogPage(tuple(found[: query.limit]), len(found) > query.limit, tuple(problems))

    def context(self, entry_id: str, before: int, after: int) -> LogContext:
        """Return the entries around one."""
        name, _, offset_text = entry_id.rpartition(":")
        source = split_container(name)
        path = self._present().get(source)
        if path is None or not offset_text.isdigit():
            raise LogError("This entry is not in the log files any more. Search again.")
        try:
            with LogFile(path, self.zone) as file:
                spots, at = file.lines_around(int(offset_text), before, after)
                lines = tuple(self._entry(file, source, start, end) for start, end in spots)
        except ShrunkError:
            raise LogError("The log file has been started anew since. Search again.") from None
        return LogContext(lines, at)

    def _present(self) -> dict[tuple[str, str | None], Path]:
        """Return every log file by its source, services in their order; strangers belong to the platform."""
        names = {path.name: path for path in sorted(self.folder.glob("*")) if _is_log(path)}
        present: dict[tuple[str, str | None], Path] = {}
        for service, files in self.files_of.items():
            for number, file in enumerate(files):
                if file in names:
                    present[service, file if number else None] = names.pop(file)
                rotated = [name for name in names if name.startswith(f"{file}.")]
                present.update({(service, name): names.pop(name) for name in rotated})
        present.update({(OTHER, name): path for name, path in names.items()})
        return present

    def _chosen(self, query: LogQuery) -> dict[tuple[str, str | None], Path]:
        present = self._present()
        if query.sources:
            present = {source: path for source, path in present.items() if source in set(query.sources)}
        began = query.start.timestamp()
        return {source: path for source, path in present.items() if path.stat().st_mtime >= began}

    def _entries(
        self,
        file: LogFile,
        source: tuple[str, str | None],
        query: LogQuery,
        matcher: Matcher,
        deadline: float,
    ) -> Iterator[LogEntry]:
        low, high = file.offset_of(query.start), file.offset_of(query.end)
        if low >= high and not file.time_at(0):
            low = 0  # a file without a single time counts as written when it was changed
        text = text_matcher(query.text, is_regex=query.is_regex)
        both = bool(query.text and query.levels)
        for start, end in file.entries_backward(low, high, matcher, deadline):
            entry = self._entry(file, source, start, end)
            if query.levels and entry.level not in query.levels:
                continue
            if both and not text.spots(file.text(start, end), max(0.001, deadline - time.monotonic())):
                continue
            if query.start <= entry.time < query.end:
                yield entry

    def _entry(self, file: LogFile, source: tuple[str, str | None], start: int, end: int) -> LogEntry:
        raw = file.text(start, end)
        name = container_name(*source)
        moment = time_of(raw, self.zone) or datetime.fromtimestamp(file.changed, UTC)
        message = raw[:LONGEST_MESSAGE].decode("utf-8", errors="replace").rstrip("\r\n")
        return LogEntry(moment, name, level_of(raw), message, f"{name}:{start}")


def until_shrunk(entries: Iterator[LogEntry], name: str, problems: list[str]) -> Iterator[LogEntry]:
    """Pass entries on until the file gets shorter under the search; the other files are searched to their end."""
    try:
        yield from entries
    except ShrunkError:
        problems.append(f"{name} was started anew during the search. Search again.")
    except OSError as error:
        problems.append(f"{name} can't be read: {error.strerror}.")


def _is_log(path: Path) -> bool:
    stem = path.name
    head, _, number = stem.rpartition(".")
    if number.isdigit():
        stem = head
    return stem.endswith(LOG_ENDINGS) and not stem.startswith(".") and path.is_file()
