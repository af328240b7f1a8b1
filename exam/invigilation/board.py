"""The seating plan as data: what each card says, the figures over the post; for the page and for its polling alike."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import current_app

from core.clock import Clock, from_milliseconds, iso, to_milliseconds
from core.database import transaction
from core.i18n import _
from exam.invigilation.progress import progress
from exam.invigilation.queries import Post
from exam.invigilation.rules import Seat, turnout
from exam.invigilation.statements import SeatRow, Watch
from exam.invigilation.words import SEATS
from exam.sittings.models import Sitting
from question_bank.delivery import paper_summary

RUNNING = (Seat.OPEN, Seat.SILENT, Seat.PAUSED)


def cards(clock: Clock, post: Post, sittings: Sequence[Sitting]) -> list[dict[str, Any]]:
    """The cards of these sittings of the post at this instant, in their order."""
    watch, ids = post.watch(), [one.id for one in sittings]
    found = progress().seats(watch, ids, to_milliseconds(clock.now()))
    return [card(row, items(watch)) | {"answered": answered} for row, answered in map(found.__getitem__, ids)]


def card(row: SeatRow, total: int) -> dict[str, Any]:
    """What the card of one seat says, but for how many of the ``total`` items of its paper hold an answer."""
    seat = Seat(row.key)
    word, tone, shape = SEATS[seat]
    running = seat in RUNNING
    return {
        "id": row.sitting_id,
        "room": row.room,
        "seat": row.seat,
        "name": row.name,
        "number": row.number,
        "key": seat.value,
        "word": str(word) % {"minutes": row.silent_minutes} if seat is Seat.SILENT else str(word),
        "tone": tone,
        "shape": shape,
        "begun": row.begun,
        "deadline": iso(from_milliseconds(row.deadline)) if running and row.deadline else None,
        "frozen_seconds": _frozen_seconds(row) if seat is Seat.PAUSED else None,
        "notes": _notes(row, running),
        "total": total,
    }


def _frozen_seconds(row: SeatRow) -> int | None:
    """The time left of a paused sitting, which stands still."""
    if row.deadline is None or row.paused_at is None:
        return None
    return max(0, row.deadline - row.paused_at) // 1000


def _notes(row: SeatRow, running: bool) -> list[str]:
    """Short remarks that a card carries beside its state."""
    notes = []
    if row.locked:
        notes.append(str(_("登录已锁定")))
    if running and not row.held:
        notes.append(str(_("已放行，等待换设备")))
    if row.extra_seconds:
        notes.append(str(_("加时 %(minutes)s 分", minutes=row.extra_seconds // 60)))
    return notes


def figures(counts: Mapping[Seat, int]) -> dict[str, Any]:
    """The figures over a post where so many seats stand so."""
    found = turnout(counts)
    return {
        "expected": found.expected,
        "came": found.came,
        "percent": found.percent,
        "missing": found.counts[Seat.EXPECTED] + found.counts[Seat.MISSED],
        "working": sum(found.counts[seat] for seat in RUNNING),
        "silent": found.counts[Seat.SILENT],
        "closed": found.counts[Seat.CLOSED],
    }


def items(watch: Watch) -> int:
    """How many items the session's paper has; papers are frozen, so each is looked up once."""
    known: dict[int, int] = current_app.extensions.setdefault("paper_items", {})
    if watch.paper_id is None:
        return 0
    if watch.paper_id not in known:
        with transaction("read") as session:
            known[watch.paper_id] = paper_summary(session, watch.paper_id).items
    return known[watch.paper_id]
