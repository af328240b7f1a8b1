"""How a panel's marks become one result: weighting, trimming, one rounding, and the sentence that is announced. Pure.

A mark contributes mark / maximum x weight; an examiner's total stays unrounded; only the mean is rounded, half up. Of
tied extremes one goes (practice and both ways of trimming: facts on interviews, fact_05 part 3).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from core.exact import NotAMark, excerpt, parse_mark, places, round_half_up, show, show_exact

Trim = Literal["totals", "elements", "none"]
TRIMS: Mapping[Trim, str] = {
    "totals": "考官总分去掉一个最高分和一个最低分后平均",
    "elements": "每个要素去掉一个最高分和一个最低分后平均，再合成",
    "none": "不去高低分，直接平均",
}
MOST_DECIMALS = 6

_LONGEST_EXACT = 8
_LONGEST_VALUE = 10


class PanelProblem(ValueError):
    """Marks or a rule that no result can be computed from; one Chinese sentence: what, where, how to mend."""


@dataclass(frozen=True)
class Band:
    """A band of marks (好/中/差), ends included, as guidance for examiners."""

    name: str
    low: Decimal
    high: Decimal


@dataclass(frozen=True)
class Element:
    """One element of the score sheet: marked from 0 to ``maximum``, contributing up to ``weight``."""

    name: str
    weight: Fraction
    maximum: Fraction
    bands: tuple[Band, ...] = ()

    @property
    def factor(self) -> Fraction:
        """What one point of the mark contributes."""
        return self.weight / self.maximum


@dataclass(frozen=True)
class PanelRule:
    """How a panel is aggregated; ``minimum`` is the least number of examiners where the rule names its own."""

    trim: Trim = "totals"
    decimals: int = 2
    minimum: int | None = None

    @property
    def needed(self) -> int:
        """The least number of examiners: five where extremes go, else three, unless the rule says otherwise."""
        if self.minimum is not None:
            return self.minimum
        return 3 if self.trim == "none" else 5


@dataclass(frozen=True)
class Counted:
    """A value that was kept or dropped: an examiner's total, or the mark for one element when trimming by element."""

    examiner: str
    value: Fraction
    element: str | None = None

    def as_json(self) -> dict[str, str]:
        """``{"examiner", "element", "value"}``; ``element`` only when trimming by element."""
        place = {} if self.element is None else {"element": self.element}
        return {"examiner": self.examiner, **place, "value": _value_text(self.value)}


@dataclass(frozen=True)
class PanelResult:
    """The published result with all that went into it; ``arithmetic`` ends with ``announcement``."""

    result: Decimal
    kept: tuple[Counted, ...]
    dropped: tuple[Counted, ...]
    totals: tuple[Counted, ...]
    announcement: str
    arithmetic: str

    def as_json(self) -> dict[str, object]:
        """The answer of ``interview compute`` as interfaces.md states it."""
        return {
            "result": format(self.result, "f"),
            "kept": [counted.as_json() for counted in self.kept],
            "dropped": [counted.as_json() for counted in self.dropped],
            "arithmetic": self.arithmetic,
        }


def read_mark(text: object, element: Element, examiner: str, step: Fraction | None = None) -> Fraction:
    """Read an examiner's mark from text and check its range and, where one is set, its step (0.01)."""
    where = f"{excerpt(examiner)}的“{excerpt(element.name)}”得分"
    try:
        mark = parse_mark(text, where)
    except NotAMark as problem:
        raise PanelProblem(str(problem)) from None
    _check_range(mark, element, examiner)
    if step is not None and (mark / step).denominator != 1:
        raise PanelProblem(
            f"{where} {show_exact(mark)} 不是 {show_exact(step)} 的整数倍，请按 {show_exact(step)} 分一档填写。"
        )
    return mark


def examiner_total(elements: Sequence[Element], marks: Mapping[str, Fraction]) -> Fraction:
    """Return one examiner's unrounded total; ``marks`` holds one mark for every element name."""
    return sum((marks[element.name] * element.factor for element in elements), Fraction(0))


def compute(rule: PanelRule, elements: Sequence[Element], marks: Mapping[str, Mapping[str, Fraction]]) -> PanelResult:
    """Return the result of a panel from its marks (examiner -> element name -> mark); raises ``PanelProblem``."""
    check_rule(rule)
    check_elements(elements)
    for examiner, sheet in marks.items():
        _check_sheet(examiner, sheet, elements)
    _check_size(rule, marks)
    totals = tuple(Counted(name, examiner_total(elements, sheet)) for name, sheet in marks.items())
    formula = " + ".join(f"{show_exact(element.factor, 0)} × {element.name}" for element in elements)
    if rule.trim == "elements":
        return _by_element(rule, elements, marks, totals)
    return _by_total(rule, totals, f"考官总分 = {formula}；")


def compute_totals(rule: PanelRule, totals: Mapping[str, Fraction]) -> PanelResult:
    """Return the result of a panel of which only the examiners' totals are known; raises ``PanelProblem``."""
    check_rule(rule)
    if rule.trim == "elements":
        raise PanelProblem("规则要求按要素去高低分，但只有考官总分，请提供各要素的得分，或把 trim 改为 totals。")
    for examiner, total in totals.items():
        if total < 0:
            raise PanelProblem(f"{excerpt(examiner)}的总分 {show_exact(total)} 小于 0，请核对后改正。")
    _check_size(rule, totals)
    return _by_total(rule, tuple(Counted(name, total) for name, total in totals.items()), "")


def check_rule(rule: PanelRule) -> None:
    """Raise ``PanelProblem`` unless the rule can be applied."""
    if rule.trim not in TRIMS:
        raise PanelProblem(f"计分规则的 trim 是“{excerpt(str(rule.trim))}”，请改为 totals、elements 或 none。")
    if not 0 <= rule.decimals <= MOST_DECIMALS:
        raise PanelProblem(f"计分规则的 decimals 是 {rule.decimals}，请改为 0 至 {MOST_DECIMALS} 的整数。")
    least = 1 if rule.trim == "none" else 3
    if rule.minimum is not None and rule.minimum < least:
        raise PanelProblem(
            f"计分规则的 minimum 是 {rule.minimum}，按这种规则至少要 {least} 名考官，请改为不小于 {least} 的整数。"
        )


def check_elements(elements: Sequence[Element]) -> None:
    """Raise ``PanelProblem`` unless there are elements, each named once, with positive weight and maximum."""
    if not elements:
        raise PanelProblem("没有测评要素，请至少设置一个要素及其权重和满分。")
    seen = set[str]()
    for number, element in enumerate(elements, 1):
        if not element.name.strip():
            raise PanelProblem(f"第 {number} 个测评要素没有名称，请补上。")
        name = excerpt(element.name)
        if element.name in seen:
            raise PanelProblem(f"测评要素“{name}”出现了两次，请合并或改名。")
        if element.weight <= 0:
            raise PanelProblem(f"测评要素“{name}”的权重是 {show_exact(element.weight)}，应大于 0，请改正。")
        if element.maximum <= 0:
            raise PanelProblem(f"测评要素“{name}”的满分是 {show_exact(element.maximum)}，应大于 0，请改正。")
        seen.add(element.name)


def _check_sheet(examiner: str, sheet: Mapping[str, Fraction], elements: Sequence[Element]) -> None:
    known = {element.name for element in elements}
    missing = [excerpt(element.name) for element in elements if element.name not in sheet]
    if missing:
        raise PanelProblem(f"{excerpt(examiner)}缺少“{'、'.join(missing)}”的得分，请补齐后再计算。")
    for name in sheet:
        if name not in known:
            raise PanelProblem(
                f"{excerpt(examiner)}的评分中有未设置的要素“{excerpt(name)}”，请删去，或把它加入测评要素。"
            )
    for element in elements:
        _check_range(sheet[element.name], element, examiner)


def _check_range(mark: Fraction, element: Element, examiner: str) -> None:
    if not 0 <= mark <= element.maximum:
        raise PanelProblem(
            f"{excerpt(examiner)}的“{excerpt(element.name)}”得分 {show_exact(mark)} 超出范围，"
            f"应在 0 至 {show_exact(element.maximum, 0)} 之间，请核对后改正。"
        )


def _check_size(rule: PanelRule, marks: Mapping[str, object]) -> None:
    if not marks:
        raise PanelProblem("没有任何考官的评分，请补上评分后再计算。")
    if len(marks) < rule.needed:
        raise PanelProblem(
            f"“{TRIMS[rule.trim]}”的规则至少需要 {rule.needed} 名考官的评分，现在只有 {len(marks)} 名，"
            "请补齐考官的评分，或改用允许这一人数的规则。"
        )


@dataclass(frozen=True)
class _Averaged:
    kept: tuple[Counted, ...]
    dropped: tuple[Counted, ...]
    mean: Fraction
    words: str


def _average(rule: PanelRule, values: Sequence[Counted], end: Callable[[Fraction], str]) -> _Averaged:
    dropped = _extremes(values) if rule.trim != "none" else ()
    kept = tuple(value for value in values if not any(value is gone for gone in dropped))
    mean = sum((value.value for value in kept), Fraction(0)) / len(kept)
    words = "+".join(show_exact(value.value) for value in kept)
    words = f"平均 ({words})÷{len(kept)} = {end(mean)}"
    if dropped:
        high, low = (f"{show_exact(gone.value)}（{gone.examiner}）" for gone in dropped)
        words = f"去掉一个最高分 {high}，去掉一个最低分 {low}，{words}"
    return _Averaged(kept, dropped, mean, words)


def _extremes(values: Sequence[Counted]) -> tuple[Counted, Counted]:
    # The first of tied extremes goes, and the lowest is sought among the rest: when all are equal, two people go.
    high = max(values, key=lambda counted: counted.value)
    low = min((counted for counted in values if counted is not high), key=lambda counted: counted.value)
    return high, low


def _by_total(rule: PanelRule, totals: tuple[Counted, ...], head: str) -> PanelResult:
    averaged = _average(rule, totals, lambda mean: _rounding_words(mean, rule.decimals))
    result = round_half_up(averaged.mean, rule.decimals)
    words = averaged.words
    return PanelResult(result, averaged.kept, averaged.dropped, totals, words, head + words)


def _by_element(
    rule: PanelRule,
    elements: Sequence[Element],
    marks: Mapping[str, Mapping[str, Fraction]],
    totals: tuple[Counted, ...],
) -> PanelResult:
    kept, dropped, lines, parts = list[Counted](), list[Counted](), list[str](), list[Fraction]()
    for element in elements:
        values = [Counted(examiner, sheet[element.name], element.name) for examiner, sheet in marks.items()]
        averaged = _average(rule, values, show_exact)
        part = averaged.mean * element.factor
        scale = f"{show_exact(element.maximum, 0)}×{show_exact(element.weight, 0)}"
        mean_words = show_exact(averaged.mean) if places(averaged.mean) is not None else f"({averaged.mean})"
        lines.append(f"{element.name}：{averaged.words}，计 {mean_words}÷{scale} = {show_exact(part)}")
        kept += averaged.kept
        dropped += averaged.dropped
        parts.append(part)
    mean = sum(parts, Fraction(0))
    addition = "+".join(show_exact(part) for part in parts)
    words = f"各要素合计 {addition} = {_rounding_words(mean, rule.decimals)}"
    result = round_half_up(mean, rule.decimals)
    return PanelResult(result, tuple(kept), tuple(dropped), totals, words, "；".join([*lines, words]))


def _rounding_words(value: Fraction, decimals: int) -> str:
    rounded = show(value, decimals)
    needed = places(value)
    if needed is not None and needed <= decimals:
        return rounded
    if needed is not None and needed <= _LONGEST_EXACT:
        return f"{show_exact(value)}，四舍五入为 {rounded}"
    return f"{value}（约 {show(value, _LONGEST_EXACT)}），四舍五入为 {rounded}"


def _value_text(value: Fraction) -> str:
    return show_exact(value) if places(value) is not None else show(value, _LONGEST_VALUE)
