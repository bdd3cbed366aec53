"""Runs the tests that public OMERO packages ship, unmodified, against an embedded OMERO.

python checks/third_party [--keep FOLDER] [suite ...]

The source distributions are downloaded by hash, unpacked into a temporary folder and tested from there with the
Python that runs this script: that of the platform's environment. Ends with 1 if a suite passes fewer tests than
suites.toml records. What is left out, and why, is in suites.toml and docs/third-party-tests.md.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tarfile
import tempfile
import time
import tomllib
import xml.etree.ElementTree as ET
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from servers import HERE, HOST, PASSWORD, client_environment, embedded_omero, omero_web

TEST_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Suite:
    """One package's tests, as suites.toml describes them."""

    name: str
    source: str
    sha256: str
    build: str
    build_sha256: str
    tests: tuple[str, ...]
    passed: int
    left_out: tuple[str, ...]
    options: tuple[str, ...] = ()
    import_path: str = "."
    packages: str = ""
    web: bool = False


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of a suite's tests."""

    passed: int
    failed: int
    skipped: int


def read_suites() -> list[Suite]:
    """All suites of suites.toml."""
    described: dict[str, dict[str, Any]] = tomllib.loads((HERE / "suites.toml").read_text())
    suites = []
    for name, values in described.items():
        left_out = tuple(test for group in values.pop("left_out", []) for test in group["tests"])
        lists = {key: tuple(value) for key, value in values.items() if isinstance(value, list)}
        suites.append(Suite(name=name, left_out=left_out, **{**values, **lists}))
    return suites


def pip(*arguments: str, path: Path | None = None) -> None:
    """Run pip; what it says is shown only if it fails. `path` is what packages are built with."""
    environ = {**os.environ, **({"PYTHONPATH": str(path)} if path else {})}
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", *arguments]
    ran = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    if ran.returncode:
        raise SystemExit(f"pip {arguments[0]} failed:\n{ran.stdout}{ran.stderr}")


def unpack(suite: Suite, folder: Path) -> Path:
    """Download a source distribution by its hash and unpack it; the folder of its files.

    pip reads an sdist's metadata by running its build, so what it is built with is fetched by hash, too.
    """
    build, source = folder / "build.txt", folder / "source.txt"
    build.write_text(f"{suite.build} --hash=sha256:{suite.build_sha256}\n")
    source.write_text(f"{suite.source} --hash=sha256:{suite.sha256}\n")
    hashed = ("--quiet", "--no-deps", "--require-hashes")
    pip("install", *hashed, "--only-binary", ":all:", "--target", str(folder / "build"), "-r", str(build))
    downloads = folder / "downloads"
    options = ("--no-binary", ":all:", "--no-build-isolation", "-d", str(downloads))
    pip("download", *hashed, *options, "-r", str(source), path=folder / "build")
    with tarfile.open(next(downloads.glob("*.tar.gz"))) as archive:
        archive.extractall(folder / "unpacked")  # its hash was compared
    return next((folder / "unpacked").iterdir())


def install_packages(lock: Path, folder: Path) -> None:
    """Install what only this suite needs, for it alone."""
    hashed = ("--quiet", "--no-deps", "--require-hashes", "--only-binary", ":all:")
    pip("install", *hashed, "--target", str(folder), "-r", str(lock))


def write_ice_config(path: Path, port: int) -> None:
    """What omero.testlib reads: where the server is, and root's password."""
    wanted = {"host": HOST, "port": port, "rootpass": PASSWORD, "user": "root", "pass": PASSWORD}
    path.write_text("".join(f"omero.{key}={value}\n" for key, value in wanted.items()))


def run_suite(suite: Suite, folder: Path) -> Counts:
    """Start the servers, run the tests, count."""
    folder.mkdir()
    unpacked = unpack(suite, folder)
    environ = client_environment(folder)
    paths = [str(unpacked / suite.import_path)]
    if suite.packages:
        install_packages(HERE / suite.packages, folder / "packages")
        paths.insert(0, str(folder / "packages"))
    with ExitStack() as stack:
        port = stack.enter_context(embedded_omero(folder, environ))
        web = stack.enter_context(omero_web(folder, environ, port)) if suite.web else ""
        write_ice_config(folder / "ice.config", port)
        report = folder / "report.xml"
        command = [
            sys.executable,
            "-m",
            "pytest",
            *suite.tests,
            "-ra",
            "--tb=short",
            "-p",
            "no:cacheprovider",
        ]
        command += [f"--junitxml={report}", f"--timeout={TEST_SECONDS}", "--durations=3"]
        command += [word for test in suite.left_out for word in ("--deselect", test)]
        command += [word.format(host=HOST, port=port, web=web, password=PASSWORD) for word in suite.options]
        tests_environ = {
            **environ,
            "PYTHONPATH": os.pathsep.join(paths),
            "ICE_CONFIG": str(folder / "ice.config"),
        }
        subprocess.run(command, cwd=unpacked, env=tests_environ, check=False)
    return count(report)


def count(report: Path) -> Counts:
    """Read pytest's XML report; a run that wrote none has passed nothing."""
    if not report.exists():
        return Counts(0, 1, 0)
    suites = ET.parse(report).getroot().iter("testsuite")
    totals = {"tests": 0, "failures": 0, "errors": 0, "skipped": 0}
    for suite in suites:
        for key in totals:
            totals[key] += int(suite.get(key, 0))
    failed = totals["failures"] + totals["errors"]
    return Counts(totals["tests"] - failed - totals["skipped"], failed, totals["skipped"])


def main() -> int:
    """Run the suites that were asked for, or all."""
    suites = {suite.name: suite for suite in read_suites()}
    parser = argparse.ArgumentParser(prog="checks/third_party", description=__doc__.partition("\n")[0])
    parser.add_argument("suites", nargs="*", help=f"any of {', '.join(suites)}; all without")
    parser.add_argument("--keep", type=Path, help="an empty folder for logs and sources, left behind")
    options = parser.parse_args()
    if unknown := set(options.suites) - set(suites):
        parser.error(f"no suite {', '.join(sorted(unknown))}")
    began = time.monotonic()
    totals = [0, 0, 0]
    poor = []
    with tempfile.TemporaryDirectory(prefix="third-party-") as temporary:
        folder = options.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        for name in options.suites or suites:
            print(f"--- {suites[name].source}", flush=True)
            counts = run_suite(suites[name], folder / name)
            totals = [
                a + b for a, b in zip(totals, (counts.passed, counts.failed, counts.skipped), strict=True)
            ]
            if counts.passed < suites[name].passed:
                poor.append(f"{name}: {counts.passed} passed, {suites[name].passed} are recorded")
    for line in poor:
        print(line)
    words = ("passed", "failed", "skipped")
    line = ", ".join(f"{number} {word}" for number, word in zip(totals, words, strict=True) if number)
    print(f"=== {line or 'nothing ran'} in {time.monotonic() - began:.2f}s ===")
    return bool(poor)


if __name__ == "__main__":
    sys.exit(main())
