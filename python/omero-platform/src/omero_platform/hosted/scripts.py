"""Official scripts of the OMERO API: what is missing is uploaded, what has another text is replaced, no more."""

from __future__ import annotations

import importlib.resources
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Script:
    """A script and its place among the official ones, such as `/omero/export_scripts/IMS_Export.py`."""

    path: str
    text: str


def script_folders(environ: Mapping[str, str]) -> list[Path]:
    """Folders of official scripts that are not the distribution's, from OMERO_SCRIPT_DIRS."""
    return [Path(folder) for folder in environ.get("OMERO_SCRIPT_DIRS", "").split(":") if folder]


def scripts_below(folder: Path, prefix: str = "/omero") -> Iterator[Script]:
    """Every script of a folder that is arranged by kind."""
    for path in sorted(folder.glob("*/*.py")):
        if path.name != "__init__.py":
            yield Script(f"{prefix}/{path.parent.name}/{path.name}", path.read_text(encoding="utf-8"))


def figure_script() -> Script:
    """The script that makes PDF files of figures, in the version of the installed OMERO.figure."""
    name = "Figure_To_Pdf.py"
    source = importlib.resources.files("omero_figure") / "scripts/omero/figure_scripts" / name
    return Script(f"/omero/figure_scripts/{name}", source.read_text(encoding="utf-8"))


def register(service: Any, scripts: Iterable[Script]) -> dict[str, str]:
    """Bring the server's official scripts to these texts; returns what was done by path."""
    present = {f"{file.path.val}{file.name.val}": file for file in service.getScripts()}
    done = {}
    for script in scripts:
        file = present.get(script.path)
        if file is None:
            service.uploadOfficialScript(script.path, script.text)
            done[script.path] = "uploaded"
        elif service.getScriptText(file.id.val) != script.text:
            service.editScript(file, script.text)
            done[script.path] = "replaced"
    for path, what in done.items():
        log.info("script=%s %s", path, what)
    return done
