"""The people that tests of plugins need on their OMERO, and the account that jobs log in with."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from omero_embedded.testing import Site


def make_people(site: Site, *, permissions: str = "rwr---", owners: tuple[str, ...] = ()) -> None:
    """Make alice and bob of the lab, carol the administrator, and job-service that may only Sudo."""
    site.group("lab", permissions, "alice", "bob", owners=owners)
    site.administrator("carol")
    site.administrator("job-service", "Sudo")


def introduce_to_jobs(site: Site, folder: Path) -> None:
    """Tell jobs, of this process and of workers started from it, where OMERO is and how they log in.

    The password of job-service is written into the folder.
    """
    from omero_embedded.testing import PASSWORD  # noqa: PLC0415 - only tests with an OMERO have it

    password = folder / "job-service-password"
    password.write_text(PASSWORD)
    os.environ.update(
        {
            "OMEROHOST": "127.0.0.1",
            "OMERO_PORT": str(site.server.ports()["ssl"]),
            "OMERO_JOB_SERVICE_PASS_FILE": str(password),
        }
    )
