"""Speed of a whole export out of OMERO as a ratio to writing the same pixels from memory, measured in one run.

Usage: python ims_export.py [--mib 128] [--repeats 3]

The export reads through the raw pixel service of an embedded OMERO in a process of its own, writes the file, uploads it and attaches
it. Writing from memory is `write_ims` alone with the same options. Each figure is the best of the repeats, which alternate.
"""

import argparse
import os
import resource
import tempfile
import time
from pathlib import Path

import numpy as np
import omero
from ims_write import fluorescence_stack
from omero.gateway import BlitzGateway

from ims_writer.options import WriteOptions
from ims_writer.source import ArraySource
from ims_writer.write import write_ims
from omero_embedded.testing import PASSWORD, spawn
from omeroweb_imaris_connector.conversion.export import READ_BYTES, export_image
from omeroweb_imaris_connector.conversion.options import ExportOptions

GZIP = 1


def stored(conn: BlitzGateway, stack: np.ndarray) -> int:
    """Put the stack into OMERO; returns the image's id."""
    image = conn.createImageFromNumpySeq(iter(stack), "stack", len(stack), 1, 1)
    return int(image.id)


def from_omero(conn: BlitzGateway, image_id: int) -> float:
    """Seconds of one export; the file is deleted again."""
    began = time.perf_counter()
    done = export_image(conn, image_id, ExportOptions(compression=GZIP))
    seconds = time.perf_counter() - began
    conn.deleteObjects("Annotation", [done.attached.annotation_id], wait=True)
    return seconds


def from_memory(stack: np.ndarray, path: Path) -> float:
    """Seconds of one write from memory."""
    began = time.perf_counter()
    write_ims(path, ArraySource(stack), options=WriteOptions(gzip_level=GZIP, read_bytes=READ_BYTES))
    seconds = time.perf_counter() - began
    path.unlink()
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--mib", type=int, default=128)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    stack = fluorescence_stack(options.mib)
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        server, address = spawn(Path(folder))
        try:
            client = omero.client(host=address)
            client.createSession("root", PASSWORD)
            conn = BlitzGateway(client_obj=client)
            image_id = stored(conn, stack)
            runs = [
                (from_memory(stack, Path(folder) / "memory.ims"), from_omero(conn, image_id))
                for _ in range(options.repeats)
            ]
            client.closeSession()
        finally:
            server.terminate()
            server.wait()
    megabytes = stack.nbytes / 1e6
    memory, whole = (min(run[number] for run in runs) for number in (0, 1))
    print(
        f"{megabytes:.0f} MB of 16-bit voxels, gzip-{GZIP}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    )
    print(
        f"from memory {megabytes / memory:.0f} MB/s, out of OMERO and back into it {megabytes / whole:.0f} MB/s"
    )
    print(f"out of OMERO against from memory: {memory / whole:.2f}")
    print(
        f"peak memory with the stack itself: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MiB"
    )


if __name__ == "__main__":
    main()
