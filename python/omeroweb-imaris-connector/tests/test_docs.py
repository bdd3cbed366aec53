"""The documentation says what the code does."""

from __future__ import annotations

from pathlib import Path

from omero_plugin_common.settings_schema.render import docs_table
from omeroweb_imaris_connector import metrics
from omeroweb_imaris_connector.config import ImarisSettings

PAGE = Path(__file__).parents[3] / "docs" / "imaris.md"


def test_the_table_of_settings_is_that_of_the_code():
    text = PAGE.read_text(encoding="utf-8")
    between = text.partition("checked by a test -->\n")[2].partition("\n<!-- end of settings -->")[0]
    assert between.strip() == docs_table(ImarisSettings).strip()


def test_every_metric_is_described():
    text = PAGE.read_text(encoding="utf-8")
    for metric in (
        metrics.EXPORTS,
        metrics.BYTES,
        metrics.DOWNLOADED,
        metrics.DELETED,
        metrics.PROCESSOR_WAIT,
    ):
        assert metric._name in text
