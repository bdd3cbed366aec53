"""The Nix files parse, stay small and pure, and the lock of the flake is well formed.

This is not nixfmt, statix or deadnix, which `nix flake check` runs; it is what can be said without nixpkgs.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LONGEST_FILE = 250
LONGEST_FLAKE = 120
LONGEST_LINE = 140

FORBIDDEN = {
    r"\brec\s*\{": "a recursive set; use let … in",
    r"\bwith\s+(pkgs|lib|builtins)\s*;": "`with` over a scope; inherit what is used",
    r"builtins\.(getEnv|currentSystem|currentTime|fetchTarball|fetchurl|fetchGit|storePath)\b": "not pure",
    r"<nixpkgs[^>]*>": "not pure: the flake's input is the only nixpkgs",
    r"\bflake-utils\b": "genAttrs over the systems does it",
    r"import\s*\(\s*(pkgs|final|prev|self'?)\.": "an import from a derivation",
    r"readFile\s*\(?\s*\"?\$\{(pkgs|final|prev|self'?)\.": "an import from a derivation",
    r"\t": "a tab",
}
INPUT_FIELDS = {"lastModified", "narHash", "owner", "repo", "rev", "type"}


def nix_files() -> list[Path]:
    """Every Nix file of the repository."""
    found = [*ROOT.glob("*.nix")]
    for folder in ("nix", "modules", "checks", "docs"):
        found += ROOT.glob(f"{folder}/**/*.nix")
    return sorted(found)


def structure(path: Path) -> list[str]:
    """What is wrong with the form of a file."""
    name, text = path.relative_to(ROOT), path.read_text(encoding="utf-8")
    lines = text.splitlines()
    limit = LONGEST_FLAKE if str(name) == "flake.nix" else LONGEST_FILE
    found = [f"{name}: {len(lines)} lines; split it at {limit}"] if len(lines) > limit else []
    if not text.endswith("\n") or text.endswith("\n\n"):
        found.append(f"{name}: ends in exactly one newline")
    for number, line in enumerate(lines, start=1):
        if len(line) > LONGEST_LINE and "http" not in line:
            found.append(f"{name}:{number}: {len(line)} characters")
        if line != line.rstrip():
            found.append(f"{name}:{number}: white space at the end of a line")
        code = re.sub(r"(^|\s)#.*", "", line)
        found += [f"{name}:{number}: {why}" for pattern, why in FORBIDDEN.items() if re.search(pattern, code)]
    return found


def parse(program: str, paths: list[Path]) -> list[str]:
    """What Nix says about files it cannot read."""
    result = subprocess.run(
        [program, "--store", "dummy://", "--parse", *map(str, paths)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    return [result.stderr.strip()] if result.returncode else []


def lock_complaints(lock: dict[str, object]) -> list[str]:
    """What is wrong with flake.lock."""
    nodes = lock.get("nodes")
    if lock.get("version") != 7 or not isinstance(nodes, dict) or "root" not in nodes:
        return ["flake.lock: version 7 with nodes and a root is needed"]
    found = []
    for name, node in nodes.items():
        found += [
            f"flake.lock: {name} refers to {target}, which is not there"
            for target in node.get("inputs", {}).values()
            if isinstance(target, str) and target not in nodes
        ]
        if name == "root":
            continue
        locked = node["locked"]
        if not re.fullmatch(r"sha256-[A-Za-z0-9+/]{43}=", locked.get("narHash", "")):
            found.append(f"flake.lock: {name} has no narHash")
        if locked.get("type") == "github":
            missing = INPUT_FIELDS - set(locked)
            found += [f"flake.lock: {name} lacks {', '.join(sorted(missing))}"] if missing else []
            if not re.fullmatch(r"[0-9a-f]{40}", locked.get("rev", "")):
                found.append(f"flake.lock: {name} has no full revision")
    return found


def main() -> int:
    """Print what is wrong, or that all is well and what was not looked at."""
    paths = nix_files()
    found = [complaint for path in paths for complaint in structure(path)]
    lock = ROOT / "flake.lock"
    if lock.exists():
        found += lock_complaints(json.loads(lock.read_text(encoding="utf-8")))
    program = shutil.which("nix-instantiate")
    if program:
        found += parse(program, paths)
    said = f"{len(paths)} Nix files" + (
        "" if program else ", not parsed: nix-instantiate is missing (Debian: nix-bin)"
    )
    print("\n".join(found) or said)
    return bool(found)


sys.exit(main())
