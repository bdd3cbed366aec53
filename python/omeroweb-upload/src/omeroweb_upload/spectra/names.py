"""Names, namespaces and descriptions of what is made of a spectrum; other software finds it by these."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from omeroweb_upload.paths import stem_of

if TYPE_CHECKING:
    from collections.abc import Sequence

SPECTRA_NAMESPACE: Final = "sem_edx.spectra"
METADATA_NAMESPACE: Final = "sem_edx.metadata"
ATTACHMENT_NAMESPACE: Final = "omeroweb_upload.attachment"
TABLE_NAMESPACE: Final = "openmicroscopy.org/omero/client/table"
TABLE_COLUMNS: Final = ("Image", "Energy_keV", "Counts")

TEXT_MIMETYPE: Final = "text/plain"
PNG_MIMETYPE: Final = "image/png"
PDF_MIMETYPE: Final = "application/pdf"


def folder_for(image_id: int) -> str:
    """The folder that OMERO shows for files attached to an image."""
    return f"sem_edx/img_{image_id}/"


def table_folder(image_id: int, sha1: str) -> str:
    """The folder of a spectrum's table: spectra of the same name on one image stay apart."""
    return f"{folder_for(image_id)}{sha1[:12]}/"


def table_name(spectrum_name: str) -> str:
    """`grain 3.txt` has its table in `grain 3.h5`."""
    return f"{stem_of(spectrum_name)}.h5"


def figure_name(spectrum_name: str, kind: str = "png") -> str:
    """`grain 3.txt` is drawn in `grain 3_edx.png`."""
    return f"{stem_of(spectrum_name)}_edx.{kind}"


def table_description(spectrum_name: str, sha1: str) -> str:
    """What a table's annotation says; names the spectrum's file."""
    return f"Energies and counts of the SEM-EDX spectrum {spectrum_name} (SHA-1 {sha1})"


def figure_description(image_id: int, spectrum_name: str, sha1: str, elements: Sequence[str] | None) -> str:
    """What a figure says; names the image, the spectrum's file and the elements that were chosen, if any were."""
    labels = "labels of the file" if elements is None else f"labels {', '.join(elements) or 'left out'}"
    return f"Figure of the SEM-EDX spectrum {spectrum_name} of image {image_id} (SHA-1 {sha1}; {labels})"
