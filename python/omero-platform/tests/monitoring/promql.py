"""Reading expressions of Prometheus: which metrics they use."""

from __future__ import annotations

import re

WORDS = {
    "and",
    "or",
    "unless",
    "on",
    "ignoring",
    "by",
    "without",
    "group_left",
    "group_right",
    "bool",
    "offset",
    "inf",
    "nan",
}


def metrics_in(expression: str) -> set[str]:
    """The names of the metrics that an expression asks for."""
    text = re.sub(r'"(?:[^"\\]|\\.)*"', '""', expression)
    text = re.sub(r"\{[^}]*\}|\[[^\]]*\]", " ", text)
    text = re.sub(r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)", " ", text)
    names = re.findall(r"(?<![\w:.])([a-zA-Z_:][\w:]*)(?!\w)(?!\s*\()", text)
    return {name for name in names if name.lower() not in WORDS}
