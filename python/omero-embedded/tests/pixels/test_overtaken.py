"""Settings and thumbnails of images that others change or delete meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import omero
import pytest
from sqlalchemy import func, select

from omero_embedded.pixels import gallery, keep, thumbnail_rows
from omero_embedded.pixels.rows import load_pixels
from omero_embedded.store.tables import TABLES
from omero_embedded.wire.dispatch import make_call

if TYPE_CHECKING:
    from .conftest import Lab

VALUES = np.arange(64, dtype="uint8").reshape(1, 1, 1, 8, 8)


def rows_of(lab: Lab, pixels_id: int) -> dict[str, int]:
    """How many rows display an image."""
    with lab.site.server.db.read() as connection:
        return {
            name: connection.scalar(
                select(func.count()).select_from(TABLES[name]).where(TABLES[name].c.pixels == pixels_id)
            )
            for name in ("RenderingDef", "Thumbnail")
        }


def delete(client: Any, image_id: int) -> None:
    client.submit(omero.cmd.Delete2(targetObjects={"Image": [image_id]}))


def call_of(lab: Lab, client: Any) -> Any:
    server = lab.site.server
    return make_call(server, server.sessions.get(client.getSessionId()), {}, None)


def test_settings_saved_while_somebody_opens_the_gallery_are_kept(
    lab: Lab, alice: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, pixels_id = lab.image(alice, VALUES)
    initial = gallery.initial_settings

    def overtaken(store: Any, info: Any) -> Any:
        monkeypatch.setattr(gallery, "initial_settings", initial)
        engine = alice.sf.createRenderingEngine()
        engine.lookupPixels(pixels_id)
        engine.resetDefaultSettings(True)
        engine.lookupRenderingDef(pixels_id)
        engine.load()
        engine.setChannelWindow(0, 10.0, 20.0)
        engine.saveCurrentSettings()
        engine.close()
        return initial(store, info)

    monkeypatch.setattr(gallery, "initial_settings", overtaken)
    store = alice.sf.createThumbnailStore()
    assert store.getThumbnailByLongestSideSet(omero.rtypes.rint(32), [pixels_id])[pixels_id]
    store.close()
    engine = alice.sf.createRenderingEngine()
    engine.lookupPixels(pixels_id)
    engine.lookupRenderingDef(pixels_id)
    engine.load()
    assert (engine.getChannelWindowStart(0), engine.getChannelWindowEnd(0)) == (10.0, 20.0)
    engine.close()
    assert rows_of(lab, pixels_id)["RenderingDef"] == 1


def test_settings_of_an_image_that_was_deleted_meanwhile_are_refused_and_leave_no_rows(
    lab: Lab, alice: Any
) -> None:
    image_id, pixels_id = lab.image(alice, VALUES)
    engine = alice.sf.createRenderingEngine()
    engine.lookupPixels(pixels_id)
    engine.resetDefaultSettings(True)
    engine.lookupRenderingDef(pixels_id)
    engine.load()
    delete(alice, image_id)
    with pytest.raises(omero.ValidationException, match="was deleted"):
        engine.saveCurrentSettings()
    assert rows_of(lab, pixels_id) == {"RenderingDef": 0, "Thumbnail": 0}


def test_thumbnails_of_an_image_that_was_deleted_meanwhile_leave_no_rows(lab: Lab, alice: Any) -> None:
    image_id, pixels_id = lab.image(alice, VALUES)
    call = call_of(lab, alice)
    with call.db.read() as connection:
        info = load_pixels(connection, call, [pixels_id])[pixels_id]
    delete(alice, image_id)
    thumbnail_rows.note_thumbnails(call, [(info, (32, 32))])
    thumbnail_rows.note_thumbnails(call, [(info, (32, 32))], renewed=False)
    assert rows_of(lab, pixels_id) == {"RenderingDef": 0, "Thumbnail": 0}


def test_a_thumbnail_is_noted_once_however_many_look_at_it_first(
    lab: Lab, alice: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, pixels_id = lab.image(alice, VALUES)
    call = call_of(lab, alice)
    with call.db.read() as connection:
        info = load_pixels(connection, call, [pixels_id])[pixels_id]
    existing = thumbnail_rows._existing

    def overtaken(*values: Any) -> Any:
        monkeypatch.setattr(thumbnail_rows, "_existing", existing)
        found = existing(*values)
        thumbnail_rows.note_thumbnails(call, [(info, (32, 32))])
        return found

    monkeypatch.setattr(thumbnail_rows, "_existing", overtaken)
    thumbnail_rows.note_thumbnails(call, [(info, (32, 32))], renewed=False)
    assert rows_of(lab, pixels_id)["Thumbnail"] == 1


def test_first_settings_of_pixels_that_are_gone_are_left_out(lab: Lab, alice: Any) -> None:
    image_id, pixels_id = lab.image(alice, VALUES)
    call = call_of(lab, alice)
    with call.db.read() as connection:
        info = load_pixels(connection, call, [pixels_id])[pixels_id]
    settings = gallery.initial_settings(gallery_store(lab), info)
    delete(alice, image_id)
    assert keep.keep_settings(call, [(info, settings)]) == {}
    assert rows_of(lab, pixels_id)["RenderingDef"] == 0


def gallery_store(lab: Lab) -> Any:
    from omero_embedded.pixels.shared import pixel_store

    return pixel_store(lab.site.server)
