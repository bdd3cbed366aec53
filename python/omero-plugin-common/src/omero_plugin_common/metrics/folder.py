"""The folder through which processes share their metrics; it must exist before the first metric is made."""

from __future__ import annotations

import logging
import os
from pathlib import Path

logger = logging.getLogger(__name__)

MULTIPROCESS_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"


def prepare_metrics_folder() -> Path | None:
    """Make the folder named in the environment; without a usable one every process counts for itself."""
    name = os.environ.get(MULTIPROCESS_VARIABLE)
    if not name:
        return None
    folder = Path(name)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionError(f"{folder} is not writable")
    except OSError as error:
        logger.error("metrics_not_shared variable=%s reason=%s", MULTIPROCESS_VARIABLE, error)  # noqa: TRY400
        del os.environ[MULTIPROCESS_VARIABLE]
        return None
    return folder
