"""Parser of the query language of OMERO's search, which is that of Lucene.

Language: https://lucene.apache.org/core/3_6_0/queryparsersyntax.html (terms, fields, wildcards, fuzzy, proximity,
ranges, boosts, AND OR NOT && || ! + -, groups). A list without operators matches if any of its clauses does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import ceil

from omero_embedded.search.syntax import Boosted, Clauses, Node, Occur, Range, Words
from omero_embedded.search.text import has_wildcard, words_of

_TOKENS = re.compile(
    r"""
    (?P<space>\s+)
  | (?P<phrase>"(?:[^"\\]|\\.)*")
  | (?P<range>[\[{](?P<low>\S+)\s+TO\s+(?P<high>[^\s\]}]+)[\]}])
  | (?P<and>AND\b|&&) | (?P<or>OR\b|\|\|) | (?P<not>NOT\b|!)
  | (?P<plus>\+) | (?P<minus>-)
  | (?P<open>\() | (?P<close>\))
  | (?P<field>(?:[^\s"()\[\]{}:^~*?\\!+-]|(?<=.)[-+])(?:[^\s"()\[\]{}:^~*?\\]|\\.)*:(?=\S))
  | (?P<boost>\^\d*\.?\d+)
  | (?P<tilde>~\d*\.?\d*)
  | (?P<word>(?:[^\s"()\[\]{}:^~\\]|\\.)+)
    """,
    re.VERBOSE,
)
_MAX_DEPTH = 50
_DEFAULT_EDITS = 2


class SearchSyntaxError(ValueError):
    """A query that cannot be parsed; the message says where."""


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    position: int
    low: str | None = None
    high: str | None = None


def parse(text: str) -> Node | None:
    """The tree of a query, None if there is no word in it. Raises SearchSyntaxError."""
    return _Parser(text).parse()


def _tokens(text: str) -> list[_Token]:
    found, position = [], 0
    while position < len(text):
        match = _TOKENS.match(text, position)
        if match is None:
            raise SearchSyntaxError(f"unexpected {text[position]!r} at character {position + 1} of {text!r}")
        kind = next(
            name
            for name, value in match.groupdict().items()
            if value is not None and name not in ("low", "high")
        )
        if kind != "space":
            found.append(_Token(kind, match[0], position, match["low"], match["high"]))
        position = match.end()
    return found


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = _tokens(text)
        self._next = 0
        self._depth = 0

    def parse(self) -> Node | None:
        node = self._clauses(None)
        if self._next < len(self._tokens):
            raise self._unexpected(self._tokens[self._next])
        return node

    def _peek(self) -> _Token | None:
        return self._tokens[self._next] if self._next < len(self._tokens) else None

    def _take(self, *kinds: str) -> _Token | None:
        token = self._peek()
        if token is None or token.kind not in kinds:
            return None
        self._next += 1
        return token

    def _unexpected(self, token: _Token) -> SearchSyntaxError:
        return SearchSyntaxError(
            f"unexpected {token.text!r} at character {token.position + 1} of {self._text!r}"
        )

    def _clauses(self, field: str | None) -> Node | None:
        """Clauses up to the end or a closing bracket; AND also makes the clause before it required."""
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise SearchSyntaxError(
                f"brackets in {self._text[:40]!r}… are nested more than {_MAX_DEPTH} deep"
            )
        made: list[tuple[Occur, Node]] = []
        while (token := self._peek()) is not None and token.kind != "close":
            operator = self._take("and", "or")
            modifier = self._take("not", "minus", "plus")
            if operator is not None and not made:
                raise self._unexpected(operator)
            node = self._clause(field)
            if operator is not None and operator.kind == "and" and made[-1][0] is Occur.SHOULD:
                made[-1] = (Occur.MUST, made[-1][1])
            if node is not None:
                made.append((_occur(operator, modifier), node))
        self._depth -= 1
        if not made:
            return None
        if len(made) == 1 and made[0][0] is not Occur.MUST_NOT:
            return made[0][1]
        return Clauses(tuple(made))

    def _clause(self, field: str | None) -> Node | None:
        named = self._take("field")
        if named is not None:
            field = _unescaped(named.text[:-1])
        token = self._peek()
        if token is None:
            raise SearchSyntaxError(f"{self._text!r} ends where a word is expected")
        node = self._primary(token, field)
        boost = self._take("boost")
        return node if boost is None or node is None else Boosted(node, float(boost.text[1:]))

    def _primary(self, token: _Token, field: str | None) -> Node | None:
        self._next += 1
        match token.kind:
            case "open":
                node = self._clauses(field)
                if self._take("close") is None:
                    raise SearchSyntaxError(
                        f"the bracket at character {token.position + 1} of {self._text!r} is not closed"
                    )
                return node
            case "range":
                low, high = (
                    None if bound == "*" else (bound or "").strip('"').lower()
                    for bound in (token.low, token.high)
                )
                return Range(field, low, high, token.text[0] == "[")
            case "phrase":
                words = words_of(_unescaped(token.text[1:-1]))
                slop = self._take("tilde")
                return Words(field, words, slop=_number(slop.text[1:], 0) if slop else 0) if words else None
            case "word":
                return self._word(token.text, field)
        raise self._unexpected(token)

    def _word(self, text: str, field: str | None) -> Node | None:
        tilde = self._take("tilde")
        words = words_of(_protected(text), wildcards=True)
        if not words:
            return None
        if len(words) > 1 and any(has_wildcard(word) for word in words):
            # Lucene does not split such a word, and no word of a text has what would split it.
            return Words(field, (_protected(text).lower(),))
        return Words(field, words, fuzzy=_edits(tilde.text[1:], words[0]) if tilde and len(words) == 1 else 0)


def _occur(operator: _Token | None, modifier: _Token | None) -> Occur:
    if modifier is not None and modifier.kind in ("not", "minus"):
        return Occur.MUST_NOT
    if (modifier is not None and modifier.kind == "plus") or (
        operator is not None and operator.kind == "and"
    ):
        return Occur.MUST
    return Occur.SHOULD


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


def _protected(text: str) -> str:
    """Escaped wildcards are mere punctuation to the words of a text."""
    return re.sub(r"\\(.)", lambda match: " " if match[1] in "*?" else match[1], text)


def _number(text: str, default: int) -> int:
    return int(float(text)) if text.strip(".") else default


def _edits(text: str, word: str) -> int:
    """Lucene gives either a number of edits, or a similarity from 0 to 1."""
    if not text.strip("."):
        return _DEFAULT_EDITS
    number = float(text)
    return min(int(number), _DEFAULT_EDITS) if number >= 1 else max(ceil((1 - number) * len(word)) - 1, 0)
