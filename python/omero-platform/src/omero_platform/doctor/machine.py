"""The machine: Python, programs, disk, memory, kernel settings."""

from __future__ import annotations

import platform
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from omero_platform.doctor.findings import Finding, fine, problem, warning
from omero_platform.preflight import NEEDED_BYTES_EXISTING, NEEDED_BYTES_NEW, existing_parent
from omero_platform.services.monitoring import PROGRAMS
from omero_platform.services.postgresql import installed_versions

if TYPE_CHECKING:
    from omero_platform.instance import Instance

ENOUGH_MEMORY_KB = 2_000_000
OVERCOMMIT = Path("/proc/sys/vm/overcommit_memory")


def machine_findings(instance: Instance) -> list[Finding]:
    """Everything about the machine."""
    return [
        python_finding(),
        *program_findings(),
        disk_finding(instance),
        memory_finding(),
        overcommit_finding(),
    ]


def python_finding() -> Finding:
    """Whether this Python is one that Ice was built for."""
    version = platform.python_version()
    if version.startswith(("3.11.", "3.12.")):
        return fine(f"Python {version}")
    return problem(
        f"Python {version} is not supported.",
        "Start the platform with ./omero-platform, which picks 3.11 or 3.12.",
    )


def program_findings() -> list[Finding]:
    """Whether the programs of the distribution are there."""
    versions = installed_versions()
    findings = [
        fine(f"PostgreSQL {', '.join(versions)}")
        if versions
        else problem("PostgreSQL is not installed.", "Install it: sudo apt-get install postgresql"),
        fine("Redis")
        if shutil.which("redis-server")
        else problem("Redis is not installed.", "Install it: sudo apt-get install redis-server"),
    ]
    missing = sorted({program for program in PROGRAMS.values() if not shutil.which(program)})
    if missing:
        packages = " ".join(missing)
        findings.append(
            warning(
                f"No monitoring by {', '.join(missing)}: not installed.",
                f"Install it: sudo apt-get install {packages}",
            )
        )
    else:
        findings.append(fine("Prometheus, Alertmanager and exporters"))
    return findings


def disk_finding(instance: Instance) -> Finding:
    """Whether there is room to grow."""
    folder = existing_parent(instance.data)
    free = shutil.disk_usage(folder).free
    text = f"{free / 1e9:.1f} GB free at {folder}"
    advice = "Free some space, or move the data folder to a larger disk."
    if free < NEEDED_BYTES_EXISTING:
        return problem(f"Only {text}.", advice)
    if free < NEEDED_BYTES_NEW:
        return warning(f"Only {text}.", advice)
    return fine(text)


def memory_finding() -> Finding:
    """Whether the stack fits into memory (it takes about 1.5 GB)."""
    facts = dict(line.split(":", 1) for line in Path("/proc/meminfo").read_text().splitlines())
    available = int(facts["MemAvailable"].split()[0])
    if available < ENOUGH_MEMORY_KB:
        return warning(
            f"Only {available / 1e6:.1f} GB of memory are available; the stack takes about 1.5 GB.",
            "Close other programs, or leave out monitoring: up --no-monitoring",
        )
    return fine(f"{available / 1e6:.1f} GB of memory available")


def overcommit_finding() -> Finding:
    """Whether the kernel gives Redis the memory it asks for."""
    try:
        value = OVERCOMMIT.read_text().strip()
    except OSError:
        return fine("memory overcommit: not shown on this system")
    if value == "2":
        return warning(
            "The kernel refuses memory overcommit, so Redis can fail under load.",
            "Allow it: sudo sysctl vm.overcommit_memory=1 (and in /etc/sysctl.d/ to keep it)",
        )
    return fine(f"memory overcommit: {value}")
