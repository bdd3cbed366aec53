"""Table: rows and columns of an OMERO.tables file."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from typing import TYPE_CHECKING, Any

import omero
import omero.all
import omero.cmd
from omero.rtypes import unwrap

from omero_embedded import errors
from omero_embedded.files import checksums, rows
from omero_embedded.files.load import in_all_groups, original_file
from omero_embedded.tables.storage import acquire
from tables import HDF5ExtError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from omero_embedded.files.rows import FileRow
    from omero_embedded.security.context import Call
    from omero_embedded.server import Server

log = logging.getLogger(__name__)


class Table:
    """One open table. Size and checksum go to the file's row when it is closed after a change."""

    def __init__(self, server: Server, call: Call, row: FileRow, path: Path) -> None:
        self._server = server
        self._call = call
        self._row = row
        self._path = path
        self._writable = row.rights(call).edit
        self._storage: Any = acquire(path, self, read_only=False)
        # After opening: changes since then, by others, are what OMERO's optimistic lock is about.
        self._stamp = time.time()
        self._lock = threading.Lock()

    # Reading

    def getOriginalFile(self, call: Call) -> Any:
        """The file."""
        return original_file(call, self._row.id)

    def getHeaders(self, call: Call) -> list[Any]:
        """The columns, without values."""
        columns: list[Any] = self._open().cols(None, call.connection)
        return columns

    def getNumberOfRows(self, call: Call) -> int:
        """How many rows there are."""
        del call
        return int(self._open().rows())

    def getWhereList(
        self,
        call: Call,
        condition: str,
        variables: Mapping[str, Any] | None,
        start: int,
        stop: int,
        step: int,
    ) -> list[int]:
        """Numbers of the rows that meet a PyTables condition."""
        del call
        values = unwrap(variables)
        found: list[int] = self._open().getWhereList(
            self._stamp, condition, values, None, start, stop or None, step or None
        )
        return found

    def readCoordinates(self, call: Call, row_numbers: Sequence[int]) -> Any:
        """Rows by number, all columns."""
        with _in_range():
            return self._open().readCoordinates(self._stamp, row_numbers, call.connection)

    def read(self, call: Call, col_numbers: Sequence[int], start: int, stop: int) -> Any:
        """Columns of a range of rows; 0 to 0 is all of them."""
        with _in_range():
            last = None if start == 0 and stop == 0 else stop
            return self._open().read(self._stamp, col_numbers, start, last, call.connection)

    def slice(self, call: Call, col_numbers: Sequence[int], row_numbers: Sequence[int]) -> Any:
        """Columns of rows; none given means all."""
        return self._open().slice(self._stamp, col_numbers, row_numbers, call.connection)

    # Writing

    def initialize(self, call: Call, cols: Sequence[Any]) -> None:
        """Make the columns of a new table."""
        self._for_writing(call).initialize(cols)

    def addColumn(self, call: Call, col: Any) -> int:
        """OMERO.tables cannot do this either."""
        del col
        self._for_writing(call)
        raise errors.not_supported("Table.addColumn; OMERO.server does not support it either")

    def addData(self, call: Call, cols: Sequence[Any]) -> None:
        """Append rows."""
        self._for_writing(call).append(cols)

    def update(self, call: Call, modified_data: Any) -> None:
        """Change rows that were read before."""
        storage = self._for_writing(call)
        if modified_data is not None:
            storage.update(self._stamp, modified_data)

    def delete(self, call: Call) -> None:
        """Delete the table's file."""
        self._for_writing(call)
        self.close(call)
        request = omero.cmd.Delete2(
            targetObjects={"OriginalFile": [self._row.id]}, childOptions=[], dryRun=False
        )
        command: Any = self._server.command(request)
        command.run(in_all_groups(call), request, lambda _done, _total: None)

    # Metadata

    def getMetadata(self, call: Call, key: str) -> Any:
        """One value, None if there is none of that name."""
        del call
        return self._open().get_meta_map().get(key)

    def getAllMetadata(self, call: Call) -> dict[str, Any]:
        """All values."""
        del call
        found: dict[str, Any] = self._open().get_meta_map()
        return found

    def setMetadata(self, call: Call, key: str, value: Any) -> None:
        """Set one value."""
        self._for_writing(call).add_meta_map({key: value})

    def setAllMetadata(self, call: Call, dict: Mapping[str, Any]) -> None:  # noqa: A002 - Slice name
        """Replace all values."""
        self._for_writing(call).add_meta_map(dict, replace=True)

    # Life

    def close(self, call: Call) -> None:
        """Close the file, and store its size and checksum if it was changed."""
        with self._lock:
            storage, self._storage = self._storage, None
        if storage is None:
            return
        changed = storage.modified()
        storage.decr(self)
        if changed and self._writable:
            self._save(call)

    def release(self) -> None:
        """The client is gone; a table that somebody deleted meanwhile needs no size any more."""
        with contextlib.suppress(omero.ServerError, FileNotFoundError):
            self.close(self._call)

    def _save(self, call: Call) -> None:
        values = {"size": self._path.stat().st_size, "hash": checksums.of_file(checksums.SHA1, self._path)}
        with call.db.write() as connection:
            hasher = rows.hasher_id(connection, checksums.SHA1)
            rows.change(connection, call, self._row.id, {**values, "hasher": hasher})

    def _open(self) -> Any:
        if self._storage is None:
            raise errors.api_usage(f"the table of OriginalFile:{self._row.id} is closed")
        return self._storage

    def _for_writing(self, call: Call) -> Any:
        if not self._writable:
            raise errors.security(f"{call.caller.user_name} cannot write to OriginalFile:{self._row.id}")
        return self._open()


@contextlib.contextmanager
def _in_range() -> Iterator[None]:
    try:
        yield
    except HDF5ExtError as error:
        raise errors.api_usage(f"rows cannot be read, they are probably out of range: {error}") from error
