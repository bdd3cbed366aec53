"""What browsers send, checked field by field."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator


class FileEntry(BaseModel):
    """A file that will come; `relative_path` wins over `name`."""

    name: str = Field(default="", max_length=4000)
    relative_path: str = Field(default="", max_length=40_000)
    size: int = Field(ge=0, le=2**62)
    modified_ms: int | None = Field(default=None, ge=-(2**53), le=2**53)
    compatibility_skip: bool = False
    import_skip: bool = False

    @property
    def place(self) -> str:
        return self.relative_path or self.name


class Target(BaseModel):
    """Where images go.

    `folders` makes a dataset for each folder, `one` puts everything into one dataset, `screen` is for plates.
    """

    model_config = ConfigDict(extra="forbid")

    project_id: int | None = Field(default=None, gt=0)
    dataset_id: int | None = Field(default=None, gt=0)
    screen_id: int | None = Field(default=None, gt=0)
    rule: Literal["folders", "top_folder", "one"] = "folders"


class StartRequest(BaseModel):
    """Beginning an upload; `more_files` says that further files are announced before it is complete."""

    files: list[FileEntry] = Field(default_factory=list, max_length=50_000)
    project_id: str | int | None = None
    project_name: str = Field(default="", max_length=1000)
    target: Target | None = None
    title: str = Field(default="", max_length=1000)
    fingerprint: str = Field(default="", max_length=200)
    compatibility_enabled: bool = True
    duplicates: Literal["ask", "import", "skip"] = "ask"
    auto_import: bool = True
    more_files: bool = False
    batch_size: int | None = None
    special_upload: str = Field(default="", max_length=100)
    sem_edx_associations: dict[str, list[str]] = Field(default_factory=dict)
    sem_edx_settings: dict[str, Any] = Field(default_factory=dict)

    @field_validator("project_id")
    @classmethod
    def _number(cls, value: str | int | None) -> int | None:
        if value in (None, ""):
            return None
        if not str(value).isdigit() or int(value or 0) < 1:
            raise ValueError(f"{value!r} is not the id of a project; send a number above 0, or nothing")
        return int(value or 0)

    def destination(self) -> dict[str, Any]:
        """The target to keep with the upload."""
        target = self.target or Target(project_id=int(self.project_id) if self.project_id else None)
        return target.model_dump()


class MoreFiles(BaseModel):
    """Further files of an upload."""

    files: list[FileEntry] = Field(max_length=50_000)
    more_files: bool = False


class PruneRequest(BaseModel):
    """Which files to keep; all others leave the upload."""

    keep_paths: list[str] = Field(max_length=1_000_000)


class SettingsRequest(BaseModel):
    """What a user chose."""

    settings: dict[str, Any]
