"""Expansion of `omero.fs.repo.path`, the template for the folder that receives an import.

The terms are those of "FS configuration options" in OMERO's administrator documentation. Text before `//` names folders
that belong to root, text after it (or all of it) folders that belong to the importing user.
"""

from __future__ import annotations

import calendar
import re
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from omero_embedded import errors

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable
    from datetime import datetime

    from omero_embedded.files.naming import NameRules, Parts

DEFAULT_TEMPLATE = "%user%_%userId%//%year%-%month%/%day%/%time%"
_TERM = re.compile(r"%(?P<name>[A-Za-z]+)(?::(?P<argument>[^%/]*))?%")
_USER_ONLY = frozenset({"time", "hash", "increment", "subdirs"})
_POSITIONAL = frozenset({"time", "increment", "subdirs"})
_SUBDIRS_DIGITS = 3


@dataclass(frozen=True, slots=True)
class Facts:
    """What the terms of a template stand for, for one import."""

    user: str
    user_id: int
    group: str
    group_id: int
    perms: str
    institution: str | None
    session: str
    session_id: int
    now: datetime
    file_hash: str


@dataclass(frozen=True, slots=True)
class Expanded:
    """The folder of an import: the part that belongs to root, then the part that belongs to the user."""

    root_owned: Parts
    user_owned: Parts

    @property
    def parts(self) -> Parts:
        """The whole folder."""
        return self.root_owned + self.user_owned


def file_hash(client_paths: Iterable[str]) -> str:
    """Eight hexadecimal digits that are the same for the same set of files."""
    return f"{zlib.crc32(chr(0).join(sorted(client_paths)).encode()):08X}"


def expand(
    template: str, facts: Facts, rules: NameRules, existing: Callable[[Parts], Collection[str]]
) -> Expanded:
    """The folder for one import. `existing` lists the names inside a folder of the repository.

    Raises omero.ApiUsageException for a template that OMERO would refuse.
    """
    if template.count("//") > 1:
        raise errors.api_usage(f"omero.fs.repo.path: {template!r} has more than one //")
    before, _, after = template.partition("//") if "//" in template else ("", "", template)
    if not after.strip("/"):
        raise errors.api_usage(f"omero.fs.repo.path: {template!r} has nothing after //")
    expansion = _Expansion(facts, rules, existing)
    root_owned = expansion.components(before, (), allowed=_ROOT_TERMS)
    user_owned = expansion.components(after, root_owned, allowed=_ALL_TERMS)
    if not user_owned:
        raise errors.api_usage(f"omero.fs.repo.path: {template!r} expands to nothing")
    return Expanded(root_owned, user_owned)


def _plain(facts: Facts) -> dict[str, str]:
    now = facts.now
    return {
        "user": facts.user,
        "userId": str(facts.user_id),
        "group": facts.group,
        "groupId": str(facts.group_id),
        "perms": facts.perms,
        "year": f"{now.year:04}",
        "month": f"{now.month:02}",
        "monthname": calendar.month_name[now.month],
        "day": f"{now.day:02}",
        "session": facts.session,
        "sessionId": str(facts.session_id),
        "time": f"{now:%H-%M-%S}.{now.microsecond // 1000:03}",
    }


_ROOT_TERMS = frozenset(
    [
        "user",
        "userId",
        "group",
        "groupId",
        "perms",
        "year",
        "month",
        "monthname",
        "day",
        "session",
        "sessionId",
        "institution",
    ]
)
_ALL_TERMS = _ROOT_TERMS | _USER_ONLY


class _Expansion:
    def __init__(self, facts: Facts, rules: NameRules, existing: Callable[[Parts], Collection[str]]) -> None:
        self._facts = facts
        self._rules = rules
        self._existing = existing
        self._plain = _plain(facts)

    def components(self, text: str, parent: Parts, *, allowed: frozenset[str]) -> Parts:
        made: Parts = ()
        for component in filter(None, text.split("/")):
            made += self._component(component, parent + made, allowed)
        return made

    def _component(self, component: str, parent: Parts, allowed: frozenset[str]) -> Parts:
        """The folders that one component of the template stands for: usually one, none or several for some terms."""
        names = [match["name"] for match in _TERM.finditer(component)]
        for name in names:
            if name not in allowed:
                known = (
                    "may not precede //"
                    if name in _USER_ONLY
                    else f"is not one of {', '.join(sorted(allowed))}"
                )
                raise errors.api_usage(f"omero.fs.repo.path: %{name}% in {component!r} {known}")
        if sum(name in _POSITIONAL for name in names) > 1:
            raise errors.api_usage(
                f"omero.fs.repo.path: {component!r} may have only one of %time%, %increment% and %subdirs%"
            )
        if "institution" in names and not self._facts.institution and ":" not in component:
            return ()
        text = _TERM.sub(self._replace, component)
        if "%increment" in text:
            return (self._increment(text, parent),)
        if "%subdirs" in text:
            return self._subdirs(text, parent)
        return tuple(self._rules.safe(part) for part in text.split("/"))

    def _replace(self, match: re.Match[str]) -> str:
        name, argument = match["name"], match["argument"]
        if name in ("increment", "subdirs"):
            return match[0]
        if name == "institution":
            return self._clean(self._facts.institution or argument or "")
        if name == "hash":
            return _split_hash(self._facts.file_hash, argument)
        return self._clean(self._plain[name])

    def _clean(self, value: str) -> str:
        return value.replace("/", "_").replace("%", "_")

    def _increment(self, text: str, parent: Parts) -> str:
        prefix, digits, suffix = _around(text, 0)
        taken = _numbers(self._existing(parent), prefix, suffix)
        return self._rules.safe(f"{prefix}{max(taken, default=0) + 1:0{digits}}{suffix}")

    def _subdirs(self, text: str, parent: Parts) -> Parts:
        """Folders are filled to 10^digits entries each; only then the next level of folders is begun."""
        prefix, digits, suffix = _around(text, _SUBDIRS_DIGITS)
        limit = 10**digits
        if len(self._existing(parent)) < limit:
            return ()
        return self._first_free(parent, prefix, suffix, digits)

    def _first_free(self, parent: Parts, prefix: str, suffix: str, digits: int) -> Parts:
        limit = 10**digits
        taken = sorted(_numbers(self._existing(parent), prefix, suffix))
        for number in range((taken[-1] if taken else 0), limit):
            name = f"{prefix}{number:0{digits}}{suffix}"
            if len(self._existing((*parent, name))) < limit:
                return (name,)
        name = f"{prefix}{limit - 1:0{digits}}{suffix}"
        return (name, *self._first_free((*parent, name), "", suffix, digits))


def _split_hash(digits: str, argument: str | None) -> str:
    if not argument:
        return digits
    widths = [int(width) for width in argument.split(",") if width.strip().isdigit()]
    if not widths or sum(widths) > len(digits):
        raise errors.api_usage(
            f"omero.fs.repo.path: %hash:{argument}% needs numbers that add up to at most {len(digits)}"
        )
    made, start = [], 0
    for width in widths:
        made.append(digits[start : start + width])
        start += width
    return "/".join(made)


def _around(text: str, default: int) -> tuple[str, int, str]:
    """Prefix, digits and suffix of a component with one counting term in it."""
    match = next(found for found in _TERM.finditer(text) if found["name"] in ("increment", "subdirs"))
    argument = match["argument"]
    if argument is not None and not argument.isdigit():
        raise errors.api_usage(f"omero.fs.repo.path: {match[0]} needs a number of digits")
    return text[: match.start()], int(argument) if argument else default, text[match.end() :]


def _numbers(names: Collection[str], prefix: str, suffix: str) -> list[int]:
    pattern = re.compile(re.escape(prefix) + r"(\d+)" + re.escape(suffix))
    return [int(match[1]) for match in map(pattern.fullmatch, names) if match]
