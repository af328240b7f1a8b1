"""What a page may tell about being left, and when that is worth a person's look. Pure.

Each session sets where the first thresholds lie. Crossing one notes a fact; nothing else follows from it.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeGuard

HIDDEN, BLUR, FULL_SCREEN, PASTE, COPY, PRINT = KINDS = ("hidden", "blur", "fullscreen", "paste", "copy", "print")
LEAVING = (HIDDEN, BLUR)
COUNTS_FROM = 1  # seconds from which an absence counts among many
# The thresholds above the first are these multiples of it; each is noted once in a sitting.
_LONG_STEPS = (1, 4, 20)
_MANY_STEPS = (1, 2, 4)

MOST_EVENTS = 50  # a call
MOST_KEPT = 500  # a sitting
LONGEST_SECONDS = 24 * 3600
LARGEST_NUMBER = 2**31 - 1
PAGE_NAME = re.compile(r"[0-9a-z]{8,32}")


@dataclass(frozen=True, slots=True)
class Noted:
    """One thing that a page noted; ``seconds`` None where it has no length."""

    number: int
    kind: str
    at: datetime
    seconds: int | None


@dataclass(frozen=True, slots=True)
class Absence:
    """The page was out of sight or without the focus from ``at`` on."""

    at: datetime
    seconds: int


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Where noting begins: one absence longer than ``seconds``, and that many ``times``. 0: never."""

    seconds: int = 30
    times: int = 5

    @property
    def long(self) -> tuple[int, ...]:
        """Seconds beyond which one absence is noted, and noted again."""
        return tuple(self.seconds * step for step in _LONG_STEPS) if self.seconds else ()

    @property
    def many(self) -> tuple[int, ...]:
        """Numbers of absences that are noted, and noted again."""
        return tuple(self.times * step for step in _MANY_STEPS) if self.times else ()


@dataclass(frozen=True, slots=True)
class Crossing:
    """Thresholds of one kind that were newly crossed, the highest of them, and the absences that did it."""

    names: tuple[str, ...]
    limit: int
    absences: tuple[Absence, ...]


def check_event(sent: object) -> Noted | None:
    """One event as it was sent: ``{"number", "kind", "at", "seconds"}``; None when it is not of that shape."""
    if not isinstance(sent, dict):
        return None
    number, kind, at, seconds = (sent.get(name) for name in ("number", "kind", "at", "seconds"))
    instant = _instant(at)
    if not _is_whole(number, 1, LARGEST_NUMBER) or kind not in KINDS or instant is None:
        return None
    if seconds is None and kind in (*LEAVING, FULL_SCREEN):
        return None
    if seconds is not None and not _is_whole(seconds, 0, LONGEST_SECONDS):
        return None
    return Noted(number, str(kind), instant, seconds)


def _is_whole(value: object, low: int, high: int) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def _instant(text: object) -> datetime | None:
    if not isinstance(text, str) or len(text) > 40:
        return None
    try:
        instant = datetime.fromisoformat(text)
        return instant.astimezone(UTC) if instant.tzinfo else None
    except (ValueError, OverflowError):
        return None


def absences(events: Iterable[tuple[str, datetime, int | None, datetime]], started_at: datetime) -> list[Absence]:
    """The absences among (kind, the page's time, seconds, time of receipt), in the order of time.

    A page cannot have been left before the sitting began nor after it told so: times and lengths are held within that.
    """
    found = []
    for kind, at, seconds, received_at in events:
        if kind in LEAVING:
            begun = min(max(at, started_at), max(received_at, started_at))
            longest = max(received_at - begun, timedelta()) // timedelta(seconds=1)
            found.append(Absence(begun, min(seconds or 0, longest)))
    return sorted(found, key=lambda one: one.at)


def crossings(left: Sequence[Absence], noted: Iterable[str], limits: Thresholds) -> list[Crossing]:
    """What is to be noted now: at most one crossing by the longest absence and one by their number."""
    known = set(noted)
    longest = max(left, key=lambda one: one.seconds, default=None)
    counted = [one for one in left if one.seconds >= COUNTS_FROM]
    long = {f"longer-{step}": step for step in limits.long if longest and longest.seconds > step}
    many = {f"times-{step}": step for step in limits.many if len(counted) >= step}
    found = []
    for names, about in ((long, (longest,)), (many, tuple(counted))):
        fresh = {name: step for name, step in names.items() if name not in known}
        if fresh:
            found.append(Crossing(tuple(fresh), max(fresh.values()), tuple(one for one in about if one)))
    return found
