"""How one response to an objective item is marked: named policies, exact arithmetic, one rounding per item. Pure.

Every mark carries a Chinese sentence with its arithmetic. It names the key, so it is shown only where keys may be.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from core.exact import excerpt, hundredths, places, show, show_exact, show_hundredths
from grading.scoring.blanks import (
    Accepted,
    KeyProblem,
    normalise,
    read_accepted,
    read_share,
    shares_in_any_order,
    shares_in_order,
)

Verdict = Literal["correct", "partial", "wrong", "unanswered"]

POLICIES = {
    "all_or_nothing": "全对得分",
    "proportional": "按比例给分",
    "half_for_incomplete": "漏选得一半分",
    "fixed_per_correct": "每选对一项得固定分",
    "correct_minus_wrong": "对错相抵",
}
# As the blueprint names them where each blank counts by itself.
BLANK_POLICIES = {"all_or_nothing": "全部填对得分", "proportional": "按填对的空给分"}
ITEM_TYPES = {"single_choice": "单选题", "multiple_choice": "多选题", "true_false": "判断题", "fill_blank": "填空题"}
DEFAULT_PER_CORRECT_HUNDREDTHS = 50

_TRUTH = {"true": "正确", "false": "错误"}
_NONE = Fraction(0)
_WHOLE = Fraction(1)


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
class Total:
    """The sum of marked items, in hundredths of a point."""

    score_hundredths: int
    max_hundredths: int
    arithmetic: str


@dataclass(frozen=True)
class _Tally:
    """What a response got right: ``gained`` of ``whole`` parts, ``wrong`` parts, and the words to say it."""

    gained: Fraction
    whole: int
    wrong: int
    counts: str
    act: str
    unit: str


def default_policy(item_type: str) -> str:
    """Return the policy an item type has unless a section or an item names another."""
    return "proportional" if item_type == "fill_blank" else "all_or_nothing"


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
) -> Marked:
    """Mark one response, rounded once to 0.01.

    ``key`` and ``response`` have the shapes of interfaces.md; ``options`` are the labels that exist; ``fractions`` is
    the share each label earns where a format states shares, and then decides instead of the policy. Raises
    ``KeyProblem`` where the key cannot be scored with and ``BadResponse`` where the response has a wrong shape.
    """
    if item_type not in ITEM_TYPES:
        raise KeyProblem(f"题型“{excerpt(item_type)}”不能自动评分，请改由阅卷员评分。")
    if policy not in POLICIES:
        raise KeyProblem(f"没有名为“{excerpt(policy)}”的计分规则，请从 {'、'.join(POLICIES)} 中选用。")
    if isinstance(points_hundredths, bool) or not isinstance(points_hundredths, int) or points_hundredths < 0:
        raise KeyProblem("试题分值应为不小于 0 的整数（百分之一分），请修改分值后再评分。")
    if not key:
        raise KeyProblem(f"这道{ITEM_TYPES[item_type]}没有标准答案，请补上答案后再评分。")
    points = Fraction(points_hundredths, 100)
    if item_type == "fill_blank":
        return _mark_blanks(policy, points, key, response, order_free, per_correct_hundredths)
    return _mark_choice(item_type, policy, points, key, response, options, fractions, per_correct_hundredths)


def total(marked: Iterable[Marked]) -> Total:
    """Add up items as they are shown, each already rounded; nothing is rounded again."""
    items = list(marked)
    score = sum(item.score_hundredths for item in items)
    maximum = sum(item.max_hundredths for item in items)
    words = f"共 {len(items)} 题，各题得分相加：{show_hundredths(score)} 分（满分 {show_hundredths(maximum)} 分）"
    return Total(score, maximum, words)


def _mark_choice(
    item_type: str,
    policy: str,
    points: Fraction,
    key: Sequence[object],
    response: Sequence[object] | None,
    options: Sequence[str] | None,
    fractions: Mapping[str, object] | None,
    per_correct: int,
) -> Marked:
    known = list(_TRUTH) if item_type == "true_false" else options
    right = _labels(key, known, KeyProblem, "标准答案")
    chosen = _labels(response or (), known, BadResponse, "作答")
    head = f"{ITEM_TYPES[item_type]}，标准答案 {_join(right, item_type)}"
    if not chosen:
        return _unanswered(head, points)
    head += f"，作答 {_join(chosen, item_type)}"
    if item_type != "multiple_choice" and len(chosen) > 1:
        return _marked(_NONE, points, f"{head}：只能选一项，选了 {len(chosen)} 项，得 0.00 分")
    if fractions is not None:
        return _mark_by_shares(head, points, chosen, fractions)
    if item_type != "multiple_choice":
        share = _WHOLE if chosen[0] in right else _NONE
        return _marked(share, points, f"{head}：{'答对' if share else '答错'}，得 {show(share * points)} 分")
    hit = sum(label in right for label in chosen)
    wrong = len(chosen) - hit
    counts = f"选对 {hit} 项、漏选 {len(right) - hit} 项、错选 {wrong} 项"
    return _by_policy(head, policy, points, _Tally(Fraction(hit), len(right), wrong, counts, "选", "项"), per_correct)


def _mark_by_shares(head: str, points: Fraction, chosen: list[str], fractions: Mapping[str, object]) -> Marked:
    shares = [(label, read_share(fractions.get(label, "0"))) for label in chosen]
    added = sum((share for _, share in shares), _NONE)
    share = min(max(added, _NONE), _WHOLE)
    terms = " + ".join(f"{label} {_signed(each)}" for label, each in shares)
    bound = "" if share == added else "（最低计 0）" if added < 0 else "（最高计 1）"
    words = f"{head}：按各选项的得分比例 {terms} = {show_exact(added)}{bound}；{_product(show_exact(share), share * points, points)}"
    return _marked(share, points, words)


def _mark_blanks(
    policy: str,
    points: Fraction,
    key: Sequence[object],
    response: Sequence[object] | None,
    order_free: bool,
    per_correct: int,
) -> Marked:
    blanks = [_read_blank(entries) for entries in key]
    answers = _texts(response or (), len(blanks))
    head = f"填空题，共 {len(blanks)} 空" + ("（不分先后）" if order_free and len(blanks) > 1 else "")
    empty = sum(not normalise(answer) for answer in answers)
    if empty == len(answers):
        accepted = "；".join(f"第 {number} 空 {_accepted_words(blank)}" for number, blank in enumerate(blanks, 1))
        return _unanswered(f"{head}，标准答案 {accepted}", points)
    shares = shares_in_any_order(blanks, answers) if order_free else shares_in_order(blanks, answers)
    lines = [
        _blank_words(number, answer, share, None if order_free else blank)
        for number, (blank, answer, share) in enumerate(zip(blanks, answers, shares, strict=True), 1)
    ]
    if order_free:
        lines.insert(0, "标准答案 " + "、".join(_accepted_words(blank) for blank in blanks))
    full = sum(share == _WHOLE for share in shares)
    wrong = sum(share == 0 for share in shares) - empty
    partial = len(blanks) - full - wrong - empty
    counts = f"填对 {full} 空、" + (f"部分得分 {partial} 空、" if partial else "") + f"填错 {wrong} 空、未填 {empty} 空"
    tally = _Tally(sum(shares, _NONE), len(blanks), wrong, counts, "填", "空")
    return _by_policy(f"{head}，{'；'.join(lines)}", policy, points, tally, per_correct)


def _by_policy(head: str, policy: str, points: Fraction, tally: _Tally, per_correct: int) -> Marked:
    act, unit = tally.act, tally.unit
    head = f"{head}：{tally.counts}；"
    complete = tally.gained == tally.whole and not tally.wrong
    if policy == "all_or_nothing":
        share = _WHOLE if complete else _NONE
        others = "少选、多选、错选均不得分" if unit == "项" else "有一空未填对即不得分"
        words = f"{head}全部{act}对才得分（{others}），得 {show(share * points)} 分"
        return _marked(share, points, words)
    if policy == "correct_minus_wrong":
        share = max(_NONE, tally.gained - tally.wrong) / tally.whole
        sum_words = f"({_part(tally.gained)}-{tally.wrong})/{tally.whole}"
        floor = "，不足 0 计 0" if tally.gained < tally.wrong else ""
        rule = f"{act}对一{unit}计一份、{act}错一{unit}扣一份{floor} "
        return _marked(share, points, head + rule + _product(sum_words, share * points, points))
    if policy == "proportional" and unit == "空":
        return _marked_in_proportion(f"{head}各空平均给分 ", points, tally)
    strict = "（有错选不得分）" if unit == "项" else "（有填错不得分）"
    rule = {
        "proportional": f"按比例给分{strict}",
        "half_for_incomplete": f"{'漏选' if unit == '项' else '未填全'}得一半分{strict}",
        "fixed_per_correct": f"每{act}对一{unit}得 {show_hundredths(per_correct)} 分、全对得满分{strict}",
    }[policy]
    if tally.wrong:
        return _marked(_NONE, points, f"{head}{rule}，得 0.00 分")
    if complete:
        return _marked(_WHOLE, points, f"{head}{rule}，全对得 {show(points)} 分")
    if policy == "proportional":
        return _marked_in_proportion(f"{head}{rule} ", points, tally)
    if policy == "half_for_incomplete":
        return _marked(Fraction(1, 2), points, f"{head}{rule} {_product('1/2', points / 2, points)}")
    earned = min(points, tally.gained * Fraction(per_correct, 100))
    capped = "（不超过满分）" if earned == points else ""
    product = f"{_part(tally.gained)} × {show_hundredths(per_correct)} = {_rounded(earned)}{capped}"
    return _marked(earned / points if points else tally.gained / tally.whole, points, f"{head}{rule} {product}")


def _marked_in_proportion(head: str, points: Fraction, tally: _Tally) -> Marked:
    share = tally.gained / tally.whole
    return _marked(share, points, head + _product(f"{_part(tally.gained)}/{tally.whole}", share * points, points))


def _marked(share: Fraction, points: Fraction, words: str) -> Marked:
    score, maximum = hundredths(share * points), hundredths(points)
    full = share == _WHOLE or (maximum > 0 and score == maximum)
    verdict: Verdict = "correct" if full else "partial" if share else "wrong"
    return Marked(score, maximum, words, verdict)


def _unanswered(head: str, points: Fraction) -> Marked:
    return Marked(0, hundredths(points), f"{head}，未作答：得 0.00 分（满分 {show(points)} 分）", "unanswered")


def _product(share: str, earned: Fraction, points: Fraction) -> str:
    return f"{share} × {show(points)} = {_rounded(earned)}"


def _part(gained: Fraction) -> str:
    return show_exact(gained, 0) if places(gained) is not None else f"({gained})"


def _rounded(earned: Fraction) -> str:
    needed = places(earned)
    return show(earned) + ("" if needed is not None and needed <= 2 else "（四舍五入）")


def _signed(share: Fraction) -> str:
    return show_exact(share) if share >= 0 else f"({show_exact(share)})"


def _labels(labels: object, known: Sequence[str] | None, problem: type[ValueError], what: str) -> list[str]:
    if isinstance(labels, str) or not isinstance(labels, Sequence) or not all(isinstance(one, str) for one in labels):
        raise problem(f'{what}应为选项字母的列表，例如 ["A", "C"]。')
    distinct = sorted({str(label).strip() for label in labels})
    unknown = [label for label in distinct if known is not None and label not in known]
    if unknown:
        raise problem(f"{what}中的“{excerpt(unknown[0])}”不是本题的选项，本题只有 {'、'.join(known or ())}。")
    return distinct


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
    if share == _WHOLE:
        outcome = "对"
    elif share:
        outcome = f"得 {show_exact(share, 0)} 份"
    else:
        outcome = "" if not normalise(answer) else "错" if blank is not None else "不计（不符或与别的空重复）"
    accepted = f"（标准答案 {_accepted_words(blank)}）" if blank is not None and share != _WHOLE else ""
    return f"第 {number} 空{written}{outcome}{accepted}"


def _join(labels: Sequence[str], item_type: str) -> str:
    if item_type == "true_false":
        return "、".join(_TRUTH[label] for label in labels)
    return ("" if all(len(label) == 1 for label in labels) else "、").join(excerpt(label) for label in labels)
