"""People, images and waiting for the connector's tests."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import omeroweb_imaris_connector
from omero_embedded.scripts.shared import processor_of
from omero_plugin_common.database.owned import Owner
from omero_plugin_common.models import FINISHED, Job
from omero_plugin_common.testing.people import make_people
from omero_plugin_common.testing.servers import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from omero_embedded.testing import Site

SCRIPT = Path(omeroweb_imaris_connector.__file__).parent / "scripts" / "IMS_Export.py"
SCRIPT_PATH = "omero/export_scripts/IMS_Export.py"
SLEEPER = """
import time
import omero.scripts as scripts
client = scripts.client("Sleep.py", "Takes a processor.", scripts.Long("Seconds", optional=False))
time.sleep(client.getInput("Seconds").val)
client.closeSession()
"""


def fill(site: Site) -> None:
    """Make the people, dora of another group, and the export script beside one that sleeps."""
    make_people(site)
    site.group("elsewhere", "rw----", "dora")
    with site.client("root") as client:
        scripts = client.sf.getScriptService()
        scripts.uploadOfficialScript(SCRIPT_PATH, SCRIPT.read_text())
        scripts.uploadOfficialScript("omero/test_scripts/Sleep.py", SLEEPER)


@dataclass(frozen=True)
class Lab:
    """The embedded OMERO and a folder on its machine for files under construction."""

    site: Site
    work: Path

    def owner(self, name: str) -> Owner:
        return Owner(self.site.user_id(name), name)

    def image(self, person: str, pixels: NDArray[Any], name: str = "cells.tif") -> int:
        """Store an image of axes TCZYX; returns its id."""
        t, c, z = pixels.shape[:3]
        order = ((i, j, k) for k in range(z) for j in range(c) for i in range(t))
        with self.site.gateway(person) as conn:
            planes = (np.ascontiguousarray(pixels[index]) for index in order)
            made = conn.createImageFromNumpySeq(planes, name, z, c, t)
            return int(made.id)

    @contextmanager
    def file_of(self, person: str, annotation_id: int) -> Iterator[Path]:
        """The contents of a file annotation, as that person reads it, in a temporary file."""
        with self.site.gateway(person) as conn, tempfile.NamedTemporaryFile(suffix=".ims") as file:
            conn.SERVICE_OPTS.setOmeroGroup("-1")
            for piece in conn.getObject("FileAnnotation", annotation_id).getFileInChunks():
                file.write(piece)
            file.flush()
            yield Path(file.name)

    def take_processors(self, count: int, seconds: int = 600) -> list[Any]:
        """Start scripts that do nothing, as root; returns their clients and processes, to be ended by `free`."""
        import omero
        from omero.rtypes import rint, rlong

        client = omero.client(host=self.site.address)
        client.createSession("root", _password())
        service = client.sf.getScriptService()
        script = service.getScriptID("/omero/test_scripts/Sleep.py")
        return [
            client,
            *(service.runScript(script, {"Seconds": rlong(seconds)}, rint(5)) for _ in range(count)),
        ]

    def free(self, taken: list[Any]) -> None:
        client, *processes = taken
        for process in processes:
            process.kill()
        client.closeSession()

    def running_scripts(self) -> list[Any]:
        return list(processor_of(self.site.server)._running)

    def free_slots(self) -> int:
        return processor_of(self.site.server)._free._value

    def wait_until_idle(self) -> None:
        """Every processor slot is free again and no temporary folder of a script is left."""
        processor = processor_of(self.site.server)
        wait_until(lambda: processor._free._value == processor.slots, "all processor slots being free")
        wait_until(
            lambda: not list(Path(tempfile.gettempdir()).glob("process*.dir")), "scripts' folders being gone"
        )


def _password() -> str:
    from omero_embedded.testing import PASSWORD

    return PASSWORD


def row(job_id: str) -> Job:
    found: Job = Job.objects.get(pk=job_id)
    return found


def wait_for_end(job_id: str, timeout: float = 120) -> Job:
    wait_until(lambda: row(job_id).state in FINISHED, f"the end of job {job_id}", timeout)
    return row(job_id)


def volume(shape: tuple[int, int, int, int, int], dtype: Any, seed: int = 1) -> NDArray[Any]:
    """Random pixels over the whole range of a type, along TCZYX."""
    rng = np.random.default_rng(seed)
    kind = np.dtype(dtype)
    if kind.kind == "f":
        return rng.normal(0, 1000, shape).astype(kind)
    limits = np.iinfo(kind)
    return rng.integers(limits.min, limits.max, shape, dtype=kind, endpoint=True)
