"""Variables and secrets of a hosted part: read with messages that name all that is missing, at once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from omero_platform.errors import PlatformError

if TYPE_CHECKING:
    from collections.abc import Mapping

SUFFIX = "_FILE"


def required(environ: Mapping[str, str], *names: str) -> list[str]:
    """The values of variables; raises PlatformError with every one that is missing."""
    missing = [name for name in names if not environ.get(name)]
    if missing:
        raise PlatformError(
            f"These environment variables are missing: {', '.join(missing)}.",
            "The NixOS module and the compose file set them; see docs/images-compose.md.",
        )
    return [environ[name] for name in names]


def secret(environ: Mapping[str, str], name: str) -> str:
    """A secret from the file that `<name>_FILE` names, or from `<name>`; raises PlatformError without either."""
    path = environ.get(name + SUFFIX)
    if not path:
        return required(environ, name)[0]
    try:
        text = Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise PlatformError(f"{name}{SUFFIX}: {path} cannot be read: {error.strerror}.") from error
    if not text:
        raise PlatformError(f"{name}{SUFFIX}: {path} is empty.", "Put the secret in it, on one line.")
    return text


def with_secrets(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment with every `<name>_FILE` of a secret replaced by `<name>`, for programs that read no files."""
    names = [name.removesuffix(SUFFIX) for name in environ if name.endswith(SUFFIX) and is_secret(name)]
    kept = {name: value for name, value in environ.items() if name.removesuffix(SUFFIX) not in names}
    return {**kept, **{name: secret(environ, name) for name in names}}


def is_secret(name: str) -> bool:
    """Whether a variable that ends in _FILE names the file of a secret, and not some other file."""
    return name.removesuffix(SUFFIX).endswith(("PASS", "PASSWORD", "ROOTPASS"))
