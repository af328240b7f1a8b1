"""Receipts: what a closed sitting's answers were, under a digest and a short code. Every close issues one."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from sqlalchemy import ColumnElement, exists, insert, select
from sqlalchemy.orm import Session, aliased

from core.clock import Clock, iso
from exam.answers.models import AnswerStep
from exam.sittings.models import Receipt, Sitting
from exam.sittings.rules import answers_digest, normalised_code, receipt_code
from question_bank.delivery import paper_digests

AT_ONCE = 2000
FinalAnswers = dict[int, tuple[str, int, int]]


@dataclass(frozen=True, slots=True)
class Closed:
    """A sitting that was closed in this transaction."""

    sitting_id: int
    session_id: int
    paper_id: int
    nonce: str


@dataclass(frozen=True, slots=True)
class Issued:
    """A receipt as its holder sees it."""

    code: str
    digest: str
    nonce: str
    answered: int
    received_at: datetime
    closed_by: str

    def as_json(self) -> dict[str, str]:
        """As interfaces state it."""
        return {
            "code": self.code,
            "digest": self.digest,
            "nonce": self.nonce,
            "received_at": iso(self.received_at),
            "closed_by": self.closed_by,
        }


@dataclass(frozen=True, slots=True)
class PublicReceipt:
    """What anybody who holds a code may see: that the digest stands. No name, no number, no exam."""

    code: str
    digest: str
    answered: int
    received_at: datetime
    revision: int


def final_answers(session: Session, sitting_ids: Sequence[int]) -> dict[int, FinalAnswers]:
    """The final step of every slot by sitting: slot -> (response, binding, seq). One statement for a few thousand."""
    found: dict[int, FinalAnswers] = {}
    for start in range(0, len(sitting_ids), AT_ONCE):
        rows = session.execute(
            select(AnswerStep.sitting_id, AnswerStep.slot, AnswerStep.response, AnswerStep.binding, AnswerStep.seq)
            .where(AnswerStep.sitting_id.in_(sitting_ids[start : start + AT_ONCE]))
            .order_by(AnswerStep.sitting_id, AnswerStep.binding, AnswerStep.seq)
        )
        for sitting_id, steps in groupby(rows, key=lambda row: row[0]):
            found[sitting_id] = {slot: (response, binding, seq) for _, slot, response, binding, seq in steps}
    return found


def digest_of(closed: Closed, paper: str, answers: FinalAnswers) -> str:
    """The digest of interfaces over the final answers of a sitting; ``paper`` is the paper's own digest."""
    final = ((slot, response) for slot, (response, _, _) in answers.items())
    return answers_digest(closed.sitting_id, paper, closed.nonce, final)


def issue(session: Session, clock: Clock, closed: Sequence[Closed]) -> dict[int, str]:
    """Insert the receipts of sittings closed in this transaction, in bulk. Returns their digests by sitting."""
    papers = paper_digests(session, (one.paper_id for one in closed))
    answers = final_answers(session, [one.sitting_id for one in closed])
    return insert_receipts(
        session,
        clock,
        {
            one.sitting_id: (
                digest_of(one, papers[one.paper_id], answers.get(one.sitting_id, {})),
                answers.get(one.sitting_id, {}),
            )
            for one in closed
        },
    )


def insert_receipts(session: Session, clock: Clock, handed_in: dict[int, tuple[str, FinalAnswers]]) -> dict[int, str]:
    """Insert one receipt for each sitting's digest and final answers."""
    now = clock.now()
    rows = [
        {
            "sitting_id": sitting_id,
            "revision": 1,
            "code": receipt_code(secrets.randbits(50)),
            "digest": digest,
            "answered": sum(response != "[]" for response, _, _ in answers.values()),
            "issued_at": now,
        }
        for sitting_id, (digest, answers) in handed_in.items()
    ]
    if rows:
        session.execute(insert(Receipt), rows)
    return {sitting_id: digest for sitting_id, (digest, _) in handed_in.items()}


def is_latest() -> ColumnElement[bool]:
    """The condition that a receipt is the latest revision of its sitting's."""
    later = aliased(Receipt)
    return ~exists().where(later.sitting_id == Receipt.sitting_id, later.revision > Receipt.revision)


def receipt_of(session: Session, sitting_id: int) -> Issued | None:
    """The receipt of a closed sitting; None before."""
    row = session.execute(
        select(Receipt.code, Receipt.digest, Sitting.nonce, Receipt.answered, Sitting.closed_at, Sitting.closed_by)
        .join(Sitting, Sitting.id == Receipt.sitting_id)
        .where(Receipt.sitting_id == sitting_id, is_latest())
    ).one_or_none()
    if row is None or row.closed_at is None or row.closed_by is None:
        return None
    return Issued(row.code, row.digest, row.nonce, row.answered, row.closed_at, row.closed_by)


def check(session: Session, typed: str) -> PublicReceipt | None:
    """The receipt of a code as somebody typed it; None when there is none."""
    plain = normalised_code(typed[:64])
    if len(plain) != 10:
        return None
    row = session.execute(
        select(Receipt.code, Receipt.digest, Receipt.answered, Sitting.closed_at, Receipt.revision)
        .join(Sitting, Sitting.id == Receipt.sitting_id)
        .where(Receipt.code == f"{plain[:5]}-{plain[5:]}")
    ).one_or_none()
    return PublicReceipt(*row) if row else None  # type: ignore[arg-type]
