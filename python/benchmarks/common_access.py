"""How much faster the access layer is than the loop a newcomer writes with BlitzGateway, measured side by side.

Both run in this process, one after the other, against the same server and data: the embedded OMERO in a process of
its own, or a real server named by OMERO_TEST_HOST, OMERO_TEST_PORT, OMERO_TEST_USER and OMERO_TEST_PASSWORD.

    python python/benchmarks/common_access.py [--images 5000] [--annotated 1000] [--check]

Prints one table; with --check ends with status 1 when a promised ratio is missed.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import omero
import omero.all
import omero.gateway
from omero.gateway import BlitzGateway, MapAnnotationWrapper
from omero.rtypes import rstring

from omero_plugin_common.omero_access.annotations import annotate
from omero_plugin_common.omero_access.deletion import delete
from omero_plugin_common.omero_access.images import images_of
from omero_plugin_common.testing.servers import answers, free_port, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NAMESPACE = "example.org/benchmark"
PASSWORD = "benchmark"
REPEATS = 5
PAIRS = [("stain", "DAPI"), ("dose", "5 mM"), ("day", "3")]


@dataclass(frozen=True)
class Measured:
    """Seconds and round trips of one way of doing one thing."""

    seconds: float
    calls: int


@dataclass(frozen=True)
class Comparison:
    """One line of the table; `wanted_*` are the promised ratios."""

    title: str
    plain: Measured
    ours: Measured
    wanted_speed: float
    wanted_calls: float = 0.0

    @property
    def speed(self) -> float:
        return self.plain.seconds / self.ours.seconds

    @property
    def calls(self) -> float:
        return self.plain.calls / max(1, self.ours.calls)

    @property
    def kept(self) -> bool:
        return self.speed >= self.wanted_speed and self.calls >= self.wanted_calls


def measure(conn: Any, work: Callable[[], Any]) -> Measured:
    """Time the work and count its calls of OMERO's services and its requests to the session."""
    wrapper, session = omero.gateway.OmeroGatewaySafeCallWrapper, type(conn.c.sf)
    call, submit = wrapper.__call__, session.submit
    count = 0

    def counted(original: Callable[..., Any]) -> Callable[..., Any]:
        def counting(*args: Any, **kwargs: Any) -> Any:
            nonlocal count
            count += 1
            return original(*args, **kwargs)

        return counting

    wrapper.__call__, session.submit = counted(call), counted(submit)
    try:
        began = time.perf_counter()
        work()
        seconds = time.perf_counter() - began
    finally:
        wrapper.__call__, session.submit = call, submit
    return Measured(seconds, count)


@contextmanager
def server() -> Iterator[BlitzGateway]:
    """Yield a connection to the real server when one is named, else to an embedded one of our own."""
    if host := os.environ.get("OMERO_TEST_HOST"):
        port = int(os.environ.get("OMERO_TEST_PORT", "4064"))
        yield from connection(host, port, os.environ["OMERO_TEST_USER"], os.environ["OMERO_TEST_PASSWORD"])
        return
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        command = [
            *(sys.executable, "-W", "ignore", "-m", "omero_embedded", "serve", "--data", folder),
            *("--ssl-port", str(port), "--tcp-port", str(free_port()), "--log-level", "error"),
        ]
        environ = {
            **os.environ,
            "OMERO_EMBEDDED_ROOT_PASSWORD": PASSWORD,
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        }
        process = subprocess.Popen(command, env=environ, cwd=folder)
        try:
            wait_until(lambda: answers(port), "the embedded OMERO listening")
            yield from connection("127.0.0.1", port, "root", PASSWORD)
        finally:
            process.terminate()
            process.wait(timeout=30)


def connection(host: str, port: int, user: str, password: str) -> Iterator[BlitzGateway]:
    conn = BlitzGateway(user, password, host=host, port=port, secure=True)
    if not conn.connect():
        raise ConnectionError(f"{user} can't log in at {host}:{port}: {conn.getLastError()}")
    try:
        yield conn
    finally:
        conn.close()


def make_dataset(conn: BlitzGateway, count: int) -> tuple[int, list[int]]:
    dataset = omero.model.DatasetI()
    dataset.name = rstring("benchmark")
    dataset = conn.getUpdateService().saveAndReturnObject(dataset)
    ids: list[int] = []
    for start in range(0, count, 500):
        links = []
        for number in range(start, min(start + 500, count)):
            image = omero.model.ImageI()
            image.name = rstring(f"sample_{number:05d}_DAPI_5mM.tif")
            link = omero.model.DatasetImageLinkI()
            link.parent, link.child = omero.model.DatasetI(dataset.id.val, False), image
            links.append(link)
        ids += [link.child.id.val for link in conn.getUpdateService().saveAndReturnArray(links)]
    return dataset.id.val, ids


def read_names_plainly(conn: BlitzGateway, ids: list[int]) -> list[str]:
    return [conn.getObject("Image", number).getName() for number in ids]


def read_children_plainly(conn: BlitzGateway, dataset_id: int) -> list[str]:
    return [image.getName() for image in conn.getObject("Dataset", dataset_id).listChildren()]


def annotate_plainly(conn: BlitzGateway, ids: list[int]) -> list[int]:
    made = []
    for number in ids:
        annotation = MapAnnotationWrapper(conn)
        annotation.setNs(NAMESPACE)
        annotation.setValue([list(pair) for pair in PAIRS])
        annotation.save()
        conn.getObject("Image", number).linkAnnotation(annotation)
        made.append(annotation.getId())
    return made


def delete_plainly(conn: BlitzGateway, ids: list[int]) -> None:
    for number in ids:
        conn.deleteObjects("Annotation", [number], wait=True)


def compare(conn: BlitzGateway, images: int, annotated: int) -> list[Comparison]:
    dataset_id, ids = make_dataset(conn, images)
    some = ids[:annotated]
    plain_names: list[str] = []
    slices, answers_of_ours = [], []
    # In turns, so that what else the machine does in between slows both alike.
    for start in range(REPEATS):
        part = ids[start::REPEATS]
        slices.append(measure(conn, lambda part=part: plain_names.extend(read_names_plainly(conn, part))))
        answers_of_ours.append(measure(conn, lambda: images_of(conn, "Dataset", [dataset_id])))
    loop = Measured(sum(one.seconds for one in slices), sum(one.calls for one in slices))
    ours = Measured(sum(one.seconds for one in answers_of_ours) / REPEATS, answers_of_ours[0].calls)
    children = measure(conn, lambda: read_children_plainly(conn, dataset_id))
    our_names = [row.name for row in images_of(conn, "Dataset", [dataset_id])]
    if sorted(plain_names) != sorted(our_names):
        raise AssertionError("the two ways read different names")
    plain_made: list[int] = []
    our_made: list[int] = []
    plain_write = measure(conn, lambda: plain_made.extend(annotate_plainly(conn, some)))
    our_write = measure(
        conn, lambda: our_made.extend(annotate(conn, "Image", dict.fromkeys(some, PAIRS), NAMESPACE).values())
    )
    plain_delete = measure(conn, lambda: delete_plainly(conn, plain_made))
    our_delete = measure(conn, lambda: delete(conn, "Annotation", our_made))
    return [
        Comparison(f"read the names of {images} images, one getObject each", loop, ours, 20),
        Comparison(f"read the names of {images} images, listChildren", children, ours, 1),
        Comparison(f"annotate {annotated} images", plain_write, our_write, 5, 10),
        Comparison(f"delete {annotated} annotations", plain_delete, our_delete, 10),
    ]


def table(comparisons: list[Comparison]) -> str:
    lines = [
        "| what | plain s | ours s | faster | wanted | plain calls | our calls |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {line.title} | {line.plain.seconds:.2f} | {line.ours.seconds:.3f} | {line.speed:.1f}× | "
        f"≥ {line.wanted_speed:.0f}× | {line.plain.calls} | {line.ours.calls} |"
        for line in comparisons
    ]
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--images", type=int, default=5000)
    parser.add_argument("--annotated", type=int, default=1000)
    parser.add_argument("--check", action="store_true")
    wanted = parser.parse_args()
    with server() as conn:
        comparisons = compare(conn, wanted.images, wanted.annotated)
    print(table(comparisons))
    return 1 if wanted.check and not all(line.kept for line in comparisons) else 0


if __name__ == "__main__":
    sys.exit(main())
