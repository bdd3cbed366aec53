"""The certificate of the OMERO API: made once, and again when it lacks a name or is about to expire."""

from __future__ import annotations

import datetime as dt
import logging
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

from omero_platform.instance import write_atomically

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

log = logging.getLogger(__name__)

DAYS = 3650
RENEW_DAYS = 30
PASSPHRASE = "secret"  # noqa: S105 - what OMERO's own tools use; the file's mode protects it
SETTINGS = {
    "omero.glacier2.IceSSL.Ciphers": "ADH:HIGH:!LOW:!MD5:!EXP:!3DES:@SECLEVEL=0",
    "omero.glacier2.IceSSL.Protocols": "TLS1_2,TLS1_3",
    "omero.glacier2.IceSSL.ProtocolVersionMax": "TLS1_3",
    "omero.glacier2.IceSSL.CertFile": "server.p12",
    "omero.glacier2.IceSSL.CAs": "server.pem",
    "omero.glacier2.IceSSL.Password": PASSPHRASE,
}


def ensure(folder: Path, names: Sequence[str]) -> dict[str, str]:
    """Make what is missing, and return the settings that point OMERO.server to it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not is_good(folder, names):
        make(folder, names)
    return {**SETTINGS, "omero.glacier2.IceSSL.DefaultDir": str(folder)}


def is_good(folder: Path, names: Sequence[str]) -> bool:
    """Whether there is a certificate for all names that lasts for a while."""
    if not all((folder / name).exists() for name in ("server.key", "server.pem", "server.p12")):
        return False
    try:
        certificate = x509.load_pem_x509_certificate((folder / "server.pem").read_bytes())
        known = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (ValueError, x509.ExtensionNotFound):
        return False
    soon = dt.datetime.now(dt.UTC) + dt.timedelta(days=RENEW_DAYS)
    return (
        set(names) <= set(known.get_values_for_type(x509.DNSName)) and certificate.not_valid_after_utc > soon
    )


def make(folder: Path, names: Sequence[str]) -> None:
    """Write key, certificate and both in one."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=3072)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=DAYS))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    bundle = pkcs12.serialize_key_and_certificates(
        b"omero", key, certificate, None, serialization.BestAvailableEncryption(PASSPHRASE.encode())
    )
    write_atomically(folder / "server.key", private.decode(), mode=0o600)
    write_atomically(
        folder / "server.pem", certificate.public_bytes(serialization.Encoding.PEM).decode(), mode=0o644
    )
    draft = folder / "server.p12.new"
    draft.write_bytes(bundle)
    draft.chmod(0o600)
    draft.replace(folder / "server.p12")
    log.info("certificate=%s names=%s made", folder / "server.pem", ",".join(names))
