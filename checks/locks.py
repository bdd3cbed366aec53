"""Every package of the locks has hashes and none an address; what is asked for is locked."""

from __future__ import annotations

import re
import sys
from pathlib import Path

PYTHON = Path(__file__).resolve().parents[1] / "python"
REQUIREMENT = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[.*?\])?")


def normalised(name: str) -> str:
    """A package's name in the one form that all spellings share."""
    return re.sub(r"[-_.]+", "-", name).lower()


def complaints(source: Path, lock: Path) -> list[str]:
    """What is wrong with a lock."""
    text = lock.read_text().replace("\\\n", " ")
    found = [f"{lock.name} holds an address" for _ in re.findall(r"https?://", text)][:1]
    locked = set()
    for line in text.splitlines():
        match = REQUIREMENT.match(line)
        if match:
            locked.add(normalised(match[1]))
            if "--hash=sha256:" not in line or "==" not in line:
                found.append(f"{lock.name}: {match[1]} has no exact version or no hash")
    wanted = {
        normalised(match[1]) for line in source.read_text().splitlines() if (match := REQUIREMENT.match(line))
    }
    found += [f"{lock.name} lacks {name}; run ./omero-platform lock" for name in sorted(wanted - locked)]
    return found


found = [
    complaint
    for source in (PYTHON / "requirements.in", PYTHON / "bootstrap.in")
    for complaint in complaints(source, source.with_suffix(".lock"))
]
print("\n".join(found) or "locks are complete")
sys.exit(bool(found))
