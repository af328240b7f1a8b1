"""What a test makes of the points of its items: the weights of its references, where its own rules multiply by them.

A weight does nothing by itself: the outcome processing of the test names it (`weightIdentifier`), and a reference without that
weight counts once.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from core.exact import excerpt, hundredths, show_exact
from question_bank.formats.qti.documents import Element, children, descendants
from question_bank.formats.qti.points import fraction_of
from question_bank.formats.report import ImportedItem

_MEND = "核对分值；组卷时按试卷的分值设置"


@dataclass(frozen=True, slots=True)
class Weight:
    """What one reference to an item says: how many times its points count, None where that is not certain and `told` says why."""

    times: Fraction | None = Fraction(1)
    told: str = ""


class _Rules:
    """Which weights the outcome processing of tests multiplies the scores of their items by."""

    def __init__(self, tests: Iterable[Element]) -> None:
        self.single: dict[str, set[str]] = {}
        self.summed: set[tuple[str, str, str, str]] = set()  # weight, section, categories taken, categories left out
        rules = (rules for test in tests for rules in descendants(test, "outcomeProcessing"))
        for each in (each for found in rules for each in descendants(found, "testVariables", "variable")):
            name = each.get("weightIdentifier")
            if name and each.tag == "variable":
                self.single.setdefault(each.get("identifier", ""), set()).add(name)
            elif name and each.get("variableIdentifier") == "SCORE":
                taken, left = each.get("includeCategory", ""), each.get("excludeCategory", "")
                self.summed.add((name, each.get("sectionIdentifier", ""), taken, left))

    def names_for(self, reference: Element) -> set[str]:
        """Return the names of the weights that count for one reference."""
        categories = set(reference.get("category", "").split())
        sections = {each.get("identifier") for each in reference.iterancestors("assessmentSection")}
        summed = {
            name
            for name, section, taken, left in self.summed
            if (not section or section in sections)
            and (not taken or categories.intersection(taken.split()))
            and not categories.intersection(left.split())
        }
        return summed | self.single.get(f"{reference.get('identifier')}.SCORE", set())


def reference_weights(tests: Sequence[tuple[str, Element]]) -> Iterator[tuple[str, str, Weight]]:
    """Yield for each reference to an item the path of its test, what it refers to, and its weight."""
    rules = _Rules(test for _path, test in tests)
    for path, test in tests:
        for reference in descendants(test, "assessmentItemRef"):
            yield path, reference.get("href", ""), _weight(reference, rules)


def _weight(reference: Element, rules: _Rules) -> Weight:
    stated = {each.get("identifier", ""): each.get("value", "") for each in children(reference, "weight")}
    if all(fraction_of(value) == 1 for value in stated.values()):
        return Weight()
    told = "、".join(excerpt(value, 12) for value in stated.values())
    applied = [value for name, value in stated.items() if name in rules.names_for(reference)]
    if not applied:
        return Weight(None, f"权重 {told}，试卷的计分规则没有用到它")
    times = fraction_of(applied[0])
    if len(applied) > 1 or times is None or times <= 0:
        return Weight(None, f"权重 {told}，怎样计分不能确定")
    return Weight(times)


def weighed(item: ImportedItem, weights: Iterable[Weight], unstated: int | None) -> tuple[ImportedItem, str, str]:
    """Return an item with the points that it has on the tests of its package, and what is to be told: reason and mend.

    `unstated` are the points, in hundredths, of an item that states none. Tests that disagree leave the points alone.
    """
    found = list(dict.fromkeys(weights))
    if item.type == "description" or all(weight == Weight() for weight in found):
        return item, "", ""
    told = next((weight.told for weight in found if weight.told), "")
    own = unstated if item.points_hundredths is None else item.points_hundredths
    if len(found) > 1 and not told:
        told = f"权重不一（{'、'.join(show_exact(weight.times or 0, 0) for weight in found)}）"
    times = found[0].times
    if told or times is None or own is None:
        told = told or f"权重 {show_exact(times or 0, 0)}，试题自己却没有写分值"
        return item, f"试卷给这道题写了{told}；分值没有按权重读取", _MEND
    exact = [(part.points_hundredths or 0) * times for part in item.parts]
    if any(points.denominator != 1 for points in exact):
        return item, f"试卷给这道题写了权重 {show_exact(times, 0)}，各小题乘后超过两位小数；分值没有按权重读取", _MEND
    parts = tuple(
        part if part.points_hundredths is None else replace(part, points_hundredths=int(points))
        for part, points in zip(item.parts, exact, strict=True)
    )
    points = hundredths(own * times / 100)
    shown = f"{show_exact(Fraction(own, 100), 0)} × {show_exact(times, 0)} = {show_exact(Fraction(points, 100), 0)} 分"
    return replace(item, points_hundredths=points, parts=parts), f"按试卷的权重读取分值：{shown}", "核对分值"
