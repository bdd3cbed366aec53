"""The page about what is supported tells the truth."""

from __future__ import annotations

from pathlib import Path

from omero_embedded.support import markdown

PAGE = Path(__file__).parents[3] / "docs" / "embedded-omero-support.md"


def test_the_page_of_supported_operations_is_up_to_date() -> None:
    assert PAGE.read_text() == markdown() + "\n", (
        "run: python -m omero_embedded supported > docs/embedded-omero-support.md"
    )


def test_what_is_missing_is_named() -> None:
    page = markdown()
    assert "| api.ISession | 18 of 18 |  |" in page
    assert "changePassword" not in page
