"""Importing as the client libraries do: through the public API of the managed repository."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import omero
import omero.all
import omero.grid
import pytest
from omero.callbacks import CmdCallbackI
from omero.rtypes import rbool, rstring

if TYPE_CHECKING:
    from pathlib import Path


class Importer:
    """One client's imports; it waits `patience` tenths of a second for an answer."""

    def __init__(self, client: Any, patience: int = 600) -> None:
        self.client = client
        self.patience = patience
        self.repository = client.getManagedRepository()

    def begin(
        self, paths: list[Path], algorithm: str = "SHA1-160", annotations: tuple = (), **settings: Any
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

    def images(self, paths: list[Path], **options: Any) -> list[Any]:
        """Import files and load their images with everything that clients look at."""
        response = self.run(paths, **options)
        assert isinstance(response, omero.grid.ImportResponse), response
        params = omero.sys.ParametersI().addIds([pixels.image.id.val for pixels in response.pixels])
        return self.client.sf.getQueryService().findAllByQuery(
            "select i from Image i join fetch i.pixels p join fetch p.pixelsType left outer join fetch p.channels c "
            "left outer join fetch c.logicalChannel left outer join fetch c.statsInfo "
            "left outer join fetch i.format where i.id in (:ids) order by i.series",
            params,
        )


def sha1(path: Path) -> str:
    return hashlib.sha1(path.read_bytes()).hexdigest()


@pytest.fixture(scope="module")
def lab(site):
    site.group("lab", "rwr---", "alice", "bob")
    return site


@pytest.fixture
def alice(lab):
    with lab.client("alice") as client:
        yield Importer(client)
