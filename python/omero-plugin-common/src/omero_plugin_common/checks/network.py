"""Checks over the network: name, connection, certificate, HTTP, SQL, Redis."""

from __future__ import annotations

import http.client
import socket
import ssl
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import psycopg2
import redis
from cryptography import x509

from omero_plugin_common.checks.findings import Finding, failed, passed, warned

EXPIRY_WARNING = timedelta(days=30)


def dns(host: str) -> Finding:
    """Whether a name has addresses."""
    try:
        found = sorted({str(entry[4][0]) for entry in socket.getaddrinfo(host, None)})
    except OSError as error:
        return failed(
            f"{host} has no address",
            f"Correct the host name, or the entry for it in DNS or /etc/hosts ({error}).",
        )
    return passed(f"{host} is {', '.join(found)}")


def tcp(host: str, port: int, seconds: float) -> Finding:
    """Whether something accepts connections."""
    try:
        with socket.create_connection((host, port), seconds):
            return passed(f"{host}:{port} accepts connections")
    except OSError as error:
        return failed(
            f"{host}:{port} does not accept connections: {reason(error)}",
            "Check that the service runs and that no firewall is in between.",
        )


def http_get(url: str, seconds: float) -> Finding:
    """Whether an address answers a GET with a status below 400; nothing is followed."""
    parts = urlsplit(url)
    if parts.scheme != "http" or not parts.hostname:
        return failed(f"{url} is not an http address", "Correct the address in env/omeroweb.env.")
    connection = http.client.HTTPConnection(parts.hostname, parts.port or 80, timeout=seconds)
    try:
        connection.request("GET", (parts.path or "/") + (f"?{parts.query}" if parts.query else ""))
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        return failed(
            f"{url} does not answer: {reason(error)}", "Check that the service runs, and look at its log."
        )
    finally:
        connection.close()
    if status < 400:
        return passed(f"{url} answers with status {status}")
    return failed(f"{url} answers with status {status}", "Look at the log of the service.")


def certificate(host: str, port: int, seconds: float, now: datetime | None = None) -> Finding:
    """Whether a TLS server shows a certificate, and for how long it is valid; it need not be signed by anybody."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    # OMERO servers are found with keys that today's default refuses.
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    try:
        with (
            socket.create_connection((host, port), seconds) as plain,
            context.wrap_socket(plain, server_hostname=host) as secured,
        ):
            shown = secured.getpeercert(binary_form=True)
            version = secured.version()
    except OSError as error:
        return failed(
            f"{host}:{port} can't be reached over TLS: {reason(error)}",
            "Check the certificate of the service, and that this port speaks TLS.",
        )
    if shown is None:
        return warned(f"{host}:{port} shows no certificate", "Give the service a certificate.")
    ends = x509.load_der_x509_certificate(shown).not_valid_after_utc
    return expiry(ends, now or datetime.now(UTC), f"{version}, certificate valid until {ends:%Y-%m-%d}")


def expiry(ends: datetime, now: datetime, words: str) -> Finding:
    """Whether there is time left until a certificate ends."""
    advice = "Renew the certificate and restart the service."
    if ends <= now:
        return failed(f"{words}: expired", advice)
    if ends - now < EXPIRY_WARNING:
        return warned(f"{words}: {(ends - now).days} days left", advice)
    return passed(words)


def postgresql(
    *, host: str, port: int, name: str, user: str, password: str, seconds: float, query: str = "SELECT 1"
) -> Finding:
    """Whether the real credentials log in and a statement works; says the server's version."""
    try:
        connection = psycopg2.connect(
            host=host,
            port=port,
            dbname=name,
            user=user,
            password=password,
            connect_timeout=max(1, round(seconds)),
            options=f"-c statement_timeout={int(seconds * 1000)}",
            application_name="omero-diagnostics",
        )
    except psycopg2.OperationalError as error:
        return failed(
            f"can't log in to {name} at {host}:{port} as {user}",
            "Check that the database runs, and its user and password in the env files.",
            first_line(str(error)),
        )
    try:
        with connection.cursor() as cursor:
            cursor.execute(query)
            cursor.fetchone()
            cursor.execute("SELECT pg_database_size(current_database())")
            size = int(cursor.fetchone()[0])
        version = str(connection.info.parameter_status("server_version"))
    except psycopg2.Error as error:
        return failed(f"{query} fails in {name}", "Look at the log of the database.", first_line(str(error)))
    finally:
        connection.close()
    return passed(f"{query} works as {user}", f"PostgreSQL {version}, {size / 2**20:.0f} MiB")


def redis_ping(url: str, seconds: float) -> Finding:
    """Whether Redis answers, and has room left."""
    client = redis.Redis.from_url(url, socket_connect_timeout=seconds, socket_timeout=seconds)
    try:
        client.ping()
        memory = client.info("memory")
    except (redis.RedisError, OSError) as error:
        return failed(
            f"Redis does not answer: {type(error).__name__}",
            "Check that it runs, and the password in the address.",
        )
    finally:
        client.close()
    used, most = int(memory["used_memory"]), int(memory.get("maxmemory", 0))
    words = f"{used / 2**20:.0f} MiB used" + (f" of {most / 2**20:.0f} MiB" if most else "")
    if most and used > 0.9 * most:
        return warned(
            f"Redis is nearly full: {words}", "Give Redis more memory (maxmemory), or find what fills it."
        )
    return passed(f"Redis answers, {words}")


def reason(error: Exception) -> str:
    """Return what went wrong, for a person."""
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, ConnectionRefusedError):
        return "connection refused"
    return first_line(str(error)) or type(error).__name__


def first_line(text: str) -> str:
    return next(iter(text.strip().splitlines()), "")[:200]
