"""The exam's key for sealed files: made when the exam is published, opened when a file is read."""

from flask import current_app
from sqlalchemy.orm import Session

from core.clock import Clock
from core.encryption import Vault
from exam.claims.models import HandInKey
from exam.claims.sealing import make_key_pair


def make_key(session: Session, clock: Clock, exam_id: int) -> None:
    """Make the exam's key unless it has one."""
    if session.get(HandInKey, exam_id) is None:
        pair = make_key_pair()
        sealed = _vault().seal(pair.private)
        session.add(HandInKey(exam_id=exam_id, public_key=pair.public, private_sealed=sealed, made_at=clock.now()))


def private_key(session: Session, exam_id: int) -> str | None:
    """The exam's private key in PEM; None when it has none. Raises ``ValueError`` under another data key."""
    row = session.get(HandInKey, exam_id)
    return None if row is None else _vault().open(row.private_sealed)


def _vault() -> Vault:
    vault: Vault = current_app.extensions["vault"]
    return vault
