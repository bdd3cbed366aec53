"""Asking Prometheus, over its HTTP API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from collections.abc import Mapping


class PrometheusError(Exception):
    """Prometheus can't answer, with a message for the administrator."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One time series: its labels and (seconds since 1970, value) pairs."""

    labels: Mapping[str, str]
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Prometheus:
    """A Prometheus at a fixed address."""

    url: str
    timeout_seconds: float = 5.0

    def instant(self, query: str) -> list[Sample]:
        """Return the present value of each series of an expression."""
        data = self._get("/api/v1/query", {"query": query, "timeout": f"{self.timeout_seconds:g}s"})
        if data.get("resultType") == "scalar":
            return [Sample({}, (_point(data["result"]),))]
        return [
            Sample(entry.get("metric", {}), (_point(entry["value"]),))
            for entry in data.get("result", [])
            if "value" in entry
        ]

    def value(self, query: str) -> float | None:
        """Return the only value of an expression, None when it has none or several."""
        found = self.instant(query)
        return found[0].points[0][1] if len(found) == 1 else None

    def over_time(self, query: str, start: float, end: float, step: float) -> list[Sample]:
        """Return the values of an expression between two moments (seconds since 1970)."""
        parameters = {"query": query, "start": f"{start:.0f}", "end": f"{end:.0f}", "step": f"{step:g}"}
        data = self._get("/api/v1/query_range", parameters)
        return [
            Sample(entry.get("metric", {}), tuple(_point(pair) for pair in entry.get("values", [])))
            for entry in data.get("result", [])
        ]

    def targets(self) -> list[dict[str, Any]]:
        """Return the active scrape targets."""
        return list(self._get("/api/v1/targets", {"state": "active"}).get("activeTargets", []))

    def _get(self, path: str, parameters: Mapping[str, str]) -> dict[str, Any]:
        try:
            with httpx.Client(
                base_url=self.url, timeout=self.timeout_seconds, trust_env=False, follow_redirects=False
            ) as client:
                answer = client.get(path, params=dict(parameters))
                body = answer.json()
        except httpx.HTTPError as error:
            raise PrometheusError(
                f"Prometheus doesn't answer at {self.url} ({type(error).__name__}). Check that it runs."
            ) from error
        except ValueError as error:
            raise PrometheusError(
                f"What answers at {self.url} is not Prometheus. Check ADMIN_TOOLS_PROMETHEUS_URL."
            ) from error
        if not isinstance(body, dict) or body.get("status") != "success":
            raise PrometheusError(f"Prometheus refuses the question: {str(body.get('error', body))[:200]}")
        data = body["data"]
        return data if isinstance(data, dict) else {}


def _point(pair: list[Any]) -> tuple[float, float]:
    return float(pair[0]), float(pair[1])
