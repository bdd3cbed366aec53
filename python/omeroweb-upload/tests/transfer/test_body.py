"""Bodies read from gunicorn's own readers, over real sockets."""

from __future__ import annotations

import random
import socket
import threading
from types import SimpleNamespace

import pytest
from gunicorn.http.body import Body, ChunkedReader, LengthReader
from gunicorn.http.unreader import SocketUnreader

from omeroweb_upload.views.body import body_reader

MIB = 1024 * 1024


@pytest.fixture
def pair():
    server = socket.create_server(("127.0.0.1", 0))
    client = socket.create_connection(server.getsockname())
    accepted, _ = server.accept()
    yield client, accepted
    for one in (client, accepted, server):
        one.close()


def request(connection, reader, **meta):
    return SimpleNamespace(
        META={"wsgi.input": Body(reader), "gunicorn.socket": connection, **meta}, headers={}
    )


def of_length(connection, length, buffered=b""):
    unreader = SocketUnreader(connection)
    unreader.unread(buffered)
    return request(connection, LengthReader(unreader, length), CONTENT_LENGTH=str(length)), unreader


def test_a_body_comes_whole_and_the_next_request_stays_on_the_connection(pair):
    client, accepted = pair
    body = random.Random(1).randbytes(5 * MIB + 7)
    # gunicorn has some of it already, from when it read the headers.
    sender = threading.Thread(target=client.sendall, args=(body[4000:] + b"PATCH /next",))
    sender.start()
    wanted, unreader = of_length(accepted, len(body), body[:4000])
    came = []
    with body_reader(wanted, 30) as read:
        while block := read(MIB):
            assert len(block) <= MIB
            came.append(bytes(block))
    sender.join()
    assert b"".join(came) == body
    assert unreader.read() == b"PATCH /next"
    assert wanted.META["wsgi.input"].read(10) == b""
    assert accepted.gettimeout() is None


def test_a_block_holds_until_the_call_after_the_next(pair):
    client, accepted = pair
    client.sendall(b"a" * 10 + b"b" * 10 + b"c" * 10)
    wanted, _ = of_length(accepted, 30)
    with body_reader(wanted, 30) as read:
        first, second = read(10), read(10)
        assert (bytes(first), bytes(second)) == (b"a" * 10, b"b" * 10)
        assert (bytes(read(10)), bytes(second)) == (b"c" * 10, b"b" * 10)


def test_a_small_body_that_came_with_its_headers_leaves_what_follows(pair):
    _, accepted = pair
    wanted, unreader = of_length(accepted, 5, b"12345GET /")
    with body_reader(wanted, 30) as read:
        assert [read(3), read(3), read(3)] == [b"123", b"45", b""]
    assert unreader.take_buffered() == b"GET /"


def test_what_came_before_the_network_went_away_is_given_out_before_the_time_out(pair):
    client, accepted = pair
    client.sendall(b"x" * 100)
    wanted, _ = of_length(accepted, 1000)
    with body_reader(wanted, 0.2) as read:
        assert bytes(read(1000)) == b"x" * 100
        with pytest.raises(TimeoutError):
            read(1000)


def test_a_client_that_hangs_up_ends_the_body(pair):
    client, accepted = pair
    client.sendall(b"x" * 100)
    client.shutdown(socket.SHUT_WR)
    wanted, _ = of_length(accepted, 1000)
    with body_reader(wanted, 30) as read:
        assert bytes(read(1000)) == b"x" * 100
        assert read(1000) == b""


def test_a_body_in_chunks_of_its_own_is_read_by_the_server(pair):
    client, accepted = pair
    client.sendall(b"5\r\n12345\r\n3\r\n678\r\n0\r\n\r\n")
    wanted = request(accepted, ChunkedReader(SimpleNamespace(trailers=[]), SocketUnreader(accepted)))
    wanted.META["HTTP_TRANSFER_ENCODING"] = "chunked"
    with body_reader(wanted, 30) as read:
        assert read(100) == b"12345678"
        assert read(100) == b""
    with pytest.raises(RuntimeError, match="no body"), body_reader(SimpleNamespace(META={}), 1):
        pass
