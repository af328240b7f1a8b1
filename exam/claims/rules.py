"""Offline hand-in, pure: the journal's code, the shape of a sealed journal, and which of its steps may be proposed.

A sealed file holds the journal as the RFC 8785 (JCS) form, in UTF-8, of ``{"v": 1, "sitting", "paper", "nonce",
"steps": [[binding, seq, slot, response, at], …]}``, steps in the order of (binding, seq). The code is made of these
bytes: the first 40 bits of PBKDF2-HMAC-SHA-256 (password: the bytes' SHA-256 digest, salt: the nonce in ASCII, 200,000
rounds), as eight characters of Crockford's base 32. A bare digest of 40 bits could be matched by a forger within the
half hour in which files are taken; stretched it cannot (docs/adr/0019).
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from exam.sittings.rules import CODE_ALPHABET, normalised_code

CODE_LENGTH = 8
ROUNDS = 200_000
MOST_STEPS = 20_000
LARGEST_NUMBER = 2**31 - 1
PROPOSED = "proposed"
# The candidate's first answer may carry a stamp from before the server's own start: the clock is corrected by round trips.
SLACK = timedelta(seconds=5)

StepKey = tuple[int, int]
Canonical = Callable[[str, object], str | None]


class NoJournal(ValueError):
    """The plaintext is no journal of the expected form."""


@dataclass(frozen=True, slots=True)
class ClaimedStep:
    """One step as the file states it."""

    binding: int
    seq: int
    slot: str
    response: Any
    at: str


@dataclass(frozen=True, slots=True)
class Journal:
    """A journal as the file states it."""

    sitting: int
    paper: str
    nonce: str
    steps: tuple[ClaimedStep, ...]


@dataclass(frozen=True, slots=True)
class JudgedStep:
    """A claimed step with its judgement; ``response`` canonical JSON where it could be read."""

    step: ClaimedStep
    response: str
    judgement: str


@dataclass(frozen=True, slots=True)
class Bounds:
    """Between which instants (the end excluded) and up to which binding steps may be proposed."""

    started_at: datetime
    until: datetime
    binding: int


def journal_code(plaintext: bytes, nonce: str) -> str:
    """The eight characters that stand for a journal."""
    digest = hashlib.sha256(plaintext).digest()
    bits = int.from_bytes(hashlib.pbkdf2_hmac("sha256", digest, nonce.encode(), ROUNDS, 5), "big")
    return "".join(CODE_ALPHABET[(bits >> shift) & 31] for shift in range(35, -5, -5))


def read_code(typed: str) -> str:
    """A code as somebody typed it, look-alikes and dashes forgiven; empty when it is none."""
    plain = normalised_code(typed[:64])
    return plain if len(plain) == CODE_LENGTH else ""


def show_code(code: str) -> str:
    """``7K2Q-9XW0``."""
    return f"{code[:4]}-{code[4:]}"


def read_journal(plaintext: bytes) -> Journal:
    """Read a journal. Raises ``NoJournal`` for anything else, whatever it is."""
    try:
        document = json.loads(plaintext)
    except (ValueError, RecursionError):
        raise NoJournal("not JSON") from None
    if not isinstance(document, dict) or document.get("v") != 1 or not isinstance(document.get("steps"), list):
        raise NoJournal("not a journal of version 1")
    sitting, paper, nonce = (document.get(name) for name in ("sitting", "paper", "nonce"))
    if type(sitting) is not int or not isinstance(paper, str) or not isinstance(nonce, str) or not nonce.isascii():
        raise NoJournal("the head is not complete")
    if len(document["steps"]) > MOST_STEPS:
        raise NoJournal("too many steps")
    steps = tuple(_read_step(sent) for sent in document["steps"])
    if len({(step.binding, step.seq) for step in steps}) < len(steps):
        raise NoJournal("a number twice")
    return Journal(sitting, paper, nonce, steps)


def _is_number(value: object) -> bool:
    return type(value) is int and 0 < value <= LARGEST_NUMBER


def _read_step(sent: object) -> ClaimedStep:
    if not isinstance(sent, list) or len(sent) != 5:
        raise NoJournal("a step of another shape")
    binding, seq, slot, response, at = sent
    if not _is_number(binding) or not _is_number(seq) or not _is_short(slot, 16) or not _is_short(at, 40):
        raise NoJournal("a step of another shape")
    return ClaimedStep(binding, seq, slot, response, at)


def _is_short(value: object, most: int) -> bool:
    return isinstance(value, str) and len(value) <= most and value.isascii() and value.isprintable()


def judge(
    steps: Iterable[ClaimedStep], stored: Mapping[StepKey, tuple[str, str]], bounds: Bounds, canonical: Canonical
) -> list[JudgedStep]:
    """Judge every step. ``stored``: (slot, response) of the steps that the server has, by number.

    ``canonical`` gives a response's stored form, ``None`` for an unknown slot or a response of the wrong shape.
    """
    return [_judged(step, stored, bounds, canonical) for step in steps]


def _judged(
    step: ClaimedStep, stored: Mapping[StepKey, tuple[str, str]], bounds: Bounds, canonical: Canonical
) -> JudgedStep:
    response = canonical(step.slot, step.response)
    if response is None:
        return JudgedStep(step, "", "unreadable")
    held = stored.get((step.binding, step.seq))
    if held is not None:
        return JudgedStep(step, response, "known" if held == (step.slot, response) else "conflict")
    if step.binding > bounds.binding:
        return JudgedStep(step, response, "conflict")
    at = instant(step.at)
    if at is None or at >= bounds.until:
        return JudgedStep(step, response, "too_late")
    return JudgedStep(step, response, "too_early" if at < bounds.started_at - SLACK else PROPOSED)


def instant(text: str) -> datetime | None:
    """An aware instant as browsers write it (``2026-11-23T04:00:00.000Z``); None for anything else."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return None if found.tzinfo is None else found.astimezone(UTC)
