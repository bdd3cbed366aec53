"""Images for tests: made of numbers, or imported from files as client libraries do it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np
import omero
import omero.all
import omero.grid
from omero.callbacks import CmdCallbackI
from omero.rtypes import rbool, rstring

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray
    from omero.gateway import BlitzGateway

CHECKSUM = "SHA1-160"


class ImportFailedError(RuntimeError):
    """The server did not import files; the message says which and why."""


class Importer:
    """One client's imports; it waits `patience` tenths of a second for an answer."""

    def __init__(self, client: Any, patience: int = 600) -> None:
        self.client = client
        self.patience = patience
        self.repository = client.getManagedRepository()

    def begin(
        self, paths: list[Path], algorithm: str = CHECKSUM, annotations: Sequence[Any] = (), **settings: Any
    ) -> Any:
        """An import process for files."""
        fileset = omero.model.FilesetI()
        for path in paths:
            entry = omero.model.FilesetEntryI()
            entry.clientPath = rstring(str(path))
            fileset.addFilesetEntry(entry)
        fileset.linkJob(omero.model.UploadJobI())
        for annotation in annotations:
            fileset.linkAnnotation(annotation)
        wishes = omero.grid.ImportSettings()
        wishes.doThumbnails = rbool(True)
        wishes.noStatsInfo = rbool(False)
        wishes.checksumAlgorithm = omero.model.ChecksumAlgorithmI()
        wishes.checksumAlgorithm.value = rstring(algorithm)
        for name, value in settings.items():
            setattr(wishes, name, value)
        return self.repository.importFileset(fileset, wishes)

    def upload(self, process: Any, paths: list[Path], block: int = 1_000_000) -> None:
        """Send all files."""
        for number, path in enumerate(paths):
            store = process.getUploader(number)
            with path.open("rb") as stream:
                self.client.write_stream(stream, store, block)
            store.close()

    def run(self, paths: list[Path], **options: Any) -> Any:
        """Import files; the response, or the ERR."""
        process = self.begin(paths, **options)
        try:
            self.upload(process, paths)
            handle = process.verifyUpload([sha1(path) for path in paths])
            return self.wait(handle)
        finally:
            process.close()

    def wait(self, handle: Any) -> Any:
        """The response of a handle."""
        callback = CmdCallbackI(self.client, handle)
        callback.loop(self.patience, 100)
        response = callback.getResponse()
        callback.close(True)
        return response

    def ids(self, paths: list[Path], **options: Any) -> list[int]:
        """Import files; the ids of their images. Raises ImportFailedError with what the server said."""
        response = self.run(paths, **options)
        if not isinstance(response, omero.grid.ImportResponse):
            raise ImportFailedError(f"{paths[0].name}: {response.parameters.get('message', response)}")
        return [pixels.image.id.val for pixels in response.pixels]

    def images(self, paths: list[Path], **options: Any) -> list[Any]:
        """Import files and load their images with everything that clients look at."""
        params = omero.sys.ParametersI().addIds(self.ids(paths, **options))
        loaded: list[Any] = self.client.sf.getQueryService().findAllByQuery(
            "select i from Image i join fetch i.pixels p join fetch p.pixelsType left outer join fetch p.channels c "
            "left outer join fetch c.logicalChannel left outer join fetch c.statsInfo "
            "left outer join fetch i.format where i.id in (:ids) order by i.series",
            params,
        )
        return loaded


def sha1(path: Path) -> str:
    """The checksum of a file that goes with the default algorithm."""
    return hashlib.sha1(path.read_bytes(), usedforsecurity=False).hexdigest()


def make_dataset(conn: BlitzGateway, name: str) -> int:
    """An empty dataset; its id."""
    dataset = omero.model.DatasetI()
    dataset.name = rstring(name)
    made: int = conn.getUpdateService().saveAndReturnObject(dataset).id.val
    return made


def make_image(
    conn: BlitzGateway,
    name: str,
    *,
    shape: tuple[int, int, int, int, int] = (1, 1, 1, 32, 32),
    dtype: str = "uint16",
    dataset: int | None = None,
) -> int:
    """An image whose pixels count upwards; `shape` is (t, c, z, y, x). Returns its id."""
    t, c, z, y, x = shape
    values = np.arange(np.prod(shape), dtype=np.uint64).astype(dtype).reshape(t, c, z, y, x)

    def planes() -> Iterator[NDArray[Any]]:
        return (
            values[time, channel, section]
            for section in range(z)
            for channel in range(c)
            for time in range(t)
        )

    target = None if dataset is None else conn.getObject("Dataset", dataset)
    made: int = conn.createImageFromNumpySeq(planes(), name, z, c, t, dataset=target).getId()
    return made
