"""Panels of Grafana's dashboards, described in a few words each."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

COLUMNS = 24
PROMETHEUS = {"type": "prometheus", "uid": "prometheus"}
LOKI = {"type": "loki", "uid": "loki"}


@dataclass(frozen=True)
class Query:
    """What a panel asks Prometheus, and what each series is called."""

    expr: str
    legend: str = ""


@dataclass(frozen=True)
class Panel:
    """A panel; `limits` are the values from which it turns orange and red, the other way round when `high_is_good`."""

    title: str
    queries: tuple[Query, ...]
    kind: str = "timeseries"
    unit: str = "short"
    width: int = 8
    height: int = 7
    limits: tuple[float, float] | None = None
    high_is_good: bool = False
    datasource: dict[str, str] = field(default_factory=lambda: PROMETHEUS)
    text: str = ""


def chart(
    title: str, *queries: tuple[str, str], unit: str = "short", width: int = 8, text: str = ""
) -> Panel:
    """A time series."""
    return Panel(title, tuple(Query(*query) for query in queries), unit=unit, width=width, text=text)


def stat(
    title: str,
    expr: str,
    *,
    unit: str = "short",
    limits: tuple[float, float] | None = None,
    high_is_good: bool = False,
) -> Panel:
    """One number."""
    return Panel(
        title,
        (Query(expr),),
        kind="stat",
        unit=unit,
        width=4,
        height=4,
        limits=limits,
        high_is_good=high_is_good,
    )


def table(title: str, *exprs: str, width: int = 12) -> Panel:
    """The labels and present values of some series."""
    return Panel(title, tuple(Query(expr) for expr in exprs), kind="table", width=width)


def render_panel(panel: Panel, number: int, x: int, y: int) -> dict[str, Any]:
    """A panel as Grafana reads it."""
    instant = panel.kind in {"table", "stat"}
    targets = [
        {
            "refId": chr(ord("A") + index),
            "datasource": panel.datasource,
            "expr": query.expr,
            **({"legendFormat": query.legend} if query.legend else {}),
            **({"instant": True, "range": False} if instant else {}),
            **({"format": "table"} if panel.kind == "table" else {}),
        }
        for index, query in enumerate(panel.queries)
    ]
    return {
        "id": number,
        "title": panel.title,
        **({"description": panel.text} if panel.text else {}),
        "type": panel.kind,
        "datasource": panel.datasource,
        "gridPos": {"x": x, "y": y, "w": panel.width, "h": panel.height},
        "fieldConfig": {
            "defaults": {
                "unit": panel.unit,
                "thresholds": {"mode": "absolute", "steps": steps(panel)},
                "min": 0,
            },
            "overrides": [],
        },
        "options": options(panel),
        "targets": targets,
        **(
            {"transformations": [{"id": "merge", "options": {}}]}
            if len(targets) > 1 and panel.kind == "table"
            else {}
        ),
    }


def steps(panel: Panel) -> list[dict[str, Any]]:
    """The colours of values; colour is never the only sign, as the number stands beside it."""
    if panel.limits is None:
        return [{"color": "blue", "value": None}]
    low, high = panel.limits
    colours = ("red", "orange", "green") if panel.high_is_good else ("green", "orange", "red")
    return [
        {"color": colour, "value": value} for colour, value in zip(colours, (None, low, high), strict=True)
    ]


def options(panel: Panel) -> dict[str, Any]:
    """What each kind of panel is told besides."""
    if panel.kind == "timeseries":
        return {
            "legend": {"displayMode": "list", "placement": "bottom"},
            "tooltip": {"mode": "multi", "sort": "desc"},
        }
    if panel.kind == "stat":
        return {"reduceOptions": {"calcs": ["lastNotNull"]}, "colorMode": "value", "graphMode": "none"}
    if panel.kind == "logs":
        return {"showTime": True, "wrapLogMessage": True, "enableLogDetails": True, "sortOrder": "Descending"}
    return {"showHeader": True}


@dataclass(frozen=True)
class Dashboard:
    """A dashboard: a fixed id by which others link to it, and rows of panels."""

    uid: str
    title: str
    slug: str
    rows: tuple[tuple[str, tuple[Panel, ...]], ...]

    def render(self) -> dict[str, Any]:
        """The dashboard as Grafana reads it; rows flow from left to right, top to bottom."""
        panels: list[dict[str, Any]] = []
        y = 0
        for title, row in self.rows:
            panels.append(
                {
                    "id": len(panels) + 1, "type": "row", "title": title, "collapsed": False, "panels": [],
                    "gridPos": {"x": 0, "y": y, "w": COLUMNS, "h": 1},
                }
            )  # fmt: skip
            y += 1
            x = tallest = 0
            for panel in row:
                if x + panel.width > COLUMNS:
                    x, y, tallest = 0, y + tallest, 0
                panels.append(render_panel(panel, len(panels) + 1, x, y))
                x, tallest = x + panel.width, max(tallest, panel.height)
            y += tallest
        return {
            "uid": self.uid,
            "title": self.title,
            "tags": ["omero"],
            "schemaVersion": 39,
            "editable": False,
            "refresh": "30s",
            "time": {"from": "now-6h", "to": "now"},
            "timezone": "browser",
            "links": [
                {
                    "type": "dashboards",
                    "tags": ["omero"],
                    "title": "OMERO",
                    "asDropdown": True,
                    "keepTime": True,
                }
            ],
            "templating": {"list": []},
            "annotations": {"list": [alerts_annotation()]},
            "panels": panels,
        }


def alerts_annotation() -> dict[str, Any]:
    """Marks on every chart where an alert fired."""
    return {
        "name": "Alerts",
        "datasource": PROMETHEUS,
        "enable": True,
        "iconColor": "red",
        "expr": 'ALERTS{alertstate="firing", alertname!="Watchdog"}',
        "titleFormat": "{{alertname}}",
        "textFormat": "{{service}} {{severity}}",
    }
