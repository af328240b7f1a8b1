"""The seating plan as data: what each card says, the figures over the post; for the page and for its polling alike."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from flask import current_app, url_for

from core.clock import Clock, from_milliseconds, iso, to_milliseconds
from core.database import transaction
from core.i18n import _
from exam.invigilation import statements
from exam.invigilation.progress import progress
from exam.invigilation.queries import Post
from exam.invigilation.rules import Facts, Seat, frozen_remaining, seat_of, silent_minutes, turnout
from exam.invigilation.statements import SeatRow, Watch
from exam.invigilation.words import SEATS
from exam.sittings.models import Sitting
from question_bank.delivery import paper_summary

Choose = Callable[[Sequence[SeatRow]], Collection[SeatRow]]


def document(watch: Watch, choose: Choose, now: datetime) -> dict[str, Any]:
    """``{"cards", "figures"}``: the cards of the rows that ``choose`` picks, the figures over the whole post."""
    rows = statements.seats(watch, to_milliseconds(now))
    facts = {row.sitting_id: _facts(row, watch) for row in rows}
    figures = _figures(seat_of(one, now) for one in facts.values())
    return {"cards": _cards(watch, choose(rows), facts, now), "figures": figures}


def cards(clock: Clock, post: Post, sittings: Sequence[Sitting]) -> list[dict[str, Any]]:
    """The cards of these sittings at this instant, in the order of the seats."""
    watch, now = post.watch(), clock.now()
    wanted = {one.id for one in sittings}
    rows = [row for row in statements.seats(watch, to_milliseconds(now)) if row.sitting_id in wanted]
    return _cards(watch, rows, {row.sitting_id: _facts(row, watch) for row in rows}, now)


def _facts(row: SeatRow, watch: Watch) -> Facts:
    return Facts(
        row.state,
        bool(row.on_leave),
        bool(row.begun),
        _instant(row.deadline),
        row.grace_seconds,
        _instant(row.paused_at),
        _instant(row.last_seen_at),
        from_milliseconds(watch.ends_at) + timedelta(seconds=row.extra_seconds),
    )


def _instant(milliseconds: int | None) -> datetime | None:
    return None if milliseconds is None else from_milliseconds(milliseconds)


def _figures(seats: Iterable[Seat]) -> dict[str, Any]:
    found = turnout(seats)
    return {
        "expected": found.expected,
        "came": found.came,
        "percent": found.percent,
        "missing": found.counts[Seat.EXPECTED] + found.counts[Seat.MISSED],
        "working": found.counts[Seat.OPEN] + found.counts[Seat.SILENT] + found.counts[Seat.PAUSED],
        "silent": found.counts[Seat.SILENT],
        "closed": found.counts[Seat.CLOSED],
    }


def _cards(watch: Watch, rows: Collection[SeatRow], facts: Mapping[int, Facts], now: datetime) -> list[dict[str, Any]]:
    total = _items(watch.paper_id) if watch.paper_id else 0
    answered = progress().answered([row.sitting_id for row in rows if row.begun])
    address = url_for("invigilation.sitting", sitting_id=0, **watch.place).removesuffix("0")
    return [
        _card(row, facts[row.sitting_id], now)
        | {"url": f"{address}{row.sitting_id}", "answered": answered.get(row.sitting_id, 0), "total": total}
        for row in rows
    ]


def _items(paper_id: int) -> int:
    """How many items a paper has; papers are frozen, so each is looked up once."""
    known: dict[int, int] = current_app.extensions.setdefault("paper_items", {})
    if paper_id not in known:
        with transaction("read") as session:
            known[paper_id] = paper_summary(session, paper_id).items
    return known[paper_id]


def _card(row: SeatRow, facts: Facts, now: datetime) -> dict[str, Any]:
    seat, silent = seat_of(facts, now), silent_minutes(facts, now)
    word, tone, shape = SEATS[seat]
    running = seat in (Seat.OPEN, Seat.SILENT, Seat.PAUSED)
    frozen = frozen_remaining(facts)
    return {
        "id": row.sitting_id,
        "seat": row.seat,
        "name": row.name,
        "number": row.number,
        "key": seat.value,
        "word": str(word) % {"minutes": silent} if seat is Seat.SILENT else str(word),
        "tone": tone,
        "shape": shape,
        "begun": facts.begun,
        "deadline": iso(facts.deadline) if running and facts.deadline else None,
        "frozen_seconds": int(frozen.total_seconds()) if frozen is not None else None,
        "notes": _notes(row, running),
    }


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
