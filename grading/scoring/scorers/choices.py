"""Marking choices: single, multiple, true or false. Pure."""

from collections.abc import Sequence
from fractions import Fraction

from core.exact import excerpt, show, show_exact
from grading.scoring.blanks import KeyProblem, read_share
from grading.scoring.marking import (
    NONE,
    WHOLE,
    BadResponse,
    Marked,
    Question,
    Tally,
    by_policy,
    clamped,
    marked,
    product,
    unanswered,
)

_TRUTH = {"true": "正确", "false": "错误"}


def mark_single(question: Question, response: Sequence[object]) -> Marked:
    """Mark a single choice: right, wrong, or the share that the source states for the option."""
    return _mark(question, response, "单选题", many=False)


def mark_multiple(question: Question, response: Sequence[object]) -> Marked:
    """Mark a multiple choice by its policy, or by the shares that the source states."""
    return _mark(question, response, "多选题", many=True)


def mark_truth(question: Question, response: Sequence[object]) -> Marked:
    """Mark a true or false."""
    return _mark(question, response, "判断题", many=False, truth=True)


def _mark(question: Question, response: Sequence[object], word: str, *, many: bool, truth: bool = False) -> Marked:
    points, shares = question.points, question.fractions
    known = list(_TRUTH) if truth else question.options
    right = labels_of(question.key, known, KeyProblem, "标准答案")
    if not right and not shares:
        raise KeyProblem(f"这道{word}没有标准答案，请补上答案后再评分。")
    chosen = labels_of(response, known, BadResponse, "作答")
    head = f"{word}，标准答案 {_join(right, truth)}" if right else word
    if not chosen:
        return unanswered(head, points)
    head += f"，作答 {_join(chosen, truth)}"
    if not many and len(chosen) > 1:
        return marked(NONE, points, f"{head}：只能选一项，选了 {len(chosen)} 项，得 0.00 分")
    if shares is not None:
        stated = [(label, read_share(shares.get(label, "0"))) for label in chosen]
        return _mark_by_shares(head, points, stated)
    if not many:
        share = WHOLE if chosen[0] in right else NONE
        return marked(share, points, f"{head}：{'答对' if share else '答错'}，得 {show(share * points)} 分")
    hit = sum(label in right for label in chosen)
    wrong = len(chosen) - hit
    counts = f"选对 {hit} 项、漏选 {len(right) - hit} 项、错选 {wrong} 项"
    strictly = "少选、多选、错选均不得分"
    tally = Tally(Fraction(hit), len(right), wrong, counts, "选", "项", "漏选", strictly, lenient=False)
    return by_policy(head, question, tally)


def _mark_by_shares(head: str, points: Fraction, stated: Sequence[tuple[str, Fraction]]) -> Marked:
    added = sum((share for _label, share in stated), NONE)
    share = clamped(added)
    terms = " + ".join(f"{label} {_signed(each)}" for label, each in stated)
    bound = "" if share == added else "（最低计 0）" if added < 0 else "（最高计 1）"
    told = f"按各选项的得分比例 {terms} = {show_exact(added)}{bound}；"
    return marked(share, points, f"{head}：{told}{product(show_exact(share), share * points, points)}")


def labels_of(labels: object, known: Sequence[str] | None, problem: type[ValueError], what: str) -> list[str]:
    """Return labels sorted and unique. Raises ``problem`` where they are none or unknown."""
    if isinstance(labels, str) or not isinstance(labels, Sequence) or not all(isinstance(one, str) for one in labels):
        raise problem(f'{what}应为选项字母的列表，例如 ["A", "C"]。')
    distinct = sorted({str(label).strip() for label in labels})
    unknown = [label for label in distinct if known is not None and label not in known]
    if unknown:
        raise problem(f"{what}中的“{excerpt(unknown[0])}”不是本题的选项，本题只有 {'、'.join(known or ())}。")
    return distinct


def _signed(share: Fraction) -> str:
    return show_exact(share) if share >= 0 else f"({show_exact(share)})"


def _join(labels: Sequence[str], truth: bool) -> str:
    if truth:
        return "、".join(_TRUTH[label] for label in labels)
    return ("" if all(len(label) == 1 for label in labels) else "、").join(excerpt(label) for label in labels)
