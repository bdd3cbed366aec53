"""The files of `monitoring/` that are written by code, and checked to be what the code would write."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omero_platform.monitoring.dashboards import DASHBOARDS
from omero_platform.monitoring.files import FOLDER, read_yaml, rule_files
from omero_platform.monitoring.prometheus import container_config

if TYPE_CHECKING:
    from omero_platform.stack import Stack


PLACEHOLDER = re.compile(r"\{\{.*?\}\}")


def generated_files(stack: Stack) -> dict[Path, str]:
    """Each file's path in the repository, and its text."""
    files: dict[Path, Any] = {
        Path(FOLDER, "dashboards", f"{dashboard.uid}.json"): dashboard.render() for dashboard in DASHBOARDS
    }
    files[Path(FOLDER, "prometheus.json")] = container_config(stack)
    return {path: json.dumps(content, indent=2, ensure_ascii=False) + "\n" for path, content in files.items()}


def alerts(root: Path) -> list[dict[str, Any]]:
    """Every alert rule, in the order of the files."""
    return [
        rule
        for path in rule_files(root)
        for group in read_yaml(path)["groups"]
        for rule in group["rules"]
        if "alert" in rule
    ]


def alerts_table(root: Path) -> str:
    """The alerts as a table for the documentation; links are as seen from docs/."""
    lines = ["| alert | severity | after | what is wrong |", "|---|---|---|---|"]
    for rule in alerts(root):
        link = rule["annotations"]["runbook_url"].removeprefix("docs/")
        lines.append(
            f"| [{rule['alert']}]({link}) | {rule['labels']['severity']} | {rule.get('for', '–')} "
            f"| {PLACEHOLDER.sub('…', rule['annotations']['summary'])} |"
        )
    return "\n".join(lines) + "\n"
