"""What this process did lately, so that it is not done again for every request of a flood."""

from collections.abc import Hashable
from datetime import datetime, timedelta

from core.kept import Kept


class Lately:
    """Keys with the time at which they were added, each forgotten after ``span``; at most ``most`` of them."""

    def __init__(self, span: timedelta, most: int) -> None:
        self._span = span
        self._added: Kept[Hashable, datetime] = Kept(most)

    def holds(self, key: Hashable, now: datetime) -> bool:
        """Whether the key was added less than ``span`` ago; a clock that was set back forgets it."""
        at = self._added.get(key)
        return at is not None and timedelta() <= now - at < self._span

    def add(self, key: Hashable, now: datetime) -> None:
        """Remember the key from now on."""
        self._added.keep(key, now)
