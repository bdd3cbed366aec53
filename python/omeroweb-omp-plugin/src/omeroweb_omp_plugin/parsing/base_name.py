"""Which part of an image's name is parsed."""

from __future__ import annotations

import re
from dataclasses import dataclass

BRACKETED = re.compile(r"\[(.*?)\]", re.DOTALL)

# Ending in two parts that name one format; the general rule would leave the first part behind.
COMPOUND_EXTENSION = re.compile(
    r"\.(?:ome\.(?:tiff?|tf[28]|btf|zarr|xml)|nii\.gz|tar\.(?:gz|bz2|xz|zst)|zarr\.zip|mrc\.gz|nrrd\.gz|csv\.gz)\Z",
    re.IGNORECASE,
)
# A letter comes first, so that "dose_0.5" keeps its 5; the few formats that begin with a digit are listed.
EXTENSION = re.compile(r"\.(?:[A-Za-z][A-Za-z0-9]{0,9}|1sc|2fl|3i|3ds)\Z")


@dataclass(frozen=True, slots=True)
class BaseNameRules:
    """How a name is trimmed before it is split.

    brackets: a part in square brackets (a series in a container file) stands for the whole name.
    last_word: of a name with spaces only the last word counts; otherwise names with spaces stay whole.
    extension: the file extension is cut off; compound ones such as `.ome.tif` as one.
    """

    brackets: bool = True
    last_word: bool = False
    extension: bool = True


DEFAULT_RULES = BaseNameRules()


def split_extension(name: str) -> tuple[str, str]:
    """Cut a name in stem and extension (with its dot, empty when there is none); a stem is never empty."""
    dot = name.rfind(".")
    if dot <= 0:
        return name, ""
    found = COMPOUND_EXTENSION.search(name) if name.find(".") != dot else None
    found = found or EXTENSION.match(name, dot)
    if found is None or found.start() == 0:
        return name, ""
    return name[: found.start()], found[0]


def base_name(name: str, rules: BaseNameRules = DEFAULT_RULES) -> str:
    """The part of `name` to parse.

    Text in brackets is taken as it is, with its extension; tabs count as spaces; outer white space is dropped.
    """
    if rules.brackets and "[" in name:
        inside = BRACKETED.search(name)
        if inside and inside[1].strip():
            return inside[1].strip()
    base = name.replace("\t", " ").strip()
    if rules.last_word:
        words = base.split()
        base = words[-1] if words else ""
    return split_extension(base)[0].rstrip() if rules.extension else base
