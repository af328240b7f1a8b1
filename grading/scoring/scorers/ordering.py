"""Marking an order: by the places on which the right entries stand. Pure."""

from collections.abc import Sequence
from fractions import Fraction

from core.exact import excerpt
from grading.scoring.blanks import KeyProblem
from grading.scoring.marking import BadResponse, Marked, Question, Tally, by_policy, unanswered


def mark_order(question: Question, response: Sequence[object]) -> Marked:
    """Mark an order by policy: an entry is right when it stands on its own place, counted from the first."""
    right = _labels(question.key, KeyProblem, "标准答案")
    if not right:
        raise KeyProblem("这道排序题没有标准答案，请补上答案后再评分。")
    given = _labels(response, BadResponse, "作答")
    unknown = [label for label in given if label not in right]
    if unknown:
        raise BadResponse(f"作答中的“{excerpt(unknown[0])}”不是本题的项，本题只有 {'、'.join(sorted(right))}。")
    head = f"排序题，正确顺序 {'→'.join(right)}"
    if not given:
        return unanswered(head, question.points)
    hit = sum(one == other for one, other in zip(right, given, strict=False))
    wrong = len(given) - hit
    counts = f"位置正确 {hit} 项、位置不对 {wrong} 项" + (
        f"、未排 {len(right) - len(given)} 项" if len(given) < len(right) else ""
    )
    told = "有一项位置不对即不得分"
    tally = Tally(Fraction(hit), len(right), wrong, counts, "排", "项", "未排全", told, "按位置正确的项数给分")
    return by_policy(f"{head}，作答 {'→'.join(given)}", question, tally)


def _labels(labels: object, problem: type[ValueError], what: str) -> list[str]:
    if isinstance(labels, str) or not isinstance(labels, Sequence) or not all(isinstance(one, str) for one in labels):
        raise problem(f'{what}应为各项字母的列表，例如 ["B", "A"]。')
    found = [str(label).strip() for label in labels]
    if len(set(found)) < len(found):
        raise problem(f"{what}里有重复的项，每项只能写一次。")
    return found
