"""What identifies the content of an item version: exactly, and for finding duplicates. Pure."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

import rfc8785

from question_bank.duplicates import normal_form


def exact_digest(type_name: str, content: Mapping[str, Any]) -> str:
    """SHA-256 (hex) of the RFC 8785 form of type and content: two contents agree in every character or differ."""
    return hashlib.sha256(rfc8785.dumps({"type": type_name, "content": dict(content)})).hexdigest()


def content_digest(stem: str, texts: Iterable[str]) -> str:
    """SHA-256 (hex) of what an item says, width, case, space, punctuation and the order of its texts set aside."""
    return digest_of_form(normal_form(stem, texts))


def digest_of_form(form: str) -> str:
    """The same of a normal form."""
    return hashlib.sha256(form.encode()).hexdigest()
