"""What is derived from a schema: the table in the docs, the env template, the options of the NixOS module."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from omero_plugin_common.settings_schema.schema import Described, component_of, describe

TYPE_NAMES = {str: "text", int: "whole number", float: "number", bool: "switch", Path: "path", tuple: "list"}
NIX_TYPES = {str: "str", int: "int", float: "float", bool: "bool", Path: "path", tuple: "listOf str"}


def docs_table(schema: type[Any]) -> str:
    """Return a Markdown table of the component's variables."""
    lines = ["| Variable | Type | Default | Allowed | File | Meaning |", "|---|---|---|---|---|---|"]
    for item in describe(schema):
        cells = (
            f"`{item.setting.variable}`",
            TYPE_NAMES[item.python_type],
            "required" if item.required else f"`{as_text(item.default) or 'empty'}`",
            _allowed(item),
            f"`{item.env_file}`",
            item.setting.description.replace("|", "\\|"),
        )
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def env_template(schema: type[Any], env_file: str | None = None) -> str:
    """Return the component's part of an env file: defaults commented out, required variables to fill in.

    With `env_file`, only the variables that live in that file.
    """
    lines = [f"# {component_of(schema).title}"]
    for item in describe(schema):
        if env_file is not None and item.env_file != env_file:
            continue
        allowed = _allowed(item)
        lines += ["", f"# {item.setting.description}" + (f" ({allowed})" if allowed else "")]
        name = item.setting.variable
        if item.setting.secret:
            lines.append(f"{'' if item.required else '# '}{name}_FILE={item.setting.example or ''}")
        elif item.required:
            lines.append(f"{name}={item.setting.example or ''}")
        else:
            lines.append(f"# {name}={as_text(item.default)}")
    return "\n".join(lines) + "\n"


def nixos_options(schema: type[Any]) -> dict[str, dict[str, Any]]:
    """Return, per variable, what the NixOS module needs to declare a typed option.

    Keys: `type` (a name in lib.types), `default` (absent when required), `minimum`, `maximum`, `enum`,
    `description`, `envFile`, `example`. Secrets are paths to files, under `<variable>_FILE`.
    """
    options: dict[str, dict[str, Any]] = {}
    for item in describe(schema):
        setting = item.setting
        name = f"{setting.variable}_FILE" if setting.secret else setting.variable
        kind = "path" if setting.secret else NIX_TYPES[item.python_type]
        default = None if setting.secret else _plain(item.default)
        option: dict[str, Any] = {
            "type": f"nullOr {kind}" if item.optional or (setting.secret and not item.required) else kind,
            "description": setting.description,
            "envFile": item.env_file,
            "component": component_of(schema).title,
        }
        if not item.required:
            option["default"] = default
        limits = {
            "minimum": setting.minimum,
            "maximum": setting.maximum,
            "enum": list(setting.choices) or None,
            "example": setting.example,
        }
        option.update({key: value for key, value in limits.items() if value is not None})
        options[name] = option
    return options


def as_text(value: Any) -> str:
    """Write a default the way it would stand in an env file."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return ",".join(str(part) for part in value)
    return str(value)


def _plain(value: Any) -> Any:
    if isinstance(value, Path):
        return str(value)
    return list(value) if isinstance(value, tuple) else value


def _allowed(item: Described) -> str:
    setting = item.setting
    if setting.choices:
        return ", ".join(setting.choices)
    low, high = setting.minimum, setting.maximum
    if low is not None and high is not None:
        return f"{low} to {high}"
    if low is not None:
        return f"at least {low}"
    return f"at most {high}" if high is not None else ""
