"""Where this server may connect to: addresses are resolved once and checked, and only the checked ones are used."""

from __future__ import annotations

import ipaddress
import re
import socket
import threading
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from omeroweb_omp_plugin.ai.errors import ProviderError, RefusedAddressError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from omeroweb_omp_plugin.ai.deadline import Deadline

    Resolver = Callable[[str, int], Sequence[str]]
    Ip = IPv4Address | IPv6Address
    Network = ipaddress.IPv4Network | IPv6Network

HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?\.?|[0-9A-Fa-f:.]+")
DEFAULT_PORTS = {"http": 80, "https": 443}
NAT64 = IPv6Network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class Address:
    """The address of a provider's interface; `path` begins with a slash or is empty, and never ends with one."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def origin(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == DEFAULT_PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}"

    def __str__(self) -> str:
        return self.origin + self.path


def parse_address(text: str) -> Address:
    """Read `https://host[:port][/path]`; raises ValueError that says what is wrong with it."""
    try:
        parts = urlsplit(text.strip())
        port = parts.port
    except ValueError as error:
        raise ValueError(f"{text!r} is not an address: {error}") from None
    if parts.scheme not in DEFAULT_PORTS:
        raise ValueError(f"{text!r} must begin with https:// or http://")
    if parts.username is not None or parts.password is not None:
        raise ValueError(f"the address of {parts.hostname} must not contain a user name or password")
    if parts.query or parts.fragment:
        raise ValueError(f"{text!r} must end before the ? or #")
    if not parts.hostname or not HOST.fullmatch(parts.hostname):
        raise ValueError(f"{text!r} has no usable host name")
    if not re.fullmatch(r"[A-Za-z0-9/._~-]*", parts.path) or ".." in parts.path:
        raise ValueError(f"{text!r} has a path with signs that don't belong there")
    return Address(parts.scheme, parts.hostname, port or DEFAULT_PORTS[parts.scheme], parts.path.rstrip("/"))


def parse_networks(texts: Sequence[str]) -> tuple[Network, ...]:
    """Read IP addresses and networks like 10.1.2.3 or 10.1.0.0/16; raises ValueError."""
    return tuple(ipaddress.ip_network(text, strict=False) for text in texts)


def literal_ip(host: str) -> Ip | None:
    """The IP address that is written in place of a host name."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def is_public(ip: Ip) -> bool:
    """Whether an IP address, and any that is wrapped in it, belongs to the public internet."""
    if isinstance(ip, IPv6Address):
        if ip.ipv4_mapped is not None:
            return is_public(ip.ipv4_mapped)
        if ip in NAT64:
            return is_public(IPv4Address(int(ip) & 0xFFFFFFFF))
        wrapped = [ip.sixtofour, *(ip.teredo or ())]
        if not all(is_public(inner) for inner in wrapped if inner is not None):
            return False
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified)


def system_resolver(host: str, port: int) -> list[str]:
    """The IP addresses the operating system knows for a host name; raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def checked_ips(
    address: Address, permitted: Sequence[Network], deadline: Deadline, resolver: Resolver = system_resolver
) -> tuple[str, ...]:
    """The IP addresses to connect to, all of which are allowed.

    Public ones are allowed over https. Others are allowed when the facility wrote that very IP address into the
    provider's address or listed it in `permitted`.
    Raises: RefusedAddressError; ProviderError when the name can't be resolved in time.
    """
    texts = resolved(address, deadline, resolver)
    written = literal_ip(address.host)
    for text in texts:
        ip = ipaddress.ip_address(text)
        if is_public(ip):
            if address.scheme != "https":
                raise RefusedAddressError(
                    f"{address} is on the public internet, where keys and names must not travel in clear text. "
                    "The facility has to write https:// in its address."
                )
        elif ip != written and not any(ip in network for network in permitted):
            raise RefusedAddressError(
                f"{address.host} leads to {ip}, an address inside a network. The facility has to list it in "
                "OMP_AI_PRIVATE_ADDRESSES before this server connects to it."
            )
    return tuple(texts)


def resolved(address: Address, deadline: Deadline, resolver: Resolver) -> Sequence[str]:
    """The IP addresses of a host, asked for once, within the deadline."""
    if literal_ip(address.host) is not None:
        return [address.host]
    answer: list[Sequence[str]] = []

    def look_up() -> None:
        try:
            answer.append(resolver(address.host, address.port))
        except (OSError, UnicodeError):
            answer.append(())

    # Looking up a name can't be interrupted; a thread that takes too long is left to end by itself.
    thread = threading.Thread(target=look_up, name="omp-ai-resolver", daemon=True)
    thread.start()
    thread.join(deadline.left())
    if not answer or not answer[0]:
        raise ProviderError(f"{address.host} can't be found from this server. Ask your administrator.")
    return answer[0]
