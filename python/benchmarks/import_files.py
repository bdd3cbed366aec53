"""How fast files come in: 1,000 small TIFFs one import each, and one upload of 1 GB with its checksum.

Usage: python python/benchmarks/import_files.py [--images 1000] [--megabytes 1024]
Bounds: 20 images/s end to end, 200 MB/s.
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import omero
import omero.all
import omero.callbacks
import omero.grid
import tifffile
from omero.rtypes import rbool, rstring

from omero_embedded.testing import PASSWORD, Site

IMAGES_PER_SECOND = 20
MEGABYTES_PER_SECOND = 200
BLOCK = 8 * 1024 * 1024


def main() -> int:
    """Run both, with the client in a process of its own; exit status 1 if a bound is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=1000)
    parser.add_argument("--megabytes", type=int, default=1024)
    parser.add_argument("--client", metavar="ADDRESS", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.client:
        return run_client(arguments.client, arguments.images, arguments.megabytes)
    with tempfile.TemporaryDirectory() as folder:
        site = Site(Path(folder) / "data")
        site.group("lab", "rwr---", "alice")
        options = ["--images", str(arguments.images), "--megabytes", str(arguments.megabytes)]
        try:
            return subprocess.run(
                [sys.executable, __file__, "--client", site.address, *options], check=False
            ).returncode
        finally:
            site.stop()


def run_client(address: str, images: int, megabytes: int) -> int:
    """What a client sees of it."""
    client = omero.client(host=address)
    client.createSession("alice", PASSWORD)
    with tempfile.TemporaryDirectory() as folder:
        rate = import_images(client, Path(folder), images)
    speed = upload(client, megabytes)
    client.closeSession()
    print(f"import of {images} TIFFs: {rate:.1f} images/s (bound {IMAGES_PER_SECOND})")
    print(f"upload of {megabytes} MB with SHA-1: {speed:.0f} MB/s (bound {MEGABYTES_PER_SECOND})")
    return int(rate < IMAGES_PER_SECOND or speed < MEGABYTES_PER_SECOND)


def import_images(client: Any, folder: Path, count: int) -> float:
    """Images per second, each a fileset of its own that is uploaded, verified, read and saved before the next."""
    random = np.random.default_rng(0)
    paths = []
    for number in range(count):
        path = folder / f"{number}.tif"
        tifffile.imwrite(path, random.integers(0, 4000, (128, 128)).astype("uint16"))
        paths.append(path)
    repository = client.getManagedRepository()
    start = time.perf_counter()
    for path in paths:
        import_one(client, repository, path)
    return count / (time.perf_counter() - start)


def import_one(client: Any, repository: Any, path: Path) -> None:
    """One import through the public API, waiting for its end as omero-py's callbacks do."""
    fileset = omero.model.FilesetI()
    entry = omero.model.FilesetEntryI()
    entry.clientPath = rstring(str(path))
    fileset.addFilesetEntry(entry)
    fileset.linkJob(omero.model.UploadJobI())
    settings = omero.grid.ImportSettings()
    settings.doThumbnails = rbool(True)
    process = repository.importFileset(fileset, settings)
    store = process.getUploader(0)
    data = path.read_bytes()
    store.write(data, 0, len(data))
    store.close()
    handle = process.verifyUpload([hashlib.sha1(data).hexdigest()])
    callback = omero.callbacks.CmdCallbackI(client, handle)
    response = callback.loop(60, 1000)
    assert isinstance(response, omero.grid.ImportResponse), response
    callback.close(True)
    process.close()


def upload(client: Any, megabytes: int) -> float:
    """Megabytes per second of a file sent in 8 MB blocks until its checksum is stored and right."""
    block = np.random.default_rng(1).bytes(BLOCK)
    expected = hashlib.sha1()
    blocks = megabytes * 1024 * 1024 // BLOCK
    for _ in range(blocks):
        expected.update(block)
    file = omero.model.OriginalFileI()
    file.name, file.path = rstring("big"), rstring("/")
    file = client.sf.getUpdateService().saveAndReturnObject(file)
    start = time.perf_counter()
    store = client.sf.createRawFileStore()
    store.setFileId(file.id.val)
    for number in range(blocks):
        store.write(block, number * BLOCK, BLOCK)
    saved = store.save()
    store.close()
    seconds = time.perf_counter() - start
    assert saved.hash.val == expected.hexdigest()
    assert saved.size.val == blocks * BLOCK
    return megabytes / seconds


if __name__ == "__main__":
    sys.exit(main())
