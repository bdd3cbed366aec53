"""Which objects go along with the targets of a command."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from omero_embedded.commands.graph.rules import DISPLAY, PARTS, SHARED, Shared
from omero_embedded.commands.graph.things import Edge
from omero_embedded.model.schema import SCHEMA

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from omero_embedded.commands.graph.options import Options
    from omero_embedded.commands.graph.things import Key, Pair, Step, Thing, Things


class Policy(Protocol):
    """What a command lets follow."""

    def follows(self, above: Thing, below: Thing, shared: Shared) -> bool:
        """Whether the lower object may go when the upper one does (if nothing else holds it back)."""

    def takes_part(self, whole: Thing, part: Thing, edge: Edge) -> bool:
        """Whether the part shares the fate of its whole."""

    def able(self, thing: Thing) -> bool:
        """Whether the caller may do this with the object."""

    def strands(self, thing: Thing) -> bool:
        """Whether an object that only what goes has held may neither go nor be left alone."""


# Objects that go with what used them, whoever owns them.
_UNASKED = ("OriginalFile", "BasicAnnotation", "CommentAnnotation", "StatsInfo")


@dataclass(slots=True)
class Plan:
    """The closure of the targets under the rules.

    `taken` holds what goes, with True for what goes whatever the caller's rights; `kept` what was considered and stays,
    `stranded` what nothing else holds and yet may not go.
    """

    things: Things
    policy: Policy
    options: Options
    taken: dict[Key, bool] = field(default_factory=dict)
    kept: set[Key] = field(default_factory=set)
    stranded: list[Thing] = field(default_factory=list)
    _candidates: set[Key] = field(default_factory=set)

    def run(self, targets: Iterable[Thing], *, forced: bool = False) -> None:
        """Take the targets and all that goes along."""
        fresh = self._take(targets, forced=forced)
        self._consider_unlinked(fresh)
        while fresh:
            while fresh:
                fresh = self._spread(fresh)
            fresh = self._take_orphans()

    def all_taken(self) -> list[Thing]:
        """The objects that go."""
        return [self.things[key] for key in self.taken]

    def _take(self, things: Iterable[Thing], *, forced: bool) -> list[Thing]:
        fresh = []
        for thing in things:
            if thing.key not in self.taken and not self.options.ignores(thing):
                self.taken[thing.key] = forced
                fresh.append(thing)
        return fresh

    def _spread(self, fresh: list[Thing]) -> list[Thing]:
        """Take the parts of what was just taken, and note what it shared with others."""
        classes = {thing.class_name for thing in fresh}
        taken: list[Thing] = []
        for edge, asked in (*((edge, True) for edge in PARTS), *((edge, False) for edge in DISPLAY)):
            if not _starts_from(edge, classes):
                continue
            for pair in self._loaded(self.things.forward(edge, fresh)):
                whole, piece = self.things[pair.source], self.things[pair.end]
                if self.policy.takes_part(whole, piece, edge):
                    taken += self._take([piece], forced=not asked or self.taken[pair.source])
        external = [("ExternalInfo", thing.external) for thing in fresh if thing.external is not None]
        taken += self._take(self.things.load(external), forced=True)
        for step, rules in _SHARED_BY_STEP.items():
            if _starts_from(step, classes):
                self._note(self._loaded(self.things.forward(step, fresh)), rules)
        return taken

    def _note(self, pairs: Sequence[Pair], rules: Iterable[Shared]) -> None:
        for pair in pairs:
            above, below = self.things[pair.source], self.things[pair.end]
            if pair.end in self.taken or self.options.ignores(below):
                continue
            for rule in rules:
                fits = rule.child is None or below.is_a(rule.child)
                from_here = not rule.above or any(above.is_a(name) for name in rule.above)
                if fits and from_here and self.policy.follows(above, below, rule):
                    self._candidates.add(pair.end)

    def _consider_unlinked(self, targets: list[Thing]) -> None:
        """Deleting a link to a comment, a value or a list by name may leave that behind; tags and files stay anyway."""
        links = [thing for thing in targets if thing.class_name.endswith("AnnotationLink")]
        for step, rules in _SHARED_BY_STEP.items():
            mine = {thing.key for thing in links if thing.class_name == getattr(step, "link", None)}
            if mine:
                loose = [rule for rule in rules if rule.child not in ("FileAnnotation", "TagAnnotation")]
                ids = [key[1] for key in mine]
                self._note(self._loaded(self.things.of_links(step, ids)), loose)

    def _take_orphans(self) -> list[Thing]:
        """Take the candidates that nothing which stays holds back."""
        undecided = [self.things[key] for key in self._with_filesets() if key not in self.taken]
        chosen = [thing for thing in undecided if self.options.includes(thing) and self.policy.able(thing)]
        if chosen:
            return self._take(chosen, forced=False)
        self.kept = self._held_back(undecided)
        orphans = [thing for thing in undecided if thing.key not in self.kept]
        self.stranded = [thing for thing in orphans if self.policy.strands(thing)]
        orphans = [thing for thing in orphans if thing not in self.stranded]
        unasked = [thing for thing in orphans if any(thing.is_a(name) for name in _UNASKED)]
        return [*self._take(unasked, forced=True), *self._take(orphans, forced=False)]

    def _with_filesets(self) -> list[Key]:
        """The candidates; with an image its fileset is one too, as they go only together."""
        images = [self.things[key] for key in self._candidates if key[0] == "Image"]
        for pair in self._loaded(self.things.forward(Edge("Image", "fileset", to_holder=False), images)):
            self._candidates.add(pair.end)
        return sorted(self._candidates)

    def _held_back(self, undecided: list[Thing]) -> set[Key]:
        keys = {thing.key for thing in undecided}
        kept = {thing.key for thing in undecided if self.options.excludes(thing)}
        holders: list[tuple[Key, Key]] = []
        classes = {thing.class_name for thing in undecided}
        for step in _SHARED_BY_STEP:
            if not any(SCHEMA[name].is_a(step.end) for name in classes):
                continue
            for pair in self.things.backward(step, undecided):
                if pair.source not in self.taken and pair.link not in self.taken:
                    if pair.source in keys:
                        holders.append((pair.source, pair.end))
                    else:
                        kept.add(pair.end)
        holders += [(end, source) for source, end in holders if end[0] == "Fileset"]
        changed = True
        while changed:
            more = {end for source, end in holders if source in kept and end not in kept}
            kept |= more
            changed = bool(more)
        return kept

    def _loaded(self, pairs: list[Pair]) -> list[Pair]:
        """The pairs whose ends exist, with both ends read."""
        self.things.load({key for pair in pairs for key in (pair.source, pair.end)})
        return [pair for pair in pairs if pair.source in self.things and pair.end in self.things]


def _starts_from(step: Any, classes: Iterable[str]) -> bool:
    return any(SCHEMA[name].is_a(step.source) for name in classes)


def _by_step() -> dict[Step, list[Shared]]:
    found: dict[Step, list[Shared]] = {}
    for rule in SHARED:
        found.setdefault(rule.step, []).append(rule)
    return found


_SHARED_BY_STEP = _by_step()
