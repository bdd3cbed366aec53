"""The files of the group quotas: typed, versioned, readable by the platform's account only, replaced as a whole.

`group-quotas.json` says what groups may use, `group-usage.json` beside it what they use.
"""

from __future__ import annotations

import fcntl
import json
import os
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, field_validator

from omero_plugin_common.quota.remembered import Remembered

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

READABLE_VERSIONS = (1, 2)
MOST_LOGS = 200
DECIMALS = 3
BYTES_PER_GB = 1024**3
LONGEST_NAME = 255

Model = TypeVar("Model", bound=BaseModel)
GroupName = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]


class QuotaStateError(Exception):
    """The state can't be used; says which file, what is wrong and what to do. Nothing was changed."""


class LogLine(BaseModel):
    """What was changed or enforced."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    timestamp: AwareDatetime
    level: Literal["info", "warning", "error"] = "info"
    message: Annotated[str, Field(max_length=1000)]

    @field_validator("timestamp", mode="before")
    @classmethod
    def _zone(cls, value: Any) -> Any:
        """Times of older files may lack a zone; they are UTC."""
        if isinstance(value, str):
            try:
                moment = datetime.fromisoformat(value)
            except ValueError:
                return value
            return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return value


class QuotaState(BaseModel):
    """Quotas in GB (1024³ bytes) by group name; `revision` rises with every change."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    state_schema_version: Literal[2] = 2
    revision: Annotated[int, Field(ge=0)] = 0
    quotas_gb: dict[GroupName, Annotated[float, Field(gt=0, le=10_000_000, allow_inf_nan=False)]] = {}
    warn_percent: Annotated[int, Field(ge=1, le=100)] = 90
    logs: tuple[LogLine, ...] = ()

    def quota_bytes(self, group: str) -> int | None:
        """Return what a group may use, None when it has no quota."""
        quota = self.quotas_gb.get(group)
        return None if quota is None else round(quota * BYTES_PER_GB)

    def with_logs(self, *lines: LogLine) -> QuotaState:
        return self.model_copy(update={"logs": (*self.logs, *lines)[-MOST_LOGS:]})


class GroupUsage(BaseModel):
    """What groups use, in bytes, and when that was measured."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    measured_at: AwareDatetime | None = None
    used_bytes: dict[GroupName, Annotated[int, Field(ge=0)]] = {}


def log_line(message: str, level: Literal["info", "warning", "error"] = "info") -> LogLine:
    return LogLine(timestamp=datetime.now(UTC), level=level, message=message)


def read_state(path: Path) -> QuotaState:
    """Return the state, an empty one when there is no file yet; raises QuotaStateError."""
    return _states(path)


def read_usage(path: Path) -> GroupUsage:
    """Return what groups use, nothing when it was never measured; raises QuotaStateError."""
    return _usages(usage_path(path))


def _read_state(path: Path) -> QuotaState:
    document = _read(path)
    if document is None:
        return QuotaState()
    version = document.get("state_schema_version")
    if version not in READABLE_VERSIONS:
        raise QuotaStateError(
            f"{path} has the version {version!r}; this platform reads {' and '.join(map(str, READABLE_VERSIONS))}. "
            "Nothing was changed: use the platform that wrote it, or restore the file from a backup."
        )
    if version == 1:
        # Older systems kept a cache of events as well, which means nothing here.
        document = {key: document[key] for key in ("quotas_gb", "logs") if key in document}
    return _validated(QuotaState, document, path)


def _read_usage(path: Path) -> GroupUsage:
    document = _read(path)
    return GroupUsage() if document is None else _validated(GroupUsage, document, path)


_states = Remembered(_read_state)
_usages = Remembered(_read_usage)


def usage_path(path: Path) -> Path:
    return path.with_name("group-usage.json")


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Keep every other process from changing the files meanwhile; raises QuotaStateError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = os.open(path.with_name(".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise QuotaStateError(
            f"{path.parent} can't be written: {error.strerror}. Set ADMIN_TOOLS_QUOTA_STATE_PATH to a file in a folder "
            "that OMERO.web may write."
        ) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def write_state(path: Path, state: QuotaState) -> None:
    """Replace the state; call it under `locked`."""
    _replace(path, state)


def write_usage(path: Path, usage: GroupUsage) -> None:
    """Replace what groups use; call it under `locked`."""
    _replace(usage_path(path), usage)


def _read(path: Path) -> dict[str, Any] | None:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise QuotaStateError(f"{path} can't be read: {error.strerror}.") from error
    except ValueError as error:
        raise QuotaStateError(
            f"{path} is damaged ({error}). Nothing was changed: correct it or restore it from a backup."
        ) from error
    if not isinstance(document, dict):
        raise QuotaStateError(f"{path} must hold a JSON object. Restore it from a backup.")
    return document


def _validated(model: type[Model], document: dict[str, Any], path: Path) -> Model:
    try:
        return model.model_validate(document)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise QuotaStateError(
            f"{path} is wrong at {place}: {first['msg']}. Nothing was changed: correct it or restore it from a backup."
        ) from error


def _replace(path: Path, content: BaseModel) -> None:
    draft = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(content.model_dump_json(indent=2) + "\n")
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise QuotaStateError(f"{path} can't be written: {error.strerror}.") from error
