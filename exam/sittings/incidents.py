"""Facts that the system itself notes for a person to judge. Nothing follows from them here."""

from collections.abc import Sequence

from sqlalchemy import insert, literal, select
from sqlalchemy.orm import Session

from core.accounts.actors import Actor
from core.clock import Clock
from exam.invigilation.models import Incident
from exam.schedule.models import Candidate
from exam.sittings.models import Sitting

DEVICE_CHANGE = "device_change"
DIGEST_MISMATCH = "digest_mismatch"
FORCED_SUBMISSION = "forced_submission"
OFFLINE_CODE = "offline_code"
OFFLINE_CLAIM = "offline_claim"
LEFT_PAGE = "left_page"
ADDRESS_OUTSIDE = "address_outside"
SAFE_BROWSER = "safe_browser"
AT_ONCE = 2000


def note(
    session: Session, clock: Clock, sitting_id: int, kind: str, facts: str, actor: Actor | None = None
) -> Incident:
    """Insert one incident of a sitting, in its session and room; without an account it is the system's own."""
    place = session.execute(
        select(Sitting.session_id, Candidate.room_id)
        .join(Candidate, Candidate.id == Sitting.candidate_id)
        .where(Sitting.id == sitting_id)
    ).one()
    row = Incident(
        session_id=place.session_id,
        room_id=place.room_id,
        sitting_id=sitting_id,
        kind=kind,
        facts=facts,
        at=clock.now(),
        recorded_by=actor.id if actor and actor.kind == "account" else None,
    )
    session.add(row)
    session.flush()
    return row


def note_each(
    session: Session, clock: Clock, sitting_ids: Sequence[int], kind: str, facts: str, actor: Actor | None = None
) -> None:
    """One incident of each of these sittings, as ``note`` inserts one, all at the same instant: a statement for two thousand."""
    by = actor.id if actor and actor.kind == "account" else None
    at = clock.now()
    for start in range(0, len(sitting_ids), AT_ONCE):
        places = (
            select(Sitting.session_id, Candidate.room_id, Sitting.id, literal(kind), literal(facts))
            .add_columns(literal(at, Incident.at.type), literal(by, Incident.recorded_by.type))
            .join(Candidate, Candidate.id == Sitting.candidate_id)
            .where(Sitting.id.in_(sitting_ids[start : start + AT_ONCE]))
            .order_by(Sitting.id)
        )
        columns = ["session_id", "room_id", "sitting_id", "kind", "facts", "at", "recorded_by"]
        session.execute(insert(Incident).from_select(columns, places))
