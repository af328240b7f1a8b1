"""Ranges of numbers that earn points, as our own response processing states them: from, to, how much."""

from collections.abc import Iterator
from fractions import Fraction

from question_bank.formats.qti.documents import Element, child, children, descendants, text_of
from question_bank.formats.qti.keys import share
from question_bank.formats.qti.points import fraction_of


def ranges_of(item: Element, identifier: str, full: Fraction) -> tuple[dict[str, str], ...]:
    """Return `{"low", "high", "fraction"}` for every range that the processing tests a response against, in order."""
    processing = child(item, "responseProcessing")
    if processing is None:
        return ()
    found = []
    for branch in descendants(processing, "responseIf", "responseElseIf"):
        bounds = list(_bounds(branch, identifier))
        earned = [fraction_of(text_of(each)) for each in _earned(branch)]
        if len(bounds) == 2 and earned and earned[-1] is not None:
            fraction = share(earned[-1], full)
            found.append({"low": bounds[0], "high": bounds[1], "fraction": f"{fraction:f}"})
    return tuple(found)


def _bounds(branch: Element, identifier: str) -> Iterator[str]:
    for test in children(branch, "and"):
        for name in ("gte", "lte"):
            for compared in children(test, name):
                sides = children(compared, "variable", "baseValue")
                if len(sides) == 2 and sides[0].get("identifier") == identifier and sides[1].tag == "baseValue":
                    yield text_of(sides[1]).strip()


def _earned(branch: Element) -> Iterator[Element]:
    for rule in children(branch, "setOutcomeValue"):
        yield from descendants(rule, "baseValue")
