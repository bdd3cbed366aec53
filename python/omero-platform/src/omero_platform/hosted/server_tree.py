"""OMERO.server's folder: it writes into its own tree, so the read-only distribution is laid out anew beside its state.

What the server writes (`var`, `etc/grid/config.xml`, scripts that people uploaded) stays over versions; everything else is
links to the distribution.
"""

from __future__ import annotations

import logging
import os
import shutil
from typing import TYPE_CHECKING

from omero_platform.errors import PlatformError
from omero_platform.instance import write_atomically

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

log = logging.getLogger(__name__)

KEPT = ("var", "home")
COPIED = ("etc",)  # `omero config` and `omero admin` write below it
MARK = "distribution"
CONFIG = "etc/grid/config.xml"
LIB, NEW_LIB, OLD_LIB = "lib", ".lib-new", ".lib-old"
LAID_OUT = "scripts-laid-out"  # beside `lib/scripts`, and gone and renewed with it


def lay_out(distribution: Path, folder: Path, script_folders: Sequence[Path] = ()) -> bool:
    """Make or renew the folder for this distribution; returns whether anything was done.

    `script_folders`, each arranged by kind as `lib/scripts/omero` is, are added to the distribution's official scripts.
    Raises PlatformError when there is no distribution.
    """
    if not (distribution / "lib").is_dir():
        raise PlatformError(f"{distribution} is no distribution of OMERO.server: it has no folder lib.")
    mark = folder / MARK
    sources = "".join(f"{path}\n" for path in (distribution, *script_folders))
    if mark.exists() and mark.read_text(encoding="utf-8") == sources:
        return False
    folder.mkdir(mode=0o750, parents=True, exist_ok=True)
    config = folder / CONFIG
    earlier = config.read_text(encoding="utf-8") if config.exists() else None
    renew_lib(distribution / LIB, folder, script_folders)
    for entry in folder.iterdir():
        if entry.name not in {*KEPT, LIB}:
            remove(entry)
    for entry in distribution.iterdir():
        if entry.name in COPIED:
            copy_writable(entry, folder / entry.name)
        elif entry.name not in {*KEPT, LIB}:
            (folder / entry.name).symlink_to(entry)
    for name in KEPT:
        (folder / name).mkdir(mode=0o750, exist_ok=True)
    if earlier is not None:
        write_atomically(config, earlier, mode=0o600)
    write_atomically(mark, sources)
    log.info("distribution=%s folder=%s laid out", distribution, folder)
    return True


def renew_lib(source: Path, folder: Path, script_folders: Sequence[Path]) -> None:
    """Bring `lib` to that of the distribution; scripts that people uploaded stay, whenever this is interrupted."""
    new, old, lib = folder / NEW_LIB, folder / OLD_LIB, folder / LIB
    remove(new)
    new.mkdir(mode=0o750)
    for entry in source.iterdir():
        if entry.name != "scripts":
            (new / entry.name).symlink_to(entry)
    scripts = new / "scripts"
    scripts.mkdir(mode=0o750)
    is_there = os.path.lexists(lib)
    copy_uploaded(lib if is_there else old, scripts)
    given = [(source / "scripts", scripts), *((path, scripts / "omero") for path in script_folders)]
    laid_out = [name for path, target in given for name in copy_scripts(path, target, scripts)]
    (new / LAID_OUT).write_text("".join(f"{name}\n" for name in laid_out), encoding="utf-8")
    if is_there:
        remove(old)
        lib.rename(old)
    new.rename(lib)
    remove(old)


def copy_uploaded(lib: Path, scripts: Path) -> None:
    """Take over the scripts of an earlier `lib` that no distribution had brought."""
    listed = lib / LAID_OUT
    if not listed.exists():
        return
    brought = set(listed.read_text(encoding="utf-8").splitlines())
    for path in (lib / "scripts").rglob("*"):
        name = path.relative_to(lib / "scripts")
        if path.is_file() and str(name) not in brought:
            (scripts / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, scripts / name)


def copy_scripts(source: Path, target: Path, scripts: Path) -> list[str]:
    """Copy scripts to where the server may replace them; returns their names below `scripts`."""
    if not source.is_dir():
        return []
    copy_writable(source, target)
    return [
        str((target / path.relative_to(source)).relative_to(scripts))
        for path in sorted(source.rglob("*"))
        if path.is_file()
    ]


def remove(entry: Path) -> None:
    """Remove a link, a file or a folder, if it is there."""
    if entry.is_dir() and not entry.is_symlink():
        shutil.rmtree(entry)
    else:
        entry.unlink(missing_ok=True)


def copy_writable(source: Path, target: Path) -> None:
    """Copy a folder whose originals may be read-only."""
    shutil.copytree(source, target, copy_function=shutil.copyfile, dirs_exist_ok=True)
    for path in (target, *target.rglob("*")):
        path.chmod(0o750 if path.is_dir() else 0o640)
