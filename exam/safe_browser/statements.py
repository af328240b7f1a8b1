"""Appending what was refused: what was noted before is left as it is."""

from datetime import datetime

from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from core.database import is_sqlite
from exam.safe_browser.models import SafeBrowserNote


def append_note(session: Session, sitting_id: int, fault: str, now: datetime) -> bool:
    """Remember that this sitting met this fault; False when that was known, or somebody else's request was faster."""
    insert = sqlite_insert if is_sqlite() else postgres_insert
    statement = insert(SafeBrowserNote).values(sitting_id=sitting_id, fault=fault, noted_at=now)
    fresh = statement.on_conflict_do_nothing().returning(SafeBrowserNote.fault)
    return session.execute(fresh).first() is not None
