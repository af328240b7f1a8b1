"""Encryption at rest of what needs it: identity numbers, and files that wait for their confirmation."""

from cryptography.fernet import Fernet, InvalidToken


class Vault:
    """Encrypts and opens short texts with the installation's data key (Fernet: AES-128-CBC with HMAC-SHA256)."""

    def __init__(self, data_key: str) -> None:
        self._fernet = Fernet(data_key)

    def seal(self, text: str) -> str:
        """Return the encrypted form of ``text``."""
        return self.seal_bytes(text.encode()).decode()

    def open(self, sealed: str) -> str:
        """Return the text; raise ``ValueError`` when it was sealed with another key or altered."""
        return self.open_bytes(sealed.encode()).decode()

    def seal_bytes(self, data: bytes) -> bytes:
        """Return the encrypted form of a portion of a file: one line of ASCII, a third longer."""
        return self._fernet.encrypt(data)

    def open_bytes(self, sealed: bytes) -> bytes:
        """Return the bytes; raise ``ValueError`` as ``open`` does."""
        try:
            return self._fernet.decrypt(sealed)
        except InvalidToken as problem:
            raise ValueError("the sealed data were altered, or sealed with another data key") from problem


def mask(identity_number: str) -> str:
    """``110101********1234``: what is shown of an identity number after it was imported."""
    if len(identity_number) < 15:
        return "*" * len(identity_number)
    return identity_number[:6] + "*" * (len(identity_number) - 10) + identity_number[-4:]
