"""A local certificate authority for halls without a public one: ECDSA P-256, bound to the names it was made for.

Browsers offer cryptography and service workers to secure origins alone, and a hall's server is no 127.0.0.1.
"""

import ipaddress
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from core.errors import BadInput, Conflict

ALWAYS = ("localhost", "127.0.0.1")
AUTHORITY_LASTS = timedelta(days=3650)
SERVER_LASTS = timedelta(days=820)  # some systems refuse certificates of more than 825 days
BACKDATED = timedelta(days=1)  # office computers whose clock is slow still accept it
AUTHORITY, AUTHORITY_KEY = "authority.crt", "authority-key.pem"
SERVER, SERVER_KEY = "server.pem", "server-key.pem"
Host = x509.DNSName | x509.IPAddress


@dataclass(frozen=True)
class Made:
    """Where everything stands, and whether the authority was there before."""

    folder: Path
    hosts: tuple[str, ...]
    new_authority: bool
    fingerprint: str  # SHA-256 of the authority's certificate, to be compared when it is installed
    until: datetime


def make(folder: Path, hosts: Sequence[str], now: datetime) -> Made:
    """Make a server certificate for these hosts in the folder, by its authority, which is made first if there is none.

    Private keys are readable by their owner alone. Raises ``BadInput`` for a host that is none, ``Conflict`` for one
    that the folder's authority may not certify.
    """
    names = tuple(dict.fromkeys([*hosts, *ALWAYS]))
    alternatives = [_host(name) for name in names]
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = not (folder / AUTHORITY).exists()
    if new:
        _make_authority(folder, alternatives, now)
    authority = x509.load_pem_x509_certificate((folder / AUTHORITY).read_bytes())
    _refuse_strangers(authority, names, alternatives)
    until = _make_server(folder, authority, alternatives, now)
    return Made(folder, names, new, authority.fingerprint(hashes.SHA256()).hex(":").upper(), until)


def _host(name: str) -> Host:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        pass
    labels = name.split(".")
    if len(name) <= 253 and all(_is_label(label) for label in labels):
        return x509.DNSName(name)
    raise BadInput(
        f"“{name[:80]}”不是主机名，也不是 IP 地址，没有生成任何文件。请写成 exam.local 或 192.168.1.10 这样。"
    )


def _is_label(label: str) -> bool:
    plain = label.replace("-", "a")
    return 0 < len(label) <= 63 and plain.isascii() and plain.isalnum() and label[0] != "-" != label[-1]


def _make_authority(folder: Path, alternatives: Sequence[Host], now: datetime) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, f"衡鉴考场本地证书机构 {now:%Y-%m-%d}"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Hengjian local authority"),
        ]
    )
    permitted: list[x509.GeneralName] = [_subtree(host) for host in alternatives]
    certificate = (
        _builder(name, name, key.public_key(), now, AUTHORITY_LASTS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        # Whoever steals the authority's key cannot pretend to be any other site.
        .add_extension(x509.NameConstraints(permitted, None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    _write_key(folder / AUTHORITY_KEY, key)
    (folder / AUTHORITY).write_bytes(certificate.public_bytes(serialization.Encoding.PEM))


def _subtree(host: Host) -> Host:
    if isinstance(host, x509.DNSName):
        return host
    return x509.IPAddress(ipaddress.ip_network(str(host.value)))


def _refuse_strangers(authority: x509.Certificate, names: Sequence[str], alternatives: Sequence[Host]) -> None:
    permitted = authority.extensions.get_extension_for_class(x509.NameConstraints).value.permitted_subtrees or []
    strange = [
        name for name, host in zip(names, alternatives, strict=True) if not any(_within(host, one) for one in permitted)
    ]
    if strange:
        raise Conflict(
            f"这个文件夹里的证书机构只能为当初写明的地址签发，不含 {'、'.join(strange)}，没有生成证书。"
            "请用 --output 另选一个文件夹重新生成，并在考场的电脑上安装新的机构证书。"
        )


def _within(host: Host, subtree: x509.GeneralName) -> bool:
    if isinstance(host, x509.DNSName):
        return isinstance(subtree, x509.DNSName) and (
            host.value == subtree.value or host.value.endswith("." + subtree.value)
        )
    return isinstance(subtree, x509.IPAddress) and _subtree(host) == subtree


def _make_server(folder: Path, authority: x509.Certificate, alternatives: Sequence[Host], now: datetime) -> datetime:
    signer = serialization.load_pem_private_key((folder / AUTHORITY_KEY).read_bytes(), None)
    if not isinstance(signer, ec.EllipticCurvePrivateKey):
        raise Conflict(f"“{folder / AUTHORITY_KEY}”不是本程序生成的密钥，没有生成证书。请用 --output 另选一个文件夹。")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, str(alternatives[0].value)[:64])])
    certificate = (
        _builder(name, authority.subject, key.public_key(), now, SERVER_LASTS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
        .sign(signer, hashes.SHA256())
    )
    _write_key(folder / SERVER_KEY, key)
    pem = serialization.Encoding.PEM
    (folder / SERVER).write_bytes(certificate.public_bytes(pem) + authority.public_bytes(pem))
    return certificate.not_valid_after_utc


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime, lasts: timedelta
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATED)
        .not_valid_after(now + lasts)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _write_key(path: Path, key: ec.EllipticCurvePrivateKey) -> None:
    """PKCS#8, mode 0600 from its first byte on; an older key is replaced, never half-written."""
    text = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(text)
    fresh.replace(path)
