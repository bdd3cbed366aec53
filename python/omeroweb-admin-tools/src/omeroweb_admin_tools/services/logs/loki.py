"""Logs in Loki, over its HTTP API."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import httpx

from omeroweb_admin_tools.services.logs import logql
from omeroweb_admin_tools.services.logs.entries import (
    LogEntry,
    container_name,
    level_of,
    normal_level,
    split_container,
)
from omeroweb_admin_tools.services.logs.query import LogContext, LogError, LogFilterError, LogPage, LogQuery

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

FILE_DISCOVERY = timedelta(days=7)
CONTEXT_SPAN = timedelta(hours=1)
NANO = 1_000_000_000


@dataclass(frozen=True, slots=True)
class LokiLogs:
    """A Loki at a fixed address."""

    url: str
    services: tuple[str, ...] = ()
    timeout_seconds: float = 10.0
    kind: str = field(default="loki", init=False)

    def search(self, query: LogQuery) -> LogPage:
        """Return the newest entries of all queries together; a query that fails is named among the problems."""
        found: list[LogEntry] = []
        problems: list[str] = []
        truncated = False
        wanted = logql.queries(query)
        for text in wanted:
            try:
                entries = self._range(text, query.start, query.end, query.limit, "backward")
            except LogFilterError:
                raise
            except LogError as error:
                problems.append(str(error))
                continue
            truncated = truncated or len(entries) >= query.limit
            found += entries
        if len(problems) == len(wanted):
            raise LogError(problems[0])
        found.sort(key=lambda entry: entry.time, reverse=True)
        return LogPage(
            tuple(found[: query.limit]), truncated or len(found) > query.limit, tuple(dict.fromkeys(problems))
        )

    def sources(self) -> dict[str, tuple[str, ...]]:
        """Return the services that write to Loki, each with its internal files."""
        end = datetime.now(UTC)
        parameters = {
            "match[]": f'{{{logql.SERVICE_LABEL}=~".+"}}',
            "start": _nanoseconds(end - FILE_DISCOVERY),
            "end": _nanoseconds(end),
        }
        files: dict[str, set[str]] = {name: set() for name in self.services}
        for labels in self._get("/loki/api/v1/series", parameters):
            service = str(labels.get(logql.SERVICE_LABEL, ""))
            file = _file_of(labels)
            names = files.setdefault(service, set())
            if file is not None:
                names.add(file)
        return {service: tuple(sorted(names)) for service, names in files.items() if service}

    def context(self, entry_id: str, before: int, after: int) -> LogContext:
        """Return the entries around one, from the same source."""
        name, _, when = entry_id.rpartition(":")
        if not name or not when.isdigit():
            raise LogError("This is not the address of a log entry. Search again.")
        text = logql.selector(split_container(name))
        moment = int(when)
        at = datetime.fromtimestamp(moment // NANO, UTC)
        earlier = self._range(text, at - CONTEXT_SPAN, moment, before, "backward") if before else []
        later = self._range(text, moment, at + CONTEXT_SPAN, after + 1, "forward")
        return LogContext((*reversed(earlier), *later), len(earlier))

    def _range(
        self, text: str, start: datetime | int, end: datetime | int, limit: int, direction: str
    ) -> list[LogEntry]:
        parameters = {
            "query": text,
            "direction": direction,
            "limit": str(limit),
            "start": start if isinstance(start, int) else _nanoseconds(start),
            "end": end if isinstance(end, int) else _nanoseconds(end),
        }
        data = self._get("/loki/api/v1/query_range", {key: str(value) for key, value in parameters.items()})
        entries = list(_entries(data.get("result", [])))
        return sorted(entries, key=lambda entry: entry.time, reverse=direction == "backward")

    def _get(self, path: str, parameters: Mapping[str, str]) -> Any:
        try:
            with httpx.Client(
                base_url=self.url, timeout=self.timeout_seconds, trust_env=False, follow_redirects=False
            ) as client:
                answer = client.get(path, params=dict(parameters))
        except httpx.HTTPError as error:
            raise LogError(f"Loki doesn't answer ({type(error).__name__}). Check that it runs.") from error
        if answer.status_code == httpx.codes.BAD_REQUEST:
            raise LogFilterError(f"Loki doesn't accept this search: {answer.text.strip()[:300]}")
        if answer.status_code != httpx.codes.OK:
            raise LogError(f"Loki answers with status {answer.status_code}: {answer.text.strip()[:200]}")
        try:
            return answer.json()["data"]
        except (ValueError, KeyError, TypeError) as error:
            raise LogError("Loki's answer can't be read.") from error


def _entries(streams: list[dict[str, Any]]) -> Iterator[LogEntry]:
    for stream in streams:
        labels = stream.get("stream", {})
        name = container_name(str(labels.get(logql.SERVICE_LABEL, "unknown")), _file_of(labels))
        stated = normal_level(str(labels.get("level", ""))) or normal_level(
            str(labels.get("detected_level", ""))
        )
        for when, line, *_rest in stream.get("values", []):
            moment = int(when)
            time = datetime.fromtimestamp(moment // NANO, UTC) + timedelta(microseconds=moment % NANO // 1000)
            yield LogEntry(time, name, stated or level_of(str(line).encode()), str(line), f"{name}:{moment}")


def _file_of(labels: Mapping[str, Any]) -> str | None:
    if labels.get(logql.TYPE_LABEL) != logql.INTERNAL:
        return None
    for label in logql.FILE_LABELS:
        if labels.get(label):
            return str(labels[label]).rpartition("/")[2]
    return None


def _nanoseconds(moment: datetime) -> str:
    return str(int(moment.timestamp() * 1_000_000) * 1000)
