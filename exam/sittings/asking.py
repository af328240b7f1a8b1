"""How often candidates' pages ask how they stand.

A page waits up to a third longer than it is told, so three seconds bring a pause or extra time to every page within five.
Where more sit at once than may ask so often, they ask less often: their saves come first, and each save tells it too.
"""

from datetime import datetime, timedelta
from threading import Lock

from flask import current_app

from core.clock import to_milliseconds
from exam.answers import statements

MOST_A_SECOND = 250
OFTEN, SELDOM = 3, 15  # seconds
COUNTED_EVERY = timedelta(minutes=1)


def seconds_between(candidates: int) -> int:
    """The seconds between two questions of one page while so many sit at once."""
    return min(SELDOM, max(OFTEN, -(-candidates // MOST_A_SECOND)))


class Crowd:
    """How many sit at this time, counted once a minute."""

    def __init__(self) -> None:
        self._count = 0
        self._counted_at: datetime | None = None
        self._lock = Lock()

    def count(self, now: datetime) -> int:
        """The sittings that are running, and those of a session under way that have yet to begin."""
        with self._lock:
            at = self._counted_at
            if at is None or not timedelta() <= now - at < COUNTED_EVERY:
                self._count, self._counted_at = statements.sitting_now(to_milliseconds(now)), now
            return self._count


def poll_seconds(now: datetime) -> int:
    """What a page that is opened now is told."""
    crowd: Crowd = current_app.extensions.setdefault("crowd", Crowd())
    return seconds_between(crowd.count(now))
