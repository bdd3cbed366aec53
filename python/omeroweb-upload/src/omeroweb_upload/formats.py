"""File extensions: which hold images that OMERO reads, and which hold none.

Extensions of image formats follow the format table of Bio-Formats (https://bio-formats.readthedocs.io, "Supported
Formats").
"""

from __future__ import annotations

from enum import Enum
from typing import Final

from omeroweb_upload.paths import name_of

# One file of these is a whole: nothing else needs to be found for it.
SELF_CONTAINED: Final = frozenset(
    [
        "tif",
        "tiff",
        "tf2",
        "tf8",
        "btf",
        "png",
        "jpg",
        "jpeg",
        "gif",
        "bmp",
        "webp",
        "jp2",
        "j2k",
        "jpf",
        "fake",
        "czi",
        "nd2",
        "lif",
        "oib",
        "lsm",
        "zvi",
        "dv",
        "r3d",
        "stk",
        "svs",
        "scn",
        "ndpi",
        "ims",
        "dm3",
        "dm4",
        "dm2",
        "mrc",
        "rec",
        "st",
        "ali",
        "map",
        "sis",
        "sif",
        "spe",
        "ser",
        "vsi",
        "zip",
        "lim",
        "dcm",
        "dicom",
        "fits",
        "fts",
        "nii",
        "nrrd",
        "avi",
        "mng",
        "mov",
        "eps",
        "psd",
        "pict",
        "ipl",
        "ipw",
        "ims",
        "seq",
        "liff",
        "al3d",
        "apl",
        "arf",
        "bif",
        "c01",
        "cr2",
        "cxd",
        "cif",
        "dat",
        "dib",
        "flex",
        "fli",
        "gel",
        "h5",
        "his",
        "hdr",
        "hed",
        "img",
        "i2i",
        "ics",
        "im3",
        "inr",
        "ids",
        "iiq",
        "j2ki",
        "klb",
        "l2d",
        "lms",
        "lof",
        "mea",
        "mdb",
        "mnc",
        "mod",
        "naf",
        "nef",
        "nhdr",
        "obf",
        "msr",
        "oir",
        "ome",
        "omp",
        "par",
        "pcoraw",
        "pcx",
        "pgm",
        "pic",
        "pnl",
        "pr3",
        "ps",
        "qptiff",
        "raw",
        "sdt",
        "sm2",
        "sm3",
        "spc",
        "spi",
        "stp",
        "sxm",
        "tfr",
        "top",
        "txtr",
        "vff",
        "vms",
        "vws",
        "wat",
        "wlz",
        "wpi",
        "xdce",
        "xqd",
        "xqf",
        "xv",
        "xys",
        "zfp",
        "zfr",
    ]
)
NO_IMAGES: Final = frozenset(
    [
        "txt",
        "csv",
        "tsv",
        "xml",
        "json",
        "yaml",
        "yml",
        "toml",
        "ini",
        "cfg",
        "conf",
        "log",
        "md",
        "rst",
        "pdf",
        "doc",
        "docx",
        "xls",
        "xlsx",
        "ods",
        "odt",
        "ppt",
        "pptx",
        "html",
        "htm",
        "py",
        "ipynb",
        "m",
        "r",
        "sh",
        "bat",
        "exe",
        "dll",
        "msi",
        "rtf",
        "tex",
        "bib",
        "msa",
        "emsa",
        "ems",
        "rpl",
        "eds",
        "sqlite",
        "db",
        "bak",
        "tmp",
        "lock",
        "lnk",
        "url",
        "mp3",
        "wav",
    ]
)
# Only bytes tell what these are; Bio-Formats reads some of them.
UNSURE: Final = frozenset(["dat", "raw", "txtr", "zip", "db", "h5", "par", "map", "st"])


class Readable(Enum):
    """What an extension says."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


def extension_of(path: str) -> str:
    """The last extension in lower case, empty for none."""
    _, dot, extension = name_of(path).rpartition(".")
    return extension.lower() if dot else ""


def readable(path: str) -> Readable:
    """Whether OMERO is known to read files of this extension."""
    extension = extension_of(path)
    if extension in UNSURE:
        return Readable.UNKNOWN
    if extension in SELF_CONTAINED:
        return Readable.YES
    return Readable.NO if extension in NO_IMAGES else Readable.UNKNOWN
