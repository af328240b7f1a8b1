"""Decisions about one sitting, pure: its state as everybody reads it, and the digest of what was handed in."""

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime

from exam.timing import accepts

RUNNING = ("open", "paused")
WAITING = ("registered", "admitted")
CODE_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no I, L, O, U


def effective_state(state: str, deadline: datetime | None, grace_seconds: int, now: datetime) -> str:
    """The state as it must be read at ``now``: an open sitting past deadline + grace is closed, ticker or not."""
    if state == "open" and deadline is not None and not accepts(now, deadline, grace_seconds):
        return "closed"
    return state


def canonical_json(response: Iterable[object]) -> str:
    """A response as it is stored: RFC 8785 form of texts and lists of them (for which Python's compact JSON is that form)."""
    return json.dumps(list(response), ensure_ascii=False, separators=(",", ":"))


def answers_digest(sitting_id: int, paper: str, nonce: str, answers: Iterable[tuple[int, str]]) -> str:
    """SHA-256 (hex) over the RFC 8785 form of ``{"v": 1, "sitting", "paper", "nonce", "answers": [[slot, response], …]}``.

    ``answers`` are slot numbers with responses in stored form; withdrawn ones (``[]``) are not answered. Slots stand in
    numeric order, as texts. Names of members are sorted, as RFC 8785 asks.
    """
    answered = ",".join(f'["{slot}",{response}]' for slot, response in sorted(answers) if response != "[]")
    text = f'{{"answers":[{answered}],"nonce":{json.dumps(nonce)},"paper":{json.dumps(paper)},"sitting":{sitting_id},"v":1}}'
    return hashlib.sha256(text.encode()).hexdigest()


def text_digest(text: str) -> str:
    """SHA-256 (hex) of a text in UTF-8: of the commitment that is signed, and of the notice that is agreed to."""
    return hashlib.sha256(text.encode()).hexdigest()


def receipt_code(number: int) -> str:
    """A number below 2**50 as ten letters and digits in two groups: ``7K2QF-9XW0D``."""
    letters = "".join(CODE_ALPHABET[(number >> shift) & 31] for shift in range(45, -5, -5))
    return f"{letters[:5]}-{letters[5:]}"


def normalised_code(typed: str) -> str:
    """What somebody typed, as letters and digits of the alphabet: case, spaces, dashes and look-alikes are forgiven.

    Returns an empty text when something else stands in it.
    """
    plain = "".join(typed.split()).replace("-", "").replace("—", "").replace("–", "").upper()
    plain = plain.translate(_FULL_WIDTH).translate(_LOOK_ALIKES)
    return plain if all(letter in CODE_ALPHABET for letter in plain) else ""


_FULL_WIDTH = {0xFF01 + offset: 0x21 + offset for offset in range(94)} | {ord("－"): None, ord("−"): None}
_LOOK_ALIKES = str.maketrans("OIL", "011")
