"""What a check found: numbered codes, where, and what would be right."""

from dataclasses import dataclass, field
from enum import StrEnum


class Severity(StrEnum):
    """An error makes a file invalid; a warning says that a reader may show it worse than it could."""

    ERROR = "error"
    WARNING = "warning"


CODES: dict[str, tuple[Severity, str]] = {
    "IMS001": (Severity.ERROR, "not an HDF5 file that can be opened"),
    "IMS002": (Severity.ERROR, "a group is missing"),
    "IMS003": (Severity.ERROR, "a dataset is missing"),
    "IMS004": (Severity.ERROR, "levels, time points or channels are not numbered 0, 1, 2 … alike everywhere"),
    "IMS101": (Severity.ERROR, "an attribute is missing"),
    "IMS102": (Severity.ERROR, "an attribute is not an array of single characters"),
    "IMS103": (Severity.WARNING, "an attribute's characters are not of HDF5's type H5T_C_S1"),
    "IMS104": (Severity.ERROR, "an attribute does not hold what it should"),
    "IMS105": (Severity.ERROR, "stated counts and groups disagree"),
    "IMS106": (Severity.ERROR, "the extents are empty or reversed"),
    "IMS201": (Severity.ERROR, "stated and stored sizes disagree"),
    "IMS202": (Severity.ERROR, "a pixel type is not allowed or differs between volumes"),
    "IMS203": (Severity.ERROR, "pixels are not stored in chunks, or through a filter Imaris does not have"),
    "IMS204": (Severity.ERROR, "a level does not shrink the one before it"),
    "IMS205": (Severity.WARNING, "the pyramid is not the one Imaris would make"),
    "IMS206": (Severity.WARNING, "chunks were never written and read as zeros"),
    "IMS207": (Severity.ERROR, "pixels cannot be read"),
    "IMS208": (Severity.WARNING, "voxels beyond the edge of the image are not zero"),
    "IMS301": (Severity.ERROR, "a level does not show what the level before it shows"),
    "IMS302": (Severity.WARNING, "a level picks single voxels instead of averaging"),
    "IMS401": (Severity.ERROR, "a histogram has the wrong shape or type"),
    "IMS402": (Severity.ERROR, "a histogram does not count every voxel once"),
    "IMS403": (Severity.ERROR, "voxels lie outside the range of the histogram"),
    "IMS404": (Severity.ERROR, "a histogram does not have the shape of the pixels"),
    "IMS501": (Severity.WARNING, "there is no thumbnail"),
    "IMS502": (Severity.ERROR, "the thumbnail is not rows of red, green, blue, alpha bytes"),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong."""

    code: str
    where: str
    message: str

    @property
    def severity(self) -> Severity:
        """Error or warning, by the code."""
        return CODES[self.code][0]

    def __str__(self) -> str:
        return f"{self.code} {self.severity} {self.where}: {self.message}"


@dataclass(slots=True)
class Report:
    """Everything found in one file."""

    path: str
    findings: list[Finding] = field(default_factory=list)
    complete: bool = True
    """False when pixels were not looked at."""

    def add(self, code: str, where: str, message: str) -> None:
        """Note one finding."""
        self.findings.append(Finding(code, where, message))

    @property
    def errors(self) -> int:
        """Number of errors."""
        return sum(finding.severity is Severity.ERROR for finding in self.findings)

    @property
    def warnings(self) -> int:
        """Number of warnings."""
        return len(self.findings) - self.errors

    @property
    def valid(self) -> bool:
        """Whether there are no errors."""
        return self.errors == 0
