"""Encryption at rest of the few personal data that need it (identity numbers)."""

from cryptography.fernet import Fernet, InvalidToken


class Vault:
    """Encrypts and opens short texts with the installation's data key (Fernet: AES-128-CBC with HMAC-SHA256)."""

    def __init__(self, data_key: str) -> None:
        self._fernet = Fernet(data_key)

    def seal(self, text: str) -> str:
        """Return the encrypted form of ``text``."""
        return self._fernet.encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str:
        """Return the text; raise ``ValueError`` when it was sealed with another key or altered."""
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken as problem:
            raise ValueError("the sealed text was altered, or sealed with another data key") from problem


def mask(identity_number: str) -> str:
    """``110101********1234``: what is shown of an identity number after it was imported."""
    if len(identity_number) < 15:
        return "*" * len(identity_number)
    return identity_number[:6] + "*" * (len(identity_number) - 10) + identity_number[-4:]
