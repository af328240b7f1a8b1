"""Reading what a room's record tells, each kind of thing with one statement for the whole room."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.accounts.models import Account
from core.audit.models import AuditEntry
from exam.claims.models import OfflineCode
from exam.claims.queries import NotedCode, Standing, claims_of_sittings, codes_of
from exam.invigilation.models import TimeChange
from exam.invigilation.queries import Attended, Post, Told, attendance, here, incidents_at
from exam.schedule.models import Candidate, RoomInvigilator
from exam.sittings.models import Sitting

# What leaves no trace but in the audit log.
RELIEFS = ("device_released", "lockout_lifted")


@dataclass(frozen=True)
class Change:
    """A change of time as it was given: to several sittings at once."""

    at: datetime
    kind: str
    seconds: int
    reason: str
    by: str
    sittings: tuple[int, ...]


@dataclass(frozen=True)
class Relief:
    """A released device or a lifted lock-out."""

    at: datetime
    action: str
    sitting_id: int
    by: str


@dataclass(frozen=True)
class Handed:
    """A code that was noted, with the sealed file that fitted it, if one came."""

    code: OfflineCode
    noted_by: str
    signed_by: str
    file_digest: str
    uploaded_at: datetime | None
    standing: Standing | None


@dataclass(frozen=True)
class Material:
    """Everything that a room's record is built from, as it was at ``now``."""

    post: Post
    now: datetime
    invigilators: Sequence[str]
    people: Sequence[Attended]
    incidents: Sequence[Told]
    changes: Sequence[Change]
    reliefs: Sequence[Relief]
    handed: Sequence[Handed]


def gather(session: Session, post: Post, now: datetime) -> Material:
    """Read a room: everybody expected there, and all that was noted and done."""
    people = attendance(session, post, now)
    ids = [one.sitting.id for one in people]
    told = incidents_at(session, post)
    return Material(
        post,
        now,
        _invigilators(session, post),
        people,
        sorted(told, key=lambda one: (one.incident.at, one.incident.id)),
        _changes(session, post),
        _reliefs(session, ids),
        _handed(session, ids),
    )


def _invigilators(session: Session, post: Post) -> list[str]:
    if post.room is None:
        return []
    statement = select(Account.name).join(RoomInvigilator, RoomInvigilator.account_id == Account.id)
    return list(session.scalars(statement.where(RoomInvigilator.room_id == post.room.id).order_by(Account.id)))


def _changes(session: Session, post: Post) -> list[Change]:
    rows = session.execute(
        select(TimeChange, Account.name)
        .join(Account, Account.id == TimeChange.by)
        .join(Sitting, Sitting.id == TimeChange.sitting_id)
        .join(Candidate, Candidate.id == Sitting.candidate_id)
        .where(here(post))
        .order_by(TimeChange.at, TimeChange.id)
    )
    together: dict[tuple[datetime, str, int, str, str], list[int]] = {}
    for one, by in rows:
        together.setdefault((one.at, one.kind, one.seconds, one.reason, by), []).append(one.sitting_id)
    return [Change(*given, tuple(sittings)) for given, sittings in together.items()]


def _reliefs(session: Session, sitting_ids: Sequence[int]) -> list[Relief]:
    rows = session.execute(
        select(AuditEntry.at, AuditEntry.action, AuditEntry.object_id, Account.name)
        .outerjoin(Account, Account.id == AuditEntry.actor_id)
        .where(AuditEntry.object_type == "sitting", AuditEntry.object_id.in_([str(one) for one in sitting_ids]))
        .where(AuditEntry.action.in_(RELIEFS))
        .order_by(AuditEntry.at, AuditEntry.id)
    )
    return [Relief(at, action, int(sitting), by or "") for at, action, sitting, by in rows]


def _handed(session: Session, sitting_ids: Sequence[int]) -> list[Handed]:
    claims = {one.code.id: one for one in claims_of_sittings(session, sitting_ids)}
    noted: list[NotedCode] = [one for codes in codes_of(session, sitting_ids).values() for one in codes]
    found = []
    for one in sorted(noted, key=lambda each: each.code.id):
        claim = claims.get(one.code.id)
        file = (claim.claim.file_digest, claim.claim.uploaded_at, claim.standing) if claim else ("", None, None)
        found.append(Handed(one.code, one.noted_by, one.signed_by, *file))
    return found
