"""What may be asked of the privileged service: nothing but group names and sizes, in one strict form."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

MOST_GROUPS = 10_000
LARGEST_BYTES = 2**60
# A name is one component of a path: no separator, and no dot or hyphen in front.
GROUP_NAME = r"^[A-Za-z0-9_][A-Za-z0-9._-]{0,254}$"


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Limit(Strict):
    """What one group may use."""

    group: Annotated[str, Field(pattern=GROUP_NAME)]
    bytes: Annotated[int, Field(gt=0, le=LARGEST_BYTES)]


class Request(Strict):
    """All limits there should be; groups that had one and are not named lose it."""

    version: Literal[1]
    dry_run: bool
    limits: Annotated[list[Limit], Field(max_length=MOST_GROUPS)]

    @model_validator(mode="after")
    def _each_once(self) -> Request:
        names = [limit.group for limit in self.limits]
        if len(set(names)) != len(names):
            raise ValueError("a group is named twice")
        return self
