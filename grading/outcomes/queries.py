"""Reading rule sets, proposals and decisions, and gathering the facts that a proposal rests on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.errors import NotFound
from core.i18n import _
from exam.identities import Identity
from grading.interview.queries import ConfirmedResult, confirmed_results, panels_of_exam, turns_of
from grading.outcomes.models import Decision, PreviousFailure, Proposal, RuleSetVersion
from grading.outcomes.rule_sets import PartCode, RuleSet, read_rule_set
from grading.outcomes.rules import ABSENT, MISSING, Achieved, Facts
from grading.scoring.queries import PaperResult, SectionResult, paper_results, section_results


@dataclass(frozen=True)
class Results:
    """Everything known of an exam's candidates, by blind number (previous failures: by candidate)."""

    papers: Mapping[str, PaperResult]
    sections: Mapping[str, Mapping[str, SectionResult]]
    interviews: Mapping[str, ConfirmedResult]
    interview_absent: frozenset[str]
    previous_failures: Mapping[int, int]


def rule_versions(session: Session, exam_id: int) -> list[RuleSetVersion]:
    """Every version of the exam's rules, the one in force first."""
    statement = select(RuleSetVersion).where(RuleSetVersion.exam_id == exam_id)
    return list(session.scalars(statement.order_by(RuleSetVersion.version.desc())))


def rules_in_force(session: Session, exam_id: int) -> RuleSet | None:
    """The rule set of the highest version, or None before one was set."""
    statement = select(RuleSetVersion).where(RuleSetVersion.exam_id == exam_id)
    row = session.scalar(statement.order_by(RuleSetVersion.version.desc()).limit(1))
    return None if row is None else read_rule_set(row.rules)


def current_proposals(session: Session, exam_id: int) -> dict[int, Proposal]:
    """The latest proposal of each candidate of the exam."""
    latest = (
        select(Proposal.candidate_id, func.max(Proposal.run).label("run"))
        .where(Proposal.exam_id == exam_id)
        .group_by(Proposal.candidate_id)
        .subquery()
    )
    statement = (
        select(Proposal)
        .join(latest, (latest.c.candidate_id == Proposal.candidate_id) & (latest.c.run == Proposal.run))
        .where(Proposal.exam_id == exam_id)
    )
    return {row.candidate_id: row for row in session.scalars(statement)}


def proposals_of(session: Session, exam_id: int, candidate_id: int) -> list[Proposal]:
    """Every proposal for one candidate, the latest first."""
    statement = select(Proposal).where(Proposal.exam_id == exam_id, Proposal.candidate_id == candidate_id)
    return list(session.scalars(statement.order_by(Proposal.run.desc())))


def current_decisions(session: Session, exam_id: int) -> dict[int, Decision]:
    """The latest record of a decision for each candidate of the exam."""
    latest = (
        select(Decision.candidate_id, func.max(Decision.revision).label("revision"))
        .where(Decision.exam_id == exam_id)
        .group_by(Decision.candidate_id)
        .subquery()
    )
    statement = (
        select(Decision)
        .join(latest, (latest.c.candidate_id == Decision.candidate_id) & (latest.c.revision == Decision.revision))
        .where(Decision.exam_id == exam_id)
    )
    return {row.candidate_id: row for row in session.scalars(statement)}


def decisions_of(session: Session, exam_id: int, candidate_id: int) -> list[Decision]:
    """Every record of a decision for one candidate, the latest first."""
    statement = select(Decision).where(Decision.exam_id == exam_id, Decision.candidate_id == candidate_id)
    return list(session.scalars(statement.order_by(Decision.revision.desc())))


def previous_failures_of(session: Session, exam_id: int, candidate_id: int) -> list[PreviousFailure]:
    """What was recorded of a candidate's earlier failures, the latest first."""
    statement = select(PreviousFailure).where(
        PreviousFailure.exam_id == exam_id, PreviousFailure.candidate_id == candidate_id
    )
    return list(session.scalars(statement.order_by(PreviousFailure.id.desc())))


def results_of_exam(session: Session, exam_id: int, rules: RuleSet | None) -> Results:
    """Scores of paper and interview; the sections only where the rules have floors for them."""
    absent = [
        turn.blind_number
        for panel in panels_of_exam(session, exam_id)
        for turn in turns_of(session, panel.id)
        if turn.state == "absent"
    ]
    wanted = rules is not None and bool(rules.section_floors)
    return Results(
        papers=paper_results(session, exam_id),
        sections=section_results(session, exam_id) if wanted else {},
        interviews=confirmed_results(session, exam_id),
        interview_absent=frozenset(absent),
        previous_failures=_previous_failures(session, exam_id),
    )


def facts_of(identity: Identity, results: Results, rules: RuleSet) -> Facts:
    """What the rules are given for one candidate."""
    parts: dict[PartCode, Achieved] = {}
    for part in rules.parts:
        if part.code == "paper":
            parts["paper"] = _paper(identity, results)
        elif part.code == "interview":
            parts["interview"] = _interview(identity, results)
    return Facts(
        parts=parts,
        sections={
            name: Achieved.hundredths(section.score_hundredths, section.max_hundredths)
            for name, section in results.sections.get(identity.blind_number, {}).items()
            if any(floor.name == name for floor in rules.section_floors)
        },
        previous_failures=results.previous_failures.get(identity.candidate_id, 0),
    )


def same_basis(proposal: Proposal | None, rules: RuleSet, facts: Facts) -> bool:
    """Whether a proposal was computed under these rules from these facts."""
    return proposal is not None and proposal.rule_set_version == rules.version and proposal.facts == facts.as_json()


def outdated(
    identities: Sequence[Identity], proposals: Mapping[int, Proposal], results: Results, rules: RuleSet | None
) -> list[int]:
    """The candidates whose proposal does not rest on what is known now, those without one included."""
    if rules is None:
        return []
    return [
        one.candidate_id
        for one in identities
        if not same_basis(proposals.get(one.candidate_id), rules, facts_of(one, results, rules))
    ]


def identity_among(identities: Sequence[Identity], candidate_id: int) -> Identity:
    """The candidate of this exam. Raises ``NotFound`` for anybody else."""
    for identity in identities:
        if identity.candidate_id == candidate_id:
            return identity
    raise NotFound(_("这场考试没有这名考生。请从名单重新选择。"))


def unchecked(session: Session, exam_id: int) -> list[Decision]:
    """Decisions that wait for their checker, oldest first."""
    waiting = [row for row in current_decisions(session, exam_id).values() if row.state == "recorded"]
    return sorted(waiting, key=lambda row: row.id)


def counts_by_kind(proposals: Mapping[int, Any]) -> dict[str, int]:
    """How many proposals (or decisions) there are of each kind."""
    counts: dict[str, int] = {}
    for row in proposals.values():
        counts[row.kind] = counts.get(row.kind, 0) + 1
    return counts


def _paper(identity: Identity, results: Results) -> Achieved:
    if identity.attendance == "leave":
        return Achieved("leave", basis=identity.leave_basis)
    if identity.attendance == "absent":
        return ABSENT
    scored = results.papers.get(identity.blind_number)
    return MISSING if scored is None else Achieved.hundredths(scored.total_hundredths, scored.max_hundredths)


def _interview(identity: Identity, results: Results) -> Achieved:
    scored = results.interviews.get(identity.blind_number)
    if scored is not None:
        return Achieved.hundredths(scored.result_hundredths)
    # Who sat the paper may have leave for the interview alone: leave on record is never absence.
    if identity.attendance == "leave" or identity.leave_basis:
        return Achieved("leave", basis=identity.leave_basis)
    return ABSENT if identity.blind_number in results.interview_absent else MISSING


def _previous_failures(session: Session, exam_id: int) -> dict[int, int]:
    rows = session.scalars(
        select(PreviousFailure).where(PreviousFailure.exam_id == exam_id).order_by(PreviousFailure.id)
    )
    return {row.candidate_id: row.failures for row in rows}
