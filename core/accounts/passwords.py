"""Passwords of standing accounts: Argon2id at OWASP's minimum, one hash at a time in each process.

Hashing is deliberately dear (some 30 ms of a core); the lock keeps a crowd of sign-ins from starving saved answers.
"""

import secrets
import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

SHORTEST = 10
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_one_at_a_time = threading.Lock()
# No 0 O 1 l I: these passwords are read from paper.
_ALPHABET = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def hash_password(password: str) -> str:
    """Return the encoded Argon2id hash."""
    with _one_at_a_time:
        return _hasher.hash(password)


def password_matches(encoded: str, password: str) -> bool:
    """Whether the password is the one that was hashed; an empty or foreign hash matches nothing."""
    with _one_at_a_time:
        try:
            return _hasher.verify(encoded, password)
        except (VerifyMismatchError, InvalidHashError):
            return False


def generate_password(length: int = 12) -> str:
    """A random password with letters of both cases and digits."""
    while True:
        password = "".join(secrets.choice(_ALPHABET) for _ in range(length))
        if not weaknesses(password, username=""):
            return password


def weaknesses(password: str, *, username: str) -> list[str]:
    """What keeps a password from being taken, as Chinese phrases; empty when it will do."""
    found = []
    if len(password) < SHORTEST:
        found.append(f"至少 {SHORTEST} 个字符")
    if len(password) > 128:
        found.append("不超过 128 个字符")
    kinds = (
        any(letter.islower() for letter in password),
        any(letter.isupper() for letter in password),
        any(letter.isdigit() for letter in password),
        any(not letter.isalnum() for letter in password),
    )
    if sum(kinds) < 3:
        found.append("大写字母、小写字母、数字、符号中至少有三种")
    if username and username.lower() in password.lower():
        found.append("不能包含用户名")
    return found
