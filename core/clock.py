"""The only clock of the platform.

Every decision about time takes the instant as an argument; whoever needs "now" asks this clock, so that tests can set it.
"""

from datetime import UTC, datetime, timedelta


class Clock:
    """Tells the current instant as an aware UTC datetime; a test may stop it or move it."""

    def __init__(self) -> None:
        self._stopped_at: datetime | None = None

    def now(self) -> datetime:
        """Return the current instant, aware, in UTC."""
        return self._stopped_at or datetime.now(UTC)

    def stop_at(self, instant: datetime) -> None:
        """Stop the clock at an aware instant. For tests and replays only."""
        if instant.tzinfo is None:
            raise ValueError("the clock takes aware datetimes only")
        self._stopped_at = instant.astimezone(UTC)

    def advance(self, **delta: float) -> None:
        """Move a stopped clock by ``timedelta(**delta)``."""
        self.stop_at(self.now() + timedelta(**delta))

    def run(self) -> None:
        """Let the clock follow the machine's time again."""
        self._stopped_at = None


clock = Clock()


def to_milliseconds(instant: datetime) -> int:
    """Milliseconds since 1970-01-01T00:00Z, exact, truncated below the millisecond."""
    delta = instant.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return delta // timedelta(milliseconds=1)


def from_milliseconds(milliseconds: int) -> datetime:
    """The aware UTC instant of ``to_milliseconds``."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)


def iso(instant: datetime) -> str:
    """``2026-11-23T01:02:03.004Z``: how instants stand in JSON for browsers and other systems."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
