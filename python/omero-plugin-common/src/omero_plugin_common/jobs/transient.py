"""Telling faults that pass by themselves from faults that don't."""

from __future__ import annotations

from redis.exceptions import RedisError

from omero_plugin_common.jobs.errors import RetryLaterError

PASSING = (RetryLaterError, ConnectionError, TimeoutError, RedisError)
# Raised by Ice when the server is away or restarting; named, so that Ice is not loaded for jobs without OMERO.
PASSING_ICE = frozenset(
    {
        "ConnectionLostException",
        "ConnectionRefusedException",
        "ConnectFailedException",
        "ConnectTimeoutException",
        "ConnectionTimeoutException",
        "CloseConnectionException",
        "CommunicatorDestroyedException",
        "ObjectNotExistException",
        "SocketException",
        "TimeoutException",
        "UnknownHost",
        "DNSException",
    }
)


def is_transient(error: BaseException) -> bool:
    """Say whether trying again later may help."""
    if isinstance(error, PASSING):
        return True
    return any(base.__name__ in PASSING_ICE and base.__module__ == "Ice" for base in type(error).__mro__)
