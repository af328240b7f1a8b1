"""Handing in on the hot path: one short transaction on the driver's own connection, for the common case alone.

The closing UPDATE waits for a save that holds the sitting's row (``exam/answers/statements.py``); the answers are read by
a statement of their own after it, because a statement does not see what was committed while it waited for a lock.
Instants are milliseconds since 1970 here, as the tables hold them.
"""

from dataclasses import dataclass
from typing import Any

from core.accounts.actors import Actor
from core.audit.statements import RECORD, entry
from core.database import is_sqlite
from core.direct import Undo, direct_transaction
from exam.sittings.rules import answers_digest

# What this lets by, ``submission.submit`` would let by; what it does not, that decides.
_CLOSE = """
UPDATE sittings SET state = 'closed', closed_at = {received}, closed_by = 'candidate', client_digest = {digest}
WHERE id = {sitting} AND candidate_id = {candidate} AND state = 'open' AND holder = {holder}
  AND deadline + grace_seconds * 1000 > {received}
  AND EXISTS (SELECT 1 FROM sign_ins i WHERE i.id = {holder} AND i.ended_at IS NULL
              AND i.subject_kind = 'candidate' AND i.subject_id = {candidate})
  AND EXISTS (SELECT 1 FROM exam_sessions t WHERE t.id = sittings.session_id
              AND t.earliest_submission_seconds * 1000 + CASE t.mode WHEN 'fixed' THEN t.starts_at ELSE sittings.started_at END
                  <= {received})
RETURNING nonce, (SELECT p.digest FROM papers p WHERE p.id = sittings.paper_id)
"""

_STEPS = "SELECT slot, response FROM answer_steps WHERE sitting_id = {sitting} ORDER BY binding, seq"

_RECEIPT = """
INSERT INTO receipts (sitting_id, revision, code, digest, answered, issued_at)
VALUES ({sitting}, 1, {code}, {digest}, {answered}, {at})
"""

_RECEIPT_AND_RECORD = f"WITH receipt AS ({_RECEIPT}) {RECORD}"


@dataclass(frozen=True, slots=True)
class HandedIn:
    """What the receipt of a sitting that was handed in tells beside its code and digest."""

    nonce: str
    answered: int


def hand_in(
    *, sitting: int, candidate: int, holder: str, digest: str, received: int, code: str, at: int
) -> HandedIn | None:
    """Close an open sitting whose answers have this digest, with its receipt and its audit entry.

    None: nothing was changed. ``received`` is when the request came, ``at`` when the receipt is issued under ``code``.
    """
    values: dict[str, Any] = {"sitting": sitting, "candidate": candidate, "holder": holder}
    values |= {"digest": digest, "received": received}
    with direct_transaction() as run:
        closed = run(_CLOSE, values)
        if not closed:
            raise Undo
        nonce, paper = closed[0]
        answers = {int(slot): response for slot, response in run(_STEPS, {"sitting": sitting})}
        if answers_digest(sitting, paper, nonce, answers.items()) != digest:
            raise Undo
        answered = sum(response != "[]" for response in answers.values())
        actor = Actor("candidate", candidate, sign_in=holder)
        values |= entry(actor, at, "submitted", "sitting", sitting, digest=digest)
        values |= {"code": code, "answered": answered}
        for statement in (_RECEIPT, RECORD) if is_sqlite() else (_RECEIPT_AND_RECORD,):
            run(statement, values)
        return HandedIn(nonce, answered)
    return None
