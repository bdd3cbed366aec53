"""This server connects only where the facility lets it, however names are made to lead elsewhere."""

from __future__ import annotations

import ipaddress
import ssl
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from omeroweb_omp_plugin.ai.addresses import checked_ips, is_public, parse_address, parse_networks
from omeroweb_omp_plugin.ai.deadline import Deadline
from omeroweb_omp_plugin.ai.errors import AiError, ProviderError, RefusedAddressError
from omeroweb_omp_plugin.ai.line import Line
from omeroweb_omp_plugin.ai.policy import Policy, Provider

from .http_double import HttpDouble, Told
from .provider_doubles import KEY, CompatibleDouble, rule

LOOPBACK = "127.0.0.1"
MODELS = Told(200, {"data": [{"id": "llama3.1:8b"}]})


def own(address, **more):
    return Provider("own", "Facility model", "compatible", parse_address(address), **more)


def line_to(provider, resolver=None, permitted=(), context=None):
    policy = Policy((provider,), parse_networks(permitted), timeout_seconds=10, check_seconds=10)
    more = {"resolver": resolver} if resolver else {}
    return Line(policy, provider, KEY, ssl_context=context, **more)


def test_a_name_that_leads_to_this_computer_is_refused(openai):
    # The system's own resolver makes 127.0.0.1 of localhost.
    line = line_to(own(f"http://localhost:{openai.port}/v1"))

    with pytest.raises(RefusedAddressError, match="OMP_AI_PRIVATE_ADDRESSES") as caught:
        line.models()

    assert caught.value.status == 403
    assert openai.requests == []


def test_a_name_inside_the_facility_works_once_its_address_is_listed():
    with CompatibleDouble() as double:
        double.always = double.models
        line = line_to(own(f"http://facility.test:{double.port}/v1"), lambda *_: [LOOPBACK], [LOOPBACK])

        assert [model.id for model in line.models()] == ["llama3.1:8b"]
        assert double.requests[0].headers["host"] == f"facility.test:{double.port}"


def test_a_name_is_resolved_once_and_then_kept():
    """A name that leads somewhere else at the second look (rebinding) is never looked at twice."""
    looks = []

    def rebinding(host, _port):
        looks.append(host)
        return [LOOPBACK] if len(looks) == 1 else ["169.254.169.254"]

    with CompatibleDouble() as double:
        double.answers = [double.overloaded]
        double.always = double.answer(rule())
        line = line_to(own(f"http://facility.test:{double.port}/v1"), rebinding, [LOOPBACK])
        line.models()

        assert len(double.requests) == 2
        assert looks == ["facility.test"]


@pytest.mark.parametrize(
    "ip",
    [
        *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1"),
        *("224.0.0.1", "255.255.255.255", "192.0.2.1", "::", "::1", "fe80::1", "fc00::1", "ff02::1"),
        *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "2001:db8::1"),
    ],
)
def test_no_address_inside_a_network_counts_as_public(ip):
    assert not is_public(ipaddress.ip_address(ip))
    with pytest.raises(RefusedAddressError):
        checked_ips(parse_address("https://provider.test/v1"), (), Deadline(5), lambda *_: [ip])


@pytest.mark.parametrize("ip", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_public_addresses_are_allowed_over_https_only(ip):
    address = "provider.test/v1"

    assert checked_ips(parse_address(f"https://{address}"), (), Deadline(5), lambda *_: [ip]) == (ip,)
    with pytest.raises(RefusedAddressError, match="clear text"):
        checked_ips(parse_address(f"http://{address}"), (), Deadline(5), lambda *_: [ip])


def test_one_forbidden_address_among_good_ones_refuses_the_name():
    with pytest.raises(RefusedAddressError):
        checked_ips(
            parse_address("https://provider.test"), (), Deadline(5), lambda *_: ["8.8.8.8", "10.0.0.1"]
        )


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "127.1"])
def test_other_ways_to_write_this_computer_are_refused(host):
    with pytest.raises((RefusedAddressError, ProviderError)):
        checked_ips(parse_address(f"http://{host}:80"), (), Deadline(5))


def test_an_ip_address_the_facility_wrote_allows_only_itself():
    assert checked_ips(parse_address("http://127.0.0.1:1/v1"), (), Deadline(5)) == ("127.0.0.1",)
    with pytest.raises(RefusedAddressError):
        checked_ips(parse_address("http://other.test:1"), (), Deadline(5), lambda *_: ["127.0.0.1"])


def test_a_name_nobody_knows_is_told():
    def unknown(*_):
        raise OSError("Name or service not known")

    with pytest.raises(ProviderError, match=r"provider.test can't be found"):
        checked_ips(parse_address("https://provider.test"), (), Deadline(5), unknown)


def test_a_resolver_that_hangs_is_given_up():
    import threading
    import time

    over = threading.Event()
    began = time.monotonic()
    with pytest.raises(ProviderError, match="can't be found"):
        checked_ips(
            parse_address("https://provider.test"), (), Deadline(0.3), lambda *_: [str(over.wait(60))]
        )
    over.set()
    assert time.monotonic() - began < 10


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("ftp://a/", "https:// or http://"),
        ("api.example.org/v1", "https:// or http://"),
        ("https://alice:secret@a.test/", "user name or password"),
        ("https://a.test/v1?key=1", "before the"),
        ("https://a.test:99999/", "not an address"),
        ("https:///v1", "host name"),
        ("https://a b/", "host name"),
        ("https://a.test/../v1", "path"),
        ("https://[::1", "not an address"),
    ],
)
def test_an_address_nobody_should_use_is_explained(text, reason):
    with pytest.raises(ValueError, match=reason) as caught:
        parse_address(text)
    assert "secret" not in str(caught.value)


def test_an_address_is_written_back_as_it_is_used():
    assert str(parse_address("https://API.example.org:443/v1/")) == "https://api.example.org/v1"
    assert str(parse_address("http://[::1]:8000")) == "http://[::1]:8000"


def certificate(name, folder):
    """A certificate for `name` signed by itself, and contexts for the server and for who trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    form = serialization.Encoding.PEM
    pem = made.public_bytes(form)
    secret = key.private_bytes(form, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "server.pem").write_bytes(pem + secret)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "server.pem")
    trusting = ssl.create_default_context(cadata=pem.decode())
    return server, trusting


def test_tls_checks_the_name_although_the_address_is_pinned(tmp_path):
    server, trusting = certificate("facility.test", tmp_path)
    asked = []
    server.sni_callback = lambda _socket, name, _context: asked.append(name)
    with HttpDouble(server) as double:
        double.always = MODELS
        provider = own(f"https://facility.test:{double.port}/v1")
        line = line_to(provider, lambda *_: [LOOPBACK], [LOOPBACK], trusting)

        assert [model.id for model in line.models()] == ["llama3.1:8b"]
        assert asked == ["facility.test"]
        assert double.requests[0].headers["host"] == f"facility.test:{double.port}"


def test_nothing_is_sent_to_a_server_with_another_certificate(tmp_path):
    server, trusting = certificate("elsewhere.test", tmp_path)
    with HttpDouble(server) as double:
        provider = own(f"https://facility.test:{double.port}/v1")
        line = line_to(provider, lambda *_: [LOOPBACK], [LOOPBACK], trusting)

        with pytest.raises(AiError, match=r"certificate of facility.test"):
            line.models()
        assert double.requests == []


def test_proxies_in_the_environment_are_not_used(openai, monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    openai.answers = [openai.models]

    assert openai.line().models()
