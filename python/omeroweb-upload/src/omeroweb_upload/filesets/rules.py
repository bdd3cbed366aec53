"""Formats whose images are spread over several files, as a table.

What belongs to a main file follows the format pages of Bio-Formats (https://bio-formats.readthedocs.io, "Dataset
Structure Table").
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from omeroweb_upload.filesets.model import Kind
from omeroweb_upload.paths import name_of, stem_of


@dataclass(frozen=True, slots=True)
class Rule:
    """A main file and what belongs to it.

    `main` matches the file's name. `members` match paths relative to its folder; `{name}` and `{stem}` stand for the
    main file's. Without any member, a file of a format that `needs` them is incomplete; else the rule does not apply.
    """

    format: str
    main: str
    members: tuple[str, ...]
    needs: str = ""
    kind: Kind = Kind.FORMAT

    def is_main(self, path: str) -> bool:
        """Whether a path is that of a main file."""
        return re.fullmatch(self.main, name_of(path), re.IGNORECASE) is not None

    def member_patterns(self, path: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
        """What matches the members of one main file, relative to its folder; each with the letters it begins with."""
        parts = {"{name}": name_of(path), "{stem}": stem_of(path)}
        patterns = []
        for member in self.members:
            beginning = re.match(r"(_?)({name}|{stem})", member)
            start = beginning[1] + parts[beginning[2]] if beginning else ""
            filled = member
            for part, value in parts.items():
                filled = filled.replace(part, re.escape(value))
            patterns.append((start, re.compile(filled, re.IGNORECASE)))
        return tuple(patterns)


_TIFF = r"\.tiff?"

# Plates come first: their images would match other rules too.
RULES: Final = (
    Rule("PerkinElmer Harmony", r"index(?:\.idx|\.flex)?\.xml", (r"[^/]+" + _TIFF, r"[^/]+\.flex"), kind=Kind.PLATE),
    Rule("PerkinElmer Columbus", r"measurementindex\.columbusidx\.xml", (r"(?:.+/)?[^/]+\.(?:tiff?|xml)",),
         "the images of the plate", Kind.PLATE),
    Rule("MetaXpress", r".+\.htd", (r"(?:timepoint_\d+/)?(?:zstep_\d+/)?{stem}_[^/]+" + _TIFF,),
         "the plate's TIFF files", Kind.PLATE),
    Rule("InCell", r".+\.xdce", (r"[^/]+\.(?:tiff?|im)",), "the plate's TIFF files", Kind.PLATE),
    Rule("CellVoyager", r"measurementdata\.mlf", (r"[^/]+\.(?:tiff?|mrf|mes|wpi|wpp|icr|xml)",),
         "the plate's TIFF files", Kind.PLATE),
    Rule("ScanR", r"experiment_descriptor\.xml", (r"data/[^/]+" + _TIFF, r"experiment_descriptor\.dat", r"acquisitionlog\.dat"),
         "the TIFF files in data", Kind.PLATE),
    Rule("BD Pathway", r"experiment\.exp", (r"well [a-p]\d+/.+", r"[^/]+\.(?:adf|dye|ltp|xyz|exp|txt|bmp)"),
         "the folders of the wells", Kind.PLATE),
    Rule("Olympus VSI", r".+\.vsi", (r"_{stem}_/.+",), "the folder _{stem}_"),
    Rule("Olympus OIF", r".+\.oif", (r"{name}\.files/.+",), "the folder {name}.files"),
    Rule("Olympus OIR", r".+\.oir", (r"{stem}_\d{5}",)),
    Rule("MIRAX", r".+\.mrxs", (r"{stem}/.+",), "the folder {stem}"),
    Rule("Volocity", r".+\.mvd2", (r"(?:data/)?[^/]+\.(?:aisf|aiix|atsf|dat)",), "the library's data files"),
    Rule("Aperio AFI", r".+\.afi", (r"{stem}[^/]*\.svs",), "its SVS files"),
    Rule("Hamamatsu NDPIS", r".+\.ndpis", (r"{stem}[^/]*\.ndpi",), "its NDPI files"),
    Rule("Hamamatsu VMS", r".+\.vms", (r"{stem}[^/]*\.(?:jpg|opt)",), "its JPEG files"),
    Rule("MetaMorph", r".+\.nd", (r"{stem}_[^/]*\.(?:stk|tiff?)",), "its STK or TIFF files"),
    Rule("Image Cytometry Standard", r".+\.ics", (r"{stem}\.ids",)),
    Rule("Analyze 7.5", r".+\.hdr", (r"{stem}\.img(?:\.gz)?",)),
    Rule("Leica LEI", r".+\.lei", (r"[^/]+" + _TIFF,), "its TIFF files"),
    Rule("Leica XLEF", r".+\.xlef", (r"(?:.+/)?[^/]+\.(?:xlcf|xlif|lof|tiff?|png|jpe?g|bmp)",), "its XLIF files"),
    Rule("SlideBook 7", r".+\.sldy", (r"{stem}\.dir/.+",), "the folder {stem}.dir"),
    Rule("Prairie", r".+\.xml", (r"{stem}_cycle\d+_[^/]*" + _TIFF, r"{stem}\.(?:cfg|env)")),
)  # fmt: skip
