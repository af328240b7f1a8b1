"""The seating plan as data: what each card says, the figures over the room; for the page and for its polling alike."""

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from flask import url_for
from sqlalchemy.orm import Session

from core.clock import Clock, iso
from core.i18n import _
from exam.invigilation.queries import Post, Seated, seated
from exam.invigilation.rules import Facts, Seat, frozen_remaining, seat_of, silent_minutes, turnout
from exam.invigilation.words import SEATS
from exam.sittings.models import Sitting
from question_bank.delivery import paper_summary


def board(session: Session, clock: Clock, post: Post, sittings: Sequence[Sitting]) -> dict[str, Any]:
    """``{"cards": [...], "figures": {...}}`` of these sittings at this instant."""
    now = clock.now()
    total = paper_summary(session, post.session.paper_id).items if post.session.paper_id else 0
    rows = [(one, one.facts(post.session.ends_at)) for one in seated(session, post, sittings, now)]
    seats = [seat_of(facts, now) for _one, facts in rows]
    figures = turnout(seats)
    return {
        "cards": [
            _card(post, one, facts, seat, silent_minutes(facts, now), total)
            for (one, facts), seat in zip(rows, seats, strict=True)
        ],
        "figures": {
            "expected": figures.expected,
            "came": figures.came,
            "percent": figures.percent,
            "missing": figures.counts[Seat.EXPECTED] + figures.counts[Seat.MISSED],
            "working": figures.counts[Seat.OPEN] + figures.counts[Seat.SILENT] + figures.counts[Seat.PAUSED],
            "silent": figures.counts[Seat.SILENT],
            "closed": figures.counts[Seat.CLOSED],
        },
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


def etag_of(document: dict[str, Any]) -> str:
    """Changes with everything that the document tells."""
    return hashlib.sha256(json.dumps(document, ensure_ascii=False, sort_keys=True).encode()).hexdigest()[:32]
