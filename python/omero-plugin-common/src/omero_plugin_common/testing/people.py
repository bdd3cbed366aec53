"""The people that tests of plugins need on their OMERO, and the account that jobs log in with."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pathlib import Path


class Lab(Protocol):
    """An OMERO server that tests fill with people."""

    def group(self, name: str, permissions: str, *members: str, owners: tuple[str, ...] = ()) -> int:
        """Make a group and its members."""

    def administrator(self, name: str, *privileges: str) -> int:
        """Make an administrator, of the named privileges alone if there are any."""


def make_people(site: Lab, *, permissions: str = "rwr---", owners: tuple[str, ...] = ()) -> None:
    """Make alice and bob of the lab, carol the administrator, and job-service that may only Sudo."""
    site.group("lab", permissions, "alice", "bob", owners=owners)
    site.administrator("carol")
    site.administrator("job-service", "Sudo")


def introduce_to_jobs(port: int, password: str, folder: Path) -> None:
    """Tell jobs, of this process and of workers started from it, where OMERO is and how they log in.

    The password of job-service is written into the folder.
    """
    file = folder / "job-service-password"
    file.write_text(password)
    os.environ.update(
        {"OMEROHOST": "127.0.0.1", "OMERO_PORT": str(port), "OMERO_JOB_SERVICE_PASS_FILE": str(file)}
    )
