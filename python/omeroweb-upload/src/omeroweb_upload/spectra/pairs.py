"""A spectrum's header as the key-value pairs that OMERO shows beside its image."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from omeroweb_upload.emsa.spectrum import Spectrum
    from omeroweb_upload.spectra.analyse import Analysis

FILE_KEY: Final = "Spectrum file"
SHA1_KEY: Final = "Spectrum SHA-1"
_MAX_VALUE: Final = 2000
# The data's first line is no metadata.
_NO_METADATA: Final = frozenset({"SPECTRUM", "ENDOFDATA", "CHECKSUM"})


def metadata_pairs(name: str, sha1: str, analysis: Analysis) -> list[tuple[str, str]]:
    """File name and checksum, then the header as it is in the file, then what was found in the spectrum."""
    pairs = [(FILE_KEY, name), (SHA1_KEY, sha1)]
    pairs += [(key, value[:_MAX_VALUE]) for key, value in header_pairs(analysis.spectrum)]
    symbols = elements_of(analysis.spectrum)
    if symbols:
        pairs.append(("Elements labelled", ", ".join(symbols)))
    for unlabelled in analysis.unlabelled:
        found = [
            f"{candidate.symbol} {candidate.line.name} ({candidate.score:.2f})"
            for candidate in unlabelled.candidates
        ]
        if found:
            pairs.append((f"Candidates at {unlabelled.peak.energy_kev:.3f} keV", ", ".join(found)))
    pairs += [("Remark", str(remark)[:_MAX_VALUE]) for remark in analysis.spectrum.remarks]
    return pairs


def header_pairs(spectrum: Spectrum) -> list[tuple[str, str]]:
    """Every header entry that says something, in the order of the file."""
    return [
        (key, value)
        for key, value in spectrum.original.items()
        if value and key.split(" ", 1)[0].upper() not in _NO_METADATA
    ]


def elements_of(spectrum: Spectrum) -> tuple[str, ...]:
    """Symbols that the file labels or lists, once each."""
    return tuple(dict.fromkeys([*(label.symbol for label in spectrum.labels), *spectrum.listed_elements]))
