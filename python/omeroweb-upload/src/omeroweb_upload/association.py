"""Which spectrum belongs to which image: rules by name, folder by folder."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from omeroweb_upload.paths import folder_of, name_of, stem_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

SPECTRUM_EXTENSIONS: Final = (".txt", ".msa", ".emsa", ".ems")

# An image's own part of its name ends where its kind begins: "site 3 Electron Image 1" is "site 3".
_IMAGE_KIND = re.compile(r"(?<![a-z])(?:electron|image|sig)")
_SPECTRUM_KIND = re.compile(r"(?<![a-z])spectrum")
_SPECTRUM_NUMBER = re.compile(r"(?<![a-z])spectrum[\s_-]*0*(\d+)")
_LAST_NUMBER = re.compile(r"(\d+)(?=\D*$)")
_BETWEEN_WORDS = re.compile(r"[\s_.\-]+")


@dataclass(frozen=True, slots=True)
class SpectrumFile:
    """A spectrum by its clean relative path, with the title from inside the file if it could be read."""

    path: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """A spectrum's image, and the rule that found it."""

    spectrum: str
    image: str
    rule: str


@dataclass(frozen=True, slots=True)
class Associations:
    """Matches, and what is left for the user to decide."""

    matches: tuple[Match, ...]
    unmatched_spectra: tuple[str, ...]
    images_without_spectra: tuple[str, ...]

    def by_image(self) -> dict[str, tuple[str, ...]]:
        """Spectra of each image that has some."""
        grouped: dict[str, list[str]] = defaultdict(list)
        for match in self.matches:
            grouped[match.image].append(match.spectrum)
        return {image: tuple(spectra) for image, spectra in grouped.items()}


def is_spectrum_name(path: str) -> bool:
    """Whether a file is taken for a spectrum by its extension."""
    return name_of(path).lower().endswith(SPECTRUM_EXTENSIONS)


def associate(spectra: Iterable[SpectrumFile], images: Iterable[str]) -> Associations:
    """Find each spectrum's image among those of its folder.

    With one image in the folder, all its spectra belong to it. Else the rules are tried in order, and a rule counts
    only if it leads to exactly one image: same base name; same own part of the name, the title's too; same number of
    the spectrum; one name in the other.
    """
    images_in: dict[str, list[str]] = defaultdict(list)
    for image in sorted(set(images)):
        images_in[folder_of(image)].append(image)
    matches: list[Match] = []
    unmatched: list[str] = []
    for spectrum in sorted(spectra, key=lambda item: item.path):
        match = _find(spectrum, images_in.get(folder_of(spectrum.path), []))
        if match:
            matches.append(match)
        else:
            unmatched.append(spectrum.path)
    used = {match.image for match in matches}
    idle = tuple(image for group in images_in.values() for image in group if image not in used)
    return Associations(tuple(matches), tuple(unmatched), tuple(sorted(idle)))


def _find(spectrum: SpectrumFile, images: list[str]) -> Match | None:
    if len(images) == 1:
        return Match(spectrum.path, images[0], "the only image in the folder")
    for rule, fits in _RULES:
        found = [image for image in images if fits(spectrum, image)]
        if len(found) == 1:
            return Match(spectrum.path, found[0], rule)
    return None


def _same_base_name(spectrum: SpectrumFile, image: str) -> bool:
    return _normal(stem_of(spectrum.path)) == _normal(stem_of(image))


def _same_own_part(spectrum: SpectrumFile, image: str) -> bool:
    own = _own_part(stem_of(image), _IMAGE_KIND)
    parts = {_own_part(text, _SPECTRUM_KIND) for text in (stem_of(spectrum.path), spectrum.title)}
    return bool(own) and own in parts


def _same_number(spectrum: SpectrumFile, image: str) -> bool:
    number = _number(spectrum.title, _SPECTRUM_NUMBER) or _number(stem_of(spectrum.path), _SPECTRUM_NUMBER)
    number = number or _number(stem_of(spectrum.path), _LAST_NUMBER)
    of_image = _number(stem_of(image), _SPECTRUM_NUMBER) or _number(stem_of(image), _LAST_NUMBER)
    return number is not None and number == of_image


def _one_in_the_other(spectrum: SpectrumFile, image: str) -> bool:
    name, image_name = _normal(stem_of(spectrum.path)), _normal(stem_of(image))
    return bool(name) and bool(image_name) and (name in image_name or image_name in name)


_RULES: Final[tuple[tuple[str, Callable[[SpectrumFile, str], bool]], ...]] = (
    ("same base name", _same_base_name),
    ("same name up to the kind of file", _same_own_part),
    ("same number", _same_number),
    ("one name is part of the other", _one_in_the_other),
)


def _own_part(text: str, kind: re.Pattern[str]) -> str:
    lowered = text.casefold()
    match = kind.search(lowered)
    return _normal(lowered[: match.start()] if match else lowered)


def _number(text: str, pattern: re.Pattern[str]) -> int | None:
    match = pattern.search(text.casefold())
    return int(match[1]) if match else None


def _normal(text: str) -> str:
    return _BETWEEN_WORDS.sub(" ", text.casefold()).strip()
