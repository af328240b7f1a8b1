"""What invigilators record: incidents with two signatures, and lifted lock-outs. Nobody is voided from here.

Extra time, pauses, released devices and forced submissions are services of ``exam.sittings``.
"""

from sqlalchemy import or_, update
from sqlalchemy.orm import Session

from core.accounts import sign_in
from core.accounts.actors import Actor
from core.audit.service import record
from core.clock import Clock
from core.database import affected
from core.errors import BadInput, Conflict
from core.i18n import _
from exam.invigilation.models import Incident
from exam.invigilation.queries import Post, subject_of
from exam.invigilation.words import INCIDENT_KINDS
from exam.schedule.models import Candidate
from exam.sittings.models import Sitting

LONGEST_FACTS = 2000


def record_incident(
    session: Session, actor: Actor, clock: Clock, post: Post, *, kind: str, facts: str, sitting: Sitting | None = None
) -> Incident:
    """Record a fact of the room or of one sitting; another person signs it later. Raises ``BadInput``."""
    if kind not in INCIDENT_KINDS:
        raise BadInput(_("没有这种情况类别，没有记录。请从列表里选择。"))
    if not 0 < len(facts.strip()) <= LONGEST_FACTS:
        raise BadInput(_("请写明情况（不超过 2000 字），没有记录。"))
    row = Incident(
        session_id=post.session.id,
        room_id=post.room.id if post.room else None,
        sitting_id=sitting.id if sitting else None,
        kind=kind,
        facts=facts.strip(),
        at=clock.now(),
        recorded_by=actor.account_id,
    )
    session.add(row)
    session.flush()
    record(session, actor, clock, "incident_recorded", "incident", row.id, kind=kind, sitting=row.sitting_id)
    return row


def sign_incident(session: Session, actor: Actor, clock: Clock, incident: Incident) -> None:
    """Sign as the second person. Raises ``Conflict`` for whoever recorded it, and once it is signed."""
    if incident.recorded_by == actor.account_id:
        raise Conflict(_("这条情况由您本人记录，须由另一名监考员或考务管理员签字，没有签字。"))
    unsigned = (
        update(Incident)
        .where(Incident.id == incident.id, Incident.second_signer.is_(None))
        .where(or_(Incident.recorded_by.is_(None), Incident.recorded_by != actor.account_id))
    )
    if affected(session, unsigned.values(second_signer=actor.account_id, second_signed_at=clock.now())) == 0:
        raise Conflict(_("这条情况已有人签字，没有重复签字。请刷新页面查看。"))
    session.expire(incident)
    record(session, actor, clock, "incident_signed", "incident", incident.id)


def lift_lockout(session: Session, actor: Actor, clock: Clock, sitting: Sitting, candidate: Candidate) -> None:
    """Let a candidate who typed the code wrong too often sign in again at once."""
    sign_in.clear_failures(session, subject_of(candidate.admission_number))
    record(session, actor, clock, "lockout_lifted", "sitting", sitting.id)
