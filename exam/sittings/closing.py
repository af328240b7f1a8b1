"""Closing: by the clock, whoever is watching, and by the invigilator. Each close has its receipt in the same transaction."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from sqlalchemy import BigInteger, ColumnElement, select, type_coerce, update
from sqlalchemy.orm import Session

from core.accounts.actors import SYSTEM, Actor
from core.audit.service import record
from core.clock import Clock, to_milliseconds
from core.database import after_commit
from core.errors import BadInput, Conflict
from core.i18n import _
from core.signals import sittings_closed
from exam.sittings import bells, incidents, receipts
from exam.sittings.models import Sitting
from exam.sittings.receipts import Closed

LONGEST_REASON = 500


def overdue(clock: Clock) -> ColumnElement[bool]:
    """The condition on a sitting's row: open, and deadline + grace has come. Paused sittings are never overdue."""
    now = to_milliseconds(clock.now())
    until = type_coerce(Sitting.deadline, BigInteger)
    # The plain comparison lets the index on (state, deadline) find the few rows.
    return (Sitting.state == "open") & (until <= now) & (until + Sitting.grace_seconds * 1000 <= now)


def anything_overdue(session: Session, clock: Clock) -> bool:
    """Whether the clock has something to close."""
    return session.scalar(select(Sitting.id).where(overdue(clock)).limit(1)) is not None


def close_overdue(session: Session, clock: Clock, *, only: int | None = None) -> int:
    """Close everything whose time is up (or the one named) with one UPDATE; return how many were closed."""
    condition = overdue(clock) if only is None else overdue(clock) & (Sitting.id == only)
    closed = _close(session, clock, condition, "clock")
    digests = receipts.issue(session, clock, closed)
    for session_id, group in groupby(sorted(closed, key=lambda one: one.session_id), key=lambda one: one.session_id):
        own = {one.sitting_id: digests[one.sitting_id] for one in group}
        record(
            session,
            SYSTEM,
            clock,
            "sittings_closed",
            "exam_session",
            session_id,
            closed_by="clock",
            count=len(own),
            digest=_digest_of(own),
        )
    announce(session, (one.session_id for one in closed))
    return len(closed)


def force_submission(session: Session, actor: Actor, clock: Clock, sitting: Sitting, reason: str) -> None:
    """Close one running sitting for its candidate. Raises ``BadInput`` without a reason, ``Conflict`` when none is running."""
    force_submissions(session, actor, clock, [sitting], reason)


def force_submissions(
    session: Session, actor: Actor, clock: Clock, sittings: Sequence[Sitting], reason: str
) -> list[int]:
    """Close every running sitting among them, each with its receipt and an incident to be signed; return the ids.

    Raises ``BadInput`` without a reason, ``Conflict`` when none of them is running.
    """
    reason = reason.strip()
    if not 0 < len(reason) <= LONGEST_REASON:
        raise BadInput(_("请填写强制交卷的理由（不超过 500 字）；没有理由不能代考生交卷。"))
    closed: list[Closed] = []
    ids = sorted({sitting.id for sitting in sittings})
    for start in range(0, len(ids), receipts.AT_ONCE):
        running = Sitting.id.in_(ids[start : start + receipts.AT_ONCE]) & Sitting.state.in_(("open", "paused"))
        closed += _close(session, clock, running, "invigilator", reason)
    if not closed:
        raise Conflict(_("该考生目前没有正在进行的作答（未开始或已交卷），未作任何更改。请刷新页面查看最新状态。"))
    digests = receipts.issue(session, clock, closed)
    facts = f"监考员强制交卷。理由：{reason}"
    incidents.note_each(session, clock, sorted(digests), incidents.FORCED_SUBMISSION, facts, actor)
    _record_forced(session, actor, clock, digests, reason)
    announce(session, (one.session_id for one in closed))
    bells.ring(session, clock, digests)
    for sitting in sittings:
        session.expire(sitting)
    return sorted(digests)


def _record_forced(session: Session, actor: Actor, clock: Clock, digests: dict[int, str], reason: str) -> None:
    if len(digests) == 1:
        [(sitting_id, digest)] = digests.items()
        record(session, actor, clock, "submission_forced", "sitting", sitting_id, reason=reason, digest=digest)
        return
    told = {"reason": reason, "count": len(digests), "digest": _digest_of(digests)}
    record(session, actor, clock, "submission_forced", "sittings", None, **told)


def _digest_of(digests: Mapping[int, str]) -> str:
    lines = "\n".join(f"{sitting_id} {digest}" for sitting_id, digest in sorted(digests.items()))
    return hashlib.sha256(lines.encode()).hexdigest()


def announce(session: Session, session_ids: Iterable[int]) -> None:
    """Tell, after the commit, that sittings of these exam sessions await scoring."""
    for session_id in sorted(set(session_ids)):
        after_commit(session, lambda closed=session_id: sittings_closed.send(None, session_id=closed))  # type: ignore[misc]


def _close(
    session: Session, clock: Clock, condition: ColumnElement[bool], by: str, reason: str = ""
) -> Sequence[Closed]:
    rows = session.execute(
        update(Sitting)
        .where(condition)
        .values(state="closed", closed_at=clock.now(), closed_by=by, close_reason=reason, paused_at=None)
        .returning(Sitting.id, Sitting.session_id, Sitting.paper_id, Sitting.nonce)
        .execution_options(synchronize_session=False)
    )
    return [Closed(*row) for row in rows]
