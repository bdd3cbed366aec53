"""The OMERO scripts that plugins bring, registered as official ones: new, changed, or as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omero_platform.omero_session import root_session

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from omero_platform.instance import Instance

# A plugin's scripts lie in the folder `scripts` of its package.
PATTERN = "python/*/src/omeroweb_*/scripts/*.py"
FOLDER = "omero/export_scripts"


def plugin_scripts(root: Path) -> list[Path]:
    """The scripts of all plugins in a checkout."""
    return sorted(path for path in root.glob(PATTERN) if not path.name.startswith("_"))


def register(scripts: Any, paths: Iterable[Path]) -> dict[str, str]:
    """Have OMERO's script service hold these texts; returns what was done to each: added, replaced or kept."""
    done = {}
    for path in paths:
        text = path.read_text(encoding="utf-8")
        place = f"{FOLDER}/{path.name}"
        script_id = scripts.getScriptID(f"/{place}")
        if script_id < 0:
            scripts.uploadOfficialScript(place, text)
            done[path.name] = "added"
        elif scripts.getScriptText(script_id) != text:
            file = next(one for one in scripts.getScripts() if one.id.val == script_id)
            scripts.editScript(file, text)
            done[path.name] = "replaced"
        else:
            done[path.name] = "kept"
    return done


def register_plugin_scripts(instance: Instance, _service: str) -> None:
    """Bring the OMERO API's scripts up to date before those who run them start."""
    paths = plugin_scripts(instance.root)
    if paths:
        with root_session(instance) as gateway:
            register(gateway.getScriptService(), paths)
