"""How fast HQL is answered: simple queries with everything cached, and a dataset of 1,000 images among many.

Usage: python python/benchmarks/hql.py [--few 10000] [--many 100000] [--queries 4000]
Bounds: 2,000 simple queries/s; listing takes at most 1.5 times as long with many images stored as with few.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import omero
import omero.all
from sqlalchemy import func, insert, select

from omero_embedded.hql.parse import parse
from omero_embedded.hql.resolve import resolve
from omero_embedded.server import Server
from omero_embedded.services.query import QueryService
from omero_embedded.store.tables import TABLES
from omero_embedded.wire.dispatch import make_call

if TYPE_CHECKING:
    from collections.abc import Callable

    from omero_embedded.security.context import Call

QUERIES_PER_SECOND = 2_000
SLOWDOWN = 1.5
ROUNDS = 20
LISTED = 1_000
SIMPLE = {
    "count of one image's ROIs": "select count(*) from Roi as roi where roi.image.id = :id",
    "name of an image": "select i.name from Image i where i.id = :id",
    "ids of a dataset's links": "select l.child.id from DatasetImageLink l where l.id = :id",
}
TREE = (
    "select new map(image.id as id, image.archived as archived, image.name as name, image.details.owner.id as ownerId, "
    "image as image_details_permissions, image.fileset.id as filesetId) from Image image "
    "join image.datasetLinks dlink where dlink.parent.id = :id order by lower(image.name), image.id"
)
GRAPH = (
    "select obj from Image obj join fetch obj.details.owner as owner left outer join fetch obj.details.externalInfo "
    "join fetch obj.details.creationEvent join obj.datasetLinks dlink left outer join fetch obj.pixels as pixels "
    "left outer join fetch pixels.pixelsType where dlink.parent.id = :id order by lower(obj.name), obj.id"
)


def main() -> int:
    """Run both; exit status 1 if a bound is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--few", type=int, default=10_000)
    parser.add_argument("--many", type=int, default=100_000)
    parser.add_argument("--queries", type=int, default=4_000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder), root_password="benchmark")
        try:
            return _run(server, arguments)
        finally:
            server.stop()


def _run(server: Server, arguments: argparse.Namespace) -> int:
    root = server.directory.users[0]
    call = make_call(server, server.sessions.open(root, 0), {"omero.group": "0"})
    service = QueryService(server)
    _store(server, arguments.few)
    slowest = min(_rate(service, call, name, text, arguments.queries) for name, text in SIMPLE.items())
    cold = _seconds(lambda: resolve(parse.__wrapped__(GRAPH)), 20)
    print(f"parsing and resolving a query of seven joins: {cold * 1000:.1f} ms")
    few = _listings(service, call, arguments.few)
    _store(server, arguments.many - arguments.few)
    many = _listings(service, call, arguments.many)
    slowdown = max(after / before for before, after in zip(few, many, strict=True))
    print(f"slowest simple query: {slowest:.0f}/s (bound {QUERIES_PER_SECOND})")
    print(f"listing with {arguments.many} images: {slowdown:.2f} times as long (bound {SLOWDOWN})")
    return int(slowest < QUERIES_PER_SECOND or slowdown > SLOWDOWN)


def _store(server: Server, count: int) -> None:
    """More images, in datasets of 1,000, each with pixels."""
    with server.db.write() as connection:
        kind = connection.scalar(select(TABLES["PixelsType"].c.id).limit(1))
        first = (connection.scalar(select(func.max(TABLES["Image"].c.id))) or 0) + 1
        details = {"details_owner": 0, "details_group": 0, "details_creation": 0, "details_update": 0}
        numbers = range(first, first + count)
        dataset = {number: (number - 1) // LISTED + 1 for number in numbers}
        connection.execute(
            insert(TABLES["Dataset"]),
            [{"id": d, "name": f"d{d}", **details} for d in sorted(set(dataset.values()))],
        )
        connection.execute(
            insert(TABLES["Image"]), [{"id": n, "name": f"Image {n:07d}", **details} for n in numbers]
        )
        links = [{"parent": dataset[n], "child": n, **details} for n in numbers]
        connection.execute(insert(TABLES["DatasetImageLink"]), links)
        pixels = [{"image": n, "pixelstype": kind, "sizex": 64, "sizey": 64, **details} for n in numbers]
        connection.execute(insert(TABLES["Pixels"]), pixels)


def _rate(service: QueryService, call: Call, name: str, text: str, count: int) -> float:
    params = omero.sys.ParametersI().addId(1)
    rate = 1 / _seconds(lambda: service.projection(call, text, params), count)
    print(f"{name}: {rate:.0f}/s")
    return rate


def _listings(service: QueryService, call: Call, stored: int) -> tuple[float, float]:
    params: Any = omero.sys.ParametersI().addId(3)
    assert len(service.projection(call, TREE, params)) == LISTED
    assert len(service.findAllByQuery(call, GRAPH, params)) == LISTED
    tree = _seconds(lambda: service.projection(call, TREE, params), 20)
    graph = _seconds(lambda: service.findAllByQuery(call, GRAPH, params), 20)
    print(f"{LISTED} of {stored} images: tree {tree * 1000:.0f} ms, graph with pixels {graph * 1000:.0f} ms")
    return tree, graph


def _seconds(work: Callable[[], object], count: int) -> float:
    """Seconds of one run: the best of twenty rounds, since the machine may be busy with other things."""
    work()
    each = max(1, count // ROUNDS)
    return min(_round(work, each) for _ in range(ROUNDS)) / each


def _round(work: Callable[[], object], count: int) -> float:
    start = time.perf_counter()
    for _ in range(count):
        work()
    return time.perf_counter() - start


if __name__ == "__main__":
    sys.exit(main())
