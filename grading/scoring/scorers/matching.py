"""Marking pairs: each left side counts alike. Pure."""

from collections.abc import Sequence
from fractions import Fraction

from core.exact import excerpt
from grading.scoring.blanks import KeyProblem
from grading.scoring.marking import BadResponse, Marked, Question, Tally, by_policy, unanswered


def mark_pairs(question: Question, response: Sequence[object]) -> Marked:
    """Mark pairs by policy; left sides that were not matched are missing, not wrong."""
    right = _pairs(question.key, KeyProblem, "标准答案")
    if not right:
        raise KeyProblem("这道匹配题没有标准答案，请补上答案后再评分。")
    chosen = _pairs(response, BadResponse, "作答")
    unknown = [left for left in chosen if left not in right]
    if unknown:
        raise BadResponse(f"作答中的“{excerpt(unknown[0])}”不是本题左边的项，请核对题号。")
    known = {*(question.options or ()), *right.values()}
    strange = [other for other in chosen.values() if other not in known]
    if strange:
        raise BadResponse(f"作答中的“{excerpt(strange[0])}”不是本题右边的项，请核对题号。")
    head = f"匹配题，标准答案 {_words(right)}"
    if not chosen:
        return unanswered(head, question.points)
    hit = sum(right[left] == other for left, other in chosen.items())
    wrong = len(chosen) - hit
    counts = f"配对 {hit} 项、配错 {wrong} 项、未配 {len(right) - len(chosen)} 项"
    told = "有一项未配对即不得分"
    tally = Tally(Fraction(hit), len(right), wrong, counts, "配", "项", "未配全", told, "各项平均给分")
    return by_policy(f"{head}，作答 {_words(chosen)}", question, tally)


def _pairs(pairs: object, problem: type[ValueError], what: str) -> dict[str, str]:
    if isinstance(pairs, str) or not isinstance(pairs, Sequence):
        raise problem(f'{what}应为配对的列表，例如 [["左", "右"]]。')
    found: dict[str, str] = {}
    for pair in pairs:
        two = list(pair) if isinstance(pair, Sequence) and not isinstance(pair, str) else []
        if len(two) != 2 or not all(isinstance(side, str) for side in two):
            raise problem(f'{what}应为配对的列表，例如 [["左", "右"]]。')
        left, right = (str(side).strip() for side in two)
        if left in found:
            raise problem(f"{what}里左边的“{excerpt(left)}”配了两次，每项只能配一个。")
        found[left] = right
    return found


def _words(pairs: dict[str, str]) -> str:
    return "、".join(f"{excerpt(left)}—{excerpt(right)}" for left, right in pairs.items())
