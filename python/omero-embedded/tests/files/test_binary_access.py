"""Who may download what: the policy `omero.policy.binary_access`, of the server and of a group."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import omero
import pytest
from omero.gateway import BlitzGateway
from omero.model import NamedValue

from omero_embedded.testing_images import Importer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from omero_embedded.testing import Site

POLICY = "omero.policy.binary_access"
PLATE = "p&screens=1&plateRows=1&plateCols=1.fake"


@pytest.fixture(scope="module")
def lab(site: Site) -> Site:
    site.group("lab", "rwra--", "alice", "bob", owners=("carol",))
    return site


@pytest.fixture
def policy(lab: Site) -> Iterator[Any]:
    """Sets the server's policy for one test."""
    with lab.client("root") as client:
        config = client.sf.getConfigService()
        before = config.getConfigValue(POLICY)
        yield lambda words: config.setConfigValue(POLICY, words)
        config.setConfigValue(POLICY, before)


def imported(client: Any, folder: Path, name: str) -> int:
    path = folder / name
    path.touch()
    found: int = Importer(client).ids([path])[0]
    return found


def may_download(client: Any, image_id: int) -> bool:
    """What the details of the image say; reading its file has to say the same."""
    conn = BlitzGateway(client_obj=client)
    image = conn.getObject("Image", image_id)
    file_id = next(iter(image.getImportedImageFiles())).id
    told: bool = image.canDownload()
    store = client.sf.createRawFileStore()
    refusal = (
        nullcontext() if told else pytest.raises(omero.SecurityViolation, match="Download is restricted")
    )
    with refusal:
        store.setFileId(file_id)
        store.read(0, 1)
    store.close()
    return told


def test_images_are_downloaded_and_plates_are_not(lab: Site, tmp_path: Path) -> None:
    with lab.client("alice") as client:
        single, well = imported(client, tmp_path, "a.fake"), imported(client, tmp_path, PLATE)

        assert may_download(client, single)
        assert not may_download(client, well)
        plates = client.sf.getQueryService().findAllByQuery("select p from Plate p join fetch p.wells", None)
        assert [plate.details.permissions.isRestricted("RESTRICT-BINARY-ACCESS") for plate in plates] == [
            True
        ]
        wells = plates[0].copyWells()
        assert [one.details.permissions.isRestricted("RESTRICT-BINARY-ACCESS") for one in wells] == [True]


def test_the_server_may_allow_plates_and_forbid_images(lab: Site, tmp_path: Path, policy: Any) -> None:
    with lab.client("alice") as client:
        single, well = imported(client, tmp_path, "a.fake"), imported(client, tmp_path, PLATE)

        policy("+read,+write,+image,+plate")
        assert may_download(client, well)

        policy("+read,+write,-image,+plate")
        assert not may_download(client, single)


def test_bob_cannot_download_alices_image_where_only_writers_may(
    lab: Site, tmp_path: Path, policy: Any
) -> None:
    with lab.client("alice") as alice, lab.client("bob") as bob, lab.client("carol") as carol:
        image = imported(alice, tmp_path, "a.fake")
        policy("-read,+write,+image")

        assert [may_download(client, image) for client in (alice, bob, carol)] == [True, False, True]


def test_a_group_may_allow_its_plates(lab: Site, tmp_path: Path) -> None:
    lab.group("screeners", "rw----", "dora")
    with lab.client("root") as client:
        admin = client.sf.getAdminService()
        group = admin.lookupGroup("screeners")
        group.config = [NamedValue(POLICY, "+plate")]
        admin.updateGroup(group)
    with lab.client("dora") as client:
        assert may_download(client, imported(client, tmp_path, PLATE))


def test_a_text_that_belongs_to_an_image_is_free(lab: Site, policy: Any, tmp_path: Path) -> None:
    policy("+read,+write")
    path = tmp_path / "notes.txt"
    path.write_text("free")
    with lab.client("alice") as client:
        made = client.upload(str(path))
        store = client.sf.createRawFileStore()
        store.setFileId(made.id.val)
        assert store.read(0, 4) == b"free"
        store.close()
