"""Whatever arrives on the ports, the server answers with typed exceptions and goes on for everybody else."""

from __future__ import annotations

import contextlib
import random
import socket
import struct
from typing import Any

import Ice
import omero
import pytest
from omero.rtypes import rbool, rint, rlist, rlong, rstring

from omero_embedded.testing import HOST, Site
from omero_embedded.wire.operations import operations

SEED = 20261122
# An Ice message: magic, protocol and encoding versions, type, compression, size (little-endian).
HEADER = struct.Struct("<4sBBBBBBi")
WORDS = [
    "select", "from", "where", "Image", "i", "i.name", "=", ":id", "(", ")", "join", "fetch", "count", "'", "null", "order by",
    "group", "in", "and", "not", "exists", "distinct", "1", "1.5", "new map", "as", ",", ".", "||", "case when", "end", "ünï", "\\x00",
]  # fmt: skip


def send(port: int, content: bytes) -> None:
    """Send bytes and hang up."""
    with socket.create_connection((HOST, port), timeout=10) as connection:
        connection.settimeout(0.2)
        try:
            connection.sendall(content)
            connection.recv(4096)
        except OSError:
            return


def test_random_bytes_do_not_disturb_anybody(lab: Site, bob: Any) -> None:
    noise = random.Random(SEED)
    for _ in range(40):
        send(lab.port, noise.randbytes(noise.randrange(1, 2000)))


def test_broken_messages_do_not_disturb_anybody(lab: Site, bob: Any) -> None:
    noise = random.Random(SEED)
    for _ in range(40):
        body = noise.randbytes(noise.randrange(0, 400))
        size = noise.choice([len(body) + 14, 0, -1, 2**31 - 1, 13, len(body)])
        header = HEADER.pack(
            b"IceP", 1, 0, 1, noise.choice([0, 1]), noise.randrange(0, 6), noise.randrange(0, 3), size
        )
        send(lab.port, (header + body)[: noise.randrange(1, len(body) + 15)])


def test_random_hql_gives_a_query_exception_or_an_answer(lab: Site, bob: Any) -> None:
    noise = random.Random(SEED)
    query = bob.sf.getQueryService()
    parameters = omero.sys.ParametersI().addLong("id", 1)
    for _ in range(150):
        text = " ".join(noise.choices(WORDS, k=noise.randrange(1, 12)))
        with contextlib.suppress(omero.QueryException, omero.ValidationException, omero.ApiUsageException):
            query.projection(text, parameters)


def values(noise: random.Random) -> Any:
    """Something that a client might send by mistake."""
    return noise.choice(
        [
            None, True, 0, -1, 2**31, 2**62, 0.5, float("nan"), "", "x" * 1000, "ünï\\x00", b"", b"\\xff" * 10, [], {}, [None], {"a": None},
            rlong(-1), rstring(None), rint(0), rbool(True), rlist([rlong(1)]),
            omero.model.ImageI(), omero.model.ImageI(10**9, False), omero.model.DatasetI(1, False), omero.sys.ParametersI(),
            omero.model.ExperimenterGroupI(0, False), omero.cmd.Delete2(), omero.model.PermissionsI("rw----"),
        ]
    )  # fmt: skip


# They end the session, or wait for something by design.
_LEFT_OUT = {
    "destroy",
    "closeSession",
    "close",
    "detachOnDestroy",
    "closeOnDestroy",
    "subscribe",
    "acquireProcessor",
}


@pytest.mark.parametrize(
    "getter",
    [
        "getAdminService", "getConfigService", "getContainerService", "getMetadataService", "getPixelsService", "getQueryService",
        "getRoiService", "getScriptService", "getSessionService", "getTimelineService", "getTypesService", "getUpdateService",
        "getRenderingSettingsService", "createRawPixelsStore", "createRawFileStore", "createRenderingEngine", "createThumbnailStore",
        "createSearchService", "createExporter", "sharedResources",
    ],
)  # fmt: skip
def test_wrong_arguments_give_typed_exceptions(lab: Site, bob: Any, getter: str) -> None:
    noise = random.Random(SEED)
    with lab.client("alice") as client:
        service = getattr(client.sf, getter)()
        for operation in operations(service.ice_ids()[1].removeprefix("::").replace("::", ".")):
            if operation.name in _LEFT_OUT:
                continue
            for _ in range(6):
                call_badly(service, operation.name, noise)


def call_badly(service: Any, name: str, noise: random.Random) -> None:
    """Call with nonsense; anything but an answer or a typed exception fails the test."""
    for count in range(7):
        try:
            getattr(service, name)(*(values(noise) for _ in range(count)))
        except (TypeError, ValueError, AttributeError, RuntimeError, SystemError, OverflowError):
            continue  # refused before it was sent: the number or the types do not fit
        except omero.InternalException as fault:
            pytest.fail(f"{name}: {fault.message}")
        except (
            omero.ServerError,
            Ice.UnmarshalOutOfBoundsException,
            Ice.ObjectNotExistException,
            Ice.MarshalException,
        ):
            return
        return
