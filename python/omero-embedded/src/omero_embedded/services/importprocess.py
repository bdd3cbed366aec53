"""ImportProcess: the object through which a client uploads the files of one import."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import omero
import omero.all

from omero_embedded.services.rawfile import RawFileStore

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omero_embedded.importer.process import ImportProcess
    from omero_embedded.security.context import Call
    from omero_embedded.server import Server


class ImportProcessServant:
    """Made by ManagedRepository.importFileset."""

    def __init__(self, server: Server, process: ImportProcess) -> None:
        self._server = server
        self.process = process
        self.proxy: Any = None
        self._handle: Any = None

    def getUploader(self, call: Call, i: int) -> Any:
        """A RawFileStore for writing the i-th file."""
        handle = self.process.uploader(i)
        store = RawFileStore(self._server, call.session)
        file_id = self.process.prepared.file_ids[i]
        store.lend(file_id, handle, lambda: self.process.finished(i, handle))
        return self._server.serve(call, RawFileStore.interface, store)

    def getUploadOffset(self, call: Call, i: int) -> int:
        """Bytes of the i-th file that have arrived."""
        del call
        return self.process.offset(i)

    def verifyUpload(self, call: Call, hash: Sequence[str]) -> Any:  # noqa: A002 - Slice name
        """Check the files, then import them in the background."""
        self.process.verify(call, hash)
        request = self._request()
        command: Any = self._server.command(request)
        command.expect(request.clientUuid, self.process)
        self._handle = self._server.service("omero.api.ServiceFactory").submit(call, request)
        return self._handle

    def getHandle(self, call: Call) -> Any:
        """What verifyUpload returned, None before."""
        del call
        return self._handle

    def getImportSettings(self, call: Call) -> Any:
        """The settings that the client gave."""
        del call
        return self.process.settings

    def close(self, call: Call) -> None:
        """Uploading is over; an import that failed or never began is taken back."""
        del call
        self.process.close()

    def release(self) -> None:
        """The client is gone."""
        self.process.close()

    def _request(self) -> Any:
        process = self.process
        prepared = process.prepared
        fileset = omero.model.FilesetI(prepared.id, True)
        fileset.unloadCollections()
        fileset.setTemplatePrefix(prepared.fileset.getTemplatePrefix())
        activity = omero.model.FilesetJobLinkI(prepared.links["MetadataImportJob"], True)
        activity.setParent(fileset)
        activity.setChild(omero.model.MetadataImportJobI(prepared.jobs["MetadataImportJob"], False))
        plan = prepared.plan
        location = omero.grid.ImportLocation(
            plan.prefix, plan.omitted_levels, [plan.prefix + "/".join(path) for path in plan.files], None
        )
        log_file = omero.model.OriginalFileI(prepared.log_id, False)
        return omero.grid.ImportRequest(
            str(uuid.uuid4()),
            process.repository.uuid,
            self.proxy,
            activity,
            process.settings,
            location,
            log_file,
        )
