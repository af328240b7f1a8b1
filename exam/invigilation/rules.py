"""How a seat looks from the invigilator's desk. Pure: the time is an argument."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from fractions import Fraction

from core.natural_order import natural_key
from exam.sittings.rules import RUNNING, effective_state

# A device that is there saves or asks at least twice a minute.
SILENT_AFTER = timedelta(seconds=90)


class Seat(StrEnum):
    """What a card says, in a word and a shape."""

    LEAVE = "leave"
    EXPECTED = "expected"
    MISSED = "missed"
    ADMITTED = "admitted"
    OPEN = "open"
    SILENT = "silent"
    PAUSED = "paused"
    CLOSED = "closed"


# Whose time may be changed how; the services' conditional UPDATEs decide.
MAY_CHANGE = {
    "extra": frozenset(Seat) - {Seat.CLOSED},
    "pause": frozenset({Seat.OPEN, Seat.SILENT}),
    "resume": frozenset({Seat.PAUSED}),
}


# What is looked for among many: the figures over a post, each by how its people stand.
GROUPS = {
    "missing": frozenset({Seat.EXPECTED, Seat.MISSED}),
    "admitted": frozenset({Seat.ADMITTED}),
    "working": frozenset({Seat.OPEN, Seat.SILENT, Seat.PAUSED}),
    "silent": frozenset({Seat.SILENT}),
    "paused": frozenset({Seat.PAUSED}),
    "closed": frozenset({Seat.CLOSED}),
    "leave": frozenset({Seat.LEAVE}),
}


def digest_of_extra(given: Iterable[tuple[int, int]]) -> str:
    """What a form for extra time was shown: of each sitting how many extra seconds it had; ``given``: (sitting, seconds)."""
    return hashlib.sha256(repr(sorted(given)).encode()).hexdigest()


@dataclass(frozen=True)
class Facts:
    """What is stored about one sitting; ``ends_at`` is the session's end."""

    state: str
    on_leave: bool
    begun: bool
    deadline: datetime | None
    grace_seconds: int
    last_seen_at: datetime | None
    ends_at: datetime


def seat_of(facts: Facts, now: datetime) -> Seat:
    """What the card says at ``now``."""
    state = effective_state(facts.state, facts.deadline, facts.grace_seconds, now)
    if state == "closed":
        return Seat.CLOSED if facts.begun else Seat.MISSED
    if state == "paused":
        return Seat.PAUSED
    if state in RUNNING:
        return Seat.SILENT if silent_minutes(facts, now) else Seat.OPEN
    if facts.on_leave:
        return Seat.LEAVE
    if now >= facts.ends_at:
        return Seat.MISSED
    return Seat.ADMITTED if state == "admitted" else Seat.EXPECTED


def silent_minutes(facts: Facts, now: datetime) -> int:
    """For how many whole minutes nothing has been heard, at least 1; 0 while the device is there."""
    if facts.last_seen_at is None or now - facts.last_seen_at < SILENT_AFTER:
        return 0
    return (now - facts.last_seen_at) // timedelta(minutes=1)


@dataclass(frozen=True)
class Turnout:
    """The figures over a room: who is expected (leave excluded), who came, and how they are."""

    expected: int
    came: int
    counts: Counter[Seat]

    @property
    def percent(self) -> str:
        """参考率 with one decimal, rounded half up: 97.5; a dash where nobody is expected."""
        if not self.expected:
            return "—"
        tenths = (self.came * 2000 + self.expected) // (2 * self.expected)
        return f"{tenths // 10}.{tenths % 10}"


def turnout(seats: Iterable[Seat] | Mapping[Seat, int]) -> Turnout:
    """Count the seats of a room; or take how many stand so, where they are counted already."""
    counts = Counter(seats)
    expected = sum(counts.values()) - counts[Seat.LEAVE]
    came = expected - counts[Seat.EXPECTED] - counts[Seat.MISSED]
    return Turnout(expected, came, counts)


@dataclass(frozen=True)
class UnitTurnout:
    """参考率 of one unit, with the names of whoever did not come (not yet, while the session runs)."""

    unit: str
    turnout: Turnout
    absent: tuple[str, ...]

    @property
    def share(self) -> Fraction:
        """The exact share for sorting; below every other where nobody is expected."""
        return Fraction(self.turnout.came, self.turnout.expected) if self.turnout.expected else Fraction(-1)


def turnout_by_unit(people: Iterable[tuple[str, str, Seat]]) -> list[UnitTurnout]:
    """The turnout of each unit in the order of their names; ``people``: unit, name, seat."""
    units: dict[str, list[tuple[str, Seat]]] = {}
    for unit, name, seat in people:
        units.setdefault(unit, []).append((name, seat))
    return [
        UnitTurnout(
            unit,
            turnout(seat for _name, seat in rows),
            tuple(name for name, seat in rows if seat in (Seat.EXPECTED, Seat.MISSED)),
        )
        for unit, rows in sorted(units.items(), key=lambda one: natural_key(one[0]))
    ]
