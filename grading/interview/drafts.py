"""Reading what an organizer types for a score sheet: exact numbers as text, bands as one line. Pure."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from core.exact import NotAMark, excerpt, parse_mark, places, show_exact
from grading.interview.rules import Band, Element, PanelProblem, PanelRule, check_elements, check_rule

WHOLE = 100  # what the weights of a sheet add up to
MOST_ELEMENTS = 12
MOST_EXAMINERS = 15
LONGEST_MINUTES = 120
_BAND = re.compile(r"(\S{1,8}?)\s*([0-9]+(?:\.[0-9]+)?)\s*[-–—~～至]\s*([0-9]+(?:\.[0-9]+)?)")


@dataclass(frozen=True)
class ElementDraft:
    """One element of a sheet that is being set up; weight, greatest and step are exact decimals as text."""

    name: str
    weight: str
    greatest: str
    step: str = "0.5"
    criteria: str = ""
    bands: tuple[Band, ...] = ()

    @property
    def element(self) -> Element:
        """The element as the rules take it."""
        return Element(self.name, Fraction(self.weight), Fraction(self.greatest), self.bands)


@dataclass(frozen=True)
class PanelDraft:
    """Everything about a panel but its members and its candidates."""

    name: str
    elements: tuple[ElementDraft, ...]
    rule: PanelRule
    minutes: int
    reminders: tuple[int, ...]
    seats: int


def read_number(text: str, what: str) -> str:
    """A positive number with at most two decimals, normalised ("１０.0" -> "10"). Raises ``PanelProblem``."""
    try:
        value = parse_mark(text, what)
    except NotAMark as problem:
        raise PanelProblem(str(problem)) from None
    if value <= 0:
        raise PanelProblem(f"{what}是 {show_exact(value, 0)}，应大于 0，请改正。")
    if (places(value) or 0) > 2:
        raise PanelProblem(f"{what}是 {show_exact(value, 0)}，最多两位小数，请改正。")
    return show_exact(value, 0)


def read_bands(text: str, greatest: str) -> tuple[Band, ...]:
    """``好 8-10；中 4-7；差 0-3`` as bands; empty for none. Raises ``PanelProblem``."""
    bands = []
    for part in re.split(r"[；;，,、\n]+", text):
        if not part.strip():
            continue
        match = _BAND.fullmatch(part.strip())
        if match is None:
            raise PanelProblem(f"分档“{excerpt(part)}”读不懂，请写成“好 8-10；中 4-7；差 0-3”这样。")
        low, high = Decimal(match[2]), Decimal(match[3])
        if low > high or high > Decimal(greatest):
            raise PanelProblem(f"分档“{excerpt(part)}”应从低到高，且不超过满分 {greatest}，请改正。")
        bands.append(Band(match[1], low, high))
    return tuple(bands)


def bands_text(bands: Iterable[Band]) -> str:
    """The bands as one line, as ``read_bands`` takes it."""
    return "；".join(f"{band.name} {band.low}-{band.high}" for band in bands)


def read_reminders(text: str, minutes: int) -> tuple[int, ...]:
    """``3，1，0`` minutes left as seconds, the greatest first. Raises ``PanelProblem``."""
    seconds = set()
    for part in re.split(r"[，,、；;\s]+", text.strip()):
        if not part:
            continue
        try:
            value = parse_mark(part, "提醒时间")
        except NotAMark as problem:
            raise PanelProblem(str(problem)) from None
        if not 0 <= value < minutes or (value * 60).denominator != 1:
            raise PanelProblem(f"提醒时间“{excerpt(part)}”应在 0 至 {minutes} 分钟之间，请改正。")
        seconds.add(int(value * 60))
    return tuple(sorted(seconds, reverse=True))


def check_step(draft: ElementDraft) -> None:
    """Raise ``PanelProblem`` unless the greatest mark can be reached in steps."""
    if (Fraction(draft.greatest) / Fraction(draft.step)).denominator != 1:
        raise PanelProblem(
            f"“{excerpt(draft.name)}”的满分 {draft.greatest} 不是评分步长 {draft.step} 的整数倍，请改正其中一个。"
        )


def check_whole(elements: Sequence[ElementDraft]) -> None:
    """Raise ``PanelProblem`` unless the elements make a sheet: each named once, and weights that add up to 100."""
    check_elements([draft.element for draft in elements])
    whole = sum((Fraction(draft.weight) for draft in elements), Fraction(0))
    if whole != WHOLE:
        raise PanelProblem(f"各要素权重合计 {show_exact(whole, 0)}，应为 {WHOLE}，请调整权重。")


def check_draft(draft: PanelDraft) -> None:
    """Raise ``PanelProblem`` unless the panel can work as drafted."""
    check_rule(draft.rule)
    check_whole(draft.elements)
    for element in draft.elements:
        check_step(element)
    if not draft.rule.needed <= draft.seats <= MOST_EXAMINERS:
        raise PanelProblem(
            f"这种计分规则至少要 {draft.rule.needed} 名考官，至多 {MOST_EXAMINERS} 名，现在是 {draft.seats} 名，请改正。"
        )
    if not 1 <= draft.minutes <= LONGEST_MINUTES:
        raise PanelProblem(f"每名考生的面试时间应为 1 至 {LONGEST_MINUTES} 分钟，现在是 {draft.minutes} 分钟，请改正。")
