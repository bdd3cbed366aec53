"""Stands in for Java under OMERO's real command line: checks what it is given, and imports through OMERO's API.

It refuses whatever the real importer would not understand, and leaves one line per call in the file that
STAND_IN_CALLS names.
"""

from __future__ import annotations

import argparse
import json
import os
import stat
import sys
import time
from pathlib import Path

import omero
import omero.all

from omeroweb_upload.engines.api import ApiEngine
from omeroweb_upload.engines.base import SetFile, SetPlan


class Client:
    """As much of a gateway as the engine uses."""

    def __init__(self, client: omero.client) -> None:
        self.c = client


class Watch:
    def check(self) -> None:
        pass


def words_of(file: Path) -> list[str]:
    """What an argument file says, one quoted word per line; it must be for this account only."""
    assert stat.S_IMODE(file.stat().st_mode) == 0o600, "others can read the session's key"
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    return [json.loads(line) for line in file.read_text().splitlines()]


def main() -> int:
    if "-version" in sys.argv:
        return 0
    assert sys.argv[-1].startswith("@"), sys.argv
    importer, *words = words_of(Path(sys.argv[-1][1:]))
    assert importer == "ome.formats.importer.cli.CommandLineImporter"
    parser = argparse.ArgumentParser()
    parser.add_argument("-s", required=True)
    parser.add_argument("-p", type=int, required=True)
    parser.add_argument("-k", required=True)
    parser.add_argument("-c", action="store_true", required=True)
    parser.add_argument("--output", choices=["ids", "legacy", "yaml"], required=True)
    parser.add_argument("--no-upgrade-check", action="store_true", required=True)
    parser.add_argument("-d", type=int)
    parser.add_argument("-r", type=int)
    parser.add_argument("-n", "--name", dest="n")
    parser.add_argument("--transfer", choices=["ln_s"])
    parser.add_argument("path", nargs="+", type=Path)
    wanted = parser.parse_args(words)
    with Path(os.environ["STAND_IN_CALLS"]).open("a") as calls:
        calls.write(json.dumps({"paths": [str(path) for path in wanted.path], "n": wanted.n}) + "\n")
    if any(not path.is_absolute() or not path.exists() for path in wanted.path):
        parser.error("paths must be absolute and there")
    if any("sleep" in path.name for path in wanted.path):
        time.sleep(600)
    client = omero.client(wanted.s, wanted.p)
    client.joinSession(wanted.k)
    target = ("Dataset", wanted.d) if wanted.d else ("Screen", wanted.r) if wanted.r else None
    failed = 0
    for number, path in enumerate(wanted.path):
        file = SetFile(str(path).lstrip("/"), path, path.stat().st_size, "", "")
        plan = SetPlan(number, f"cli{os.getpid()}-{number}", (file,), target, wanted.n)
        for result in ApiEngine(threads=1, timeout_seconds=60).run(Client(client), [plan], Watch()):
            if result.imported:
                print("Image:" + ",".join(map(str, result.image_ids)))  # noqa: T201
            else:
                failed += 1
                print(f"ERROR {path.name}: {result.message}", file=sys.stderr)  # noqa: T201
    client.sf.detachOnDestroy()
    client.closeSession()
    return 3 if failed else 0


sys.exit(main())
