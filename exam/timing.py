"""Time in a sitting, in one place and pure: every instant is an argument, aware and in UTC.

The rule that all others rest on: something counts when it was received *before* deadline + grace. What is received
exactly at deadline + grace is late, and at that instant the sitting is overdue.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

Mode = Literal["fixed", "window"]
ZERO = timedelta(0)


@dataclass(frozen=True, slots=True)
class Times:
    """What an exam session says about time. ``latest_start_seconds`` None: one may begin until the end."""

    mode: str  # Mode
    starts_at: datetime
    ends_at: datetime
    duration_seconds: int
    latest_start_seconds: int | None = None
    earliest_submission_seconds: int = 0


def deadline(times: Times, started_at: datetime, extra_seconds: int = 0) -> datetime:
    """When the time of a sitting that started at ``started_at`` is up.

    Fixed session: the session's end. Window: the earlier of start + duration and the window's end. Extra time is added
    to either.
    """
    if times.mode == "fixed":
        end = times.ends_at
    else:
        end = min(started_at + timedelta(seconds=times.duration_seconds), times.ends_at)
    return end + timedelta(seconds=extra_seconds)


def remaining(now: datetime, until: datetime) -> timedelta:
    """The time left, never negative."""
    return max(until - now, ZERO)


def accepts(received_at: datetime, until: datetime, grace_seconds: int) -> bool:
    """Whether something received at ``received_at`` still counts: strictly before deadline + grace."""
    return received_at < until + timedelta(seconds=grace_seconds)


def latest_start(times: Times, extra_seconds: int = 0) -> datetime:
    """From this instant on nobody may begin any more: the session's end (with extra time), or earlier if it says so."""
    end = times.ends_at + timedelta(seconds=extra_seconds)
    if times.latest_start_seconds is None:
        return end
    return min(times.starts_at + timedelta(seconds=times.latest_start_seconds), end)


def start_refusal(times: Times, now: datetime, extra_seconds: int = 0) -> Literal["not_open", "late", "closed"] | None:
    """Why nobody may begin at ``now``: too early, after the latest start, after the end; None when one may."""
    if now < times.starts_at:
        return "not_open"
    if now >= times.ends_at + timedelta(seconds=extra_seconds):
        return "closed"
    return "late" if now >= latest_start(times, extra_seconds) else None


def earliest_submission(times: Times, started_at: datetime) -> datetime:
    """Before this instant nobody may hand in; counted from the common start, in a window from one's own."""
    begin = times.starts_at if times.mode == "fixed" else started_at
    return begin + timedelta(seconds=times.earliest_submission_seconds)


def after_pause(until: datetime, paused_at: datetime, resumed_at: datetime) -> datetime:
    """The deadline after a pause: as much later as the pause was long."""
    return until + max(resumed_at - paused_at, ZERO)
