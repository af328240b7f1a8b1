"""The local authority: what it certifies, what it refuses, and that a browser's rules would accept it."""

import ipaddress
import ssl
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from core.errors import BadInput, Conflict
from core.supervisor import _tls_of
from core.tls.authority import make

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


def chain(folder: Path) -> tuple[x509.Certificate, x509.Certificate]:
    """Server and authority, as the server presents them."""
    server, authority = x509.load_pem_x509_certificates((folder / "server.pem").read_bytes())
    return server, authority


def verify(folder: Path, authority: x509.Certificate, name: str) -> None:
    try:
        subject: x509.GeneralName = x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        subject = x509.DNSName(name)
    builder = PolicyBuilder().store(Store([authority])).time(NOW)
    builder.build_server_verifier(subject).verify(chain(folder)[0], [])


@pytest.mark.parametrize("name", ["exam.local", "192.168.1.10", "localhost", "127.0.0.1"])
def test_every_name_that_was_asked_for_is_certified(tmp_path: Path, name: str) -> None:
    made = make(tmp_path, ["exam.local", "192.168.1.10"], NOW)
    assert made.new_authority
    assert made.hosts == ("exam.local", "192.168.1.10", "localhost", "127.0.0.1")
    verify(tmp_path, chain(tmp_path)[1], name)
    with pytest.raises(VerificationError):
        verify(tmp_path, chain(tmp_path)[1], "example.org")


def test_private_keys_are_for_their_owner_alone_and_fit_their_certificate(tmp_path: Path) -> None:
    make(tmp_path, ["exam.local"], NOW)
    for name in ("server-key.pem", "authority-key.pem"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
    key = load_pem_private_key((tmp_path / "server-key.pem").read_bytes(), None)
    assert key.public_key() == chain(tmp_path)[0].public_key()
    assert (tmp_path / "server-key.pem").read_text().startswith("-----BEGIN PRIVATE KEY-----")
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(tmp_path / "server.pem", tmp_path / "server-key.pem")


def test_a_second_certificate_comes_from_the_same_authority_which_computers_trust_already(tmp_path: Path) -> None:
    first = make(tmp_path, ["exam.local", "192.168.1.10"], NOW)
    before = chain(tmp_path)
    second = make(tmp_path, ["192.168.1.10"], NOW + timedelta(days=700))
    after = chain(tmp_path)
    assert not second.new_authority
    assert second.fingerprint == first.fingerprint
    assert before[1] == after[1]
    assert before[0] != after[0]


def test_the_authority_is_bound_to_its_names(tmp_path: Path) -> None:
    make(tmp_path, ["exam.local"], NOW)
    before = (tmp_path / "server.pem").read_bytes()
    with pytest.raises(Conflict, match=r"不含 bank\.example、10\.0\.0\.1"):
        make(tmp_path, ["bank.example", "10.0.0.1"], NOW)
    assert (tmp_path / "server.pem").read_bytes() == before


@pytest.mark.parametrize(
    "host", ["", "http://exam.local", "exam local", "-a.b", "a" * 64, "考场.local", "*.local", "10.0.0.0/8"]
)
def test_what_is_no_host_is_refused_in_one_sentence_and_nothing_is_made(tmp_path: Path, host: str) -> None:
    with pytest.raises(BadInput, match="没有生成任何文件"):
        make(tmp_path / "tls", [host], NOW)
    assert not (tmp_path / "tls").exists()


def test_the_server_takes_the_certificate_that_was_made_or_the_one_that_is_set(tmp_path: Path) -> None:
    environ = {"HENGJIAN_INSTANCE": str(tmp_path)}
    assert _tls_of(environ, https=False) == ()
    with pytest.raises(FileNotFoundError, match=r"server\.pem"):
        _tls_of(dict(environ), https=True)
    make(tmp_path / "tls", ["exam.local"], NOW)
    expected = (str(tmp_path / "tls" / "server.pem"), str(tmp_path / "tls" / "server-key.pem"))
    assert _tls_of(environ, https=True) == expected
    assert environ["HENGJIAN_TLS_CERTIFICATE"] == expected[0]
    assert _tls_of(environ, https=False) == expected
