"""What a room's page polls: each process looks at a session once for all who watch any of its rooms.

Fifty people poll every few seconds, in a hall where somebody saves at every moment. A look counts every room's seats and
incidents; how the seats of a page stand is read when it is asked for, once for all who have it open. A card is put into
words again only when it says something else. What is told is never older than ``FRESH``. Who sits where is listed again
when a room has more or fewer people than listed, when somebody of a room is found elsewhere, and after ``LISTED``.
"""

import hashlib
import json
from collections import Counter, OrderedDict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import chain
from threading import Lock
from typing import Any

from flask import current_app

from core.clock import to_milliseconds
from core.i18n import chosen_language
from exam.invigilation import statements
from exam.invigilation.board import card, figures, items
from exam.invigilation.progress import progress
from exam.invigilation.rules import Seat
from exam.invigilation.statements import Seated, SeatRow, Watch

CARDS = 120  # a page of cards: a whole room
FRESH = timedelta(seconds=2)
LISTED = timedelta(minutes=2)  # to list 4,000 people costs as much as forty polls
MOST = 1000  # boards of a session, sessions

Render = Callable[[int], tuple[str, frozenset[int]]]


@dataclass(frozen=True, slots=True)
class Shown:
    """Which cards a page shows: a search, and the page of its result from 1."""

    search: str = ""
    page: int = 1

    def choose(self, people: Sequence[Seated]) -> Sequence[Seated]:
        """Whom the page shows of the people of its post; a page beyond the end is the last one."""
        word = self.search.lower()
        found = [one for one in people if word in one.name.lower() or word in one.number.lower()] if word else people
        page = min(max(1, self.page), max(1, -(-len(found) // CARDS)))
        return found[(page - 1) * CARDS : page * CARDS]


class Look:
    """A session as it was at one instant: figures and incidents of every post."""

    def __init__(self, watch: Watch, now: datetime) -> None:
        self.at = now
        # Before the incidents themselves: what comes in between is told again by the next poll, never missed.
        self._incidents = statements.incidents(watch)
        self._counts: dict[int | None, list[tuple[str, int]]] = {}
        for room, seat, count in statements.counts(watch, to_milliseconds(now)):
            self._counts.setdefault(room, []).append((seat, count))
        self._whole: str | None = None

    def people(self, room: int | None) -> int:
        """How many people sit in a room."""
        return sum(count for _seat, count in self._counts.get(room, ()))

    def figures(self, post: int | None) -> str:
        """The figures of a room, or for None of the whole session, as JSON."""
        if post is not None:
            return _figures(tuple(sorted(self._counts.get(post, ()))))
        if self._whole is None:
            counted: Counter[str] = Counter()
            for seat, count in chain(*self._counts.values()):
                counted[seat] += count
            self._whole = _figures(tuple(sorted(counted.items())))
        return self._whole

    @property
    def rooms(self) -> Iterable[int | None]:
        """The rooms in which somebody sits; None for who has no room."""
        return self._counts

    def incidents(self, post: int | None) -> tuple[int, int]:
        """How many incidents a post has, and how many of them are signed."""
        if post is not None:
            return self._incidents.get(post, (0, 0))
        return sum(one[0] for one in self._incidents.values()), sum(one[1] for one in self._incidents.values())


@lru_cache(maxsize=4096)
def _figures(counts: tuple[tuple[str, int], ...]) -> str:
    """The figures where so many seats stand so; most rooms of a hall stand alike."""
    return json.dumps(figures({Seat(seat): count for seat, count in counts}))


class Roster:
    """Who sits where in a session, as listed at an instant."""

    def __init__(self, watch: Watch, now: datetime) -> None:
        self.at = now
        self.outdated = False
        self._everybody = statements.roster(watch)
        self._rooms: dict[int | None, list[Seated]] = {}
        for one in self._everybody:
            self._rooms.setdefault(one.room_id, []).append(one)
        self._fitted: dict[int | None, Look] = {}  # by post: the last look at which it was true

    def fits(self, look: Look, post: int | None) -> bool:
        """Whether it may still be true of a post at this look: it was listed lately, and as many sit in every room."""
        if self.outdated:
            return False
        if self._fitted.get(post) is not look:
            rooms = {*self._rooms, *look.rooms} if post is None else {post}
            if not _within(LISTED, self.at, look.at) or any(
                look.people(one) != len(self.people_in(one)) for one in rooms
            ):
                return False
            self._fitted[post] = look
        return True

    def people_in(self, room: int | None) -> Sequence[Seated]:
        """Those of a room, or for None those without one, in the order of the seats."""
        return self._rooms.get(room, [])

    def people(self, post: int | None) -> Sequence[Seated]:
        """Those of a post, which for None is the whole session, room by room."""
        return self._everybody if post is None else self.people_in(post)


@dataclass(slots=True)
class Board:
    """The cards of one page in one language as JSON in UTF-8, for everybody who has it open."""

    post: int | None
    shown: Shown
    json: bytes = b""
    digest: str = ""
    _made_at: datetime | None = None
    _roster: Roster | None = None
    _sittings: list[int] = field(default_factory=list)
    _heads: dict[int, tuple[SeatRow, str]] = field(default_factory=dict)

    def make(self, watch: Watch, now: datetime, roster: Roster, *, anew: bool) -> None:
        """Read how its seats stand, and put into words what has changed; nothing to do while it is fresh."""
        if self._made_at and not anew and _within(FRESH, self._made_at, now):
            return
        if self._roster is not roster:
            self._roster = roster
            self._sittings = [one.sitting_id for one in self.shown.choose(roster.people(self.post))]
        found = progress().seats(watch, self._sittings, to_milliseconds(now))
        seats = [found[one] for one in self._sittings if one in found]
        # Whoever was moved since the list was made is another room's from this moment on.
        here = [(row, answered) for row, answered in seats if self.post in (None, row.room_id)]
        roster.outdated |= len(here) < len(self._sittings)
        total = items(watch)
        self._heads = {row.sitting_id: self._head(row, total) for row, _answered in here}
        self._made_at = now
        # Nearly every change is one more answer: the number alone is written anew.
        cards = [f'{self._heads[row.sitting_id][1]}, "answered": {answered}}}' for row, answered in here]
        self.json = f'{{"cards": [{", ".join(cards)}]'.encode()
        self.digest = hashlib.sha256(self.json).hexdigest()

    def _head(self, row: SeatRow, total: int) -> tuple[SeatRow, str]:
        known = self._heads.get(row.sitting_id)
        if known and known[0] == row:
            return known
        return row, json.dumps(card(row, total), ensure_ascii=False)[:-1]


@dataclass(frozen=True, slots=True)
class Told:
    """The incidents as a viewer sees them, at these marks; ``recorders``: to whom they look otherwise."""

    marks: Hashable
    json: str
    recorders: frozenset[int]


@dataclass(frozen=True, slots=True)
class Live:
    """What one viewer is answered, as JSON in UTF-8 that lacks its last brace. ``etag`` changes with every word of it."""

    json: bytes
    etag: str


class Hall:
    """What this process knows of one session, for all who watch it."""

    def __init__(self) -> None:
        self._boards: OrderedDict[Hashable, Board] = OrderedDict()
        self._told: OrderedDict[Hashable, Told] = OrderedDict()
        self._roster: Roster | None = None
        self._look: Look | None = None
        self._lock = Lock()

    def live(self, watch: Watch, shown: Shown, now: datetime, render: Render, *, anew: bool = False) -> Live:
        """What is to be told at ``now``. ``render`` gives the incidents as an account sees them (0: whoever recorded
        none), and who recorded some; ``anew``: whatever is kept."""
        place = (watch.room_id, chosen_language())
        # One at a time: whoever waits finds what the first one saw.
        with self._lock:
            board = self._boards.get((place, shown)) or Board(watch.room_id, shown)
            _keep(self._boards, (place, shown), board)
            look, roster = self._look_again(watch, now, anew=anew)
            board.make(watch, now, roster, anew=anew)
            counted = look.figures(watch.room_id)
            marks = (watch.exam_state, look.incidents(watch.room_id))
            told = self._tell(place, 0, marks, render)
            if watch.account_id in told.recorders:
                told = self._tell(place, watch.account_id, marks, render)
        digest = hashlib.sha256(f"{place}{board.digest}{counted}{watch.account_id}{told.json}".encode()).hexdigest()
        return Live(board.json + f', "figures": {counted}, "incidents_html": {told.json}'.encode(), digest[:32])

    def _look_again(self, watch: Watch, now: datetime, *, anew: bool) -> tuple[Look, Roster]:
        if anew or not self._look or not _within(FRESH, self._look.at, now):
            self._look = Look(watch, now)
        if anew or not self._roster or not self._roster.fits(self._look, watch.room_id):
            self._roster = Roster(watch, now)
        return self._look, self._roster

    def _tell(self, place: Hashable, viewer: int, marks: Hashable, render: Render) -> Told:
        told = self._told.get((place, viewer))
        if told is None or told.marks != marks:
            html, recorders = render(viewer)
            told = Told(marks, json.dumps(html, ensure_ascii=False), recorders)
            _keep(self._told, (place, viewer), told)
        return told


def _within(span: timedelta, begun: datetime, now: datetime) -> bool:
    # A clock may be set back; and who waited for another's look may have come before it.
    return abs(now - begun) < span


def _keep(shelf: OrderedDict[Hashable, Any], key: Hashable, thing: object) -> None:
    shelf.pop(key, None)
    shelf[key] = thing
    while len(shelf) > MOST:
        shelf.popitem(last=False)


class Halls:
    """The sessions that were watched lately."""

    def __init__(self) -> None:
        self._halls: OrderedDict[Hashable, Hall] = OrderedDict()
        self._lock = Lock()

    def of(self, session_id: int) -> Hall:
        """What is known of this session."""
        with self._lock:
            hall = self._halls.get(session_id) or Hall()
            _keep(self._halls, session_id, hall)
        return hall


def halls() -> Halls:
    """This application's halls."""
    kept: Halls = current_app.extensions.setdefault("invigilation_halls", Halls())
    return kept
