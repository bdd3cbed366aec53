"""What of a log line is shown: without what stands in other columns, and without what would let somebody in."""

from __future__ import annotations

import re

from omeroweb_admin_tools.services.logs.entries import ISO_TIME, LEVEL_OF_WORD

# OMERO's session keys are UUIDs; their first part stays, so that lines of one session can be seen to belong together.
SESSION_KEY = re.compile(r"\b([0-9a-fA-F]{8})-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\b")
NAMED_SECRET = re.compile(
    r"(?i)\b([\w.-]*(?:passw(?:or)?d|passwd|secret|token|api[_-]?key|sessionid|csrftoken)[\w.-]*[\"']?\s*[=:]\s*[\"']?)"
    r"(?!None\b|null\b|\"|')[^\s\"',;&)]+"
)
BEARER = re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,}")
ADDRESS_PASSWORD = re.compile(r"(\b[a-z][a-z0-9+.-]*://[^\s:/@]*:)[^\s@/]+@")
LEVEL_PREFIX = re.compile(r"[\s,\-\]:]*(?:\[?(?P<word>[A-Z]{3,8})\]?(?::|\b))?[ \t]*")
PADDING = re.compile(r"\[ {2,}")


def shown(message: str) -> str:
    """Return a message for people: its time and level stripped, secrets replaced by dots."""
    return redacted(stripped(message))


def stripped(message: str) -> str:
    """Return a message without the time and level it starts with, and without padding."""
    found = ISO_TIME.match(message[:100].encode("utf-8", errors="replace"))
    # Where the time is one of several named values, the line stays whole.
    if found is None or message[:1].isalpha() or message.startswith("{"):
        return message
    prefix = LEVEL_PREFIX.match(message, found.end())
    end = found.end()
    if prefix is not None and (prefix["word"] or "").lower() in LEVEL_OF_WORD:
        end = prefix.end()
    rest = message[end:].lstrip(" ,:]-")
    return PADDING.sub("[", rest, count=1) or message


def redacted(message: str) -> str:
    """Return a message without session keys, passwords and tokens."""
    text = SESSION_KEY.sub(r"\1-…", message)
    text = NAMED_SECRET.sub(r"\1…", text)
    text = BEARER.sub(r"\1 …", text)
    return ADDRESS_PASSWORD.sub(r"\1…@", text)
