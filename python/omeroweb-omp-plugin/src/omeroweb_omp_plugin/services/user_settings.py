"""What a user chose: saved, loaded, with defaults for the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

from omeroweb_omp_plugin.merge.model import Policy
from omeroweb_omp_plugin.parsing.variables import (
    DEFAULT_MAX_SETS,
    DEFAULT_MAX_VARIABLES,
    DEFAULT_NAMES,
    MAX_MAX_SETS,
    MAX_MAX_VARIABLES,
    MIN_MAX_SETS,
    MIN_MAX_VARIABLES,
    check_names,
)
from omeroweb_omp_plugin.services.recipes import Text  # noqa: TC001 - pydantic reads the annotation
from omeroweb_omp_plugin.store.user_settings import UserSettings

if TYPE_CHECKING:
    from omero_plugin_common.database.owned import Owner

MAX_AI_DEFAULTS = 20


class SettingsModel(BaseModel):
    """The settings by the names that browsers know; unknown ones are refused.

    jobBatchSize: images written at once, 0 for the facility's own number.
    """

    model_config = ConfigDict(extra="forbid")

    jobBatchSize: int = Field(default=0, ge=0, le=1000)  # noqa: N815 - names of the stored JSON
    maxParsedVariables: int = Field(default=DEFAULT_MAX_VARIABLES, ge=MIN_MAX_VARIABLES, le=MAX_MAX_VARIABLES)  # noqa: N815
    maxVariableSets: int = Field(default=DEFAULT_MAX_SETS, ge=MIN_MAX_SETS, le=MAX_MAX_SETS)  # noqa: N815
    defaultVariableNames: list[Text] = Field(default_factory=lambda: list(DEFAULT_NAMES))  # noqa: N815
    defaultPolicy: Policy = Policy.MERGE  # noqa: N815
    showAllProjects: bool = False  # noqa: N815
    removeClearAll: bool = False  # noqa: N815
    aiDefaults: dict[str, Any] = Field(default_factory=dict, max_length=MAX_AI_DEFAULTS)  # noqa: N815

    @field_validator("defaultVariableNames")
    @classmethod
    def names_fit(cls, names: list[str]) -> list[str]:
        """Trim the names; ParsingError is a ValueError that says what is wrong."""
        return list(check_names(names))


def load_settings(owner: Owner) -> SettingsModel:
    """The user's settings; what an older system stored and no longer fits counts as not set."""
    row = UserSettings.objects.of(owner).first()
    stored = dict(row.settings) if row is not None and isinstance(row.settings, dict) else {}
    known = {name: value for name, value in stored.items() if fits(name, value)}
    return SettingsModel.model_validate(known)


def batch_size(owner: Owner) -> int | None:
    """How many images the user wants written at once; None for the facility's number."""
    return load_settings(owner).jobBatchSize or None


def fits(name: str, value: Any) -> bool:
    """Whether a stored value is one of today's settings."""
    try:
        SettingsModel.model_validate({name: value})
    except ValueError:
        return False
    return True


def save_settings(owner: Owner, changes: dict[str, Any]) -> SettingsModel:
    """Store some settings, keeping the others. Raises pydantic's ValidationError."""
    merged = load_settings(owner).model_dump(mode="json") | changes
    checked = SettingsModel.model_validate(merged)
    UserSettings.objects.of(owner)
    UserSettings.objects.update_or_create(
        owner_id=owner.user_id,
        defaults={"username": owner.username, "settings": checked.model_dump(mode="json")},
    )
    return checked
