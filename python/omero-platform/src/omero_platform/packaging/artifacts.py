"""Which published file of a locked package Nix takes, and what each package needs at run time.

The lock has versions and hashes; a hash alone does not say which file it belongs to. `nix/python/artifacts.json` adds the
file's name per system, and the packages it needs; version and hash have to be those of the lock.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from packaging.markers import Marker
from packaging.tags import Tag, cpython_tags
from packaging.utils import parse_wheel_filename

from omero_platform.errors import PlatformError

if TYPE_CHECKING:
    from collections.abc import Iterator

SYSTEMS = {"x86_64-linux": "x86_64", "aarch64-linux": "aarch64"}
PYTHON = (3, 12)
GLIBC = 39  # wheels may ask for at most this glibc 2.x
BUILT_FROM_SOURCE = "zeroc-ice"


@dataclass(frozen=True)
class Project:
    """What uv is asked to resolve: the wishes of requirements.in, held to the versions of the lock."""

    wishes: list[str]
    locked: list[str]

    def toml(self) -> str:
        """The project file for uv; a JSON list of strings is a TOML list of strings."""
        environments = [
            f"python_version == '{PYTHON[0]}.{PYTHON[1]}' and sys_platform == 'linux' "
            f"and implementation_name == 'cpython' and platform_machine == '{machine}'"
            for machine in SYSTEMS.values()
        ]
        return (
            '[project]\nname = "locked"\nversion = "0"\n'
            f'requires-python = ">=3.11,<{PYTHON[0]}.{PYTHON[1] + 1}"\n'
            f"dependencies = {json.dumps(self.wishes)}\n"
            "[tool.uv]\n"
            f"environments = {json.dumps(environments)}\n"
            f"constraint-dependencies = {json.dumps(self.locked)}\n"
            f"override-dependencies = [\"{BUILT_FROM_SOURCE}; sys_platform == 'never'\"]\n"
        )


def read_project(folder: Path) -> Project:
    """What `python/requirements.in` wishes and `python/requirements.lock` has settled."""
    wishes = [
        wish
        for line in (folder / "requirements.in").read_text(encoding="utf-8").splitlines()
        if (wish := line.partition("#")[0].strip())
    ]
    locked = [
        line.rstrip("\\ ")
        for line in (folder / "requirements.lock").read_text(encoding="utf-8").splitlines()
        if "==" in line and not line.startswith(" ")
    ]
    return Project(wishes, locked)


def resolve(uv: str, project: Project) -> dict[str, Any]:
    """uv's own lock of the project; raises PlatformError with what uv says."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "pyproject.toml").write_text(project.toml(), encoding="utf-8")
        command = [uv, "lock", "--quiet", "--project", folder]
        result = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
        if result.returncode:
            raise PlatformError(f"The files of the locked packages are not known: {result.stderr.strip()}")
        return tomllib.loads(Path(folder, "uv.lock").read_text(encoding="utf-8"))


def artifacts(resolved: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Per package: `files` by system, `requires` as names, both for the Python that Nix uses."""
    packages = [
        package for package in resolved["package"] if "registry" in package["source"] and applies(package)
    ]
    return {
        package["name"]: {
            "files": files(package),
            "requires": sorted(set(requirements(package))),
        }
        for package in sorted(packages, key=lambda package: package["name"])
    }


def files(package: dict[str, Any]) -> dict[str, dict[str, str]]:
    """The file for each system, or one for `any` when it is the same."""
    found = {system: best_file(package, machine) for system, machine in SYSTEMS.items()}
    distinct = {file["sha256"]: file for file in found.values()}
    return {"any": next(iter(distinct.values()))} if len(distinct) == 1 else found


def environment(machine: str) -> dict[str, str]:
    """The values of a marker's variables on one machine."""
    return {
        "python_version": ".".join(map(str, PYTHON)),
        "python_full_version": f"{PYTHON[0]}.{PYTHON[1]}.12",
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
        "sys_platform": "linux",
        "platform_system": "Linux",
        "platform_machine": machine,
        "os_name": "posix",
        "extra": "",
    }


def applies(entry: dict[str, Any]) -> bool:
    """Whether a package or a dependency is for one of the systems."""
    markers = entry.get("resolution-markers") or [entry[key] for key in ("marker",) if key in entry]
    return not markers or any(
        Marker(marker).evaluate(environment(machine)) for marker in markers for machine in SYSTEMS.values()
    )


def requirements(package: dict[str, Any]) -> Iterator[str]:
    """Names of what a package needs, with the extras that are asked for of it."""
    asked = list(package.get("dependencies", []))
    for extra in package.get("optional-dependencies", {}).values():
        asked += extra
    for dependency in asked:
        if dependency["name"] != BUILT_FROM_SOURCE and applies(dependency):
            yield dependency["name"]


def file_name(url: str) -> str:
    """The last part of an address."""
    return url.rpartition("/")[2]


def best_file(package: dict[str, Any], machine: str) -> dict[str, str]:
    """The wheel that fits the machine best, or the source; with its hash, by which it is found in the lock."""
    order = {tag: position for position, tag in enumerate(accepted_tags(machine))}
    fitting: list[tuple[int, dict[str, Any]]] = []
    for wheel in package.get("wheels", []):
        tags = parse_wheel_filename(file_name(wheel["url"]))[3]
        positions = [order[tag] for tag in tags if tag in order]
        if positions:
            fitting.append((min(positions), wheel))
    chosen = min(fitting, key=lambda item: item[0])[1] if fitting else package.get("sdist")
    if chosen is None:
        raise PlatformError(
            f"{package['name']} {package['version']} has no file for {machine}.",
            "Choose another version in python/requirements.in.",
        )
    return {
        "name": file_name(chosen["url"]),
        "sha256": chosen["hash"].removeprefix("sha256:"),
    }


def accepted_tags(machine: str) -> Iterator[Tag]:
    """Tags of wheels that run there, the best first."""
    platforms = [f"manylinux_2_{minor}_{machine}" for minor in range(GLIBC, 16, -1)]
    platforms += [f"manylinux2014_{machine}", f"manylinux2010_{machine}", f"manylinux1_{machine}"]
    yield from cpython_tags(PYTHON, abis=[f"cp{PYTHON[0]}{PYTHON[1]}"], platforms=[*platforms, "any"])
    for python in (f"py{PYTHON[0]}{PYTHON[1]}", f"py{PYTHON[0]}", "py2", *OLDER):
        for platform in [*platforms, "any"]:
            yield Tag(python, "none", platform)


OLDER = tuple(f"py3{minor}" for minor in range(PYTHON[1] - 1, 5, -1))


def write(uv: str, folder: Path, target: Path) -> None:
    """Write the index of files for Nix beside the lock."""
    index = artifacts(resolve(uv, read_project(folder)))
    target.write_text(json.dumps(index, indent=1, sort_keys=True) + "\n", encoding="utf-8")
