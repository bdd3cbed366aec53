"""Templates of `env/*.env`, from the schemas that check the values at run time."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import json
from typing import TYPE_CHECKING, Any

from omero_platform.services.omeroweb_settings import OWN_APPS
from omero_plugin_common.settings_schema.render import env_template, nixos_options
from omero_plugin_common.settings_schema.schema import describe

if TYPE_CHECKING:
    from collections.abc import Iterator

SERVER = """\
# OMERO.server
# Settings of OMERO.server are variables of this form: CONFIG_omero_fs_repo_path=%group%/%user%/…
# (a dot of the setting's name is _, an underscore is __).

# Forget what the server remembers of earlier addresses, after the host was renamed (0 or 1)
# RESET_OMERO_RUNTIME=0

# Register OME's official scripts (0 or 1)
# REGISTER_OFFICIAL_SCRIPTS=1
"""
GRAFANA = """\
# Grafana: every setting can stand here, see its own documentation (GF_SECTION_KEY=value).
GF_SECURITY_ADMIN_USER=admin
GF_METRICS_ENABLED=true
"""
SECRETS_FILE = "env/omero_secrets.env"
SECRETS_NOTE = """\
# Which file holds which secret. The compose file mounts ./secrets/<name> into the services that need it, and only
# there; so this file is a list for people, and not read by any service.
"""


def schemas() -> Iterator[type[Any]]:
    """The settings of the shared library and of every plugin that is there, in the order of their apps."""
    for app in OWN_APPS:
        if (
            importlib.util.find_spec(app.name) is None
            or importlib.util.find_spec(f"{app.name}.config") is None
        ):
            continue
        module = importlib.import_module(f"{app.name}.config")
        for _, found in inspect.getmembers(module, inspect.isclass):
            if found.__module__ == module.__name__ and hasattr(found, "__component__"):
                yield found


def env_files() -> dict[str, str]:
    """All templates by path."""
    every = list(schemas())
    names = sorted({item.env_file for schema in every for item in describe(schema)})
    texts = {name: "\n".join(parts(every, name)) for name in names}
    texts[SECRETS_FILE] = SECRETS_NOTE + "\n" + texts.get(SECRETS_FILE, "")
    return {"env/omeroserver.env": SERVER, "env/grafana.env": GRAFANA, **texts}


def parts(every: list[type[Any]], env_file: str) -> Iterator[str]:
    """One part of a file per component that has variables in it."""
    for schema in every:
        if any(item.env_file == env_file for item in describe(schema)):
            yield env_template(schema, env_file)


def nix_settings() -> dict[str, dict[str, Any]]:
    """What the NixOS module declares its options of plugins from; kept as modules/settings.json."""
    found: dict[str, dict[str, Any]] = {}
    for schema in schemas():
        found |= nixos_options(schema)
    return dict(sorted(found.items()))


KNOWN_ON_NIXOS = frozenset({
    "ADMIN_TOOLS_GRAFANA_URL", "ADMIN_TOOLS_LOKI_URL", "ADMIN_TOOLS_PROMETHEUS_URL", "ADMIN_TOOLS_QUOTA_SOCKET",
    "ADMIN_TOOLS_QUOTA_STATE_PATH", "ADMIN_TOOLS_STACK_FILE", "ADMIN_TOOLS_STACK_HOST", "HOME", "OMERODIR", "OMEROHOST",
    "OMERO_DATA_DIR", "OMERO_DB_HOST", "OMERO_DB_NAME", "OMERO_DB_PORT", "OMERO_DB_USER", "OMERO_IMS_CELERY_BACKEND_URL",
    "OMERO_IMS_CELERY_BROKER_URL", "OMERO_PLUGIN_JOBS_DIR", "OMERO_PLUGIN_JOB_QUEUES", "OMERO_PLUGIN_RATE_REDIS_URL",
    "OMERO_PORT", "OMERO_WEB_CACHE_URL", "OMERO_WEB_UPLOAD_DIR", "OMP_DATA_DB", "OMP_DATA_HOST", "OMP_DATA_PORT",
    "OMP_DATA_USER", "PROMETHEUS_MULTIPROC_DIR",
})  # fmt: skip
"""What the module fills in itself (modules/plugins.nix), so that it is no option there."""

PAGE = """\
# Settings of the plugins on NixOS

<!-- written by `omero-platform compose --nix-settings`; do not edit -->

Every row is an option `services.omero-platform.plugins.settings.<variable>`, checked when the machine is built and again
when the plugin starts. What is not set has the plugin's own default. Secrets and addresses are not here: the module knows
them (`secrets.files`, `hosts`, stack.toml).

| option | type | default | allowed | component | meaning |
|---|---|---|---|---|---|
"""


def settings_page(settings: dict[str, dict[str, Any]]) -> str:
    """The page about them: a row each, secrets and what the module knows itself left out."""
    rows = [
        f"| `{name}` | {option['type']} | {default_cell(option)} | {allowed_cell(option)} | {option['component']} "
        f"| {option['description'].replace('|', chr(92) + '|')} |"
        for name, option in settings.items()
        if not name.endswith("_FILE") and name not in KNOWN_ON_NIXOS
    ]
    return PAGE + "\n".join(rows) + "\n"


def default_cell(option: dict[str, Any]) -> str:
    """The default, or that there is none."""
    if "default" not in option:
        return "required"
    return f"`{json.dumps(option['default'])}`" if option["default"] not in (None, "", []) else "–"


def allowed_cell(option: dict[str, Any]) -> str:
    """Bounds or choices."""
    if "enum" in option:
        return ", ".join(f"`{choice}`" for choice in option["enum"])
    low, high = option.get("minimum"), option.get("maximum")
    if low is None and high is None:
        return "–"
    return f"{'' if low is None else low} … {'' if high is None else high}".strip()
