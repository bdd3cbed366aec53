"""How full the disk is, as OMERO.web's pages ask."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from omero_embedded.testing import Site


def test_space_is_that_of_the_disk_with_the_data(site: Site) -> None:
    usage = shutil.disk_usage(site.server.data)
    with site.client("root") as client:
        info = client.sf.getRepositoryInfoService()
        assert info.getFreeSpaceInKilobytes() == pytest.approx(usage.free // 1024, rel=0.05)
        assert info.getUsedSpaceInKilobytes() == pytest.approx(usage.used // 1024, rel=0.05)
        assert 0 < info.getUsageFraction() < 1
        info.sanityCheckRepository()
