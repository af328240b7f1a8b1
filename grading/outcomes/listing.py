"""Proposals and decisions beside names, for lists that search, filter and sort."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from core.exact import hundredths
from core.i18n import lazy
from core.natural_order import natural_key
from core.spreadsheet_writing import Value
from exam.identities import Identity
from grading.outcomes.models import Decision, Proposal
from grading.outcomes.rule_sets import RuleSet
from grading.results.queries import matching_identity, ordered

KINDS = {
    "deferral": (lazy("建议暂缓"), "warning"),
    "cancellation": (lazy("建议取消"), "danger"),
    "qualified": (lazy("合格"), "done"),
    "approved_leave": (lazy("请假缓考"), "neutral"),
    "pending": (lazy("待定"), "accent"),
    "none": (lazy("未计算"), "neutral"),
}
DECISION_STATES = {
    "none": (lazy("未录入"), "neutral"),
    "recorded": (lazy("待核对"), "accent"),
    "returned": (lazy("已退回"), "warning"),
    "checked": (lazy("已核对"), "done"),
}


@dataclass(frozen=True)
class OutcomeRow:
    """One candidate with the current proposal and the current record of a decision."""

    identity: Identity
    proposal: Proposal | None
    decision: Decision | None
    outdated: bool = False

    @property
    def kind(self) -> str:
        """The proposal's kind; ``none`` before one was computed."""
        return self.proposal.kind if self.proposal else "none"

    @property
    def decision_state(self) -> str:
        """The decision's state; ``none`` before one was recorded."""
        return self.decision.state if self.decision else "none"

    def distance(self, rules: RuleSet | None) -> int | None:
        """The composite less the cut score, in hundredths; None without a composite."""
        if rules is None or self.proposal is None or self.proposal.composite_hundredths is None:
            return None
        return self.proposal.composite_hundredths - hundredths(rules.cut)


SORTS: dict[str, Callable[[OutcomeRow], Any]] = {
    "number": lambda row: row.identity.admission_number,
    "name": lambda row: row.identity.name,
    "unit": lambda row: natural_key(row.identity.unit),
    "paper": lambda row: row.proposal.paper_hundredths if row.proposal else None,
    "interview": lambda row: row.proposal.interview_hundredths if row.proposal else None,
    "composite": lambda row: row.proposal.composite_hundredths if row.proposal else None,
}


def outcome_rows(
    identities: Sequence[Identity],
    proposals: Mapping[int, Proposal],
    decisions: Mapping[int, Decision],
    outdated: Sequence[int] = (),
) -> list[OutcomeRow]:
    """One row for each candidate, in the order given."""
    old = set(outdated)
    return [
        OutcomeRow(one, proposals.get(one.candidate_id), decisions.get(one.candidate_id), one.candidate_id in old)
        for one in identities
    ]


def chosen(rows: Sequence[OutcomeRow], words: str, kind: str, state: str, sort: str) -> list[OutcomeRow]:
    """The rows that match the search, the proposal's kind and the decision's state, in the wanted order."""
    found = [
        row
        for row in rows
        if kind in ("", row.kind) and state in ("", row.decision_state) and matching_identity(row.identity, words)
    ]
    return ordered(found, sort or "number", SORTS)


def cells(row: OutcomeRow) -> tuple[Value, ...]:
    """The row for a spreadsheet."""
    one, proposal = row.identity, row.proposal
    return (
        one.admission_number,
        one.name,
        one.unit,
        one.post,
        _mark(proposal.paper_hundredths if proposal else None),
        _mark(proposal.interview_hundredths if proposal else None),
        _mark(proposal.composite_hundredths if proposal else None),
        str(KINDS[row.kind][0]),
        "；".join(proposal.reasons) if proposal else "",
        proposal.arithmetic if proposal else "",
    )


def _mark(value: int | None) -> Value:
    return None if value is None else Decimal(value).scaleb(-2)
