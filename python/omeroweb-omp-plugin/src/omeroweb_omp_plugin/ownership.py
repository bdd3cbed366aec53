"""The mark that tells the plugin's own map annotations from everybody else's.

The last pair of an annotation is `omp_hash` = `omphash_v1:` + 64 hex digits: the HMAC-SHA256 of the other pairs, or
their plain SHA-256 when the facility set no secret. A pair that somebody changes, adds or removes breaks the mark.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

CLIENT_NAMESPACE = "openmicroscopy.org/omero/client/mapAnnotation"
HASH_KEY = "omp_hash"
HASH_PREFIX = "omphash_v1:"
PLUGIN_ID = "omeroweb_omp_plugin"
VERSION = "1"

Pair = tuple[str, str]
Pairs = tuple[Pair, ...]


@dataclass(frozen=True, slots=True)
class Signer:
    """Marks pairs as own and recognises the mark.

    secret: without one the mark shows accidental edits only, since anybody could compute it.
    previous: secrets of the past, still recognised but no longer used.
    """

    secret: str = field(default="", repr=False)
    previous: tuple[str, ...] = field(default=(), repr=False)

    @property
    def forgeable(self) -> bool:
        """Whether anybody could make the mark; pages warn about it."""
        return not self.secret

    def signed(self, pairs: Sequence[Pair]) -> Pairs:
        """The pairs with the mark as the last one.

        Raises: ValueError when a key occurs twice or is the mark's own.
        """
        check_unique([key for key, _ in pairs])
        return (*pairs, (HASH_KEY, HASH_PREFIX + digest(pairs, self.secret)))

    def owns(self, pairs: Sequence[tuple[str, str | None]]) -> bool:
        """Whether the pairs carry a mark that fits them. Pairs with a repeated key are never own."""
        keys = [key for key, _ in pairs]
        if len(set(keys)) != len(keys):
            return False
        mark = next((value for key, value in pairs if key == HASH_KEY), None)
        if not mark or not mark.startswith(HASH_PREFIX):
            return False
        data = [(key, value or "") for key, value in pairs if key != HASH_KEY]
        found = mark.removeprefix(HASH_PREFIX).encode("utf-8", "surrogatepass")
        return any(
            hmac.compare_digest(found, digest(data, secret).encode())
            for secret in (self.secret, *self.previous)
        )


def payload(pairs: Sequence[tuple[str, str | None]]) -> bytes:
    """What the mark is computed from: canonical JSON of the pairs in UTF-8, keys sorted at every level."""
    data = {key: value or "" for key, value in pairs if key != HASH_KEY}
    text = json.dumps(
        {"plugin": PLUGIN_ID, "version": VERSION, "data": data},
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
    )
    return text.encode("utf-8", "surrogatepass")


def digest(pairs: Sequence[tuple[str, str | None]], secret: str) -> str:
    """HMAC-SHA256 of the pairs in hex, plain SHA-256 when the secret is empty."""
    message = payload(pairs)
    if not secret:
        return hashlib.sha256(message).hexdigest()
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()


def without_mark(pairs: Sequence[Pair]) -> Pairs:
    """The pairs people entered, without the mark."""
    return tuple(pair for pair in pairs if pair[0] != HASH_KEY)


def check_unique(keys: Sequence[str]) -> None:
    """Raise ValueError when a key occurs twice or is the mark's own."""
    seen: set[str] = set()
    for key in keys:
        if key == HASH_KEY:
            raise ValueError(f"{HASH_KEY} is kept for the ownership mark; choose another key")
        if key in seen:
            raise ValueError(f"The key {key!r} occurs twice; keys have to be unique within one annotation")
        seen.add(key)
