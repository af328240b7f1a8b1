"""Sealed files as a candidate's page makes them, written independently of the code that opens them."""

import base64
import json
import os
from typing import Any

import rfc8785
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key


def journal(sitting: int, paper: str, nonce: str, steps: list[Any]) -> bytes:
    """The bytes that are sealed."""
    return rfc8785.dumps({"v": 1, "sitting": sitting, "paper": paper, "nonce": nonce, "steps": steps})


def sealed_file(sitting: int, plaintext: bytes, public: str) -> bytes:
    """The file as the page saves it."""
    theirs = load_der_public_key(base64.b64decode(public))
    assert isinstance(theirs, ec.EllipticCurvePublicKey)
    own = ec.generate_private_key(ec.SECP256R1())
    key = HKDF(SHA256(), 32, None, b"hengjian sealed-hand-in v1").derive(own.exchange(ec.ECDH(), theirs))
    iv = os.urandom(12)
    bound = f"hengjian sealed-hand-in v1 {sitting}".encode()
    parts = {
        "ephemeral": own.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint),
        "iv": iv,
        "sealed": AESGCM(key).encrypt(iv, plaintext, bound),
    }
    encoded = {name: base64.b64encode(part).decode() for name, part in parts.items()}
    return json.dumps({"hengjian": "sealed-hand-in", "v": 1, "sitting": sitting, **encoded}).encode()
