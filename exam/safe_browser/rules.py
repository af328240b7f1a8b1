"""Safe Exam Browser's keys and hashes. Pure.

Source: its developer documentation, "Config Key" (safeexambrowser.org/developer/seb-config-key.html) and "Browser Exam
Key" (SEB-Specification-BrowserExamKey.pdf).
"""

import hashlib
import hmac
import re
from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

MOST_KEYS = 20
_KEY = re.compile(r"[0-9a-f]{64}")
_LEFT_OUT = "originatorVersion"  # metadata: the documentation exempts it from the key


class Fault(StrEnum):
    """Why a request did not come from the browser that the session asks for."""

    ABSENT = "absent"  # no key at all: another browser
    CONFIGURATION = "configuration"  # Safe Exam Browser with other settings, or a made-up key
    BROWSER = "browser"  # the right settings in a version that the organizer did not list


@dataclass(frozen=True, slots=True)
class Demand:
    """What a session asks of every request: the Config Key, and one of the Browser Exam Keys where any are listed."""

    origin: str
    config_key: str
    exam_keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """The hashes that a request brought, over the address ``path`` of the demand's origin. Empty: not sent."""

    path: str
    config_hash: str = ""
    exam_hash: str = ""


class KeyFault(ValueError):
    """A line of the list is no Browser Exam Key; ``typed`` is that line, empty where there are too many."""

    def __init__(self, typed: str) -> None:
        super().__init__(typed)
        self.typed = typed


def seb_json(value: Any) -> str:
    """Settings in the form that the Config Key is computed over ("SEB-JSON").

    No white space, no escapes, members in the order of their names whatever the case, data as base64; left out are the
    root's ``originatorVersion`` and empty dictionaries.
    """
    if isinstance(value, Mapping):
        kept = {name: one for name, one in value.items() if name != _LEFT_OUT and one != {}}
        members = (f'"{name}":{seb_json(kept[name])}' for name in sorted(kept, key=lambda name: (name.lower(), name)))
        return "{" + ",".join(members) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(seb_json(one) for one in value) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    text = b64encode(value).decode() if isinstance(value, bytes) else str(value)
    return f'"{text}"'


def config_key(settings: Mapping[str, Any]) -> str:
    """The Config Key of settings: SHA-256 of their SEB-JSON in UTF-8, as 64 hexadecimal digits."""
    return hashlib.sha256(seb_json(settings).encode()).hexdigest()


def browser_origin(typed: str) -> str:
    """An origin as a browser writes it into addresses: in lower case, without the port that its scheme has anyway."""
    origin = typed.lower()
    scheme, _, _rest = origin.partition("://")
    return origin.removesuffix({"http": ":80", "https": ":443"}.get(scheme, ""))


def request_hash(url: str, key: str) -> str:
    """What Safe Exam Browser sends with a request: SHA-256 of its absolute address without fragment, followed by a key."""
    return hashlib.sha256((url.partition("#")[0] + key).encode()).hexdigest()


def fault_of(demand: Demand, shown: Iterable[Shown]) -> Fault | None:
    """Why none of what was shown meets the demand; None when one does. Comparing takes the same time wherever it differs."""
    worst = Fault.ABSENT
    for one in shown:
        if not one.config_hash:
            continue
        url = demand.origin + one.path
        if not _same(one.config_hash, request_hash(url, demand.config_key)):
            worst = Fault.CONFIGURATION if worst is Fault.ABSENT else worst
        elif demand.exam_keys and not any(_same(one.exam_hash, request_hash(url, key)) for key in demand.exam_keys):
            worst = Fault.BROWSER
        else:
            return None
    return worst


def _same(sent: str, expected: str) -> bool:
    return hmac.compare_digest(sent.strip().lower().encode(), expected.encode())


def read_keys(text: str) -> tuple[str, ...]:
    """Browser Exam Keys as somebody typed them, one a line; lower case, without repeats. Raises ``KeyFault``."""
    keys = dict.fromkeys("".join(line.split()).lower() for line in re.split(r"[\n,;，；]", text) if line.strip())
    for key in keys:
        if not _KEY.fullmatch(key):
            raise KeyFault(key[:80])
    if len(keys) > MOST_KEYS:
        raise KeyFault("")
    return tuple(keys)


def password_digest(password: str) -> str:
    """A quit password as a configuration holds it: SHA-256 in hexadecimal digits."""
    return hashlib.sha256(password.encode()).hexdigest()
