"""What the docs say about settings is what the code reads."""

from __future__ import annotations

from omero_plugin_common.settings_schema.render import docs_table
from omeroweb_admin_tools.config import AdminSettings

from .conftest import ROOT


def test_the_table_of_settings_is_the_present_one():
    page = (ROOT / "docs" / "admin-tools.md").read_text()
    assert docs_table(AdminSettings) in page, "write docs_table(AdminSettings) into docs/admin-tools.md"


def test_every_picture_is_there():
    page = (ROOT / "docs" / "admin-tools.md").read_text()
    names = [part.partition(")")[0] for part in page.split("](images/")[1:]]
    assert len(names) == 6
    assert [name for name in names if not (ROOT / "docs" / "images" / name).is_file()] == []
