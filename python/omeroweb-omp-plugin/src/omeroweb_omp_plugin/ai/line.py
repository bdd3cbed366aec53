"""Talking to a provider: the address is checked, the question sent, passing faults are tried again in time."""

from __future__ import annotations

import json
import random
import time
from dataclasses import dataclass, field
from threading import BoundedSemaphore
from typing import TYPE_CHECKING, Any, ClassVar

from omeroweb_omp_plugin.ai.addresses import checked_ips, system_resolver
from omeroweb_omp_plugin.ai.connection import Destination, Reply, exchange
from omeroweb_omp_plugin.ai.deadline import Deadline
from omeroweb_omp_plugin.ai.errors import AiError, ProviderError
from omeroweb_omp_plugin.ai.faults import fault_in, json_object, refuses_schema
from omeroweb_omp_plugin.ai.providers.registry import ADAPTERS

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping

    from omeroweb_omp_plugin.ai.addresses import Resolver
    from omeroweb_omp_plugin.ai.policy import Policy, Provider
    from omeroweb_omp_plugin.ai.providers.base import Model, Prompt

ATTEMPTS = 3
FIRST_PAUSE_SECONDS = 0.5
# A question holds a thread of the web server for as long as the provider takes; the others stay free for everybody.
MOST_AT_ONCE = 3
BUSY_SECONDS = 5


@dataclass(slots=True)
class Line:
    """A line to one provider with one key (empty for none). `resolver` and `ssl_context` are the system's by default."""

    policy: Policy
    provider: Provider
    key: str
    resolver: Resolver = system_resolver
    ssl_context: ssl.SSLContext | None = None
    waiting: ClassVar[BoundedSemaphore] = BoundedSemaphore(MOST_AT_ONCE)
    attempts: int = field(default=0, init=False)

    def ask(self, model: str, prompt: Prompt, schema: Mapping[str, Any] | None) -> str:
        """The model's words; raises AiError."""
        adapter = ADAPTERS[self.provider.kind]
        deadline = Deadline(self.policy.timeout_seconds)
        body = adapter.body(model, prompt, schema)
        reply = self._send("POST", adapter.path(model), body, deadline)
        if schema is not None and refuses_schema(reply):
            reply = self._send("POST", adapter.path(model), adapter.body(model, prompt, None), deadline)
        return adapter.text(self._object(reply))

    def models(self) -> list[Model]:
        """The models this key may use, sorted by name; that the key is good follows. Raises AiError."""
        adapter = ADAPTERS[self.provider.kind]
        reply = self._send("GET", adapter.models_path, None, Deadline(self.policy.check_seconds))
        return sorted(adapter.models(self._object(reply)), key=lambda model: model.id.lower())

    def _object(self, reply: Reply) -> dict[str, Any]:
        title = self.provider.title
        if reply.status != 200:
            raise fault_in(title, reply, ADAPTERS[self.provider.kind], self.key)
        found = json_object(reply.body)
        if found is None:
            raise ProviderError(f"{title} answered something that is not JSON. Try again later.")
        return found

    def _send(self, method: str, path: str, body: dict[str, Any] | None, deadline: Deadline) -> Reply:
        if not self.waiting.acquire(blocking=False):
            raise AiError(
                "Several people wait for suggestions just now; try again in a moment.",
                status=503,
                retry_after_seconds=BUSY_SECONDS,
            )
        try:
            return self._send_again_and_again(method, path, body, deadline)
        finally:
            self.waiting.release()

    def _send_again_and_again(
        self, method: str, path: str, body: dict[str, Any] | None, deadline: Deadline
    ) -> Reply:
        adapter = ADAPTERS[self.provider.kind]
        ips = checked_ips(self.provider.address, self.policy.private_networks, deadline, self.resolver)
        destination = Destination(self.provider.title, self.provider.address, ips)
        headers = adapter.headers(self.key)
        content = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            content = json.dumps(body).encode()
        for attempt in range(1, ATTEMPTS + 1):
            self.attempts += 1
            try:
                reply = exchange(destination, method, path, headers, content, deadline, self.ssl_context)
                if reply.status < 400:
                    return reply
                error = fault_in(self.provider.title, reply, adapter, self.key)
                if not error.passing:
                    return reply
            except ProviderError as fault:
                error = fault
            pause = self._pause(error, attempt)
            if not error.passing or attempt == ATTEMPTS or pause >= deadline.left():
                raise error
            time.sleep(pause)
        raise error

    @staticmethod
    def _pause(error: ProviderError, attempt: int) -> float:
        """Seconds to wait before the next attempt: what the provider asks for, else doubled each time."""
        if error.retry_after_seconds is not None:
            return float(error.retry_after_seconds)
        doubled: float = FIRST_PAUSE_SECONDS * 2 ** (attempt - 1)
        return doubled * random.uniform(0.8, 1.2)  # noqa: S311 - spreads load
