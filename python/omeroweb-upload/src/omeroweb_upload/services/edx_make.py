"""Making one output of one file; making it again has no further effect."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from omeroweb_upload.emsa.read import parse_emsa
from omeroweb_upload.emsa.text import MAX_BYTES
from omeroweb_upload.services.attachments import Content, Place, attach, content_of_bytes, link_annotation
from omeroweb_upload.services.attachments_find import attached_files
from omeroweb_upload.services.attachments_lock import one_at_a_time
from omeroweb_upload.services.edx_figure import figure_bytes, find_figure, import_figure
from omeroweb_upload.services.edx_items import Output
from omeroweb_upload.services.edx_metadata import attach_metadata
from omeroweb_upload.services.edx_sources import find_source
from omeroweb_upload.services.edx_table import attach_table
from omeroweb_upload.spectra import names
from omeroweb_upload.spectra.analyse import Analysis, analyse
from omeroweb_upload.spectra.mimetypes import mimetype_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from omero_plugin_common.database.owned import Owner
    from omeroweb_upload.services.edx_items import Item

MIMETYPES = {"png": names.PNG_MIMETYPE, "pdf": names.PDF_MIMETYPE}


@dataclass(slots=True)
class Maker:
    """Makes outputs with the caller's connection; keeps the spectrum it read last, for the next output of it."""

    conn: Any
    owner: Owner
    namespace: str
    check: Callable[[], None]
    wait: Callable[[float], None]
    _last: tuple[str, Analysis] | None = field(default=None, init=False)

    def make(self, item: Item, output: Output) -> None:
        """Make one output unless it is there.

        Raises EmsaError, FigureError, UnknownElementError, SourceGoneError, TablesUnavailableError, FigureImportError,
        ChecksumError and what OMERO raises.
        """
        with one_at_a_time(f"attach {item.image_id} {output} {item.name}"):
            _MAKERS[output](self, item)

    def original(self, item: Item) -> None:
        source = find_source(self.conn, self.owner, item.source, item.name)
        if source.annotation_id is not None:
            link_annotation(self.conn, item.image_id, source.annotation_id)
            return
        content = Content(item.name, mimetype_of(item.name), source.size, item.sha1, source.open)
        place = Place(item.image_id, self.namespace, names.folder_for(item.image_id))
        attach(self.conn, content, place, check=self.check)

    def table(self, item: Item) -> None:
        spectrum = self.analysis(item).spectrum
        attach_table(self.conn, item.image_id, spectrum, item.name, item.sha1, check=self.check)

    def metadata(self, item: Item) -> None:
        attach_metadata(self.conn, item.image_id, self.analysis(item), item.name, item.sha1)

    def figure(self, item: Item) -> None:
        self._figure(item, "png")

    def figure_pdf(self, item: Item) -> None:
        self._figure(item, "pdf")

    def _figure(self, item: Item, kind: str) -> None:
        description = names.figure_description(item.image_id, item.name, item.sha1, item.elements)
        name = names.figure_name(item.name, kind)
        if find_figure(attached_files(self.conn, "Image", [item.image_id]), name, description) is not None:
            return
        data = figure_bytes(self.analysis(item).spectrum, kind, item.elements)
        place = Place(item.image_id, names.SPECTRA_NAMESPACE, names.folder_for(item.image_id), description)
        attach(self.conn, content_of_bytes(name, MIMETYPES[kind], data), place, check=self.check)

    def figure_image(self, item: Item) -> None:
        description = names.figure_description(item.image_id, item.name, item.sha1, item.elements)
        png = figure_bytes(self.analysis(item).spectrum, "png", item.elements)
        name = names.figure_name(item.name)
        import_figure(self.conn, item.image_id, name, png, description, wait=self.wait)

    def analysis(self, item: Item) -> Analysis:
        """The item's spectrum, read and analysed."""
        if self._last is None or self._last[0] != item.source:
            source = find_source(self.conn, self.owner, item.source, item.name)
            self._last = (item.source, analyse(parse_emsa(source.read(MAX_BYTES + 1), item.name)))
        return self._last[1]


_MAKERS: dict[Output, Callable[[Maker, Item], None]] = {
    Output.ORIGINAL: Maker.original,
    Output.TABLE: Maker.table,
    Output.METADATA: Maker.metadata,
    Output.FIGURE: Maker.figure,
    Output.FIGURE_PDF: Maker.figure_pdf,
    Output.FIGURE_IMAGE: Maker.figure_image,
}
