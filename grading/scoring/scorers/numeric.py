"""Marking numbers: the first range that holds the number decides, ends included. Pure."""

from collections.abc import Mapping, Sequence
from fractions import Fraction

from core.exact import excerpt, show, show_exact
from grading.scoring.blanks import KeyProblem, read_share
from grading.scoring.marking import NONE, WHOLE, BadResponse, Marked, Question, clamped, marked, product, unanswered
from question_bank.item_types.numbers import NotANumber, read_number


def mark_number(question: Question, response: Sequence[object]) -> Marked:
    """Mark a number by the ranges of the key; under all policies alike."""
    ranges = [_range(entry) for entry in question.key]
    if not ranges:
        raise KeyProblem("这道数值题没有标准答案，请补上答案后再评分。")
    told = "、".join(words for words, _low, _high, share in ranges if share > 0)
    head = f"数值题，标准答案 {told}"
    written = _written(response)
    if not written:
        return unanswered(head, question.points)
    try:
        number = read_number(written)
    except NotANumber as problem:
        raise BadResponse(f"作答“{excerpt(written)}”{problem}") from None
    head += f"，作答 {excerpt(written)}"
    for words, low, high, stated in ranges:
        if low <= number <= high:
            share = clamped(stated)
            if share == WHOLE:
                return marked(share, question.points, f"{head}：符合 {words}，得 {show(question.points)} 分")
            earned = product(show_exact(share), share * question.points, question.points)
            return marked(share, question.points, f"{head}：符合 {words}；{earned}")
    return marked(NONE, question.points, f"{head}：不在任何一个范围之内，得 0.00 分")


def _written(response: Sequence[object]) -> str:
    if isinstance(response, str):
        response = [response]
    if len(response) > 1 or not all(isinstance(text, str) for text in response):
        raise BadResponse('数值题的作答应为文本形式的一个数，例如 "12.5"。')
    return str(response[0]).strip() if response else ""


def _range(entry: object) -> tuple[str, Fraction, Fraction, Fraction]:
    if not isinstance(entry, Mapping):
        raise KeyProblem('数值题的标准答案应为范围 {"low", "high", "fraction"}，请修改后再评分。')
    try:
        low, high = read_number(entry.get("low")), read_number(entry.get("high"))
    except NotANumber as problem:
        raise KeyProblem(f"数值题标准答案的上下限{problem}") from None
    share = read_share(entry.get("fraction", "1"))
    words = str(entry["low"]) if low == high else f"{entry['low']} ～ {entry['high']}"
    return words if share == 1 else f"{words}（得 {show_exact(share)}）", low, high, share
