"""When a session's times make sense, and how far a session has come. Pure: the time is an argument."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

LONGEST = timedelta(hours=12)  # of one person's working time
GRACE_SECONDS = 10


class Mode(StrEnum):
    """How a session runs: everybody at once, or anybody within some days."""

    FIXED = "fixed"
    WINDOW = "window"


class TimeFault(StrEnum):
    """What is wrong with the times of a session; each has one sentence in ``words.TIME_FAULTS``."""

    ENDS_BEFORE_START = "ends_before_start"
    ADMISSION_AFTER_START = "admission_after_start"
    TOO_LONG = "too_long"
    NO_DURATION = "no_duration"
    LONGER_THAN_WINDOW = "longer_than_window"
    LATE_ENTRY_AFTER_END = "late_entry_after_end"
    SUBMISSION_AFTER_END = "submission_after_end"


class Phase(StrEnum):
    """How far a session has come by the clock."""

    AHEAD = "ahead"
    ADMITTING = "admitting"
    RUNNING = "running"
    OVER = "over"


@dataclass(frozen=True)
class Times:
    """The times of a session; durations in seconds. ``latest_start_seconds`` None: one may begin to the very end."""

    mode: Mode
    admission_opens_at: datetime
    starts_at: datetime
    ends_at: datetime
    duration_seconds: int
    latest_start_seconds: int | None = None
    earliest_submission_seconds: int = 0
    grace_seconds: int = GRACE_SECONDS


def time_faults(times: Times) -> list[TimeFault]:
    """What is wrong with the times; empty when they make sense."""
    faults = []
    length = times.ends_at - times.starts_at
    duration = timedelta(seconds=times.duration_seconds)
    if length <= timedelta():
        faults.append(TimeFault.ENDS_BEFORE_START)
    if times.admission_opens_at > times.starts_at:
        faults.append(TimeFault.ADMISSION_AFTER_START)
    if duration <= timedelta():
        faults.append(TimeFault.NO_DURATION)
    if duration > LONGEST:
        faults.append(TimeFault.TOO_LONG)
    if duration > length > timedelta():
        faults.append(TimeFault.LONGER_THAN_WINDOW)
    if times.latest_start_seconds is not None and times.latest_start_seconds > times.duration_seconds > 0:
        faults.append(TimeFault.LATE_ENTRY_AFTER_END)
    if times.earliest_submission_seconds > times.duration_seconds > 0:
        faults.append(TimeFault.SUBMISSION_AFTER_END)
    return faults


def phase(opens_at: datetime, starts_at: datetime, ends_at: datetime, now: datetime) -> Phase:
    """How far a session has come by the clock; at an instant the later phase holds."""
    if now >= ends_at:
        return Phase.OVER
    if now >= starts_at:
        return Phase.RUNNING
    return Phase.ADMITTING if now >= opens_at else Phase.AHEAD


def next_numbers(prefix: str, taken: Iterable[str], count: int) -> list[str]:
    """``count`` admission numbers ``prefix`` + four digits (more when they run out), after the highest one taken."""
    serials = [
        int(number[len(prefix) :])
        for number in taken
        if number.startswith(prefix) and number[len(prefix) :].isascii() and number[len(prefix) :].isdigit()
    ]
    first = max(serials, default=0) + 1
    return [f"{prefix}{serial:04d}" for serial in range(first, first + count)]
