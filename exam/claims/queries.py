"""Reading codes and claims: for the invigilator's room, for the organizer who decides, for the candidate's receipt."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, aliased

from core.accounts.actors import Actor
from core.accounts.models import Account
from core.errors import NotFound
from core.i18n import _
from exam.answers.models import AnswerStep
from exam.claims.models import ClaimDecision, ClaimStep, OfflineClaim, OfflineCode
from exam.claims.rules import StepKey
from exam.invigilation.models import Incident
from exam.invigilation.queries import Post, seated_statement
from exam.schedule.models import Candidate, Room
from exam.sittings.models import Receipt, Sitting

Standing = Literal["pending", "confirmed", "refused"]


@dataclass(frozen=True)
class Claim:
    """A claim with all that is needed to decide on it."""

    claim: OfflineClaim
    code: OfflineCode
    sitting: Sitting
    candidate: Candidate
    receipt: Receipt
    decision: ClaimDecision | None
    names: dict[str, str]  # who noted, signed, uploaded, decided
    signed: bool

    @property
    def standing(self) -> Standing:
        """Whether it waits, counts, or was refused."""
        if self.decision is None:
            return "pending"
        return "confirmed" if self.decision.verdict == "confirmed" else "refused"


@dataclass(frozen=True)
class NotedCode:
    """A code with who noted and who signed it."""

    code: OfflineCode
    noted_by: str
    signed_by: str


@dataclass(frozen=True)
class RoomLine:
    """One candidate of a room whose paper the candidate did not hand in."""

    sitting: Sitting
    candidate: Candidate
    room: str
    code: NotedCode | None
    claim: Claim | None


def latest_code(session: Session, sitting_id: int) -> OfflineCode | None:
    """The code that stands: the one noted last."""
    statement = select(OfflineCode).where(OfflineCode.sitting_id == sitting_id)
    return session.scalar(statement.order_by(OfflineCode.id.desc()).limit(1))


def codes_of(session: Session, sitting_ids: Sequence[int]) -> dict[int, list[NotedCode]]:
    """Every code of these sittings, the latest first."""
    noter, signer = aliased(Account), aliased(Account)
    rows = session.execute(
        select(OfflineCode, noter.name, signer.name)
        .join(noter, noter.id == OfflineCode.noted_by)
        .join(Incident, Incident.id == OfflineCode.incident_id)
        .outerjoin(signer, signer.id == Incident.second_signer)
        .where(OfflineCode.sitting_id.in_(sitting_ids))
        .order_by(OfflineCode.id.desc())
    )
    found: dict[int, list[NotedCode]] = {}
    for code, noted_by, signed_by in rows:
        found.setdefault(code.sitting_id, []).append(NotedCode(code, noted_by, signed_by or ""))
    return found


def latest_claim(session: Session, sitting_id: int) -> Claim | None:
    """The last claim of a sitting; None without one."""
    found = _claims(session, _statement().where(OfflineClaim.sitting_id == sitting_id))
    return found[0] if found else None


def claims_of_exam(session: Session, exam_id: int) -> list[Claim]:
    """Every claim of an exam: those that wait first, then the latest."""
    found = _claims(session, _statement().where(OfflineClaim.exam_id == exam_id))
    return sorted(found, key=lambda one: one.standing != "pending")


def claims_of_sittings(session: Session, sitting_ids: Sequence[int]) -> list[Claim]:
    """Every claim of these sittings, the latest first."""
    return _claims(session, _statement().where(OfflineClaim.sitting_id.in_(sitting_ids)))


def claim_of(session: Session, exam_id: int, claim_id: int) -> Claim:
    """One claim of this exam. Raises ``NotFound``."""
    found = _claims(session, _statement().where(OfflineClaim.exam_id == exam_id, OfflineClaim.id == claim_id))
    if not found:
        raise NotFound(_("这场考试没有这份离线交卷。请从离线交卷列表重新选择。"))
    return found[0]


def steps_of(session: Session, claim_id: int) -> list[ClaimStep]:
    """The claim's steps in the order in which they count."""
    statement = select(ClaimStep).where(ClaimStep.claim_id == claim_id)
    return list(session.scalars(statement.order_by(ClaimStep.binding, ClaimStep.seq)))


def stored_steps(session: Session, sitting_id: int) -> dict[StepKey, tuple[str, str]]:
    """(slot, response) of every step that the server has, by (binding, seq)."""
    rows = session.execute(
        select(AnswerStep.binding, AnswerStep.seq, AnswerStep.slot, AnswerStep.response).where(
            AnswerStep.sitting_id == sitting_id
        )
    )
    return {(binding, seq): (str(slot), response) for binding, seq, slot, response in rows}


def collected(post: Post, search: str = "", *, noted: bool = False) -> Select[Sitting]:
    """The sittings at the post that the clock or an invigilator closed, in the order of seats; ``noted``: with a code."""
    statement = seated_statement(post, search).where(
        Sitting.state == "closed", Sitting.started_at.is_not(None), Sitting.closed_by != "candidate"
    )
    return statement.where(Sitting.id.in_(select(OfflineCode.sitting_id))) if noted else statement


def room_lines(session: Session, sittings: Sequence[Sitting]) -> list[RoomLine]:
    """These sittings in their order, each with its candidate, the code that stands and the latest claim."""
    ids = [one.id for one in sittings]
    rows = session.execute(
        select(Candidate, Room.name)
        .outerjoin(Room, Room.id == Candidate.room_id)
        .where(Candidate.id.in_([one.candidate_id for one in sittings]))
    )
    people = {candidate.id: (candidate, room or "") for candidate, room in rows}
    codes = codes_of(session, ids)
    claims: dict[int, Claim] = {}
    for claim in claims_of_sittings(session, ids):
        claims.setdefault(claim.sitting.id, claim)
    return [
        RoomLine(one, *people[one.candidate_id], next(iter(codes.get(one.id, [])), None), claims.get(one.id))
        for one in sittings
    ]


def pending_by_exam(session: Session, actor: Actor) -> list[tuple[int, int]]:
    """(exam, how many claims wait there for this person's decision)."""
    decided = select(ClaimDecision.claim_id)
    rows = session.execute(
        select(OfflineClaim.exam_id, func.count())
        .join(OfflineCode, OfflineCode.id == OfflineClaim.code_id)
        .where(OfflineClaim.id.not_in(decided), OfflineClaim.uploaded_by != actor.account_id)
        .where(OfflineCode.noted_by != actor.account_id)
        .group_by(OfflineClaim.exam_id)
    )
    return [(exam_id, count) for exam_id, count in rows]


def _statement() -> Select[OfflineClaim]:
    return select(OfflineClaim).order_by(OfflineClaim.id.desc())


def _claims(session: Session, wanted: Select[OfflineClaim]) -> list[Claim]:
    noter, signer, uploader, decider = (aliased(Account) for _person in range(4))
    statement = (
        wanted.join(OfflineCode, OfflineCode.id == OfflineClaim.code_id)
        .join(Sitting, Sitting.id == OfflineClaim.sitting_id)
        .join(Candidate, Candidate.id == Sitting.candidate_id)
        .join(Receipt, (Receipt.sitting_id == Sitting.id) & (Receipt.revision == OfflineClaim.revision))
        .join(Incident, Incident.id == OfflineCode.incident_id)
        .join(noter, noter.id == OfflineCode.noted_by)
        .join(uploader, uploader.id == OfflineClaim.uploaded_by)
        .outerjoin(signer, signer.id == Incident.second_signer)
        .outerjoin(ClaimDecision, ClaimDecision.claim_id == OfflineClaim.id)
        .outerjoin(decider, decider.id == ClaimDecision.decided_by)
        .add_columns(OfflineCode, Sitting, Candidate, Receipt, ClaimDecision)
        .add_columns(noter.name, signer.name, uploader.name, decider.name)
    )
    return [
        Claim(
            row[0],
            row[1],
            row[2],
            row[3],
            row[4],
            row[5],
            {"noted": row[6], "signed": row[7] or "", "uploaded": row[8], "decided": row[9] or ""},
            row[7] is not None,
        )
        for row in session.execute(statement)
    ]
