"""Receipts: what a closed sitting's answers were, under a digest and a short code. Every close issues one."""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, cast

from sqlalchemy import ColumnElement, Table, bindparam, exists, insert, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from core.clock import Clock, iso
from exam.answers.models import AnswerStep
from exam.claims.models import ClaimDecision, ClaimStep, OfflineClaim
from exam.claims.rules import PROPOSED
from exam.sittings.models import Receipt, Sitting
from exam.sittings.rules import answers_digest, normalised_code, receipt_code
from question_bank.delivery import paper_digests

AT_ONCE = 2000
FinalAnswers = dict[int, tuple[str, int, int]]
# Built once: building them costs more than running them.
_STEPS = (
    select(AnswerStep.sitting_id, AnswerStep.slot, AnswerStep.response, AnswerStep.binding, AnswerStep.seq)
    .where(AnswerStep.sitting_id.in_(bindparam("sittings", expanding=True)))
    .order_by(AnswerStep.sitting_id, AnswerStep.binding, AnswerStep.seq)
)
_INSERT = insert(cast(Table, Receipt.__table__))
_CONFIRMED = (
    select(OfflineClaim.sitting_id, ClaimStep.slot, ClaimStep.response, ClaimStep.binding, ClaimStep.seq)
    .join(ClaimDecision, (ClaimDecision.claim_id == OfflineClaim.id) & (ClaimDecision.verdict == "confirmed"))
    .join(ClaimStep, (ClaimStep.claim_id == OfflineClaim.id) & (ClaimStep.judgement == PROPOSED))
    .where(OfflineClaim.sitting_id.in_(bindparam("sittings", expanding=True)))
)


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
    standing: str  # counts | claimed | refused | superseded


def stored_answers(session: Session, sitting_ids: Sequence[int]) -> dict[int, FinalAnswers]:
    """The final stored step of every slot by sitting: slot -> (response, binding, seq). A statement for two thousand.

    All there is of a sitting closed in this transaction: offline hand-ins come after a close, and none opens again.
    """
    found: dict[int, FinalAnswers] = {}
    for start in range(0, len(sitting_ids), AT_ONCE):
        rows = session.execute(_STEPS, {"sittings": sitting_ids[start : start + AT_ONCE]})
        for sitting_id, steps in groupby(rows, key=lambda row: row[0]):
            found[sitting_id] = {slot: (response, binding, seq) for _, slot, response, binding, seq in steps}
    return found


def final_answers(session: Session, sitting_ids: Sequence[int]) -> dict[int, FinalAnswers]:
    """As ``stored_answers``; what a confirmed offline hand-in proposed counts as if it had arrived."""
    found = stored_answers(session, sitting_ids)
    for start in range(0, len(sitting_ids), AT_ONCE):
        confirmed = session.execute(_CONFIRMED, {"sittings": sitting_ids[start : start + AT_ONCE]})
        for sitting_id, slot, response, binding, seq in confirmed:
            lay_over(found.setdefault(sitting_id, {}), [(int(slot), response, binding, seq)])
    return found


def lay_over(answers: FinalAnswers, steps: Iterable[tuple[int, str, int, int]]) -> None:
    """Let (slot, response, binding, seq) steps take the place of earlier ones."""
    for slot, response, binding, seq in steps:
        if slot not in answers or answers[slot][1:] < (binding, seq):
            answers[slot] = (response, binding, seq)


def answered(answers: FinalAnswers) -> int:
    """How many slots hold an answer: withdrawn ones do not."""
    return sum(response != "[]" for response, _binding, _seq in answers.values())


def digest_of(closed: Closed, paper: str, answers: FinalAnswers) -> str:
    """The digest of interfaces over the final answers of a sitting; ``paper`` is the paper's own digest."""
    final = ((slot, response) for slot, (response, _, _) in answers.items())
    return answers_digest(closed.sitting_id, paper, closed.nonce, final)


def issue(session: Session, clock: Clock, closed: Sequence[Closed]) -> dict[int, str]:
    """Insert the receipts of sittings closed in this transaction, in bulk. Returns their digests by sitting."""
    papers = paper_digests(session, (one.paper_id for one in closed))
    answers = stored_answers(session, [one.sitting_id for one in closed])
    digests = {one.sitting_id: digest_of(one, papers[one.paper_id], answers.get(one.sitting_id, {})) for one in closed}
    insert_receipts(session, clock, {one: (digest, answers.get(one, {})) for one, digest in digests.items()})
    return digests


def fresh_code() -> str:
    """A code that no receipt has yet (one of 2**50)."""
    return receipt_code(secrets.randbits(50))


def insert_receipts(session: Session, clock: Clock, handed_in: dict[int, tuple[str, FinalAnswers]]) -> dict[int, str]:
    """Insert one receipt for each sitting's digest and final answers; return their codes by sitting."""
    now = clock.now()
    rows: list[dict[str, Any]] = [
        {
            "sitting_id": sitting_id,
            "revision": 1,
            "code": fresh_code(),
            "digest": digest,
            "answered": answered(answers),
            "issued_at": now,
        }
        for sitting_id, (digest, answers) in handed_in.items()
    ]
    if rows:
        session.execute(_INSERT, rows)
    return {row["sitting_id"]: row["code"] for row in rows}


def is_latest() -> ColumnElement[bool]:
    """The condition that a receipt is the one that counts: the latest revision that is no claim or a confirmed one."""
    later = aliased(Receipt)
    superseded = exists().where(later.sitting_id == Receipt.sitting_id, later.revision > Receipt.revision)
    return _counts(Receipt.claim_id) & ~superseded.where(_counts(later.claim_id))


def _counts(claim_id: InstrumentedAttribute[int | None]) -> ColumnElement[bool]:
    decision = aliased(ClaimDecision)  # whoever asks may have joined the decisions already
    confirmed = exists().where(decision.claim_id == claim_id, decision.verdict == "confirmed")
    return claim_id.is_(None) | confirmed


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
        select(Receipt, Sitting.closed_at, ClaimDecision.verdict, is_latest().label("latest"))
        .join(Sitting, Sitting.id == Receipt.sitting_id)
        .outerjoin(ClaimDecision, ClaimDecision.claim_id == Receipt.claim_id)
        .where(Receipt.code == f"{plain[:5]}-{plain[5:]}")
    ).one_or_none()
    if row is None or row.closed_at is None:
        return None
    receipt = row.Receipt
    if row.latest:
        standing = "counts"
    elif receipt.claim_id and row.verdict != "confirmed":
        standing = row.verdict or "claimed"
    else:
        standing = "superseded"
    return PublicReceipt(receipt.code, receipt.digest, receipt.answered, row.closed_at, receipt.revision, standing)
