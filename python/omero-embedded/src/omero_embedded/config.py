"""Configuration values (omero.*): defaults, what the server was started with, what an administrator set."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select

from omero_embedded.store.tables import STORE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from omero_embedded.store.database import Database

VERSION = "5.6.18"

DEFAULTS: dict[str, str] = {
    "omero.version": VERSION,
    "omero.host": "",
    "omero.db.name": "omero",
    "omero.fs.repo.path": "%user%_%userId%//%year%-%month%/%day%/%time%",
    "omero.sessions.timeout": "600000",
    "omero.sessions.maximum": "0",
    "omero.scripts.processors": "4",
    "omero.scripts.timeout": "3600000",
    "omero.pixeldata.max_plane_width": "3192",
    "omero.pixeldata.max_plane_height": "3192",
    "omero.pixeldata.max_projection_bytes": "268435456",
    "omero.download.ms_limit": "0",
    "omero.client.download_as.max_size": "144000000",
    "omero.client.scripts_to_ignore": "/omero/figure_scripts/Movie_Figure.py,/omero/figure_scripts/Split_View_Figure.py,"
    "/omero/figure_scripts/Thumbnail_Figure.py,/omero/figure_scripts/ROI_Split_Figure.py,"
    "/omero/export_scripts/Make_Movie.py,/omero/import_scripts/Populate_ROI.py",
    "omero.client.ui.menu.dropdown.colleagues.label": "Members",
    "omero.client.ui.menu.dropdown.colleagues.enabled": "true",
    "omero.client.ui.menu.dropdown.leaders.label": "Owners",
    "omero.client.ui.menu.dropdown.leaders.enabled": "true",
    "omero.client.ui.menu.dropdown.everyone.label": "All Members",
    "omero.client.ui.menu.dropdown.everyone.enabled": "true",
    "omero.client.ui.tree.orphans.name": "Orphaned Images",
    "omero.client.ui.tree.orphans.enabled": "true",
    "omero.client.ui.tree.orphans.description": "This is a virtual container with orphaned images. These images are not linked "
    "anywhere. Just drag them to the selected container.",
    "omero.client.ui.tree.type_order": "tagset,tag,project,dataset,screen,plate,acquisition,image",
    "omero.client.viewer.roi_limit": "2000",
    "omero.client.viewer.initial_zoom_level": "0",
    "omero.client.viewer.interpolate_pixels": "true",
    "omero.client.web.host": "",
    "omero.client.icetransports": "ssl,tcp",
    "omero.upgrades.url": "",
    "omero.qc.openfiles": "false",
    "omero.search.max_file_size": "131072000",
    "omero.policy.binary_access": "+read,+write,+image",
    "omero.security.password_required": "true",
    "omero.security.login_failure_throttle_count": "1",
    "omero.security.login_failure_throttle_time": "3000",
}

_PREFIX = "config:"


class Config:
    """All values by key; what an administrator sets is kept in the store."""

    def __init__(self, db: Database, given: Mapping[str, str]) -> None:
        self._db = db
        self._values = DEFAULTS | dict(given)
        with db.read() as connection:
            for key, value in connection.execute(select(STORE.c.key, STORE.c.value)):
                if key.startswith(_PREFIX):
                    self._values[key.removeprefix(_PREFIX)] = value

    def get(self, key: str, default: object = "") -> str:
        """The value, or the default for an unknown or empty one."""
        return self._values.get(key) or str(default)

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def items(self) -> Iterator[tuple[str, str]]:
        """All keys and values."""
        yield from sorted(self._values.items())

    def suggest(self, key: str, value: str) -> None:
        """A value for a key that nobody has set."""
        self._values.setdefault(key, value)

    def set(self, key: str, value: str | None) -> None:
        """Set the value for good; None or "" goes back to the default."""
        with self._db.write() as connection:
            connection.execute(delete(STORE).where(STORE.c.key == _PREFIX + key))
            if value:
                connection.execute(insert(STORE).values(key=_PREFIX + key, value=value))
        if value:
            self._values[key] = value
        elif key in DEFAULTS:
            self._values[key] = DEFAULTS[key]
        else:
            self._values.pop(key, None)
