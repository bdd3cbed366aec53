"""How many transfers one process of OMERO.web takes at a time, so that threads remain for pages."""

from __future__ import annotations

import threading
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING

from omeroweb_upload.services.errors import UploadError

if TYPE_CHECKING:
    from collections.abc import Iterator

_lock = threading.Lock()
_running: Counter[int] = Counter()


@contextmanager
def slot(owner_id: int, *, in_process: int) -> Iterator[None]:
    """Hold one slot; raises UploadError 503 when the process has none left."""
    with _lock:
        if _running.total() >= in_process:
            raise UploadError("The server is taking in as many files as it can. Try again in a moment.",
                              status=503, reason="busy")  # fmt: skip
        _running[owner_id] += 1
    try:
        yield
    finally:
        with _lock:
            _running[owner_id] -= 1
            if not _running[owner_id]:
                del _running[owner_id]
