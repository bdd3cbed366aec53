"""Files that operating systems and photo software leave behind and that are no data."""

from __future__ import annotations

from typing import Final

from omeroweb_upload.paths import folders_of, name_of

JUNK_NAMES: Final = {
    "Windows": frozenset(
        {"thumbs.db", "desktop.ini", "ehthumbs.db", "ehthumbs_vista.db", "$recycle.bin", "iconcache.db"}
        | {"ntuser.dat", "ntuser.dat.log", "ntuser.ini"}
    ),
    "macOS": frozenset(
        {
            ".ds_store",
            ".apdisk",
            ".volumeicon.icns",
            ".fseventsd",
            ".spotlight-v100",
            ".temporaryitems",
            ".trashes",
        }
    ),
    "Linux": frozenset({".directory", ".trash-1000"}),
    "Picasa": frozenset({".picasa.ini", ".picasaoriginals"}),
    "Adobe Bridge": frozenset({".bridgecache", ".bridgecachet", ".bridgesort", ".adobe"}),
}
JUNK_FOLDERS: Final = {
    "Windows": frozenset({"$recycle.bin", "system volume information"}),
    "macOS": frozenset({".trashes", ".spotlight-v100", ".fseventsd", ".temporaryitems"}),
    "Linux": frozenset({"lost+found"}),
}
RESOURCE_FORK_PREFIX: Final = "._"


def skip_reason(path: str) -> str | None:
    """Why a file is skipped, as a sentence for the user, or None for a file that is kept.

    `path` is relative with slashes. Case does not matter. XML is never skipped, wherever it is and whatever it is
    called: it may belong to an image.
    """
    name = name_of(path).casefold()
    if name.endswith(".xml"):
        return None
    for system, names in JUNK_NAMES.items():
        if name in names:
            return f"{name_of(path)} is a file of {system}, not data"
    if name.startswith(RESOURCE_FORK_PREFIX):
        return f"{name_of(path)} is a resource fork of macOS, not data"
    for folder in folders_of(path):
        for system, names in JUNK_FOLDERS.items():
            if folder.casefold() in names:
                return f"it is in {folder}, a folder that {system} keeps for itself"
    return None
