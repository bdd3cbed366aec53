"""The command `ims-check`."""

import argparse
import json
import sys
from collections.abc import Sequence

from ims_writer.check.findings import Report
from ims_writer.check.run import check_file

VALID, INVALID, UNREADABLE = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Check the files named; returns 0 when all are valid, 1 when one is not, 2 when one cannot be read."""
    options = _parser().parse_args(arguments)
    status = VALID
    for path in options.file:
        try:
            report = check_file(path, pixels=not options.quick)
        except OSError as error:
            sys.stderr.write(f"{path}: {error.strerror}\n")
            status = UNREADABLE
            continue
        sys.stdout.write(_as_json(report) if options.json else _as_text(report))
        if not report.valid or (options.strict and report.findings):
            status = max(status, INVALID)
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="ims-check", description="Check whether files are valid Imaris 5.5 files."
    )
    parser.add_argument("file", nargs="+", help="an .ims file")
    parser.add_argument("--quick", action="store_true", help="look at structure, attributes and sizes only")
    parser.add_argument("--strict", action="store_true", help="count warnings as failures")
    parser.add_argument("--json", action="store_true", help="one JSON object per file")
    return parser


def _as_text(report: Report) -> str:
    lines = [f"{report.path}: {finding}" for finding in report.findings]
    verdict = "valid" if report.valid else "INVALID"
    extent = "" if report.complete else "; pixels were not read"
    lines.append(f"{report.path}: {verdict} ({report.errors} errors, {report.warnings} warnings{extent})")
    return "\n".join(lines) + "\n"


def _as_json(report: Report) -> str:
    findings = [
        {"code": f.code, "severity": f.severity, "where": f.where, "message": f.message}
        for f in report.findings
    ]
    content = {"path": report.path, "valid": report.valid, "pixels": report.complete, "findings": findings}
    return json.dumps(content) + "\n"
