"""Rule sets, proposals, previous failures: what the machine computes and what it computes from. Decisions: decisions.py."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.accounts.actors import Actor
from core.audit.service import record
from core.clock import Clock
from core.errors import BadInput, Conflict
from core.exact import hundredths
from core.i18n import _
from exam.identities import Identity
from grading.outcomes.models import PreviousFailure, Proposal, RuleSetVersion
from grading.outcomes.queries import (
    Results,
    current_proposals,
    facts_of,
    results_of_exam,
    rule_versions,
    rules_in_force,
    same_basis,
)
from grading.outcomes.rule_sets import RuleProblem, RuleSet, check
from grading.outcomes.rules import Facts, FactsProblem, propose

LONGEST_REASON = 500
MOST_FAILURES = 9


@dataclass(frozen=True)
class Computed:
    """What a computation brought: the run's number (None when nothing had changed) and how many proposals are new."""

    run: int | None
    changed: int
    candidates: int


def set_rules(
    session: Session, actor: Actor, clock: Clock, exam_id: int, rules: RuleSet, reason: str, based_on: int
) -> RuleSetVersion:
    """Add a version of the exam's rules on top of version ``based_on`` (0: there is none yet).

    Raises ``BadInput`` for rules that cannot be applied, for a change without a reason or without any change, and
    ``Conflict`` when somebody else changed them meanwhile.
    """
    versions = rule_versions(session, exam_id)
    latest = versions[0].version if versions else 0
    if latest != based_on:
        raise Conflict(
            _("规则刚被别人改为第 %(version)s 版，本次没有保存。请核对新版后再改。", version=latest), code="stale"
        )
    reason = reason.strip()
    if versions and not reason:
        raise BadInput(_("更改规则必须写明理由，规则没有更改。"), code="no_reason")
    if len(reason) > LONGEST_REASON:
        raise BadInput(_("理由超过 %(most)s 字，请缩短。", most=LONGEST_REASON), code="no_reason")
    try:
        fresh = check(dataclasses.replace(rules, version=latest + 1))
    except RuleProblem as problem:
        raise BadInput(str(problem), code="bad_rules") from problem
    if versions and _same_rules(versions[0].rules, fresh.as_json()):
        raise BadInput(_("内容与现行的第 %(version)s 版相同，没有生成新版本。", version=latest), code="unchanged")
    row = RuleSetVersion(
        exam_id=exam_id,
        version=fresh.version,
        rules=fresh.as_json(),
        reason=reason,
        set_by=actor.id,
        set_at=clock.now(),
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        raise Conflict(_("规则刚被别人更改，本次没有保存。请刷新后核对新版再改。"), code="stale") from None
    record(session, actor, clock, "rules_set", "exam", exam_id, version=fresh.version, reason=reason)
    return row


def compute_proposals(
    session: Session, actor: Actor, clock: Clock, exam_id: int, identities: Sequence[Identity]
) -> Computed:
    """Compute 处理建议 for everybody and append those that changed, as one run. Raises ``Conflict`` without rules."""
    rules = rules_in_force(session, exam_id)
    if rules is None:
        raise Conflict(_("这场考试还没有设定结果规则，没有计算。请先设定规则。"), code="no_rules")
    results = results_of_exam(session, exam_id, rules)
    before = current_proposals(session, exam_id)
    run = (session.scalar(select(func.max(Proposal.run)).where(Proposal.exam_id == exam_id)) or 0) + 1
    rows = []
    for identity in identities:
        facts = facts_of(identity, results, rules)
        if not same_basis(before.get(identity.candidate_id), rules, facts):
            rows.append(_proposal_row(exam_id, run, identity, rules, facts, results, clock))
    if not rows:
        return Computed(None, 0, len(identities))
    try:
        with session.begin_nested():
            session.execute(insert(Proposal), rows)
    except IntegrityError:
        raise Conflict(_("处理建议刚由别人计算过，本次没有写入。请刷新页面查看。"), code="stale") from None
    counts: dict[str, int] = {}
    for row in rows:
        counts[row["kind"]] = counts.get(row["kind"], 0) + 1
    record(session, actor, clock, "proposals_computed", "exam", exam_id, run=run, count=len(rows), kinds=counts)
    return Computed(run, len(rows), len(identities))


def record_previous_failures(
    session: Session, actor: Actor, clock: Clock, exam_id: int, candidate_id: int, failures: int, basis: str
) -> None:
    """Note how often a candidate failed before this exam, and on what basis. Raises ``BadInput``."""
    basis = basis.strip()
    if not 0 <= failures <= MOST_FAILURES:
        raise BadInput(_("此前不合格次数应为 0 至 %(most)s，没有保存。", most=MOST_FAILURES), code="failures")
    if not 0 < len(basis) <= LONGEST_REASON:
        raise BadInput(
            _("请写明依据（不超过 %(most)s 字），例如哪一次考试、哪一份成绩册。", most=LONGEST_REASON), code="basis"
        )
    session.add(
        PreviousFailure(
            exam_id=exam_id,
            candidate_id=candidate_id,
            failures=failures,
            basis=basis,
            recorded_by=actor.account_id,
            recorded_at=clock.now(),
        )
    )
    record(session, actor, clock, "previous_failures_recorded", "candidate", candidate_id, failures=failures)


def _proposal_row(
    exam_id: int, run: int, identity: Identity, rules: RuleSet, facts: Facts, results: Results, clock: Clock
) -> dict[str, Any]:
    try:
        proposal = propose(rules, facts)
    except FactsProblem as problem:
        raise Conflict(
            _("准考证号 %(number)s：%(problem)s", number=identity.admission_number, problem=str(problem))
        ) from problem
    paper = results.papers.get(identity.blind_number)
    interview = results.interviews.get(identity.blind_number)
    scored = {code for code, part in facts.parts.items() if part.status == "scored"}
    return {
        "exam_id": exam_id,
        "candidate_id": identity.candidate_id,
        "run": run,
        "rule_set_version": rules.version,
        "kind": proposal.kind,
        "paper_hundredths": paper.total_hundredths if paper and "paper" in scored else None,
        "paper_max_hundredths": paper.max_hundredths if paper and "paper" in scored else None,
        "interview_hundredths": interview.result_hundredths if interview and "interview" in scored else None,
        "composite_hundredths": None if proposal.composite is None else hundredths(proposal.composite),
        "arithmetic": proposal.arithmetic,
        "reasons": list(proposal.reasons),
        "facts": facts.as_json(),
        "computed_at": clock.now(),
    }


def _same_rules(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return {**one, "version": 0} == {**other, "version": 0}
