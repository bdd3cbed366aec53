"""Checks that ask OMERO itself, where something is missing there."""

from __future__ import annotations

from omero_embedded.testing import Site
from omeroweb_admin_tools.services.diagnostics.omero_checks import run_script


def test_without_a_script_processor_the_check_says_what_is_missing(tmp_path):
    site = Site(tmp_path, config={"omero.scripts.processors": "0"})
    try:
        with site.gateway("root") as conn:
            found = run_script(conn)
    finally:
        site.stop()
    assert found.status.value == "fail"
    assert "processor" in found.summary
    assert "processor" in found.advice
