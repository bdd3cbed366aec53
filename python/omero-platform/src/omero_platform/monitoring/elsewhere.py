"""Services that have no package on plain Linux and run somewhere else, such as Loki and Grafana: known by address."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import urlopen

from omero_platform.errors import PlatformError
from omero_platform.instance import write_atomically

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from omero_platform.instance import Instance

PATIENCE_SECONDS = 2
ENTRY = re.compile(r"(?P<name>[a-z][a-z0-9_-]*)=(?P<url>.*)")


def elsewhere_file(instance: Instance) -> Path:
    """Where the addresses are kept."""
    return instance.data / "elsewhere.json"


def absent_everywhere(instance: Instance) -> list[str]:
    """The services that plain Linux has no package for."""
    return [name for name in instance.stack.services if name not in instance.stack.local()]


def addresses(instance: Instance) -> dict[str, str]:
    """The base address of each such service that was named, such as `http://10.0.0.5:3100`.

    Raises PlatformError when the file is damaged.
    """
    path = elsewhere_file(instance)
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return {name: str(url) for name, url in found.items() if name in absent_everywhere(instance)}
    except FileNotFoundError:
        return {}
    except (ValueError, AttributeError) as error:
        raise PlatformError(
            f'{path} is damaged: it must be like {{"loki": "http://127.0.0.1:3100"}}.',
            "Correct it, or delete it and name the addresses again with --elsewhere.",
        ) from error


def host_and_port(instance: Instance, service: str) -> str | None:
    """Where such a service is reached, as `host:port`; None when nobody said."""
    url = addresses(instance).get(service)
    return urlsplit(url).netloc if url else None


def parse(instance: Instance, entry: str) -> tuple[str, str]:
    """A service and its address from `name=http://host:port`; an empty address forgets it.

    Raises PlatformError saying what is wrong.
    """
    found = ENTRY.fullmatch(entry)
    names = absent_everywhere(instance)
    if not found or found["name"] not in names:
        raise PlatformError(
            f"--elsewhere {entry}: that is not the name of a service that can run elsewhere and its address.",
            f"Write NAME=http://HOST:PORT with one of: {', '.join(names)}.",
        )
    url = found["url"].rstrip("/")
    if not url:
        return found["name"], ""
    try:
        parts = urlsplit(url)
        complete = bool(parts.scheme == "http" and parts.hostname and parts.port) and not (
            parts.path or parts.query
        )
    except ValueError:
        complete = False
    if not complete:
        raise PlatformError(
            f"--elsewhere {entry}: {url} is not an address.", "Write it like http://127.0.0.1:3100."
        )
    return found["name"], url


def remember(instance: Instance, entries: Iterable[str]) -> None:
    """Add addresses to those known; the next start uses them."""
    known = addresses(instance)
    for name, url in (parse(instance, entry) for entry in entries):
        known[name] = url
    kept = {name: url for name, url in known.items() if url}
    write_atomically(elsewhere_file(instance), json.dumps(kept, indent=2) + "\n")


def describe(instance: Instance) -> list[str]:
    """A sentence about what runs elsewhere and whether it answers, and one about what runs nowhere."""
    known = addresses(instance)
    sentences = []
    for name, url in known.items():
        said = "answers" if answers(url, instance.service(name).health.path) else "does not answer"
        sentences.append(f"{instance.service(name).title} runs elsewhere, at {url}, and {said}.")
    nowhere = [instance.service(name).title for name in absent_everywhere(instance) if name not in known]
    if nowhere:
        sentences.append(
            f"Not running here: {', '.join(nowhere)} (no package; `up --elsewhere NAME=ADDRESS` names one)."
        )
    return sentences


def answers(url: str, path: str) -> bool:
    """Whether an address answers well."""
    try:
        with urlopen(url + path, timeout=PATIENCE_SECONDS) as answer:  # noqa: S310 - parse() lets only http through
            return bool(answer.status < 400)
    except (OSError, ValueError):
        return False
