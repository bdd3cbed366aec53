"""A server that is killed while files come in."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import threading
from pathlib import Path

import Ice
import numpy as np
import omero
import pytest
import tifffile
from omero.rtypes import unwrap

from omero_embedded import testing
from omero_embedded.files.layout import by_id
from omero_embedded.testing_images import Importer

SERVER = """
import sys, threading
from pathlib import Path
from omero_embedded.testing import Site
site = Site(Path(sys.argv[1]))
if site.server.directory.user_named("alice") is None:
    site.group("lab", "rwr---", "alice")
print(site.address, flush=True)
threading.Event().wait()
"""


class Process:
    """A server in a process of its own."""

    def __init__(self, folder: Path) -> None:
        source = str(Path(testing.__file__).parents[1])
        self.process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", SERVER, str(folder)],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": source},
        )
        self.address = self.process.stdout.readline().strip()
        assert self.address, "the server did not start"

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()


def import_until_killed(address: str, path: Path, begun: threading.Event) -> None:
    client = omero.client(host=address)
    with contextlib.suppress(Ice.Exception, omero.ClientError, omero.LockTimeout):
        client.createSession("alice", testing.PASSWORD)
        importer = Importer(client, patience=30)
        while True:
            importer.run([path])
            begun.set()
    with contextlib.suppress(Exception):
        client.__del__()


@pytest.mark.parametrize("kills", [2, pytest.param(50, marks=pytest.mark.soak)])
def test_after_kills_every_image_has_its_pixels_and_nothing_else_is_left(tmp_path, kills):
    path = tmp_path / "sent.tif"
    tifffile.imwrite(path, np.arange(10_000, dtype="uint16").reshape(100, 100))
    data = tmp_path / "data"
    moments = random.Random(7)
    for _ in range(kills):
        server = Process(data)
        begun = threading.Event()
        client = threading.Thread(target=import_until_killed, args=(server.address, path, begun), daemon=True)
        client.start()
        assert begun.wait(60)
        client.join(moments.uniform(0.05, 0.4))
        server.kill()
        client.join(60)
        assert not client.is_alive(), "a client waits for a server that is gone"
    site = testing.Site(data)
    try:
        check(site, data, path)
    finally:
        site.stop()


def test_data_of_what_was_never_committed_is_given_to_nobody_else(tmp_path):
    lost = [by_id(tmp_path, 5_000), tmp_path / "Pixels" / "000" / "70.raw"]
    for path in lost:
        path.parent.mkdir(parents=True)
        path.write_bytes(b"of nobody")
    site = testing.Site(tmp_path)
    site.group("lab", "rwr---", "alice")
    try:
        with site.client("alice") as client:
            assert client.upload(__file__).id.val > 5_000
            (image_id,) = site.import_files("alice", fake(tmp_path))
            query = "select p.id from Pixels p where p.image.id = :id"
            parameters = omero.sys.ParametersI().addId(image_id)
            assert unwrap(client.sf.getQueryService().projection(query, parameters)) == [[71]]
    finally:
        site.stop()
    assert [path.read_bytes() for path in lost] == [b"of nobody"] * 2


def fake(folder: Path) -> Path:
    path = folder / "a.fake"
    path.touch()
    return path


def check(site, data: Path, path: Path) -> None:
    with site.client("alice") as client:
        query = client.sf.getQueryService()
        pixels = [row[0] for row in unwrap(query.projection("select p.id from Pixels p", None))]
        assert pixels
        store = client.sf.createRawPixelsStore()
        for pixels_id in pixels:
            store.setPixelsId(pixels_id, False)
            assert np.frombuffer(store.getPlane(0, 0, 0), ">u2").sum() == sum(range(10_000))
        store.close()
        empty = "select f.id from Fileset f where f.id not in (select i.fileset.id from Image i)"
        assert unwrap(query.projection(empty, None)) == []
        rows = unwrap(
            query.projection(
                "select f.path, f.name from OriginalFile f where f.mimetype = 'image/tiff'", None
            )
        )
    root = data / "ManagedRepository"
    on_disk = sorted(str(found.relative_to(root)) for found in root.rglob("*.tif"))
    assert on_disk == sorted(folder + name for folder, name in rows)
    assert len(on_disk) == len(pixels)
    assert all((root / found).read_bytes() == path.read_bytes() for found in on_disk)
    with pytest.raises(StopIteration):
        next(found for found in root.rglob("*") if found.is_dir() and not any(found.iterdir()))
