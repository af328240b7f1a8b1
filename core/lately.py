"""What this process did lately, so that it is not done again for every request of a flood."""

from collections import OrderedDict
from collections.abc import Hashable
from datetime import datetime, timedelta
from threading import Lock


class Lately:
    """Keys with the time at which they were added, each forgotten after ``span``; beyond ``most`` the oldest go first."""

    def __init__(self, span: timedelta, most: int) -> None:
        self._span, self._most = span, most
        self._added: OrderedDict[Hashable, datetime] = OrderedDict()
        self._lock = Lock()

    def holds(self, key: Hashable, now: datetime) -> bool:
        """Whether the key was added less than ``span`` ago; a clock that was set back forgets it."""
        with self._lock:
            at = self._added.get(key)
        return at is not None and timedelta() <= now - at < self._span

    def add(self, key: Hashable, now: datetime) -> None:
        """Remember the key from now on."""
        with self._lock:
            self._added[key] = now
            self._added.move_to_end(key)
            while len(self._added) > self._most:
                self._added.popitem(last=False)
