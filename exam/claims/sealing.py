"""Sealed files: ephemeral ECDH on P-256, HKDF-SHA-256, AES-256-GCM. Browsers seal, the server alone opens.

A file is JSON: ``{"hengjian": "sealed-hand-in", "v": 1, "sitting": 12, "ephemeral", "iv", "sealed"}``, the last three in
base64: the raw point of the ephemeral key (65 bytes), 12 bytes, and the ciphertext with its tag. HKDF: no salt, info
``hengjian sealed-hand-in v1``. Associated data: ``hengjian sealed-hand-in v1 12`` (the sitting).
"""

import base64
import binascii
import json
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

INFO = b"hengjian sealed-hand-in v1"
# Each of some thousand steps of a long text holds the whole of it.
LARGEST_FILE = 32 * 1024 * 1024


class NoSealedFile(ValueError):
    """The bytes are no sealed file of this platform."""


class NotForThisKey(ValueError):
    """Sealed to another key, or altered since."""


@dataclass(frozen=True, slots=True)
class KeyPair:
    """Public half as SubjectPublicKeyInfo in base64, private half as PKCS#8 in PEM."""

    public: str
    private: str


@dataclass(frozen=True, slots=True)
class SealedFile:
    """A file taken apart."""

    sitting: int
    ephemeral: bytes
    iv: bytes
    sealed: bytes


def make_key_pair() -> KeyPair:
    """A fresh pair on P-256."""
    key = ec.generate_private_key(ec.SECP256R1())
    public = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return KeyPair(base64.b64encode(public).decode(), private.decode())


def read_file(data: bytes) -> SealedFile:
    """Take a file apart. Raises ``NoSealedFile``."""
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        raise NoSealedFile("not JSON") from None
    if not isinstance(document, dict) or document.get("hengjian") != "sealed-hand-in" or document.get("v") != 1:
        raise NoSealedFile("not a sealed hand-in of version 1")
    sitting = document.get("sitting")
    parts = [_bytes(document.get(name)) for name in ("ephemeral", "iv", "sealed")]
    if type(sitting) is not int or len(parts[0]) != 65 or len(parts[1]) != 12 or len(parts[2]) < 16:
        raise NoSealedFile("a part is missing or has the wrong length")
    return SealedFile(sitting, *parts)


def _bytes(text: object) -> bytes:
    try:
        return base64.b64decode(text, validate=True) if isinstance(text, str) else b""
    except (binascii.Error, ValueError):
        raise NoSealedFile("not base64") from None


def open_file(file: SealedFile, private: str) -> bytes:
    """The plaintext. Raises ``NotForThisKey``."""
    key = serialization.load_pem_private_key(private.encode(), None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise NotForThisKey("the exam's key is of another kind")
    try:
        ephemeral = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), file.ephemeral)
        return AESGCM(_secret(key, ephemeral)).decrypt(file.iv, file.sealed, _bound_to(file.sitting))
    except (ValueError, InvalidTag):
        raise NotForThisKey("it does not open") from None


def _secret(key: ec.EllipticCurvePrivateKey, other: ec.EllipticCurvePublicKey) -> bytes:
    return HKDF(hashes.SHA256(), 32, salt=None, info=INFO).derive(key.exchange(ec.ECDH(), other))


def _bound_to(sitting: int) -> bytes:
    return INFO + f" {sitting}".encode()
