"""What the interface's description says of spectra and attachments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from omeroweb_upload.services.edx_items import UndoParameters
from omeroweb_upload.services.edx_plan import LinksRequest
from omeroweb_upload.views.edx_api import MethodRequest, PathsRequest

if TYPE_CHECKING:
    from pydantic import BaseModel

SOURCE: Final = "?source= is annotation:<id> or staged:<file id>"

# Path, method, summary, what is sent.
EDX_OPERATIONS: Final[tuple[tuple[str, str, str, type[BaseModel] | None], ...]] = (
    ("edx/", "get", "The wizard for spectra", None),
    (
        "edx/files/",
        "get",
        "Images and spectra of ?dataset= or ?upload=, with the image each seems to belong to",
        None,
    ),
    (
        "edx/associate/",
        "post",
        "Bring names of spectra and images together before they are uploaded",
        PathsRequest,
    ),
    ("edx/preview/", "post", "What attaching spectra would make", LinksRequest),
    (
        "edx/start/",
        "post",
        "Attach spectra and make tables and figures of them; answers the job",
        LinksRequest,
    ),
    ("edx/spectrum/", "get", "The page of an image's spectra, ?image=, or of one file", None),
    ("edx/spectrum/data/", "get", f"Numbers, labels, candidates and header of a spectrum; {SOURCE}", None),
    ("edx/spectrum/figure/", "get", f"The figure as ?format=png or pdf, ?elements=Fe,O; {SOURCE}", None),
    ("edx/spectrum/csv/", "get", f"The numbers as text; {SOURCE}", None),
    ("edx/lines/", "get", "X-ray lines of every element: name, keV, relative weight, keV to excite it", None),
    ("attach/", "get", "The wizard for other files", None),
    ("attach/files/", "get", "Images and files of ?dataset= or ?upload=", None),
    ("attach/preview/", "post", "What attaching files would make", LinksRequest),
    ("attach/start/", "post", "Attach files to images; answers the job", LinksRequest),
    ("attach/undo/", "post", "Take away what a job attached; answers the job", UndoParameters),
    (
        "special-method-settings/save/",
        "post",
        "Store the caller's choice for a special method",
        MethodRequest,
    ),
    (
        "special-method-settings/load/",
        "post",
        "The caller's choice for a special method, or null",
        MethodRequest,
    ),
    (
        "special-method-settings/delete/",
        "post",
        "Forget the caller's choice for a special method",
        MethodRequest,
    ),
    (
        "special-method-settings/delete/",
        "delete",
        "Forget the caller's choice for a special method",
        MethodRequest,
    ),
)
