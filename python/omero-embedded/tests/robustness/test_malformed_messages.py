"""Arguments that no client would send: the server answers with an exception, and goes on for everybody else."""

from __future__ import annotations

import random
import struct
from typing import TYPE_CHECKING, Any

import Ice
import omero
import pytest

from omero_embedded.support import reachable_interfaces
from omero_embedded.testing import PASSWORD, spawn
from omero_embedded.wire.operations import operations

from .every_service import left_out, reach

if TYPE_CHECKING:
    from collections.abc import Iterator

SEED = 20261123
ROUNDS = 4
CLASSES = (
    b"::omero::RString",
    b"::omero::RList",
    b"::omero::model::Image",
    b"::omero::model::Experimenter",
    b"::omero::sys::Parameters",
    b"::omero::cmd::DoAll",
)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A client of a server in a process of its own, which a crash would end."""
    process, address = spawn(tmp_path_factory.mktemp("omero"))
    client = omero.client(host=address)
    try:
        client.createSession("root", PASSWORD)
        yield client
        assert process.poll() is None
    finally:
        client.closeSession()
        process.terminate()
        process.wait(30)


def invoke(service: Any, operation: str, body: bytes, encoding: int = 1) -> None:
    """Call with these bytes as the arguments, in the Ice encoding 1.0 or 1.1.

    An answer or any exception that the server sends is fine; a connection that is lost is not.
    """
    arguments = struct.pack("<iBB", len(body) + 6, 1, encoding) + body
    for mode in (Ice.OperationMode.Normal, Ice.OperationMode.Idempotent):
        try:
            service.ice_invoke(operation, mode, arguments)
        except (Ice.UnknownException, Ice.ObjectNotExistException):
            continue


def still_answers(client: Any) -> bool:
    return client.sf.getAdminService().getEventContext().userName == "root"


@pytest.mark.parametrize("encoding", [0, 1])
def test_an_object_that_is_not_sent_is_refused(client: Any, encoding: int) -> None:
    for operation in ("updateSelf", "updateGroup", "updateExperimenter"):
        invoke(client.sf.getAdminService(), operation, b"\x02", encoding)
    assert still_answers(client)


@pytest.mark.parametrize("text", [b"\xff\xfe", b"\xed\xa0\x80", b"a\xc3"])
def test_text_that_is_no_utf_8_is_refused(client: Any, text: bytes) -> None:
    invoke(client.sf.getAdminService(), "lookupExperimenter", bytes([len(text)]) + text)
    invoke(client.sf.getTypesService(), "allEnumerations", bytes([len(text)]) + text)
    assert still_answers(client)


@pytest.mark.parametrize("encoding", [0, 1])
def test_a_key_that_comes_twice_is_refused(client: Any, encoding: int) -> None:
    twice = b"\x01a\x00" * 2 if encoding else (b"\x01a" + struct.pack("<i", -1)) * 2
    invoke(client.sf.getScriptService(), "runScript", struct.pack("<q", 1) + b"\x02" + twice, encoding)
    assert still_answers(client)


def test_lists_within_lists_without_end_are_refused(client: Any) -> None:
    name = b"::omero::RList"
    first = b"\x01\x01" + bytes([len(name)]) + name + b"\x00\x01"
    for depth in (100, 30_000):
        body = b"\x01a\x01a" + first + b"\x01\x02\x01\x00\x01" * depth
        invoke(client.sf.getSessionService(), "setInput", body)
    assert still_answers(client)


def nonsense(noise: random.Random) -> bytes:
    """Bytes as arguments: any, small numbers, one again and again, and what begins like an object."""
    kind = noise.randrange(4)
    if kind == 0:
        return noise.randbytes(noise.randrange(60))
    if kind == 1:
        return bytes(noise.randrange(4) for _ in range(noise.randrange(20)))
    if kind == 2:
        return bytes([noise.choice((1, 2, 3, 255))]) * noise.randrange(1, 20)
    name = noise.choice(CLASSES)
    flags = noise.choice((0x01, 0x21, 0x29, 0x31, 0x39))
    return bytes([1, flags, len(name)]) + name + bytes(noise.randrange(5) for _ in range(noise.randrange(40)))


def test_random_bytes_as_arguments_of_every_operation_end_nothing(client: Any) -> None:
    noise = random.Random(SEED)
    for interface in reachable_interfaces():
        service = reach(client, interface)
        for operation in operations(interface):
            for _ in range(0 if left_out(operation) else ROUNDS):
                invoke(service, operation.name, nonsense(noise), noise.randrange(2))
    assert still_answers(client)
