"""Check one file."""

import os

import h5py

from ims_writer.check.content import check_content
from ims_writer.check.findings import Report
from ims_writer.check.structure import check_structure


def check_file(path: str | os.PathLike[str], *, pixels: bool = True) -> Report:
    """Everything that is wrong with a file; without `pixels` only what shows without reading them.

    Memory stays below about 200 MB whatever the size of the file. Raises FileNotFoundError or PermissionError
    when there is nothing to check.
    """
    report = Report(os.fspath(path), complete=pixels)
    with open(path, "rb"):  # noqa: PTH123 - only to raise what a person expects for a missing file
        pass
    try:
        file = h5py.File(path, "r")
    except OSError as error:
        report.add("IMS001", "/", f"HDF5 cannot open it: {error}")
        return report
    with file:
        layout = check_structure(file, report)
        if pixels and layout is not None:
            check_content(file, report, layout)
    return report
