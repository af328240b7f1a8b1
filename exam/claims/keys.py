"""The exam's key for sealed files: made when the exam is published, opened when a file is read.

Exams that were published by a release without keys get theirs when the ticker starts.
"""

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.accounts.actors import SYSTEM
from core.audit.service import record
from core.clock import Clock
from core.encryption import Vault
from exam.claims.models import HandInKey
from exam.claims.sealing import make_key_pair
from exam.schedule.models import Exam


def make_key(session: Session, clock: Clock, exam_id: int) -> None:
    """Make the exam's key unless it has one."""
    if session.get(HandInKey, exam_id) is None:
        pair = make_key_pair()
        sealed = _vault().seal(pair.private)
        session.add(HandInKey(exam_id=exam_id, public_key=pair.public, private_sealed=sealed, made_at=clock.now()))


def make_missing_keys(session: Session, clock: Clock) -> int:
    """Make the key of every published exam that has none; return how many. Pages that are open take it when reloaded."""
    without = select(Exam.id).where(Exam.state == "published", Exam.id.not_in(select(HandInKey.exam_id)))
    ids = session.scalars(without.order_by(Exam.id)).all()
    for exam_id in ids:
        make_key(session, clock, exam_id)
        record(session, SYSTEM, clock, "hand_in_key_made", "exam", exam_id)
    return len(ids)


def private_key(session: Session, exam_id: int) -> str | None:
    """The exam's private key in PEM; None when it has none. Raises ``ValueError`` under another data key."""
    row = session.get(HandInKey, exam_id)
    return None if row is None else _vault().open(row.private_sealed)


def _vault() -> Vault:
    vault: Vault = current_app.extensions["vault"]
    return vault
