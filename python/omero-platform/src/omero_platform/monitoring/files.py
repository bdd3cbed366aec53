"""The folder `monitoring/`: alert rules, dashboards and settings, the same for every way to run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from omero_platform.errors import PlatformError

if TYPE_CHECKING:
    from pathlib import Path

FOLDER = "monitoring"


def monitoring_folder(root: Path) -> Path:
    """Where the files are; raises PlatformError when they are not there."""
    folder = root / FOLDER
    if not folder.is_dir():
        raise PlatformError(
            f"{folder} is missing: it holds the alert rules and dashboards.", "Fetch the whole repository."
        )
    return folder


def rule_files(root: Path) -> list[Path]:
    """Prometheus' alert and recording rules."""
    return sorted(monitoring_folder(root).glob("rules/*.yml"))


def dashboard_files(root: Path) -> list[Path]:
    """Grafana's dashboards."""
    return sorted(monitoring_folder(root).glob("dashboards/*.json"))


def read_yaml(path: Path) -> Any:
    """What a YAML file says."""
    with path.open(encoding="utf-8") as file:
        return yaml.safe_load(file)
