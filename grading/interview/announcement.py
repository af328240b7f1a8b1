"""What the chief examiner reads out: 去掉一个最高分 …，去掉一个最低分 …，平均分 …, without telling who gave which score.

Built from the stored result, so that it says the same in ten years. The order of the kept totals is by size: the order
of the seats would tell whose they are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Protocol

from core.exact import show_exact, show_hundredths
from grading.interview.rules import PanelRule


class Result(Protocol):
    """The stored result as far as it is announced."""

    @property
    def result_hundredths(self) -> int:
        """The published score in hundredths."""

    @property
    def kept(self) -> list[Any]:
        """The values that count."""

    @property
    def dropped(self) -> list[Any]:
        """The values that were dropped."""


@dataclass(frozen=True)
class Announcement:
    """The sentence to read, and its arithmetic in lines ``(what, how, result)``."""

    sentence: str
    lines: tuple[tuple[str, str, str], ...]


def of(rule: PanelRule, result: Result) -> Announcement:
    """The announcement of a stored result."""
    score = show_hundredths(result.result_hundredths)
    if rule.trim == "elements":
        return _by_element(result, score)
    kept, dropped = _sorted(result.kept), _sorted(result.dropped)
    count = len(kept) + len(dropped)
    mean = f"({'+'.join(kept)})÷{len(kept)}"
    if not dropped:
        return Announcement(f"{count} 位考官，平均分 {score} 分。", (("平均", mean, score),))
    sentence = f"{count} 位考官，去掉一个最高分 {dropped[0]} 分，去掉一个最低分 {dropped[-1]} 分，平均分 {score} 分。"
    return Announcement(
        sentence,
        (("去掉一个最高分", "", dropped[0]), ("去掉一个最低分", "", dropped[-1]), ("其余平均", mean, score)),
    )


def mean_of(rule: PanelRule, result: Result) -> str | None:
    """The unrounded mean of the kept totals; None where the result is composed by element."""
    if rule.trim == "elements" or not result.kept:
        return None
    total = sum((Fraction(entry["value"]) for entry in result.kept), Fraction(0))
    return show_exact(total / len(result.kept))


def _by_element(result: Result, score: str) -> Announcement:
    lines = []
    for element in dict.fromkeys(entry["element"] for entry in result.kept):
        kept = _sorted([entry for entry in result.kept if entry["element"] == element])
        dropped = _sorted([entry for entry in result.dropped if entry["element"] == element])
        gone = f"去掉 {dropped[0]} 和 {dropped[-1]}，" if dropped else ""
        lines.append((element, f"{gone}平均 ({'+'.join(kept)})÷{len(kept)}", ""))
    lines.append(("按权重合成，保留两位小数", "", score))
    return Announcement(f"各要素去掉一个最高分和一个最低分后平均，按权重合成，最后得分 {score} 分。", tuple(lines))


def _sorted(entries: Sequence[dict[str, str]]) -> list[str]:
    values = sorted((entry["value"] for entry in entries), key=Fraction, reverse=True)
    return values
