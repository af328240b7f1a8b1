"""The seating plan as data: what each card says, the figures over the room; for the page and for its polling alike."""

from collections.abc import Sequence
from typing import Any

from flask import url_for
from sqlalchemy.orm import Session

from core.clock import Clock, iso
from core.i18n import _
from exam.invigilation.queries import Post, Seated, facts_at, seated
from exam.invigilation.rules import Facts, Seat, frozen_remaining, seat_of, silent_minutes, turnout
from exam.invigilation.words import SEATS
from exam.sittings.models import Sitting
from question_bank.delivery import paper_summary


def cards(session: Session, clock: Clock, post: Post, sittings: Sequence[Sitting]) -> list[dict[str, Any]]:
    """The cards of these sittings at this instant."""
    now = clock.now()
    total = paper_summary(session, post.session.paper_id).items if post.session.paper_id else 0
    rows = [(one, one.facts(post.session.ends_at)) for one in seated(session, post, sittings, now)]
    return [_card(post, one, facts, seat_of(facts, now), silent_minutes(facts, now), total) for one, facts in rows]


def figures(session: Session, clock: Clock, post: Post) -> dict[str, Any]:
    """The figures over the whole post at this instant, whichever page of cards is shown."""
    now = clock.now()
    found = turnout(seat_of(facts, now) for _id, facts in facts_at(session, post))
    return {
        "expected": found.expected,
        "came": found.came,
        "percent": found.percent,
        "missing": found.counts[Seat.EXPECTED] + found.counts[Seat.MISSED],
        "working": found.counts[Seat.OPEN] + found.counts[Seat.SILENT] + found.counts[Seat.PAUSED],
        "silent": found.counts[Seat.SILENT],
        "closed": found.counts[Seat.CLOSED],
    }


def _card(post: Post, one: Seated, facts: Facts, seat: Seat, silent: int, total: int) -> dict[str, Any]:
    word, tone, shape = SEATS[seat]
    sitting, person = one.sitting, one.candidate
    begun = sitting.started_at is not None
    running = seat in (Seat.OPEN, Seat.SILENT, Seat.PAUSED)
    frozen = frozen_remaining(facts)
    return {
        "id": sitting.id,
        "url": url_for("invigilation.sitting", sitting_id=sitting.id, **post.place),
        "seat": person.seat,
        "name": person.name,
        "number": person.admission_number,
        "key": seat.value,
        "word": str(word) % {"minutes": silent} if seat is Seat.SILENT else str(word),
        "tone": tone,
        "shape": shape,
        "answered": one.answered,
        "total": total,
        "begun": begun,
        "deadline": iso(sitting.deadline) if running and sitting.deadline else None,
        "frozen_seconds": int(frozen.total_seconds()) if frozen is not None else None,
        "notes": _notes(one, running),
    }


def _notes(one: Seated, running: bool) -> list[str]:
    """Short remarks that a card carries beside its state."""
    notes = []
    if one.locked_until:
        notes.append(str(_("登录已锁定")))
    if running and one.sitting.holder is None:
        notes.append(str(_("已放行，等待换设备")))
    if one.sitting.extra_seconds:
        notes.append(str(_("加时 %(minutes)s 分", minutes=one.sitting.extra_seconds // 60)))
    return notes
