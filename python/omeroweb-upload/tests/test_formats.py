"""What extensions say, and sizes in words."""

from __future__ import annotations

import pytest

from omeroweb_upload.formats import Readable, readable
from omeroweb_upload.sizes import size_text


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("run/a.TIF", Readable.YES),
        ("a.ome.tiff", Readable.YES),
        ("a.czi", Readable.YES),
        ("notes.txt", Readable.NO),
        ("spectrum.emsa", Readable.NO),
        ("a.dat", Readable.UNKNOWN),
        ("a.qqq", Readable.UNKNOWN),
        ("README", Readable.UNKNOWN),
    ],
)
def test_extensions(path, answer):
    assert readable(path) is answer


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 bytes"), (1023, "1023 bytes"), (1536, "1.5 KiB"), (1024**4, "1.0 TiB"), (1024**6, "1024.0 PiB")],
)
def test_sizes(count, text):
    assert size_text(count) == text
