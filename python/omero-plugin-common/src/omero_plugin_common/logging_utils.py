"""Keeps OMERO's gateway from filling the log with a line per request."""

from __future__ import annotations

import logging

GATEWAY_LOGGER = "omero.gateway.utils"

_quieted: list[str] = []


def quiet_gateway_logger() -> None:
    """Raise the gateway's logger to INFO, once per process, so that later changes by others stay."""
    if _quieted:
        return
    logging.getLogger(GATEWAY_LOGGER).setLevel(logging.INFO)
    _quieted.append(GATEWAY_LOGGER)
