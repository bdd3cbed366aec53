"""Images made of arrays on a live server, and logged-in people who look at them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from omero_embedded.store.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray
    from omero.gateway import BlitzGateway

    from omero_embedded.testing import Site

OMERO_NAMES = {"float32": "float", "float64": "double"}


@dataclass
class Lab:
    """A group whose members read and annotate each other's data: alice and bob."""

    site: Site

    def image(self, client: Any, values: NDArray[np.generic], name: str = "image") -> tuple[int, int]:
        """Save an array [t, c, z, y, x] as an image; ids of image and pixels."""
        t, c, z, y, x = values.shape
        services = client.sf
        type_name = OMERO_NAMES.get(values.dtype.name, values.dtype.name)
        kind = services.getTypesService().getEnumeration("PixelsType", type_name)
        image_id = services.getPixelsService().createImage(x, y, z, t, list(range(c)), kind, name, "").val
        pixels_id = self.pixels_of(image_id)
        store = services.createRawPixelsStore()
        store.setPixelsId(pixels_id, True)
        big_endian = values.astype(values.dtype.newbyteorder(">"))
        for at_t in range(t):
            for at_c in range(c):
                for at_z in range(z):
                    store.setPlane(big_endian[at_t, at_c, at_z].tobytes(), at_z, at_c, at_t)
        store.close()
        return image_id, pixels_id

    def pixels_of(self, image_id: int) -> int:
        """The id of the image's pixels."""
        table = TABLES["Pixels"]
        with self.site.server.db.read() as connection:
            return int(connection.scalar(select(table.c.id).where(table.c.image == image_id)))

    def rendering(self, client: Any, pixels_id: int) -> Any:
        """A rendering engine ready for the pixels, with default settings if there are none."""
        engine = client.sf.createRenderingEngine()
        engine.lookupPixels(pixels_id)
        if not engine.lookupRenderingDef(pixels_id):
            engine.resetDefaultSettings(True)
        engine.load()
        return engine


@pytest.fixture(scope="module")
def lab(site: Site) -> Lab:
    site.group("lab", "rwra--", "alice", "bob")
    return Lab(site)


@pytest.fixture
def alice(lab: Lab) -> Iterator[Any]:
    with lab.site.client("alice") as client:
        yield client


@pytest.fixture
def bob(lab: Lab) -> Iterator[Any]:
    with lab.site.client("bob") as client:
        yield client


@pytest.fixture
def alice_conn(lab: Lab) -> Iterator[BlitzGateway]:
    with lab.site.gateway("alice") as conn:
        yield conn
