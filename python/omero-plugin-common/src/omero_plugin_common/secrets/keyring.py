"""The file with the keys that encrypt stored secrets: one Fernet key per line, the newest first."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from omero_plugin_common.config import database_settings

if TYPE_CHECKING:
    from pathlib import Path

PREFIX = "omp1:"


class SecretsError(Exception):
    """A secret can't be stored or read; the message says what to do."""


@dataclass(frozen=True, slots=True)
class FileState:
    """What changes when somebody replaces the file."""

    inode: int
    modified_ns: int
    size: int


class Keyring:
    """Encrypts with the newest key and decrypts with any; notices a rotated key file by itself."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._state: FileState | None = None
        self._fernets: tuple[Fernet, ...] = ()

    def encrypt(self, text: str) -> str:
        """Return the stored form of a secret."""
        return PREFIX + self._current()[0].encrypt(text.encode()).decode()

    def decrypt(self, stored: str) -> str:
        """Return the secret; raises SecretsError for clear text and for values of an unknown key."""
        token = _token(stored)
        try:
            return MultiFernet(self._current()).decrypt(token).decode()
        except InvalidToken:
            raise SecretsError(
                f"A stored secret can't be read with the keys in {self.path}. Put the older key back as a further "
                "line of that file, or let the user enter the secret again."
            ) from None

    def is_current(self, stored: str) -> bool:
        """Say whether the newest key encrypted this value."""
        try:
            self._current()[0].decrypt(_token(stored))
        except (InvalidToken, SecretsError):
            return False
        return True

    def _current(self) -> tuple[Fernet, ...]:
        state = file_state(self.path)
        with self._lock:
            if state != self._state:
                self._fernets = tuple(Fernet(key) for key in read_keys(self.path))
                self._state = state
            return self._fernets


def file_state(path: Path) -> FileState:
    try:
        found = path.stat()
    except OSError as error:
        raise SecretsError(
            f"The key file {path} can't be read ({error.strerror}). Make one with `omero-platform secrets rotate`, "
            "or correct OMERO_PLUGIN_SECRET_KEYS_FILE in env/omeroweb.env."
        ) from error
    return FileState(found.st_ino, found.st_mtime_ns, found.st_size)


def read_keys(path: Path) -> list[bytes]:
    """Return the keys of a file, newest first; raises SecretsError when there is none or one is malformed."""
    try:
        lines = path.read_text(encoding="ascii").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SecretsError(f"The key file {path} can't be read: {error}.") from error
    keys = [line.strip().encode() for line in lines if line.strip() and not line.startswith("#")]
    if not keys:
        raise SecretsError(f"The key file {path} has no key. Make one with `omero-platform secrets rotate`.")
    for number, key in enumerate(keys, start=1):
        try:
            Fernet(key)
        except ValueError:
            raise SecretsError(
                f"Key {number} in {path} is not a key (32 bytes in URL-safe base64, 44 characters)."
            ) from None
    return keys


def write_keys(path: Path, keys: list[bytes]) -> None:
    """Replace the key file in one step, readable by its owner only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as handle:
        handle.write(b"\n".join(keys) + b"\n")
        handle.flush()
        os.fsync(handle.fileno())
    fresh.replace(path)


def _token(stored: str) -> bytes:
    if not stored.startswith(PREFIX):
        raise SecretsError(
            "A secret of an older system is still in clear text. Run `omero-platform migrate` to encrypt it."
        )
    return stored.removeprefix(PREFIX).encode()


_keyrings: dict[str, Keyring] = {}


def keyring() -> Keyring:
    """Return this process's keyring for the configured key file."""
    path = database_settings().secret_keys_file
    return _keyrings.setdefault(str(path), Keyring(path))
