"""Whom users may ask, where those are reached, and how names are treated before they leave."""

from __future__ import annotations

import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Literal

from omeroweb_omp_plugin.ai.addresses import is_public, literal_ip, parse_address, parse_networks
from omeroweb_omp_plugin.ai.errors import AiError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from omeroweb_omp_plugin.ai.addresses import Address, Network

Kind = Literal["openai", "anthropic", "google", "mistral", "compatible"]

BUILT_IN: dict[str, str] = {
    "openai": "OpenAI",
    "anthropic": "Anthropic",
    "google": "Google",
    "mistral": "Mistral",
}
NOBODY = "none"
LOCAL = "local"


@dataclass(frozen=True, slots=True)
class Provider:
    """Somebody to ask. `id` is what requests and stored keys name it by.

    needs_key: a key is required; without it a key is sent when the user stored one.
    on_site: the facility wrote an IP address of its own network, so that nothing leaves the site.
    """

    id: str
    title: str
    kind: Kind
    address: Address
    needs_key: bool = True
    on_site: bool = False


@dataclass(frozen=True, slots=True)
class Policy:
    """What the facility allows. Seconds bound a whole suggestion, and a whole test of a key."""

    providers: tuple[Provider, ...] = ()
    private_networks: tuple[Network, ...] = ()
    pseudonymise: bool = True
    timeout_seconds: float = 30.0
    check_seconds: float = 8.0

    def provider(self, provider_id: str) -> Provider:
        """The provider of this id; raises AiError 403 when the facility doesn't allow it, 400 when there is none."""
        for provider in self.providers:
            if provider.id == provider_id:
                return provider
        allowed = ", ".join(provider.id for provider in self.providers) or "nobody but the built-in suggester"
        if provider_id in BUILT_IN:
            raise AiError(
                f"Your facility doesn't allow asking {BUILT_IN[provider_id]}. It allows: {allowed}.",
                status=HTTPStatus.FORBIDDEN,
            )
        raise AiError(f"There is no provider called {provider_id[:60]!r}. Your facility allows: {allowed}.")

    def hides(self, provider: Provider) -> bool:
        """Whether names must be pseudonymised for this provider."""
        return self.pseudonymise and not provider.on_site


def make_policy(
    *,
    providers: Sequence[str],
    built_in_addresses: Mapping[str, str],
    own_addresses: Sequence[str],
    private_addresses: Sequence[str],
    pseudonymise: bool,
    timeout_seconds: float,
    check_seconds: float,
) -> tuple[Policy, list[str]]:
    """The policy that settings describe, and what is wrong with them, in sentences without a full stop."""
    problems: list[str] = []
    found: list[Provider] = []
    wanted = [name.lower() for name in providers if name.lower() != NOBODY]
    problems += [
        f"OMP_AI_PROVIDERS names {name!r}, but only {', '.join(BUILT_IN)} or {NOBODY} can be named"
        for name in wanted
        if name not in BUILT_IN
    ]
    networks: tuple[Network, ...] = ()
    try:
        networks = parse_networks(private_addresses)
    except ValueError as error:
        problems.append(f"OMP_AI_PRIVATE_ADDRESSES: {error}; write IP addresses or networks like 10.0.0.0/24")
    for name, title in BUILT_IN.items():
        try:
            address = parse_address(built_in_addresses[name])
        except ValueError as error:
            problems.append(f"OMP_AI_{name.upper()}_ADDRESS: {error}")
            continue
        if name in wanted:
            found.append(Provider(name, title, name, address, on_site=is_on_site(address)))  # type: ignore[arg-type]
    for entry in own_addresses:
        try:
            provider = own_provider(entry)
        except ValueError as error:
            problems.append(f"OMP_AI_ADDRESSES: {error}")
            continue
        if provider.id in {*BUILT_IN, LOCAL, NOBODY, *(other.id for other in found)}:
            problems.append(f"OMP_AI_ADDRESSES: the name {provider.title!r} is taken already")
        found.append(provider)
    return Policy(tuple(found), networks, pseudonymise, timeout_seconds, check_seconds), problems


def own_provider(entry: str) -> Provider:
    """The provider of an entry `name=address`; raises ValueError."""
    title, sign, text = entry.partition("=")
    title = title.strip()
    name = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
    if not sign or not name or len(title) > 60:
        raise ValueError(f"{entry!r} must be name=address, with a name of at most 60 letters and digits")
    address = parse_address(text)
    return Provider(name, title, "compatible", address, needs_key=False, on_site=is_on_site(address))


def is_on_site(address: Address) -> bool:
    """Whether the address is an IP address that is not part of the public internet."""
    ip = literal_ip(address.host)
    return ip is not None and not is_public(ip)
