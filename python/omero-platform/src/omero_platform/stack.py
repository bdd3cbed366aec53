"""`stack.toml` as typed values; the file is refused with the key that is wrong before anything starts."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from omero_platform.errors import PlatformError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

Port = Annotated[int, Field(ge=1, le=65535)]


class Strict(BaseModel):
    """Refuses keys it does not know, so that a typing error in the file does not go unnoticed."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Health(Strict):
    """How it is known that a service is up."""

    kind: Literal["http", "tcp", "postgresql", "redis", "celery", "omero"]
    port: str = ""
    path: str = "/"


class Scrape(Strict):
    """The Prometheus job that collects a service's metrics."""

    job: str
    port: str
    path: str = "/metrics"


class Probe(Strict):
    """A look at a service from outside, by the blackbox exporter."""

    module: Literal["http_2xx", "tcp_connect", "tls_connect"]
    port: str
    path: str = ""


class Database(Strict):
    """A database and the account that owns it."""

    name: str
    user: str


class Redis(Strict):
    """Limits of the cache and the numbers of its databases."""

    maxmemory_bytes: int
    policy: str
    cache_db: int
    celery_db: int


class Celery(Strict):
    """The queues that a worker listens to."""

    queues: list[str]


class Service(Strict):
    """One service of the stack; `stack.toml` explains the keys."""

    title: str
    version: str = ""
    ports: dict[str, Port] = {}
    public: list[str] = []
    needs: list[str] = []
    health: Health
    scrape: Scrape | None = None
    probes: list[Probe] = []
    logs: list[str] = []
    runs: list[Literal["local", "image"]]
    database: Database | None = None
    redis: Redis | None = None
    celery: Celery | None = None

    @model_validator(mode="after")
    def ports_exist(self) -> Service:
        """Every port that is named is one of the service's own."""
        named = [*self.public, self.health.port, *(probe.port for probe in self.probes)]
        if self.scrape:
            named.append(self.scrape.port)
        unknown = {name for name in named if name} - set(self.ports)
        if unknown:
            raise ValueError(
                f"no port is called {', '.join(sorted(unknown))}; there are: {', '.join(self.ports) or 'none'}"
            )
        return self


class Weekly(Strict):
    """A time of the week, or of one week of the month."""

    weekday: Literal["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
    time: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
    week_of_month: Annotated[int, Field(ge=1, le=4)] | None = None


class Maintenance(Strict):
    """When the databases are cleaned up."""

    databases: list[str]
    vacuum_analyze: Weekly
    reindex: Weekly


class Daily(Strict):
    """A time of every day."""

    time: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]


class Keep(Strict):
    """For how many days, weeks and months the last backup of each stays."""

    days: Annotated[int, Field(ge=1)]
    weeks: Annotated[int, Field(ge=0)]
    months: Annotated[int, Field(ge=0)]


class Backup(Strict):
    """When backups are made and tried, and how long they stay."""

    make: Daily = Daily(time="01:30")
    verify: Weekly = Weekly(weekday="Sunday", time="05:00")
    keep: Keep = Keep(days=7, weeks=4, months=6)


class Stack(Strict):
    """The whole stack."""

    timezone: str
    services: dict[str, Service]
    maintenance: Maintenance
    backup: Backup = Backup()

    @model_validator(mode="after")
    def references_exist(self) -> Stack:
        """Services that are waited for exist, nothing waits for itself, and no port is given away twice."""
        for name, service in self.services.items():
            unknown = set(service.needs) - set(self.services)
            if unknown:
                raise ValueError(f"services.{name}.needs: there is no service {', '.join(sorted(unknown))}")
        owner: dict[int, str] = {}
        for name, service in self.services.items():
            for port in service.ports.values():
                if port in owner:
                    raise ValueError(f"services.{name}.ports: {port} already belongs to {owner[port]}")
                owner[port] = name
        self.start_order(self.services)
        return self

    def local(self) -> dict[str, Service]:
        """The services that run on plain Linux."""
        return {name: service for name, service in self.services.items() if "local" in service.runs}

    def start_order(self, names: Iterable[str]) -> list[str]:
        """The given services, each after those it needs; raises ValueError when they wait for each other."""
        wanted = list(names)
        order: list[str] = []
        while len(order) < len(wanted):
            ready = [
                name
                for name in wanted
                if name not in order
                and all(need in order for need in self.services[name].needs if need in wanted)
            ]
            if not ready:
                waiting = ", ".join(name for name in wanted if name not in order)
                raise ValueError(f"these services wait for each other: {waiting}")
            order.extend(ready)
        return order


def load_stack(path: Path) -> Stack:
    """Read and check the description; raises PlatformError naming the key that is wrong."""
    try:
        with path.open("rb") as file:
            return Stack.model_validate(tomllib.load(file))
    except OSError as error:
        raise PlatformError(
            f"{path} cannot be read: {error.strerror}.",
            "Use ./omero-platform of a checkout, or set OMERO_PLATFORM_ROOT to a folder with stack.toml and monitoring/.",
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise PlatformError(f"{path} is not valid TOML: {error}.") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise PlatformError(
            f"{path}: {where + ': ' if where else ''}{first['msg'].removeprefix('Value error, ')}."
        ) from error
