"""The certificate that the SSL endpoint shows."""

from __future__ import annotations

import datetime as dt
import os
import secrets
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
from cryptography.x509.oid import NameOID

if TYPE_CHECKING:
    from pathlib import Path

_DAYS = 3650


def certificate(folder: Path) -> tuple[Path, str]:
    """The PKCS#12 file and its password; a self-signed certificate for localhost is made at first use.

    OMERO clients do not verify the server's certificate, they only want an encrypted connection.
    """
    store, secret = folder / "server.p12", folder / "server.p12.password"
    if not (store.exists() and secret.exists()):
        folder.mkdir(parents=True, exist_ok=True)
        password = secrets.token_hex(16)
        _write(secret, password.encode())
        _write(store, _self_signed(password))
    return store, secret.read_text()


def _write(path: Path, content: bytes) -> None:
    partial = path.with_suffix(path.suffix + ".part")
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
    partial.rename(path)


def _self_signed(password: str) -> bytes:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=_DAYS))
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.DNSName("omeroserver")]),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    return pkcs12.serialize_key_and_certificates(
        b"omero", key, built, None, BestAvailableEncryption(password.encode())
    )
