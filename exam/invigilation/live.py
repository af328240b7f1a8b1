"""What a room's page polls: made once for all who watch the same, kept while nothing has changed.

Fifty people poll every few seconds, in a hall where somebody saves at every moment. An act upon a sitting or an
incident is told within ``FRESH`` (by ``statements.marks``), answers, silence, leave and lock-outs within ``KEPT``.
"""

import hashlib
import json
from collections import OrderedDict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Lock
from typing import Any

from flask import current_app

from core.i18n import short_language
from exam.invigilation import statements
from exam.invigilation.board import document
from exam.invigilation.statements import Marks, SeatRow, Watch

CARDS = 120  # a page of cards: a whole room
FRESH = timedelta(seconds=1)  # a whole hall that starts costs one board a second, however many watch it
KEPT = timedelta(seconds=10)
MOST = 300


@dataclass(frozen=True, slots=True)
class Shown:
    """Which cards a page shows: a search, and the page of its result from 1."""

    search: str = ""
    page: int = 1

    def choose(self, rows: Sequence[SeatRow]) -> Collection[SeatRow]:
        """The rows of the page; a page beyond the end is the last one."""
        word = self.search.lower()
        found = [row for row in rows if word in row.name.lower() or word in row.number.lower()] if word else rows
        page = min(max(1, self.page), max(1, -(-len(found) // CARDS)))
        return found[(page - 1) * CARDS : page * CARDS]


@dataclass(frozen=True, slots=True)
class Board:
    """Cards and figures as JSON without its last brace, when they were made; the marks, and when these were looked at."""

    json: str
    digest: str
    made_at: datetime
    marks: Marks
    looked_at: datetime


@dataclass(frozen=True, slots=True)
class Told:
    """The incidents as a viewer sees them, at these marks; ``recorders``: to whom they look otherwise."""

    marks: tuple[Any, ...]
    html: str
    recorders: frozenset[int]


@dataclass(frozen=True, slots=True)
class Live:
    """What one viewer is answered; ``json`` lacks its last brace. ``etag`` changes with every word of it."""

    json: str
    etag: str


Render = Callable[[int], tuple[str, frozenset[int]]]


class Boards:
    """The boards that this process has made lately, and the incidents as its viewers saw them."""

    def __init__(self) -> None:
        self._boards: OrderedDict[tuple[object, ...], Board] = OrderedDict()
        self._told: OrderedDict[tuple[object, ...], Told] = OrderedDict()
        self._lock = Lock()

    def live(self, watch: Watch, shown: Shown, now: datetime, render: Render, *, anew: bool = False) -> Live:
        """What is to be told at ``now``. ``render`` gives the incidents as an account sees them (0: whoever recorded
        none), and who recorded some; ``anew``: whatever is kept."""
        place = (watch.session_id, watch.room_id, short_language())
        # One at a time: whoever waits finds what the first one made.
        with self._lock:
            board = self._board(watch, shown, now, place, anew)
            told = self._incidents(place, 0, board.marks.incidents, render)
            if watch.account_id in told.recorders:
                told = self._incidents(place, watch.account_id, board.marks.incidents, render)
        digest = hashlib.sha256(f"{place}{board.digest}{watch.account_id}{told.html}".encode()).hexdigest()
        return Live(f'{board.json}, "incidents_html": {json.dumps(told.html, ensure_ascii=False)}', digest[:32])

    def _board(self, watch: Watch, shown: Shown, now: datetime, place: tuple[object, ...], anew: bool) -> Board:
        kept = None if anew else self._boards.get((*place, shown))
        if kept and _within(FRESH, kept.looked_at, now):
            return kept
        # Taken before the rest is read: what comes in between is told again by the next poll, never missed.
        marks = statements.marks(watch)
        if kept and kept.marks.sittings == marks.sittings and _within(KEPT, kept.made_at, now):
            board = replace(kept, marks=marks, looked_at=now)
        else:
            text = json.dumps(document(watch, shown.choose, now), ensure_ascii=False)
            board = Board(text[:-1], hashlib.sha256(text.encode()).hexdigest(), now, marks, now)
        _keep(self._boards, (*place, shown), board)
        return board

    def _incidents(self, place: tuple[object, ...], viewer: int, marks: tuple[Any, ...], render: Render) -> Told:
        told = self._told.get((*place, viewer))
        if told is None or told.marks != marks:
            told = Told(marks, *render(viewer))
            _keep(self._told, (*place, viewer), told)
        return told


def _within(span: timedelta, begun: datetime, now: datetime) -> bool:
    return timedelta() <= now - begun < span


def _keep(shelf: OrderedDict[tuple[object, ...], Any], key: tuple[object, ...], thing: object) -> None:
    shelf.pop(key, None)
    shelf[key] = thing
    while len(shelf) > MOST:
        shelf.popitem(last=False)


def boards() -> Boards:
    """This application's boards."""
    kept: Boards = current_app.extensions.setdefault("invigilation_boards", Boards())
    return kept
