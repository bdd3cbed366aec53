"""How names are to be read, as browsers send it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field

from omeroweb_omp_plugin.merge.model import Policy
from omeroweb_omp_plugin.parsing.base_name import BaseNameRules
from omeroweb_omp_plugin.parsing.extract import Item, Recipe, extract
from omeroweb_omp_plugin.parsing.rules import Rule
from omeroweb_omp_plugin.parsing.separators import DEFAULT_SEPARATORS
from omeroweb_omp_plugin.parsing.sources import Source as TextSource
from omeroweb_omp_plugin.parsing.sources import SourceKind
from omeroweb_omp_plugin.parsing.values import TypeName, ValueType
from omeroweb_omp_plugin.parsing.variables import (
    DEFAULT_MAX_VARIABLES,
    DEFAULT_NAMES,
    MAX_MAX_VARIABLES,
    MAX_NAME_CHARS,
)
from omeroweb_omp_plugin.services.sources import Target  # noqa: TC001 - pydantic reads the annotation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omeroweb_omp_plugin.parsing.extract import Row
    from omeroweb_omp_plugin.services.sources import Source

MAX_VALUE_CHARS = 10_000


def storable(text: str) -> str:
    """The text, if a database can hold it; raises ValueError."""
    if "\0" in text:
        raise ValueError("a text can't hold the character with the number 0")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("a text can't hold half a character (a lone surrogate)") from None
    return text


Text = Annotated[str, AfterValidator(storable)]
Value = Annotated[str, Field(max_length=MAX_VALUE_CHARS), AfterValidator(storable)]
Key = Annotated[str, Field(max_length=MAX_NAME_CHARS), AfterValidator(storable)]


class TypeModel(BaseModel):
    """The type of one variable; `words` is the controlled vocabulary of type word."""

    key: Key
    type: TypeName = "text"
    words: list[Key] = Field(default_factory=list, max_length=1000)
    day_first: bool | None = None


class RecipeModel(BaseModel):
    """Everything that decides which pairs a name gives."""

    mode: Literal["chars", "regex"] = "chars"
    separators: Text = DEFAULT_SEPARATORS
    pattern: Text = ""
    protect_hyphens: bool = True
    labels: list[Key] = Field(default_factory=list, max_length=100)
    brackets: bool = True
    last_word: bool = False
    extension: bool = True
    source: SourceKind = "name"
    level: int = Field(default=1, ge=1, le=50)
    names: list[Text] = Field(default_factory=lambda: list(DEFAULT_NAMES))
    types: list[TypeModel] = Field(default_factory=list, max_length=MAX_MAX_VARIABLES)
    most: int = DEFAULT_MAX_VARIABLES

    def recipe(self, terms: tuple[str, ...] = ()) -> Recipe:
        """What the parser takes. Raises ParsingError."""
        return Recipe(
            rule=Rule(
                self.mode,
                self.separators,
                self.pattern,
                self.protect_hyphens,
                terms,
                tuple(self.labels),
                self.base_rules,
            ),
            source=TextSource(self.source, self.level),
            names=tuple(self.names),
            types=tuple(
                (entry.key, ValueType(entry.type, tuple(entry.words), entry.day_first))
                for entry in self.types
                if entry.type != "text"
            ),
            most=self.most,
        )

    @property
    def base_rules(self) -> BaseNameRules:
        """Which part of a name counts; only files have extensions to leave out."""
        has_extension = self.source in {"name", "file"}
        return BaseNameRules(self.brackets, self.last_word, self.extension and has_extension)

    @property
    def needs_paths(self) -> bool:
        """Whether the paths of the imported files are read."""
        return self.source != "name"


class ReadingModel(BaseModel):
    """Which images, and how their names are read; `corrections` replace single cells."""

    targets: list[Target] = Field(max_length=20_000)
    recipe: RecipeModel = Field(default_factory=RecipeModel)
    corrections: dict[int, dict[Key, Value | None]] = Field(default_factory=dict)
    policy: Policy = Policy.MERGE


def read_names(reading: ReadingModel, sources: Sequence[Source], terms: tuple[str, ...] = ()) -> list[Row]:
    """The pairs of the images, in order. Raises ParsingError."""
    items = [Item(source.id, source.name, source.path) for source in sources]
    return extract(reading.recipe.recipe(terms), items, reading.corrections)
