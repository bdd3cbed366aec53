"""Stands in for `java` when `omero import` starts OMERO's Java importer: the same calls to the server, from Python.

It uploads the files through the managed repository's API, one fileset per file (a `.fake` file brings its `.ini` file
along), and prints what the Java importer
prints for `--output` ids, legacy and yaml. What can be imported is what the server can read.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import omero.all
import omero.grid
from omero.callbacks import CmdCallbackI
from omero.rtypes import rbool, rstring

IMPORTER = "ome.formats.importer.cli.CommandLineImporter"


def main(arguments: list[str]) -> int:
    """Import what the command line names; 0 if everything was imported."""
    if arguments == ["-version"]:
        print("stand-in for java", file=sys.stderr)
        return 0
    options = _parser().parse_args(arguments[arguments.index(IMPORTER) + 1 :])
    client = omero.client(options.server, options.port)
    client.joinSession(options.key).detachOnDestroy()
    try:
        for path in options.paths:
            response = _import(client, path if path.startswith("/") else f"{Path.cwd()}/{path}", options)
            if response is None:
                return 1
            _show(client, response, options.output)
    finally:
        client.closeSession()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="java importer", allow_abbrev=False)
    parser.add_argument("-s", dest="server")
    parser.add_argument("-p", dest="port", type=int)
    parser.add_argument("-k", dest="key")
    parser.add_argument("-d", dest="dataset", type=int)
    parser.add_argument("-n", "--name")
    parser.add_argument("--output", default="ids", choices=["ids", "legacy", "yaml"])
    parser.add_argument("--checksum-algorithm", default="SHA1-160", choices=["SHA1-160", "File-Size-64"])
    parser.add_argument("--no-thumbnails", action="store_true")
    parser.add_argument("--no-stats-info", action="store_true")
    parser.add_argument("--no-upgrade-check", action="store_true")
    parser.add_argument("paths", nargs="+")
    return parser


def _import(client: Any, path: str, options: argparse.Namespace) -> Any:
    """Import an absolute path; like Java, leave a `.` among its folders, by which tools find their images again."""
    companion = f"{path}.ini"
    paths = [path, companion] if Path(companion).is_file() else [path]
    fileset = omero.model.FilesetI()
    for one in paths:
        entry = omero.model.FilesetEntryI()
        entry.clientPath = rstring(one.lstrip("/"))
        fileset.addFilesetEntry(entry)
    fileset.linkJob(omero.model.UploadJobI())
    algorithm = omero.model.ChecksumAlgorithmI()
    algorithm.value = rstring(options.checksum_algorithm)
    settings = omero.grid.ImportSettings(
        doThumbnails=rbool(not options.no_thumbnails),
        noStatsInfo=rbool(options.no_stats_info),
        checksumAlgorithm=algorithm,
        userSpecifiedTarget=None if options.dataset is None else omero.model.DatasetI(options.dataset, False),
        userSpecifiedName=None if options.name is None else rstring(options.name),
    )
    process = client.getManagedRepository().importFileset(fileset, settings)
    try:
        for number, one in enumerate(paths):
            store = process.getUploader(number)
            with Path(one).open("rb") as stream:
                client.write_stream(stream, store, 1_000_000)
            store.close()
        hashes = [_checksum(Path(one), options.checksum_algorithm) for one in paths]
        callback = CmdCallbackI(client, process.verifyUpload(hashes))
        callback.loop(600, 500)
        response = callback.getResponse()
        callback.close(True)
    finally:
        process.close()
    if isinstance(response, omero.grid.ImportResponse):
        return response
    print(f"{path}: {response.name} {response.parameters}", file=sys.stderr)
    return None


def _checksum(path: Path, algorithm: str) -> str:
    if algorithm == "File-Size-64":
        return path.stat().st_size.to_bytes(8, "little").hex()
    return hashlib.sha1(path.read_bytes()).hexdigest()


def _show(client: Any, response: Any, output: str) -> None:
    if output == "legacy":
        print("\n".join(str(pixels.id.val) for pixels in response.pixels))
        return
    query = "select i.fileset.id from Image i where i.id = :id"
    parameters = omero.sys.ParametersI().addId(response.pixels[0].image.id.val)
    rows = client.sf.getQueryService().projection(query, parameters)
    made = defaultdict(list, Fileset=[rows[0][0].val])
    for thing in response.objects:
        made[type(thing).__name__.removesuffix("I")].append(thing.id.val)
    if output == "yaml":
        print("---\n- " + "\n  ".join(f"{name}: {ids}" for name, ids in made.items()))
    else:
        print("\n".join(f"{name}:{','.join(map(str, ids))}" for name, ids in made.items()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
