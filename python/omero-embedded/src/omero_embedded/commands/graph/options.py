"""ChildOptions and ignored types: what the client wants included, left alone or passed over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from omero_embedded.model.schema import SCHEMA, UnknownClassError
from omero_embedded.wire.handles import CommandError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from omero_embedded.commands.graph.things import Thing


@dataclass(frozen=True, slots=True)
class Option:
    """One ChildOption: types to include or exclude, for annotations of some namespaces."""

    include: tuple[str, ...]
    exclude: tuple[str, ...]
    include_ns: frozenset[str]
    exclude_ns: frozenset[str]

    def verdict(self, thing: Thing) -> bool | None:
        """True to include the child, False to leave it, None to say nothing about it."""
        if thing.root == "Annotation" and not self._concerns(thing.ns):
            return None
        if any(thing.is_a(name) for name in self.include):
            return True
        return False if any(thing.is_a(name) for name in self.exclude) else None

    def _concerns(self, namespace: str | None) -> bool:
        if self.include_ns:
            return namespace in self.include_ns
        return namespace not in self.exclude_ns


@dataclass(frozen=True, slots=True)
class Options:
    """All options of a request; the first that says something about an object counts."""

    options: tuple[Option, ...] = ()
    ignored: tuple[str, ...] = ()

    def _verdict(self, thing: Thing) -> bool | None:
        return next(
            (verdict for option in self.options if (verdict := option.verdict(thing)) is not None), None
        )

    def includes(self, thing: Thing) -> bool:
        """Whether the child goes along even if other objects use it."""
        return self._verdict(thing) is True

    def excludes(self, thing: Thing) -> bool:
        """Whether the child stays even if nothing else uses it."""
        return self._verdict(thing) is False

    def ignores(self, thing: Thing) -> bool:
        """Whether the command looks past the object."""
        return any(thing.is_a(name) for name in self.ignored)


def read_options(child_options: Iterable[Any] | None, ignored: Iterable[str] | None = ()) -> Options:
    """The options of a request; raises CommandError for unknown types or options that say nothing."""
    found = []
    for option in child_options or ():
        if option is None:
            continue
        include, exclude = _names(option.includeType), _names(option.excludeType)
        if not include and not exclude:
            raise CommandError("bad-options", "child option must include or exclude some type")
        if option.includeNs and option.excludeNs:
            raise CommandError("bad-options", "child option may not both include and exclude namespace")
        found.append(
            Option(include, exclude, frozenset(option.includeNs or ()), frozenset(option.excludeNs or ()))
        )
    return Options(tuple(found), _names(ignored))


def _names(spellings: Iterable[str] | None) -> tuple[str, ...]:
    try:
        return tuple(SCHEMA.resolve(spelling).name for spelling in spellings or ())
    except UnknownClassError as error:
        raise CommandError("bad-class", str(error)) from None
