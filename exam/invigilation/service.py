"""What invigilators record: incidents with two signatures, and lifted lock-outs. Nobody is voided from here.

Extra time, pauses, released devices and forced submissions are services of ``exam.sittings``.
"""

import hashlib
from collections.abc import Sequence

from sqlalchemy import or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.accounts import sign_in
from core.accounts.actors import Actor
from core.audit.service import record
from core.clock import Clock
from core.database import one_of
from core.errors import BadInput, Conflict
from core.i18n import _
from exam.invigilation.models import Incident
from exam.invigilation.queries import Post, subject_of
from exam.invigilation.words import INCIDENT_KINDS
from exam.schedule.models import Candidate
from exam.sittings.models import Sitting

LONGEST_FACTS = 2000


def record_incident(
    session: Session,
    actor: Actor,
    clock: Clock,
    post: Post,
    *,
    kind: str,
    facts: str,
    sitting: Sitting | None = None,
    once: str | None = None,
) -> Incident:
    """Record a fact of the room or of one sitting; another person signs it later. Raises ``BadInput``.

    What is about a sitting stands in its room, from wherever it was recorded: the room's own people must see it.
    ``once`` is the number of the form: sent again with the same content it gives the incident that it recorded, with
    other content it raises ``Conflict``.
    """
    if kind not in INCIDENT_KINDS:
        raise BadInput(_("没有这种情况类别，没有记录。请从列表里选择。"))
    if not 0 < len(facts.strip()) <= LONGEST_FACTS:
        raise BadInput(_("请写明情况（不超过 2000 字），没有记录。"))
    row = Incident(
        session_id=post.session.id,
        room_id=post.room.id if post.room else _room_of(session, sitting),
        sitting_id=sitting.id if sitting else None,
        kind=kind,
        facts=facts.strip(),
        at=clock.now(),
        recorded_by=actor.account_id,
        once=once,
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        if once is None:
            raise
        return _recorded_by_form(session, row)
    record(session, actor, clock, "incident_recorded", "incident", row.id, kind=kind, sitting=row.sitting_id)
    return row


def _recorded_by_form(session: Session, again: Incident) -> Incident:
    """The incident that the form recorded before. Raises ``Conflict`` where it said something else then."""
    before = session.scalars(select(Incident).where(Incident.once == again.once)).one()
    told = ("session_id", "room_id", "sitting_id", "kind", "facts", "recorded_by")
    if any(getattr(before, name) != getattr(again, name) for name in told):
        raise Conflict(
            _(
                "这张表单已经记录过一条情况，这次填写的内容与它不同，没有记录。请先核对已记录的情况；确需另记一条，请再提交一次。"
            )
        )
    return before


def _room_of(session: Session, sitting: Sitting | None) -> int | None:
    return session.get_one(Candidate, sitting.candidate_id).room_id if sitting else None


def sign_incidents(session: Session, actor: Actor, clock: Clock, incidents: Sequence[Incident]) -> int:
    """Sign them as the second person; return how many were signed.

    Raises ``Conflict`` where the actor recorded one of them, and once all are signed.
    """
    if any(one.recorded_by == actor.account_id for one in incidents):
        raise Conflict(_("这条情况由您本人记录，须由另一名监考员或考务管理员签字，没有签字。"))
    unsigned = (
        update(Incident)
        .where(one_of(Incident.id, [one.id for one in incidents]), Incident.second_signer.is_(None))
        .where(or_(Incident.recorded_by.is_(None), Incident.recorded_by != actor.account_id))
        .values(second_signer=actor.account_id, second_signed_at=clock.now())
        .returning(Incident.id)
        .execution_options(synchronize_session=False)
    )
    signed = sorted(session.scalars(unsigned))
    if not signed:
        raise Conflict(_("这条情况已有人签字，没有重复签字。请刷新页面查看。"))
    session.expire_all()
    if len(signed) == 1:
        record(session, actor, clock, "incident_signed", "incident", signed[0])
    else:
        digest = hashlib.sha256(",".join(map(str, signed)).encode()).hexdigest()
        record(session, actor, clock, "incident_signed", "incidents", None, count=len(signed), digest=digest)
    return len(signed)


def lift_lockout(session: Session, actor: Actor, clock: Clock, sitting: Sitting, candidate: Candidate) -> None:
    """Let a candidate who typed the code wrong too often sign in again at once; recorded where there was a lock to lift."""
    if sign_in.clear_failures(session, subject_of(candidate.admission_number)):
        record(session, actor, clock, "lockout_lifted", "sitting", sitting.id)
