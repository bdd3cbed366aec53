"""Django is set up before any test module is imported; servers start when a test asks for them."""

from __future__ import annotations

from omero_plugin_common.testing.environment import prepare_django

prepare_django()

from omero_plugin_common.testing.fixtures import (  # noqa: E402
    environment,
    plugin_database,
    postgres,
    redis_server,
    shared_worker,
    worker,
)

__all__ = ["environment", "plugin_database", "postgres", "redis_server", "shared_worker", "worker"]
