"""Scores with names beside them, for the organizer's pages: search, filter, order and page a list of people."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from core.i18n import lazy
from core.web.paging import PER_PAGE, Page
from exam.handover import ExamFacts, exams
from exam.identities import Identity
from grading.scoring.models import ScoringProblem
from grading.scoring.queries import PaperResult
from grading.scoring.rules import POLICIES
from question_bank.item_types.registry import item_type

Row = TypeVar("Row")

STATES = {
    "scored": (lazy("已评分"), "done"),
    "problem": (lazy("评分受阻"), "danger"),
    "waiting": (lazy("待评分"), "accent"),
    "sitting": (lazy("考试中"), "accent"),
    "expected": (lazy("未到考"), "neutral"),
    "absent": (lazy("缺考"), "warning"),
    "leave": (lazy("请假缓考"), "neutral"),
}


@dataclass(frozen=True)
class ScoreRow:
    """One candidate with the paper's score, or why there is none."""

    identity: Identity
    result: PaperResult | None
    state: str
    problem: str = ""


def score_rows(
    identities: Sequence[Identity], results: dict[str, PaperResult], problems: dict[int, ScoringProblem]
) -> list[ScoreRow]:
    """One row for each candidate, in the order given."""
    return [_row(one, results.get(one.blind_number), problems.get(one.sitting_id or 0)) for one in identities]


def matching_identity(identity: Identity, words: str) -> bool:
    """Whether admission number, name, unit or post holds the words."""
    sought = words.strip().casefold()
    texts = (identity.admission_number, identity.name, identity.unit, identity.post)
    return not sought or any(sought in text.casefold() for text in texts)


def counts(states: Sequence[str]) -> Counter[str]:
    """How many rows there are in each state."""
    return Counter(states)


def ordered(rows: Sequence[Row], sort: str, keys: dict[str, Callable[[Row], Any]]) -> list[Row]:
    """The rows by one of ``keys`` (``-`` before it: descending); rows without that value come last either way."""
    key = keys.get(sort.removeprefix("-"))
    if key is None:
        return list(rows)
    having = [row for row in rows if key(row) is not None]
    lacking = [row for row in rows if key(row) is None]
    return sorted(having, key=key, reverse=sort.startswith("-")) + lacking


def page_of(rows: Sequence[Row], page: int, per_page: int = PER_PAGE) -> Page[Row]:
    """One page of rows that are all in memory; a page beyond the end is the last one."""
    pages = max(1, -(-len(rows) // per_page))
    page = min(max(1, page), pages)
    return Page(rows[(page - 1) * per_page : page * per_page], page, pages, len(rows), per_page)


def policy_word(type_name: str, policy: str) -> Any:
    """A scoring policy as the type calls it; for one that the type does not state, as the scoring rules do."""
    stated = item_type(type_name).policies.get(policy)
    return stated.word if stated else POLICIES.get(policy, policy)


def keys_may_show(session: Session, exam: ExamFacts, now: datetime) -> bool:
    """Whether keys and what tells them may be shown: nobody can still sit one of these papers, in whatever exam.

    Extra time and pauses outlast the session's end: while one person is writing, the keys stay shut.
    """
    papers = {one.paper_id for one in exam.sessions}
    using = [one for other in exams(session) for one in other.sessions if one.paper_id in papers]
    return all(one.last_end <= now and not one.running for one in using)


def _row(identity: Identity, result: PaperResult | None, problem: ScoringProblem | None) -> ScoreRow:
    if result is not None and identity.attendance != "leave":
        return ScoreRow(identity, result, "scored")
    if problem is not None:
        return ScoreRow(identity, None, "problem", problem.sentence)
    state = "waiting" if identity.attendance == "present" else identity.attendance
    return ScoreRow(identity, None, state)
