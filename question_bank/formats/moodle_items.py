"""Building items from what the formats of Moodle state: choices, blanks, numbers, pairs; every doubt is a problem with its place."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from question_bank.formats.carried import unpack
from question_bank.formats.moodle_text import Rich, interval, number, two_places
from question_bank.formats.points_in_stems import take_points
from question_bank.formats.report import ImportedItem, ImportedOption, Problem, Severity
from question_bank.formats.texts import with_blanks
from question_bank.item_types.fill_blank import BLANK

MOST_OPTIONS = 26
MOST_ACCEPTED = 50
MOST_STEM = 20_000
_MOST_UNFINISHED = 2_000
WHOLE = Decimal("1.00")
NONE = Decimal("0.00")
_LONG_BLANK = re.compile("_{3,}|＿{2,}")


class NotRead(ValueError):
    """A question that cannot become an item: which part, why, and how to mend it."""

    def __init__(self, column: str, reason: str, mend: str) -> None:
        super().__init__(reason)
        self.column, self.reason, self.mend = column, reason, mend


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer as stated: its text, its share of the points, what is said to who gives it; `stated`: the share is a number."""

    text: Rich
    share: Decimal
    feedback: str = ""
    stated: bool = True
    tolerance: str = "0"
    tolerance_kind: str = "2"


@dataclass(slots=True)
class Doubts:
    """The problems of one item."""

    ref: str
    found: list[Problem] = field(default_factory=list)

    def add(self, column: str, severity: Severity, reason: str, mend: str) -> None:
        """Add one problem."""
        self.found.append(Problem(self.ref, column, severity, reason, mend))


def choice(single: bool, answers: Sequence[Answer], doubts: Doubts) -> dict[str, Any]:
    """Return type, options and key of a choice. Shares are given where the file states one as a number. Raises NotRead."""
    kept = [answer for answer in answers if answer.text.plain or answer.text.html]
    if len(kept) < len(answers):
        doubts.add("选项", "warning", f"有 {len(answers) - len(kept)} 个空的选项，没有读取", "补上选项的内容或删去它")
    if len(kept) < 2:
        raise NotRead("选项", f"只有 {len(kept)} 个选项", "至少写两个选项")
    if len(kept) > MOST_OPTIONS:
        raise NotRead("选项", f"有 {len(kept)} 个选项，最多 {MOST_OPTIONS} 个", "减少选项或拆成几题")
    stated = any(answer.stated for answer in kept)
    options = tuple(
        ImportedOption(chr(65 + place), one.text.plain, one.share if stated else None, one.text.html, one.feedback)
        for place, one in enumerate(kept)
    )
    shares = {option.label: one.share for option, one in zip(options, kept, strict=True)}
    best = max(shares.values())
    if single and min(shares.values()) < 0:
        least = f"{min(shares.values()):f}"
        reason = f"选错要倒扣分（比例最低 {least}），Moodle 里这样的单选题可得负分，本系统每题最低计 0 分"
        doubts.add("答案", "warning", reason, "核对计分，或去掉负的比例")
    if single:
        key = tuple(label for label, share in shares.items() if share >= 1)
        if not key and best > 0:
            key = tuple(label for label, share in shares.items() if share == best)
            doubts.add("答案", "warning", f"没有得满分的选项，最高的只得 {best:f}", "把正确选项的比例改为 100")
    else:
        key = tuple(label for label, share in shares.items() if share > 0)
        added = sum((share for share in shares.values() if share > 0), Decimal(0))
        if key and abs(added - 1) > Decimal("0.001"):
            doubts.add(
                "答案", "warning", f"各正确选项的比例相加是 {added:f}，不是 1", "改正各选项的比例，使之相加为 100"
            )
    if not key:
        doubts.add("答案", "warning", "没有正确选项，不能自动评分", "标出正确选项")
    return {
        "type": "single_choice" if single else "multiple_choice",
        "options": options,
        "key": key,
        "scorable": bool(key),
    }


def truth(right: bool, when_true: str = "", when_false: str = "") -> dict[str, Any]:
    """Return type, key and feedback of a true/false item."""
    said = tuple((when, text) for when, text in (("true", when_true), ("false", when_false)) if text)
    return {"type": "true_false", "key": ("true" if right else "false",), "feedback": said}


def blank(answers: Sequence[Answer], case_sensitive: bool, doubts: Doubts) -> dict[str, Any]:
    """Return type, key and feedback of an item with one blank. Raises NotRead when there is no answer."""
    accepted = accepted_texts(answers, case_sensitive)
    if not accepted:
        raise NotRead("答案", "没有答案", "补上至少一个答案")
    if len(accepted) > MOST_ACCEPTED:
        raise NotRead(
            "答案", f"有 {len(accepted)} 个可接受的答案，最多 {MOST_ACCEPTED} 个", "减少答案，或改用带 * 的答案"
        )
    if all(answer.share <= 0 for answer in answers):
        doubts.add("答案", "warning", "没有得分的答案", "把正确答案的比例改为 100")
    return {"type": "fill_blank", "key": (accepted,), "feedback": _said(answers)}


def accepted_texts(answers: Sequence[Answer], case_sensitive: bool) -> tuple[Any, ...]:
    """Return accepted answers as interfaces.md states them: a text, or an object where there is more to say.

    A star stands for any run of characters unless a backslash stands before it.
    """
    return tuple(_accepted(answer, case_sensitive) for answer in answers if answer.text.plain)


def _accepted(answer: Answer, case_sensitive: bool) -> Any:
    text = answer.text.plain
    pattern = "*" in text.replace("\\*", "")
    if not pattern:
        text = text.replace("\\*", "*")
    if not pattern and not case_sensitive and answer.share == 1:
        return text
    return {"text": text, "fraction": f"{answer.share:f}", "case_sensitive": case_sensitive, "pattern": pattern}


def numeric(answers: Sequence[Answer], doubts: Doubts) -> dict[str, Any]:
    """Return type, key and feedback of a numeric item; an answer is a number with a tolerance, or `low..high`. Raises NotRead."""
    key = []
    said = []
    for answer in answers:
        text = answer.text.plain
        if text in ("*", ""):
            if answer.share > 0:
                doubts.add("答案", "warning", f"“任何其他数”得 {answer.share:f} 份，没有读取", "改为带范围的答案")
            said.append(("otherwise", answer.feedback))
            continue
        low, high = _bounds(answer)
        key.append({"low": low, "high": high, "fraction": f"{answer.share:f}"})
        said.append((f"answer {len(key)}", answer.feedback))
    if not key:
        raise NotRead("答案", "没有数值答案", "补上至少一个数值")
    if len(key) > MOST_ACCEPTED:
        raise NotRead("答案", f"有 {len(key)} 个数值答案，最多 {MOST_ACCEPTED} 个", "减少答案或合并范围")
    return {"type": "numeric", "key": tuple(key), "feedback": tuple((when, text) for when, text in said if text)}


def _bounds(answer: Answer) -> tuple[str, str]:
    text = answer.text.plain
    ends = [number(end) for end in text.split("..")] if ".." in text else []
    if len(ends) == 2 and ends[0] is not None and ends[1] is not None:
        return interval((ends[0] + ends[1]) / 2, (ends[1] - ends[0]) / 2)
    value, tolerance = number(text), number(answer.tolerance or "0")
    if value is None or tolerance is None:
        said = text if value is None else answer.tolerance
        raise NotRead("答案", f"“{said[:40]}”不是数字", "写数字，例如 3.14、3.14:0.005 或 3..4")
    return interval(value, tolerance, answer.tolerance_kind)


def matching(pairs: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Return type, key and distractors of a matching item; a pair without a left side is a distractor. Raises NotRead."""
    key = tuple((left, right) for left, right in pairs if left and right)
    if any(left and not right for left, right in pairs):
        raise NotRead("答案", "有一项没有相配的内容", "补上它的右边")
    if not key:
        raise NotRead("答案", "没有可以相配的项目", "至少写一对")
    if len(pairs) > MOST_ACCEPTED:
        raise NotRead("答案", f"有 {len(pairs)} 对，最多 {MOST_ACCEPTED} 对", "拆成几题")
    held = {right for _left, right in key}
    surplus = dict.fromkeys(right for left, right in pairs if not left and right and right not in held)
    return {"type": "matching", "key": key, "distractors": tuple(surplus)}


def _said(answers: Sequence[Answer]) -> tuple[tuple[str, str], ...]:
    given = [answer for answer in answers if answer.text.plain]
    return tuple((f"answer {place}", answer.feedback) for place, answer in enumerate(given, 1) if answer.feedback)


def finished(item: ImportedItem, doubts: Doubts) -> ImportedItem:
    """Return the item with what stands in its stem, its tags and its rationale where it belongs. Raises NotRead.

    A points mark moves to the points, a blank written as brackets or with more low lines becomes `____`, and what our own export
    carried in tags and rationale is unpacked.
    """
    if not item.stem:
        raise NotRead("题干", "题干是空的", "补上题干")
    if len(item.stem) > MOST_STEM:
        raise NotRead(
            "题干",
            f"题干有 {len(item.stem)} 个字，超过上限 {MOST_STEM} 个字",
            "缩短题干，或检查是否漏了题与题之间的分隔",
        )
    stem = _LONG_BLANK.sub(BLANK, item.stem)
    item, doubt = take_points(item if stem == item.stem else replace(item, stem=stem), preset=True)
    if doubt:
        doubts.add("分值", "warning", doubt, "核对分值，删去题干里的标注")
    if item.type == "fill_blank" and BLANK not in item.stem:
        stem, count = with_blanks(item.stem, len(item.key))
        item = replace(item, stem=stem) if count == len(item.key) else item
    return unpack(item)


def unfinished(ref: str, stem: str, options: Sequence[str] = (), item_type: str = "") -> tuple[ImportedItem, ...]:
    """Return what a question with errors says as far as it was read, for a person to complete; nothing without a stem."""
    shown = stem[:_MOST_UNFINISHED].strip()
    labelled = tuple(ImportedOption(chr(65 + place), text) for place, text in enumerate(options[:MOST_OPTIONS]))
    chosen = item_type or ("single_choice" if options else "fill_blank")
    return (ImportedItem(ref=ref, type=chosen, stem=shown, options=labelled),) if shown else ()


def shares_as_written(item: ImportedItem) -> list[Decimal]:
    """Return the share of each option of a choice as it is written where every share must be stated.

    Where a multiple choice states none, the right options divide the points and any wrong one takes all of them.
    """
    if any(option.fraction is not None for option in item.options):
        return [option.fraction or Decimal(0) for option in item.options]
    single = item.type == "single_choice"
    right = Decimal(1) if single else two_places(Decimal(1) / max(1, len(item.key)))
    return [right if option.label in item.key else Decimal(0 if single else -1) for option in item.options]
