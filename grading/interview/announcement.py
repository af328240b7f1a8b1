"""What the chief examiner reads out: 去掉一个最高分 …，去掉一个最低分 …，平均分 …, without telling who gave which score.

Built from the stored result, so that it says the same in ten years. The kept totals stand in the order of their size:
the order of the seats would tell whose they are.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Protocol

from core.exact import places, show, show_exact, show_hundredths
from grading.interview.rules import PanelRule

_LONGEST_EXACT = 8


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
    mean = f"({'+'.join(kept)})÷{len(kept)} = {_mean_words(kept)}"
    if not dropped:
        return Announcement(f"{count} 位考官，平均分 {score} 分。", (("平均，四舍五入保留两位小数", mean, score),))
    sentence = f"{count} 位考官，去掉一个最高分 {dropped[0]} 分，去掉一个最低分 {dropped[-1]} 分，平均分 {score} 分。"
    return Announcement(
        sentence,
        (
            ("去掉一个最高分", "", dropped[0]),
            ("去掉一个最低分", "", dropped[-1]),
            (f"其余 {len(kept)} 个分数平均，四舍五入保留两位小数", mean, score),
        ),
    )


def mean_of(rule: PanelRule, result: Result, totals: Mapping[str, str]) -> str | None:
    """The unrounded mean of the kept totals (``totals``: examiner -> exact total); None where composed by element."""
    if rule.trim == "elements" or not result.kept:
        return None
    return show_exact(_mean([totals[entry["examiner"]] for entry in result.kept]))


def _by_element(result: Result, score: str) -> Announcement:
    lines = []
    for element in dict.fromkeys(entry["element"] for entry in result.kept):
        kept = _sorted(entry for entry in result.kept if entry["element"] == element)
        dropped = _sorted(entry for entry in result.dropped if entry["element"] == element)
        gone = f"去掉 {dropped[0]} 和 {dropped[-1]}，" if dropped else ""
        lines.append((element, f"{gone}平均 ({'+'.join(kept)})÷{len(kept)}", _mean_words(kept)))
    lines.append(("各要素按权重合成，四舍五入保留两位小数", "", score))
    return Announcement(f"各要素去掉一个最高分和一个最低分后平均，按权重合成，最后得分 {score} 分。", tuple(lines))


def _sorted(entries: Iterable[Mapping[str, str]]) -> list[str]:
    return sorted((entry["value"] for entry in entries), key=Fraction, reverse=True)


def _mean(values: Sequence[str]) -> Fraction:
    return sum((Fraction(value) for value in values), Fraction(0)) / len(values)


def _mean_words(values: Sequence[str]) -> str:
    mean = _mean(values)
    needed = places(mean)
    exact = needed is not None and needed <= _LONGEST_EXACT
    return show_exact(mean) if exact else f"约 {show(mean, _LONGEST_EXACT)}"
