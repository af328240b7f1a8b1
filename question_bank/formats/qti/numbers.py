"""Numbers that are compared, not matched: ranges between two bounds, and a right number with a tolerance."""

from collections.abc import Iterator
from fractions import Fraction

from core.exact import places, show_exact
from question_bank.formats.qti.documents import Element, child, children, descendants, text_of
from question_bank.formats.qti.keys import Answers, share
from question_bank.formats.qti.points import fraction_of

Range = dict[str, str]
_NUMBERS = ("integer", "float")


def ranges_of(item: Element, answers: Answers, full: Fraction | None = None) -> tuple[Range, ...]:
    """Return `{"low", "high", "fraction"}` for every range that the processing tests a response against, in order.

    ``full``: what full marks are, the best of the ranges without it. Of a number that is told neither with a tolerance
    nor between two bounds, nothing.
    """
    found: list[tuple[tuple[str, str], Fraction]] = []
    for branch in _branches(item):
        ends = _between(branch, answers.identifier) or _around(branch, answers)
        earned = [fraction_of(text_of(each)) for each in _earned(branch)]
        if ends and earned and earned[-1] is not None and earned[-1] > 0:
            found.append((ends, earned[-1]))
    most = full or max((worth for _ends, worth in found), default=Fraction(1))
    return tuple({"low": low, "high": high, "fraction": f"{share(worth, most):f}"} for (low, high), worth in found)


def is_measured(item: Element, identifier: str) -> bool:
    """Whether a response is a number that the processing compares with a tolerance, with bounds or after rounding."""
    return bool(_comparisons(item, identifier))


def _comparisons(item: Element, identifier: str) -> list[Element]:
    declared = (each for each in children(item, "responseDeclaration") if each.get("identifier") == identifier)
    declaration, processing = next(declared, None), child(item, "responseProcessing")
    if declaration is None or processing is None or declaration.get("baseType") not in _NUMBERS:
        return []
    return [
        each
        for each in descendants(processing, "equal", "equalRounded", "gte", "lte", "gt", "lt")
        if any(side.get("identifier") == identifier for side in children(each, "variable"))
        and not (each.tag == "equal" and each.get("toleranceMode", "exact") == "exact")
    ]


def _branches(item: Element) -> Iterator[Element]:
    processing = child(item, "responseProcessing")
    return iter(()) if processing is None else descendants(processing, "responseIf", "responseElseIf")


def _between(branch: Element, identifier: str) -> tuple[str, str] | None:
    """The ends of `low <= response <= high`."""
    ends: dict[str, str] = {}
    for test in children(branch, "and"):
        for compared in children(test, "gte", "lte"):
            sides = children(compared, "variable", "baseValue")
            if len(sides) == 2 and sides[0].get("identifier") == identifier and sides[1].tag == "baseValue":
                ends[str(compared.tag)] = text_of(sides[1]).strip()
    return (ends["gte"], ends["lte"]) if len(ends) == 2 else None


def _around(branch: Element, answers: Answers) -> tuple[str, str] | None:
    """The ends of a right number with an absolute tolerance or one in per cent, both ends included."""
    for test in children(branch, "equal"):
        sides = children(test, "variable", "correct", "baseValue")
        own = [side for side in sides if side.tag == "variable" and side.get("identifier") == answers.identifier]
        middle = next((_number(side, answers) for side in sides if side.tag != "variable"), None)
        mode = test.get("toleranceMode", "exact")
        excluded = "false" in (test.get("includeLowerBound", "true"), test.get("includeUpperBound", "true"))
        tolerances = [fraction_of(each) for each in test.get("tolerance", "").split()]
        if not own or middle is None or excluded or None in tolerances or not 1 <= len(tolerances) <= 2:
            continue
        below, above = (tolerance or Fraction(0) for tolerance in (tolerances[0], tolerances[-1]))
        if mode == "relative":
            below, above = middle * below / 100, middle * above / 100
        if mode in ("absolute", "relative") and below >= 0 <= above:
            ends = middle - below, middle + above
            return None if None in map(places, ends) else (show_exact(ends[0], 0), show_exact(ends[1], 0))
    return None


def _number(side: Element, answers: Answers) -> Fraction | None:
    if side.tag == "baseValue":
        return fraction_of(text_of(side))
    return fraction_of(answers.correct[0]) if answers.correct else None


def _earned(branch: Element) -> Iterator[Element]:
    for rule in children(branch, "setOutcomeValue"):
        yield from descendants(rule, "baseValue")
