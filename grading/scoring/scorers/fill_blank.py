"""Marking blanks. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from core.exact import excerpt, show_exact
from grading.scoring.blanks import (
    Accepted,
    KeyProblem,
    normalise,
    read_accepted,
    shares_in_any_order,
    shares_in_order,
)
from grading.scoring.marking import NONE, WHOLE, BadResponse, Marked, Question, Tally, by_policy, unanswered

_WEIGHING = ("proportional", "all_or_nothing")


def mark_blanks(question: Question, response: Sequence[object]) -> Marked:
    """Mark what was written into the blanks, by policy."""
    if not question.key:
        raise KeyProblem("这道填空题没有标准答案，请补上答案后再评分。")
    blanks = [_read_blank(entries) for entries in question.key]
    answers = _texts(response, len(blanks))
    order_free = question.order_free
    head = f"填空题，共 {len(blanks)} 空" + ("（不分先后）" if order_free and len(blanks) > 1 else "")
    empty = sum(not normalise(answer) for answer in answers)
    if empty == len(answers):
        accepted = "；".join(f"第 {number} 空 {_accepted_words(blank)}" for number, blank in enumerate(blanks, 1))
        return unanswered(f"{head}，标准答案 {accepted}", question.points)
    shares = shares_in_any_order(blanks, answers) if order_free else shares_in_order(blanks, answers)
    lines = [
        _blank_words(number, answer, share, None if order_free else blank)
        for number, (blank, answer, share) in enumerate(zip(blanks, answers, shares, strict=True), 1)
    ]
    if order_free:
        lines.insert(0, "标准答案 " + "、".join(_accepted_words(blank) for blank in blanks))
    full = sum(share == WHOLE for share in shares)
    wrong = sum(share == 0 for share in shares) - empty
    partial = len(blanks) - full - wrong - empty
    counts = f"填对 {full} 空、" + (f"部分得分 {partial} 空、" if partial else "") + f"填错 {wrong} 空、未填 {empty} 空"
    tally = Tally(sum(shares, NONE), len(blanks), wrong, counts, "填", "空")
    if question.weights and question.policy in _WEIGHING:
        tally = _weighed(tally, shares, question.weights)
    return by_policy(f"{head}，{'；'.join(lines)}", question, tally)


def _weighed(tally: Tally, shares: Sequence[Fraction], weights: Sequence[int]) -> Tally:
    """The same, where the blanks are not worth the same: so many parts of the sum of their weights."""
    if len(weights) != len(shares) or sum(weights) <= 0:
        raise KeyProblem("各空分值之比与空的个数不符，请改正后再评分。")
    gained = sum((share * weight for share, weight in zip(shares, weights, strict=True)), NONE)
    words = f"各空按 {':'.join(map(str, weights))} 给分"
    return replace(tally, gained=gained, whole=sum(weights), evenly=words)


def _texts(response: object, blanks: int) -> list[str]:
    if isinstance(response, str) or not isinstance(response, Sequence):
        raise BadResponse("填空题的作答应为文本的列表，每空一项。")
    texts = [text for text in response if isinstance(text, str)]
    if len(texts) < len(response):
        raise BadResponse("填空题每空的作答应为文本，未填的空请用空文本。")
    if len(texts) > blanks:
        raise BadResponse(f"作答了 {len(texts)} 空，本题只有 {blanks} 空，请核对题号。")
    return texts + [""] * (blanks - len(texts))


def _read_blank(entries: object) -> list[Accepted]:
    if isinstance(entries, str | Mapping):
        entries = [entries]
    if not isinstance(entries, Sequence) or not entries:
        raise KeyProblem("填空题每空至少要有一个标准答案，请补上后再评分。")
    return [read_accepted(entry) for entry in entries]


def _accepted_words(blank: list[Accepted]) -> str:
    return "/".join(excerpt(accepted.text) for accepted in blank if accepted.share > 0)


def _blank_words(number: int, answer: str, share: Fraction, blank: list[Accepted] | None) -> str:
    written = f"“{excerpt(answer)}”" if normalise(answer) else "未填"
    if share == WHOLE:
        outcome = "对"
    elif share:
        outcome = f"得 {show_exact(share, 0)} 份"
    else:
        outcome = "" if not normalise(answer) else "错" if blank is not None else "不计（不符或与别的空重复）"
    accepted = f"（标准答案 {_accepted_words(blank)}）" if blank is not None and share != WHOLE else ""
    return f"第 {number} 空{written}{outcome}{accepted}"
