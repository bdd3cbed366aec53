"""Places of uploaded files."""

from __future__ import annotations

from pathlib import Path

import pytest

from omero_embedded.files import layout

DATA = Path("/data")


@pytest.mark.parametrize(
    ("file_id", "place"),
    [
        (7, "Files/7"),
        (999, "Files/999"),
        (1000, "Files/Dir-001/1000"),
        (12345, "Files/Dir-012/12345"),
        (1234567, "Files/Dir-001/Dir-234/1234567"),
    ],
)
def test_files_are_kept_a_thousand_to_a_folder(file_id, place):
    assert layout.by_id(DATA, file_id) == DATA / place
