"""Salted password hashes."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

_N, _R, _P = 2**12, 8, 1


def hash_password(password: str) -> str:
    """A scrypt hash with its salt, as text."""
    salt = secrets.token_bytes(16)
    return f"scrypt${base64.b64encode(salt).decode()}${base64.b64encode(_derive(password, salt)).decode()}"


def matches(password: str, stored: str) -> bool:
    """Whether the password is the one that was hashed; takes the same time either way."""
    _, salt, digest = stored.split("$")
    return hmac.compare_digest(_derive(password, base64.b64decode(salt)), base64.b64decode(digest))


def _derive(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=_N, r=_R, p=_P)
