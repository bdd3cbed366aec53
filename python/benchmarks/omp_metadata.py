"""How long the OMP plugin takes to show what would be written and to write it, beside one save per image.

Everything runs in this process, one after the other, against the same server and data: the embedded OMERO in a
process of its own, or a real server named by OMERO_TEST_HOST, OMERO_TEST_PORT, OMERO_TEST_USER and
OMERO_TEST_PASSWORD. A PostgreSQL of its own holds the jobs' records.

    python python/benchmarks/omp_metadata.py [--preview 10000] [--write 1000] [--check]

Prints one table; with --check ends with status 1 when a goal is missed.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from typing import TYPE_CHECKING, Any

from common_access import server

from omero_plugin_common.testing.environment import prepare_django

if TYPE_CHECKING:
    from collections.abc import Callable

PREVIEW_SECONDS, WRITE_SECONDS, FASTER = 1.5, 10.0, 5.0
REPEATS = 3


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--preview", type=int, default=10_000, help="images in the preview")
    parser.add_argument("--write", type=int, default=1_000, help="images written")
    parser.add_argument("--check", action="store_true", help="end with 1 when a goal is missed")
    wanted = parser.parse_args()
    environment = prepare_django("omeroweb_omp_plugin")
    from omero_plugin_common.database.migrate import migrate_plugin_database

    environment.postgres.create()
    environment.postgres.start()
    try:
        environment.postgres.create_database()
        migrate_plugin_database()
        with server() as conn:
            kept = measure(conn, wanted.preview, wanted.write)
    finally:
        environment.postgres.stop()
    return 0 if kept or not wanted.check else 1


def measure(conn: Any, preview_count: int, write_count: int) -> bool:
    """Print the table; says whether every goal was met."""
    dataset, ids = images(conn, preview_count)
    empty = best(lambda: preview(conn, dataset))
    written = ids[:write_count]
    ours = timed(lambda: write(conn, written, "ours"))
    full = best(lambda: preview(conn, dataset))
    _, plain_ids = images(conn, min(write_count, 300))
    per_image = timed(lambda: save_per_image(conn, plain_ids)) / len(plain_ids)
    faster = per_image * write_count / ours
    lines = [
        (f"preview of {preview_count:,} images", empty, PREVIEW_SECONDS, empty <= PREVIEW_SECONDS),
        (f"the same, {write_count:,} with annotations", full, PREVIEW_SECONDS, full <= PREVIEW_SECONDS),
        (f"write {write_count:,} images", ours, WRITE_SECONDS, ours <= WRITE_SECONDS),
    ]
    print(f"{'what':<45} {'seconds':>8} {'goal':>6}")
    for title, seconds, goal, kept in lines:
        print(f"{title:<45} {seconds:>8.2f} {goal:>6.1f} {'' if kept else 'missed'}")
    print(
        f"{'one save per image, for as many':<45} {per_image * write_count:>8.2f}        "
        f"{faster:.1f} times as long (goal {FASTER:.0f}) {'' if faster >= FASTER else 'missed'}"
    )
    return all(kept for *_, kept in lines) and faster >= FASTER


def images(conn: Any, count: int) -> tuple[int, list[int]]:
    """Make a dataset of images; returns its id and theirs."""
    import omero.model
    from omero.rtypes import rstring

    dataset = omero.model.DatasetI()
    dataset.name = rstring("benchmark")
    dataset = conn.getUpdateService().saveAndReturnObject(dataset)
    ids: list[int] = []
    for start in range(0, count, 1000):
        links = []
        for number in range(start, min(count, start + 1000)):
            image = omero.model.ImageI()
            image.name = rstring(f"P{number % 7}_HeLa_488nm-laser_s{number % 24}_pos{number}.ome.tif")
            link = omero.model.DatasetImageLinkI()
            link.parent, link.child = omero.model.DatasetI(dataset.id.val, False), image
            links.append(link)
        ids += [link.child.id.val for link in conn.getUpdateService().saveAndReturnArray(links)]
    return dataset.id.val, ids


def preview(conn: Any, dataset: int) -> int:
    """What the server does for the preview, up to the bytes of the answer."""
    import json

    from omeroweb_omp_plugin.config import signer
    from omeroweb_omp_plugin.services.preview import Wanted
    from omeroweb_omp_plugin.services.preview import preview as preview_of
    from omeroweb_omp_plugin.services.recipes import ReadingModel, read_names
    from omeroweb_omp_plugin.services.sources import Target, find_images

    target = Target(type="Dataset", id=dataset)
    reading = ReadingModel(targets=[target])
    found = find_images(conn, [target], most=1_000_000)
    wanted = [Wanted(row.id, row.name, row.pairs, row.problems) for row in read_names(reading, found)]
    answer = preview_of(conn, found, wanted, reading.policy, signer(), conn.getUserId())
    return len(json.dumps(answer))


def write(conn: Any, ids: list[int], job: str) -> None:
    """What a job does to the images, in batches, its records included."""
    from omero_plugin_common.database.owned import Owner
    from omero_plugin_common.jobs.context import JobContext
    from omeroweb_omp_plugin.config import omp_settings, signer
    from omeroweb_omp_plugin.merge.model import Policy
    from omeroweb_omp_plugin.merge.plan import plan_write
    from omeroweb_omp_plugin.services.runs import Batch, Item, writing_lock

    me = conn.getUserId()
    context = JobContext(job, Owner(me, "benchmark"), None, None, 0, 0, {})
    size = omp_settings().batch
    for start in range(0, len(ids), size):
        items = [Item(number, "", pairs(number)) for number in ids[start : start + size]]
        with writing_lock(context, alone=False):
            counts = Batch(
                context,
                conn,
                "Image",
                items,
                lambda item, now: plan_write(now, item.pairs, Policy.MERGE, signer(), writer=me).operations,
            ).run()
        assert counts == {"written": len(items)}


def pairs(number: int) -> tuple[tuple[str, str], ...]:
    """Five pairs, as names give them."""
    return (
        ("Project number", f"P{number % 7}"),
        ("Sample type", "HeLa"),
        ("Channel", "488nm-laser"),
        ("Series", f"s{number % 24}"),
        ("Position", f"pos{number}"),
    )


def save_per_image(conn: Any, ids: list[int]) -> None:
    """The loop a newcomer writes: an annotation, linked, for each image."""
    from omero.gateway import MapAnnotationWrapper

    from omeroweb_omp_plugin.ownership import CLIENT_NAMESPACE

    for number in ids:
        image = conn.getObject("Image", number)
        annotation = MapAnnotationWrapper(conn)
        annotation.setNs(CLIENT_NAMESPACE)
        annotation.setValue([list(pair) for pair in pairs(number)])
        annotation.save()
        image.linkAnnotation(annotation)


def timed(work: Callable[[], Any]) -> float:
    """Seconds that the work takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def best(work: Callable[[], Any]) -> float:
    """The least of a few runs, which other work on the machine disturbed least."""
    return min(timed(work) for _ in range(REPEATS))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    sys.exit(main())
