"""Reading scores, by blind number; who it was is known elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select, union
from sqlalchemy.orm import Session

from core.errors import NotFound
from core.i18n import _
from exam.handover import closed_ids_without, revised_receipts
from grading.scoring.models import ItemScore, PaperScore, ScoringProblem
from question_bank.delivery import deliver

IDS_AT_ONCE = 500


@dataclass(frozen=True)
class PaperResult:
    """The current score of one sitting, in hundredths of a point."""

    sitting_id: int
    run: int
    blind_number: str
    paper_id: int
    total_hundredths: int
    max_hundredths: int
    answers_digest: str
    scored_at: datetime


@dataclass(frozen=True)
class SectionResult:
    """What one section of the paper brought, in hundredths of a point."""

    score_hundredths: int
    max_hundredths: int


def paper_results(session: Session, exam_id: int) -> dict[str, PaperResult]:
    """The current score of every scored sitting of the exam, by blind number."""
    return {row.blind_number: _result(row) for row in session.scalars(_current(exam_id))}


def result_of_sitting(session: Session, exam_id: int, sitting_id: int) -> PaperResult:
    """The current score of one sitting of this exam. Raises ``NotFound``."""
    row = session.scalar(_current(exam_id).where(PaperScore.sitting_id == sitting_id))
    if row is None:
        raise NotFound(_("这位考生的答卷还没有成绩。请先评分，或返回成绩列表。"))
    return _result(row)


def item_scores(session: Session, result: PaperResult) -> list[ItemScore]:
    """The marks of the items that the result sums, in paper order."""
    statement = select(ItemScore).where(ItemScore.sitting_id == result.sitting_id, ItemScore.run == result.run)
    return list(session.scalars(statement.order_by(ItemScore.slot)))


def section_results(session: Session, exam_id: int) -> dict[str, dict[str, SectionResult]]:
    """What each section (by its title) brought, by blind number."""
    found: dict[str, dict[str, SectionResult]] = {}
    latest = _latest_runs(exam_id)
    papers = session.scalars(select(PaperScore.paper_id).where(PaperScore.exam_id == exam_id).distinct()).all()
    for paper_id in papers:
        for section in deliver(session, paper_id).sections:
            slots = [int(slot.slot) for slot in section.slots]
            rows = session.execute(
                select(
                    PaperScore.blind_number, func.sum(ItemScore.score_hundredths), func.sum(ItemScore.max_hundredths)
                )
                .join(latest, (latest.c.sitting_id == PaperScore.sitting_id) & (latest.c.run == PaperScore.run))
                .join(ItemScore, (ItemScore.sitting_id == PaperScore.sitting_id) & (ItemScore.run == PaperScore.run))
                .where(PaperScore.paper_id == paper_id, PaperScore.exam_id == exam_id, ItemScore.slot.in_(slots))
                .group_by(PaperScore.blind_number)
            )
            for blind_number, score, maximum in rows:
                found.setdefault(blind_number, {})[section.title] = SectionResult(int(score), int(maximum))
    return found


def problems_of_exam(session: Session, exam_id: int) -> dict[int, ScoringProblem]:
    """Why sittings of the exam could not be scored, by sitting."""
    rows = session.scalars(select(ScoringProblem).where(ScoringProblem.exam_id == exam_id))
    return {row.sitting_id: row for row in rows}


def scored_count(session: Session, exam_id: int) -> int:
    """How many sittings of the exam have a score."""
    statement = select(func.count(PaperScore.sitting_id.distinct())).where(PaperScore.exam_id == exam_id)
    return session.scalar(statement) or 0


def waiting_ids(session: Session, limit: int, *, again: bool = False) -> list[int]:
    """Closed sittings without a score of what counts now; those with a known problem only when asked ``again``."""
    scored: Select[int] = select(PaperScore.sitting_id)
    if not again:
        either = union(select(PaperScore.sitting_id), select(ScoringProblem.sitting_id)).subquery()
        scored = select(either.c.sitting_id)
    return _outdated_ids(session, again) + closed_ids_without(session, scored, limit=limit)


def _outdated_ids(session: Session, again: bool) -> list[int]:
    """Scored sittings whose receipt has a later revision by now (an offline hand-in was confirmed)."""
    revised = revised_receipts(session)
    scored = last_scored_as(session, list(revised))
    outdated = {one for one, (_run, digest) in scored.items() if digest != revised[one]}
    if outdated and not again:
        outdated -= set(session.scalars(select(ScoringProblem.sitting_id)))
    return sorted(outdated)


def last_scored_as(session: Session, sitting_ids: Sequence[int]) -> dict[int, tuple[int, str]]:
    """The latest run of each scored sitting, with the digest of the answers that it scored."""
    found: dict[int, tuple[int, str]] = {}
    for start in range(0, len(sitting_ids), IDS_AT_ONCE):
        rows = session.execute(
            select(PaperScore.sitting_id, PaperScore.run, PaperScore.answers_digest)
            .where(PaperScore.sitting_id.in_(sitting_ids[start : start + IDS_AT_ONCE]))
            .order_by(PaperScore.run)
        )
        found |= {sitting_id: (run, digest) for sitting_id, run, digest in rows}
    return found


def of_exam(session: Session, exam_id: int, sitting_ids: Sequence[int]) -> set[int]:
    """Those of the sittings that have a score in this exam."""
    statement = select(PaperScore.sitting_id).where(
        PaperScore.exam_id == exam_id, PaperScore.sitting_id.in_(list(sitting_ids))
    )
    return set(session.scalars(statement))


def _latest_runs(exam_id: int):  # type: ignore[no-untyped-def]
    return (
        select(PaperScore.sitting_id, func.max(PaperScore.run).label("run"))
        .where(PaperScore.exam_id == exam_id)
        .group_by(PaperScore.sitting_id)
        .subquery()
    )


def _current(exam_id: int) -> Select[PaperScore]:
    latest = _latest_runs(exam_id)
    return (
        select(PaperScore)
        .join(latest, (latest.c.sitting_id == PaperScore.sitting_id) & (latest.c.run == PaperScore.run))
        .where(PaperScore.exam_id == exam_id)
    )


def _result(row: PaperScore) -> PaperResult:
    return PaperResult(
        sitting_id=row.sitting_id,
        run=row.run,
        blind_number=row.blind_number,
        paper_id=row.paper_id,
        total_hundredths=row.total_hundredths,
        max_hundredths=row.max_hundredths,
        answers_digest=row.answers_digest,
        scored_at=row.scored_at,
    )
