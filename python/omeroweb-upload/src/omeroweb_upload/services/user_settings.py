"""What a user chose for uploads, kept in the database so that it follows the user to every browser."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from omeroweb_upload.models import UserSettings

if TYPE_CHECKING:
    from omero_plugin_common.database.owned import Owner


class Choices(BaseModel):
    """All choices with their bounds; unknown ones are refused."""

    model_config = ConfigDict(extra="forbid")

    uploadBatchFiles: int = Field(default=5, ge=1, le=10)  # noqa: N815 - keys as browsers know them
    showAllProjects: bool = False  # noqa: N815
    removeClearAll: bool = False  # noqa: N815
    duplicates: Literal["ask", "import", "skip"] = "ask"
    compatibilityCheck: bool = True  # noqa: N815
    folderRule: Literal["folders", "top_folder", "one"] = "folders"  # noqa: N815
    collaboration: bool = False


def load_choices(owner: Owner) -> dict[str, Any]:
    """The user's choices; what is not stored or no longer valid has its default."""
    row = UserSettings.objects.of(owner).first()
    stored = row.settings if row is not None and isinstance(row.settings, dict) else {}
    kept = {}
    for name, value in stored.items():
        if name not in Choices.model_fields:
            continue
        try:
            Choices.model_validate({name: value})
        except ValueError:
            continue
        kept[name] = value
    return Choices.model_validate(kept).model_dump()


def save_choices(owner: Owner, settings: dict[str, Any]) -> dict[str, Any]:
    """Store choices over the earlier ones; raises pydantic's ValidationError naming what is wrong."""
    chosen = Choices.model_validate({**load_choices(owner), **settings}).model_dump()
    row = UserSettings.objects.of(owner).first() or UserSettings(
        owner_id=owner.user_id, username=owner.username
    )
    row.settings = chosen
    row.save()
    return chosen
