"""One HTTP exchange with a provider: to a checked IP address, within a deadline, of bounded size, without redirects."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import certifi
import httpcore

from omeroweb_omp_plugin.ai.errors import ProviderError, ProviderTimeoutError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from omeroweb_omp_plugin.ai.addresses import Address
    from omeroweb_omp_plugin.ai.deadline import Deadline

LARGEST_ANSWER_BYTES = 2 * 1024 * 1024
CONNECT_SECONDS = 10.0
WRITE_BYTES = 8192
USER_AGENT = "omeroweb-omp-plugin"


@dataclass(frozen=True, slots=True)
class Reply:
    """Status, headers (lower-case names) and body of an answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Destination:
    """A provider's address with the IP addresses that were checked for it, and its name for messages."""

    title: str
    address: Address
    ips: tuple[str, ...]


class DeadlineStream(httpcore.NetworkStream):
    """A connection whose every step ends at the same point in time, however small the pieces it comes in."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def _left(self) -> float:
        left = self._deadline.left()
        if not left:
            raise httpcore.ReadTimeout("the deadline is over")
        return left

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 - the deadline counts
        return self._stream.read(max_bytes, self._left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002 - likewise
        for start in range(0, len(buffer), WRITE_BYTES):
            self._stream.write(buffer[start : start + WRITE_BYTES], self._left())

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002 - likewise
    ) -> httpcore.NetworkStream:
        secured = self._stream.start_tls(ssl_context, server_hostname, self._left())
        return DeadlineStream(secured, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class PinnedBackend(httpcore.NetworkBackend):
    """Connects to the checked IP addresses, whatever the host's name means by now.

    TLS and the Host header still use the name.
    """

    def __init__(self, destination: Destination, deadline: Deadline) -> None:
        self._destination = destination
        self._deadline = deadline
        self._system = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,  # noqa: ARG002 - pinned
        port: int,
        timeout: float | None = None,  # noqa: ARG002 - the deadline counts
        local_address: str | None = None,  # noqa: ARG002 - never set
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        failure: Exception = httpcore.ConnectError("no address")
        for ip in self._destination.ips:
            left = min(CONNECT_SECONDS, self._deadline.left())
            if not left:
                break
            try:
                stream = self._system.connect_tcp(ip, port, left, socket_options=socket_options)
                return DeadlineStream(stream, self._deadline)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure


@cache
def default_ssl_context() -> ssl.SSLContext:
    """The certificates this computer trusts, or well-known ones where it has none."""
    context = ssl.create_default_context()
    found = ssl.get_default_verify_paths()
    if not (found.cafile or found.capath):
        context.load_verify_locations(certifi.where())
    return context


def exchange(
    destination: Destination,
    method: str,
    path: str,
    headers: Mapping[str, str],
    body: bytes | None,
    deadline: Deadline,
    ssl_context: ssl.SSLContext | None = None,
) -> Reply:
    """Send one request and read the whole answer.

    Raises: ProviderTimeoutError, ProviderError (unreachable, too large, not HTTP, packed, a redirect).
    """
    title = destination.title
    plain = {"User-Agent": USER_AGENT, "Accept": "application/json", "Accept-Encoding": "identity"}
    sent: list[tuple[bytes | str, bytes | str]] = [*plain.items(), *headers.items()]
    pool = httpcore.ConnectionPool(
        ssl_context=ssl_context or default_ssl_context(),
        network_backend=PinnedBackend(destination, deadline),
        max_connections=1,
    )
    try:
        with (
            pool,
            pool.stream(method, str(destination.address) + path, headers=sent, content=body) as response,
        ):
            found = {
                key.decode("latin-1").lower(): value.decode("latin-1") for key, value in response.headers
            }
            refuse_odd_answers(title, response.status, found)
            return Reply(response.status, found, bounded_body(title, response.iter_stream()))
    except httpcore.TimeoutException as error:
        if deadline.left():
            raise unreachable(destination, error) from None
        raise ProviderTimeoutError(title, deadline.seconds) from None
    except httpcore.ConnectError as error:
        raise unreachable(destination, error) from None
    except (httpcore.NetworkError, httpcore.ProtocolError):
        raise ProviderError(f"{title} broke off in the middle of its answer.", passing=True) from None


def unreachable(destination: Destination, error: Exception) -> ProviderError:
    """What to say of a server that no connection can be made to."""
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return ProviderError(
            f"The certificate of {destination.address.host} is not one this server trusts, so nothing was sent."
        )
    return ProviderError(f"{destination.title} can't be reached from this server.", passing=True)


def refuse_odd_answers(title: str, status: int, headers: Mapping[str, str]) -> None:
    """Refuse redirects and packed answers."""
    if 300 <= status < 400:
        raise ProviderError(
            f"{title} answered with a redirect, which is not followed. The facility has to correct its address."
        )
    if headers.get("content-encoding", "identity") != "identity":
        raise ProviderError(f"{title} packed its answer, which it was asked not to.")


def bounded_body(title: str, chunks: Iterable[bytes]) -> bytes:
    """The body, unless it is too large."""
    body = bytearray()
    for chunk in chunks:
        body += chunk
        if len(body) > LARGEST_ANSWER_BYTES:
            raise ProviderError(
                f"{title} answered with more than {LARGEST_ANSWER_BYTES // 1024 // 1024} MiB; the rest was not read."
            )
    return bytes(body)
