"""OMERO.server's folder: it writes into its own tree, so the read-only distribution is laid out anew beside its state.

What the server writes (`var`, `etc/grid/config.xml`) stays over versions; everything else is links to the distribution.
"""

from __future__ import annotations

import logging
import shutil
from typing import TYPE_CHECKING

from omero_platform.errors import PlatformError
from omero_platform.instance import write_atomically

if TYPE_CHECKING:
    from pathlib import Path

log = logging.getLogger(__name__)

KEPT = ("var", "home")
COPIED = ("etc",)  # `omero config` and `omero admin` write below it
MARK = "distribution"
CONFIG = "etc/grid/config.xml"


def lay_out(distribution: Path, folder: Path) -> bool:
    """Make or renew the folder for this distribution; returns whether anything was done.

    Raises PlatformError when there is no distribution.
    """
    if not (distribution / "lib").is_dir():
        raise PlatformError(f"{distribution} is no distribution of OMERO.server: it has no folder lib.")
    mark = folder / MARK
    if mark.exists() and mark.read_text(encoding="utf-8").strip() == str(distribution):
        return False
    folder.mkdir(mode=0o750, parents=True, exist_ok=True)
    config = folder / CONFIG
    earlier = config.read_text(encoding="utf-8") if config.exists() else None
    for entry in folder.iterdir():
        if entry.name not in KEPT:
            remove(entry)
    for entry in distribution.iterdir():
        if entry.name in COPIED:
            copy_writable(entry, folder / entry.name)
        elif entry.name not in KEPT:
            (folder / entry.name).symlink_to(entry)
    for name in KEPT:
        (folder / name).mkdir(mode=0o750, exist_ok=True)
    if earlier is not None:
        write_atomically(config, earlier, mode=0o600)
    write_atomically(mark, f"{distribution}\n")
    log.info("distribution=%s folder=%s laid out", distribution, folder)
    return True


def remove(entry: Path) -> None:
    """Remove a link, a file or a folder."""
    if entry.is_dir() and not entry.is_symlink():
        shutil.rmtree(entry)
    else:
        entry.unlink()


def copy_writable(source: Path, target: Path) -> None:
    """Copy a folder whose originals may be read-only."""
    shutil.copytree(source, target, copy_function=shutil.copyfile)
    for path in (target, *target.rglob("*")):
        path.chmod(0o750 if path.is_dir() else 0o640)
