"""The `omero` command, as it is installed, in this process: every command loads OMERO once, not once each."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pytest
import tifffile
from omero.cli import CLI, NonZeroReturnCode
from omero.gateway import DatasetWrapper
from omero.model import DatasetI
from omero.rtypes import rstring

from omero_embedded.testing import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from omero_embedded.testing import Site


class Terminal:
    """A shell in which somebody is logged in."""

    def __init__(self, site: Site, capture: pytest.CaptureFixture[str]) -> None:
        self.site = site
        self._capture = capture

    def omero(self, *words: str, check: bool = True) -> str:
        """Run a command; what it printed to both streams."""
        self._capture.readouterr()
        cli = CLI()
        cli.loadplugins()
        try:
            cli.invoke(list(words), strict=True)
            code = cli.rv
        except NonZeroReturnCode as error:
            code = error.rv
        except SystemExit as error:
            code = error.code
        finally:
            cli.close()
        shown = self._capture.readouterr()
        text = shown.out + shown.err
        assert not check or not code, f"omero {' '.join(words)} ended with {code}:\n{text}"
        return text

    def log_in(self, name: str) -> None:
        """Log in as this person."""
        self.omero("login", "-s", self.site.address, "-u", name, "-w", PASSWORD)

    def made(self, *words: str) -> str:
        """Run a command that prints the object it made, e.g. Dataset:5."""
        found = re.search(r"^(\w+:\d+)$", self.omero(*words), re.MULTILINE)
        assert found is not None
        return found[1]


@pytest.fixture(scope="module")
def lab(site: Site) -> Site:
    site.group("lab", "rwra--", "alice", "bob", owners=("oscar",))
    site.group("archive", "rwra--", "alice")
    site.administrator("carol")
    return site


@pytest.fixture
def terminal(
    lab: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Iterator[Terminal]:
    """A new shell with a home of its own."""
    for name in ("OMERO_USERDIR", "OMERODIR", "OMERO_SESSIONDIR"):
        folder = tmp_path / name.lower()
        folder.mkdir()
        monkeypatch.setenv(name, str(folder))
    (tmp_path / "omerodir/etc/grid").mkdir(parents=True)
    (tmp_path / "omerodir/var").mkdir()
    monkeypatch.chdir(tmp_path)
    terminal = Terminal(lab, capfd)
    terminal.log_in("alice")
    yield terminal
    terminal.omero("logout", check=False)


@pytest.fixture
def image(lab: Site) -> tuple[int, int]:
    """A small image of alice's in a dataset of its own; the ids of both."""
    with lab.gateway("alice") as conn:
        dataset = DatasetI()
        dataset.name = rstring("cli")
        dataset = DatasetWrapper(conn, conn.getUpdateService().saveAndReturnObject(dataset))
        planes = (np.full((16, 24), value, np.uint8) for value in (10, 20))
        made = conn.createImageFromNumpySeq(planes, "cells.tif", 1, 2, 1, dataset=dataset)
        return made.getId(), dataset.getId()


@pytest.fixture
def imported(lab: Site, tmp_path: Path) -> tuple[int, Path]:
    """An image that alice imported from a file; its id and the file."""
    path = tmp_path / "imported.tif"
    tifffile.imwrite(path, np.arange(600, dtype=np.uint16).reshape(20, 30))
    (image_id,) = lab.import_files("alice", path)
    return image_id, path
