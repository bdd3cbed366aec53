"""How fast the embedded server answers: trivial calls, logins, resets, saves; each beside what bounds it from below.

Usage: python embedded_calls.py [--seconds 3]

Server and client are two processes on this machine, over TCP. The bound of a call is `ice_ping`, which does nothing.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import omero
import omero.all
from omero.rtypes import rstring

from omero_embedded.testing import PASSWORD, spawn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextmanager
def server() -> Iterator[str]:
    """An embedded server in a process of its own; its address."""
    with tempfile.TemporaryDirectory() as folder:
        process, address = spawn(Path(folder))
        try:
            yield address
        finally:
            process.terminate()
            process.wait(30)


def rate(call: Callable[[], Any], seconds: float) -> float:
    """Calls per second of one client, one after the other."""
    call()
    count, started = 0, time.perf_counter()
    while time.perf_counter() - started < seconds:
        for _ in range(20):
            call()
        count += 20
    return count / (time.perf_counter() - started)


def annotated_datasets(count: int) -> list[Any]:
    """New datasets with a comment each."""
    links = []
    for number in range(count):
        dataset, comment = omero.model.DatasetI(), omero.model.CommentAnnotationI()
        dataset.name, comment.textValue = rstring(f"dataset {number}"), rstring("fine")
        link = omero.model.DatasetAnnotationLinkI()
        link.parent, link.child = dataset, comment
        links.append(link)
    return links


def best(work: Callable[[], Any], rounds: int = 3) -> float:
    """Seconds of the fastest round."""
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return min(times)


def login(address: str) -> None:
    """Log in and out."""
    client = omero.client(host=address)
    client.createSession("root", PASSWORD)
    client.closeSession()


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=3)
    seconds = parser.parse_args().seconds
    with server() as address:
        client = omero.client(host=address)
        client.createSession("root", PASSWORD)
        config, query, update = (
            client.sf.getConfigService(),
            client.sf.getQueryService(),
            client.sf.getUpdateService(),
        )
        ping, trivial = rate(config.ice_ping, seconds), rate(config.getVersion, seconds)
        parameters = omero.sys.ParametersI().addLong("id", 0)
        simple = rate(
            lambda: query.projection("select e.omeName from Experimenter e where e.id = :id", parameters),
            seconds,
        )
        saved = best(lambda: update.saveArray(annotated_datasets(1000)))
        login_seconds = best(lambda: login(address))
        client.closeSession()
    print("| what | figure | to its bound |")
    print("|---|---|---|")
    print(f"| ice_ping, one client | {ping:,.0f}/s | 1.00 |")
    print(f"| IConfig.getVersion, one client | {trivial:,.0f}/s | {trivial / ping:.2f} of ice_ping |")
    print(f"| IQuery.projection of one row | {simple:,.0f}/s | {simple / ping:.2f} of ice_ping |")
    print(
        f"| 1,000 annotated datasets in one saveArray | {saved:.2f} s | {1000 / saved:,.0f} objects with comment/s |"
    )
    print(f"| log in and out | {login_seconds * 1000:.0f} ms | |")


if __name__ == "__main__":
    main()
