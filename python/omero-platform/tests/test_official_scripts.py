"""Registering the scripts of plugins with a real OMERO API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omero_embedded.testing import Site
from omero_platform.official_scripts import plugin_scripts, register

from .conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

TEXT = """
import omero.scripts as scripts
client = scripts.client("Hello.py", "{}")
client.closeSession()
"""


def test_scripts_are_added_once_replaced_when_changed_and_repaired_when_edited(tmp_path: Path) -> None:
    path = tmp_path / "Hello.py"
    path.write_text(TEXT.format("first"))
    site = Site(tmp_path / "omero")
    try:
        with site.gateway("root") as gateway:
            service = gateway.getScriptService()
            assert register(service, [path]) == {"Hello.py": "added"}
            script_id = service.getScriptID("/omero/export_scripts/Hello.py")
            assert register(service, [path]) == {"Hello.py": "kept"}
            path.write_text(TEXT.format("second"))
            assert register(service, [path]) == {"Hello.py": "replaced"}
            assert service.getScriptID("/omero/export_scripts/Hello.py") == script_id
            assert "second" in service.getScriptText(script_id)
            assert service.getParams(script_id).description == "second"
    finally:
        site.stop()


def test_the_checkout_brings_the_imaris_script() -> None:
    assert [path.name for path in plugin_scripts(ROOT)] == ["IMS_Export.py"]
