"""What a job makes of which files, for which images; what the browser sends and what a job keeps."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final, Literal

from pydantic import BaseModel, Field, StringConstraints

METHOD_KEY: Final = "sem_edx_spectra"
MAX_ITEMS: Final = 2000

Token = Annotated[str, StringConstraints(pattern=r"^(annotation:[0-9]{1,18}|staged:[0-9a-f]{32})$")]
Symbol = Annotated[str, StringConstraints(pattern=r"^[A-Z][a-z]?$")]
ImageId = Annotated[int, Field(gt=0, lt=2**63)]


class Output(StrEnum):
    """One thing that is made of a file and linked to an image."""

    ORIGINAL = "original"
    TABLE = "table"
    FIGURE = "figure"
    FIGURE_PDF = "figure_pdf"
    FIGURE_IMAGE = "figure_image"
    METADATA = "metadata"


class MethodSettings(BaseModel):
    """What a user wants of every spectrum; saved per user under `METHOD_KEY`."""

    create_tables: bool = True
    create_figures_attachments: bool = True
    create_figures_images: bool = True
    create_figures_pdf: bool = False
    create_metadata: bool = True

    def outputs(self) -> list[Output]:
        """What to make, in the order it is made; the original always comes first."""
        wanted = {
            Output.ORIGINAL: True,
            Output.METADATA: self.create_metadata,
            Output.TABLE: self.create_tables,
            Output.FIGURE: self.create_figures_attachments,
            Output.FIGURE_PDF: self.create_figures_pdf,
            Output.FIGURE_IMAGE: self.create_figures_images,
        }
        return [output for output, chosen in wanted.items() if chosen]


class Link(BaseModel):
    """A file and the image it belongs to; `elements` are the labels chosen instead of the file's own."""

    image_id: ImageId
    source: Token
    elements: list[Symbol] | None = Field(default=None, max_length=100)


class Item(Link):
    """A link with what the server knows of the file; `existing` was there before the job and is never undone."""

    name: str
    sha1: str
    outputs: list[Output]
    existing: list[Output] = []


class JobParameters(BaseModel):
    """What a job of attaching works on."""

    method: Literal["sem_edx_spectra", ""] = METHOD_KEY
    items: list[Item] = Field(max_length=MAX_ITEMS)
    upload: str = ""


class UndoParameters(BaseModel):
    """Which job to undo."""

    job_id: Annotated[str, StringConstraints(pattern="^[0-9a-f]{32}$")]
