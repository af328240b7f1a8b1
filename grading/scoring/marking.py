"""What every scorer works with: a question, a mark with its arithmetic in words, the policies by name. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

from core.exact import hundredths, places, show, show_exact, show_hundredths

Verdict = Literal["correct", "partial", "wrong", "unanswered"]

POLICIES = {
    "all_or_nothing": "全对得分",
    "proportional": "按比例给分",
    "half_for_incomplete": "漏选得一半分",
    "fixed_per_correct": "每选对一项得固定分",
    "correct_minus_wrong": "对错相抵",
}
BY_PARTS = "by_parts"  # 各小题分别计分: of a case alone
DEFAULT_PER_CORRECT_HUNDREDTHS = 50
NONE = Fraction(0)
WHOLE = Fraction(1)


class BadResponse(ValueError):
    """A response in a shape that its item type does not know; the message says what was expected."""


@dataclass(frozen=True)
class Marked:
    """The mark of one response, in hundredths of a point, with the sentence that lets a person check it."""

    score_hundredths: int
    max_hundredths: int
    arithmetic: str
    verdict: Verdict


@dataclass(frozen=True)
class Question:
    """What a response is marked against.

    ``key`` has the shape that interfaces.md gives the type, under whatever labels the response uses too; ``options`` are
    the labels (of a matching: the right sides) that exist, None where nobody knows; ``fractions`` the share that each
    label earns where a source states shares, which then decide instead of the policy; ``parts`` of a case;
    ``weights``: how the points divide among blanks that are not worth the same.
    """

    type: str
    policy: str
    points: Fraction
    key: Sequence[object] = ()
    options: Sequence[str] | None = None
    order_free: bool = False
    fractions: Mapping[str, object] | None = None
    per_correct_hundredths: int = DEFAULT_PER_CORRECT_HUNDREDTHS
    parts: "Sequence[Question]" = field(default_factory=tuple)
    weights: Sequence[int] = ()


@dataclass(frozen=True)
class Tally:
    """What a response got right: ``gained`` of ``whole`` parts, ``wrong`` parts, and the words to say it.

    ``act`` and ``unit`` read as 每选对一项; ``lenient``: in proportion a wrong part spoils nothing but itself.
    """

    gained: Fraction
    whole: int
    wrong: int
    counts: str
    act: str
    unit: str
    missed: str = "未填全"
    strictly: str = "有一空未填对即不得分"
    evenly: str = "各空平均给分"
    lenient: bool = True


def marked(share: Fraction, points: Fraction, words: str) -> Marked:
    """Return the mark for a share of the points, rounded once to 0.01."""
    score, maximum = hundredths(share * points), hundredths(points)
    full = share == WHOLE or (maximum > 0 and score == maximum)
    verdict: Verdict = "correct" if full else "partial" if share else "wrong"
    return Marked(score, maximum, words, verdict)


def unanswered(head: str, points: Fraction) -> Marked:
    """Return the mark for no answer."""
    return Marked(0, hundredths(points), f"{head}，未作答：得 0.00 分（满分 {show(points)} 分）", "unanswered")


def by_policy(head: str, question: Question, tally: Tally) -> Marked:
    """Return the mark that the question's policy gives to what was right and wrong."""
    points, policy, act, unit = question.points, question.policy, tally.act, tally.unit
    head = f"{head}：{tally.counts}；"
    complete = tally.gained == tally.whole and not tally.wrong
    if policy == "all_or_nothing":
        share = WHOLE if complete else NONE
        words = f"{head}全部{act}对才得分（{tally.strictly}），得 {show(share * points)} 分"
        return marked(share, points, words)
    if policy == "correct_minus_wrong":
        share = max(NONE, tally.gained - tally.wrong) / tally.whole
        sum_words = f"({part_words(tally.gained)}-{tally.wrong})/{tally.whole}"
        floor = "，不足 0 计 0" if tally.gained < tally.wrong else ""
        rule = f"{act}对一{unit}计一份、{act}错一{unit}扣一份{floor} "
        return marked(share, points, head + rule + product(sum_words, share * points, points))
    if policy == "proportional" and tally.lenient:
        return _in_proportion(f"{head}{tally.evenly} ", points, tally)
    strict = f"（有{'错选' if act == '选' else act + '错'}不得分）"
    rule = {
        "proportional": f"按比例给分{strict}",
        "half_for_incomplete": f"{tally.missed}得一半分{strict}",
        "fixed_per_correct": (
            f"每{act}对一{unit}得 {show_hundredths(question.per_correct_hundredths)} 分、全对得满分{strict}"
        ),
    }[policy]
    if tally.wrong:
        return marked(NONE, points, f"{head}{rule}，得 0.00 分")
    if complete:
        return marked(WHOLE, points, f"{head}{rule}，全对得 {show(points)} 分")
    if policy == "proportional":
        return _in_proportion(f"{head}{rule} ", points, tally)
    if policy == "half_for_incomplete":
        return marked(Fraction(1, 2), points, f"{head}{rule} {product('1/2', points / 2, points)}")
    return _fixed_per_correct(f"{head}{rule} ", points, tally, question.per_correct_hundredths)


def _fixed_per_correct(head: str, points: Fraction, tally: Tally, per_correct: int) -> Marked:
    earned = min(points, tally.gained * Fraction(per_correct, 100))
    capped = "（不超过满分）" if earned == points else ""
    words = f"{part_words(tally.gained)} × {show_hundredths(per_correct)} = {rounded(earned)}{capped}"
    return marked(earned / points if points else tally.gained / tally.whole, points, head + words)


def _in_proportion(head: str, points: Fraction, tally: Tally) -> Marked:
    share = tally.gained / tally.whole
    return marked(share, points, head + product(f"{part_words(tally.gained)}/{tally.whole}", share * points, points))


def clamped(share: Fraction) -> Fraction:
    """Return the share between nothing and the whole."""
    return min(max(share, NONE), WHOLE)


def product(share: str, earned: Fraction, points: Fraction) -> str:
    """Return ``2/3 × 1.00 = 0.67（四舍五入）``."""
    return f"{share} × {show(points)} = {rounded(earned)}"


def part_words(gained: Fraction) -> str:
    """Return a number of parts as it stands in a product."""
    return show_exact(gained, 0) if places(gained) is not None else f"({gained})"


def rounded(earned: Fraction) -> str:
    """Return a mark with two decimals, saying where it was rounded."""
    needed = places(earned)
    return show(earned) + ("" if needed is not None and needed <= 2 else "（四舍五入）")
