"""Appending what pages tell: a number that was stored before is left as it is."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from core.database import Model, is_sqlite
from exam.leaving.models import LeavingNote, PageEvent
from exam.leaving.rules import Noted


def append_events(
    session: Session, sitting_id: int, page: str, events: Sequence[Noted], received_at: datetime, most: int
) -> list[int]:
    """Store events until the sitting holds ``most``; return the numbers for which there was no room."""
    own = PageEvent.sitting_id == sitting_id
    held = session.scalar(select(func.count()).select_from(PageEvent).where(own)) or 0
    known = set(session.scalars(select(PageEvent.number).where(own, PageEvent.page == page)))
    fresh = [one for one in events if one.number not in known]
    room = max(0, most - held)
    rows = [
        {
            "sitting_id": sitting_id,
            "page": page,
            "number": one.number,
            "kind": one.kind,
            "client_at": one.at,
            "seconds": one.seconds,
            "received_at": received_at,
        }
        for one in fresh[:room]
    ]
    if rows:
        session.execute(_insert_new(PageEvent).values(rows).on_conflict_do_nothing())
    return [one.number for one in fresh[room:]]


def append_notes(session: Session, sitting_id: int, thresholds: Sequence[str], now: datetime) -> bool:
    """Remember that thresholds were crossed; False when somebody else's request was faster."""
    rows = [{"sitting_id": sitting_id, "threshold": name, "noted_at": now} for name in thresholds]
    statement = _insert_new(LeavingNote).values(rows).on_conflict_do_nothing().returning(LeavingNote.threshold)
    return session.execute(statement).first() is not None


def _insert_new(table: type[Model]):  # type: ignore[no-untyped-def]
    return (sqlite_insert if is_sqlite() else postgres_insert)(table)
