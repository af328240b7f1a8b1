"""How one response is marked: the scorer of each type, named policies, exact arithmetic, one rounding per item. Pure.

Every mark carries a Chinese sentence with its arithmetic. It names the key, so it is shown only where keys may be.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from core.exact import excerpt, show_hundredths
from grading.scoring.blanks import KeyProblem
from grading.scoring.marking import (
    BY_PARTS,
    DEFAULT_PER_CORRECT_HUNDREDTHS,
    POLICIES,
    BadResponse,
    Marked,
    Question,
    Verdict,
)
from grading.scoring.scorers.choices import mark_multiple, mark_single, mark_truth
from grading.scoring.scorers.fill_blank import mark_blanks
from grading.scoring.scorers.matching import mark_pairs
from grading.scoring.scorers.numeric import mark_number
from grading.scoring.scorers.ordering import mark_order

__all__ = [
    "POLICIES",
    "BadResponse",
    "KeyProblem",
    "Marked",
    "Question",
    "Total",
    "default_policy",
    "listed",
    "points_of",
    "score",
    "score_response",
    "total",
]


@dataclass(frozen=True)
class Total:
    """The sum of marked items, in hundredths of a point."""

    score_hundredths: int
    max_hundredths: int
    arithmetic: str


@dataclass(frozen=True)
class Scorer:
    """How a type is marked: the function, and the policy that it has unless a section names another.

    ``text_alone``: whether a response may be given as the text that it is, without a list around it.
    """

    mark: Callable[[Question, Sequence[object]], Marked]
    default: str = "all_or_nothing"
    text_alone: bool = False


def score(question: Question, response: Sequence[object] | None) -> Marked:
    """Mark one response, rounded once to 0.01 (a case: each part).

    Raises ``KeyProblem`` where the key cannot be scored with and ``BadResponse`` where the response has a wrong shape.
    """
    scorer = SCORERS.get(question.type)
    if scorer is None:
        raise KeyProblem(f"题型“{excerpt(question.type)}”不能自动评分，请改由阅卷员评分。")
    if question.policy not in POLICIES and (question.type, question.policy) != ("case", BY_PARTS):
        raise KeyProblem(f"没有名为“{excerpt(question.policy)}”的计分规则，请从 {'、'.join(POLICIES)} 中选用。")
    return scorer.mark(question, response or ())


def score_response(
    *,
    item_type: str,
    policy: str,
    points_hundredths: int,
    key: Sequence[object],
    response: Sequence[object] | None,
    options: Sequence[str] | None = None,
    order_free: bool = False,
    fractions: Mapping[str, object] | None = None,
    per_correct_hundredths: int = DEFAULT_PER_CORRECT_HUNDREDTHS,
    parts: Sequence[Question] = (),
) -> Marked:
    """Mark one response to the question that these values make. Raises as ``score``."""
    points = points_of(points_hundredths)
    question = Question(item_type, policy, points, key, options, order_free, fractions, per_correct_hundredths, parts)
    return score(question, response)


def points_of(hundredths: object) -> Fraction:
    """Return points stored in hundredths, exactly. Raises ``KeyProblem``."""
    if isinstance(hundredths, bool) or not isinstance(hundredths, int) or hundredths < 0:
        raise KeyProblem("试题分值应为不小于 0 的整数（百分之一分），请修改分值后再评分。")
    return Fraction(hundredths, 100)


def default_policy(item_type: str) -> str:
    """Return the policy an item type has unless a section or an item names another."""
    return SCORERS[item_type].default if item_type in SCORERS else "all_or_nothing"


def listed(item_type: str, response: object) -> object:
    """Return a response as the list that it is meant to be, where the type lets a text stand alone."""
    alone = isinstance(response, str) and item_type in SCORERS and SCORERS[item_type].text_alone
    return [response] if alone else response


def total(marked: Iterable[Marked]) -> Total:
    """Add up items as they are shown, each already rounded; nothing is rounded again."""
    items = list(marked)
    score = sum(item.score_hundredths for item in items)
    maximum = sum(item.max_hundredths for item in items)
    words = f"共 {len(items)} 题，各题得分相加：{show_hundredths(score)} 分（满分 {show_hundredths(maximum)} 分）"
    return Total(score, maximum, words)


def _mark_case(question: Question, response: Sequence[object]) -> Marked:
    """Mark each part by itself and add the marks up, each already rounded."""
    if response and len(response) != len(question.parts):
        raise BadResponse(f"案例题的作答应为列表，{len(question.parts)} 道小题各一项，未答的写空列表 []。")
    answers = list(response) or [()] * len(question.parts)
    told, marks = [], []
    for number, (part, answer) in enumerate(zip(question.parts, answers, strict=True), 1):
        one = _mark_part(number, _under(part, question.policy), answer)
        told.append(f"({number}) {one.arithmetic}")
        marks.append(one)
    added = total(marks)
    worth = [one for one in marks if one.max_hundredths]
    terms = " + ".join(show_hundredths(one.score_hundredths) for one in worth)
    words = f"案例题，共 {len(worth)} 小题：{'；'.join(told)}；各小题得分相加 {terms} = {show_hundredths(added.score_hundredths)}"
    return Marked(added.score_hundredths, added.max_hundredths, words, _verdict(worth))


def _under(part: Question, policy: str) -> Question:
    # A policy asked for the whole holds for every part; "each by its own" leaves what the part says.
    return part if policy == BY_PARTS or part.type == "description" else replace(part, policy=policy)


def _mark_part(number: int, part: Question, answer: object) -> Marked:
    answer = listed(part.type, answer)
    if isinstance(answer, str) or not isinstance(answer, Sequence):
        raise BadResponse(f"第 {number} 小题的作答应为列表，未答的写空列表 []。")
    try:
        return score(part, answer)
    except (KeyProblem, BadResponse) as problem:
        raise type(problem)(f"第 {number} 小题：{problem}") from problem


def _verdict(marks: Sequence[Marked]) -> Verdict:
    verdicts = {one.verdict for one in marks}
    if len(verdicts) == 1:
        return verdicts.pop()
    return "partial" if any(one.score_hundredths for one in marks) else "wrong"


def _mark_description(question: Question, response: Sequence[object]) -> Marked:
    if response:
        raise BadResponse("说明文字不作答，作答应为空列表 []。")
    return Marked(0, 0, "说明文字，不作答、不计分", "unanswered")


SCORERS: Mapping[str, Scorer] = {
    "single_choice": Scorer(mark_single),
    "multiple_choice": Scorer(mark_multiple),
    "true_false": Scorer(mark_truth),
    "fill_blank": Scorer(mark_blanks, "proportional"),
    "numeric": Scorer(mark_number, text_alone=True),
    "matching": Scorer(mark_pairs, "proportional"),
    "ordering": Scorer(mark_order),
    "case": Scorer(_mark_case, BY_PARTS),
    "description": Scorer(_mark_description),
}
