"""Right answers and shares of points as a QTI item declares them: correct responses, mappings, and which of the two counts."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from core.exact import places, round_half_up
from question_bank.formats.qti.documents import Element, child, children, descendants, text_of
from question_bank.formats.qti.points import fraction_of

_SHARE_DECIMALS = 7


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a mapping: what is answered, what that earns, whether letter case counts (None: not stated)."""

    key: str
    worth: Fraction
    case_sensitive: bool | None


@dataclass(frozen=True, slots=True)
class Answers:
    """What one response is worth: the right values in order, and the mapping where the item scores by it."""

    identifier: str
    cardinality: str
    base: str
    correct: tuple[str, ...]
    entries: tuple[Entry, ...] = ()
    default: Fraction = Fraction(0)
    upper: Fraction | None = None
    also: tuple[str, ...] = ()  # texts that the rules take for a right answer besides
    partly: tuple[str, ...] = ()  # texts for which the rules give something, too, how much is not told

    @property
    def best(self) -> Fraction:
        """What the best answer earns by the mapping."""
        positive = [entry.worth for entry in self.entries if entry.worth > 0]
        added = max(positive, default=Fraction(0)) if self.cardinality == "single" else sum(positive, Fraction(0))
        return min(added, self.upper) if self.upper is not None else added

    def worth(self, value: str) -> Fraction:
        """What one value earns by the mapping."""
        found = (entry.worth for entry in self.entries if same_value(self.base, entry.key, value))
        return next(found, self.default)


def same_value(base: str, first: str, second: str) -> bool:
    """Whether two values of a base type are the same; the sides of a pair may be exchanged."""
    if base == "pair":
        return sorted(first.split()) == sorted(second.split())
    return first.split() == second.split()


def answers_of(item: Element, identifier: str) -> Answers:
    """Return what an item declares about one response; empty where it declares nothing."""
    declared = (each for each in children(item, "responseDeclaration") if each.get("identifier") == identifier)
    declaration = next(declared, None)
    if declaration is None:
        return Answers(identifier, "single", "identifier", ())
    stated = child(declaration, "correctResponse")
    correct = () if stated is None else tuple(text_of(each).strip() for each in children(stated, "value"))
    cardinality, base = declaration.get("cardinality", "single"), declaration.get("baseType", "string")
    mapping = child(declaration, "mapping")
    if mapping is None or not (_counts_by_mapping(item, identifier) or not correct):
        also, partly = _texts_of_rules(item, identifier, correct) if base == "string" else ((), ())
        return Answers(identifier, cardinality, base, correct, also=also, partly=partly)
    entries = tuple(
        Entry(
            " ".join(each.get("mapKey", "").split()),
            fraction_of(each.get("mappedValue")) or Fraction(0),
            None if each.get("caseSensitive") is None else each.get("caseSensitive") == "true",
        )
        for each in children(mapping, "mapEntry")
    )
    default = fraction_of(mapping.get("defaultValue")) or Fraction(0)
    return Answers(identifier, cardinality, base, correct, entries, default, fraction_of(mapping.get("upperBound")))


def _texts_of_rules(
    item: Element, identifier: str, correct: tuple[str, ...]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the texts that rules compare a response with: in one test with a right answer, and elsewhere for points."""
    also: dict[str, None] = {}
    partly: dict[str, None] = {}
    for branch in descendants(item, "responseIf", "responseElseIf"):
        tests = children(branch)[:1]
        tests = children(tests[0]) if tests and tests[0].tag == "or" else tests
        texts = [_compared_with(test, identifier, correct) for test in tests]
        if None in texts or not _earns(branch):
            continue
        named = dict.fromkeys(text for text in texts if text)
        (also if named.keys() & set(correct) else partly).update(named)
    return (
        tuple(text for text in also if text not in correct),
        tuple(text for text in partly if text not in also and text not in correct),
    )


def _compared_with(test: Element, identifier: str, correct: tuple[str, ...]) -> str | None:
    sides = {str(each.tag): each for each in children(test)}
    if test.tag not in ("stringMatch", "match") or test.get("substring") == "true" or len(sides) != 2:
        return None
    if "variable" not in sides or sides["variable"].get("identifier") != identifier:
        return None
    if "correct" in sides:
        return correct[0] if correct and sides["correct"].get("identifier") == identifier else None
    return text_of(sides["baseValue"]).strip() if "baseValue" in sides else None


def _earns(branch: Element) -> bool:
    rules = [each for each in children(branch, "setOutcomeValue") if each.get("identifier") == "SCORE"]
    values = [child(each, "baseValue") for each in rules]
    return any(value is None or fraction_of(text_of(value)) != 0 for value in values)


def _counts_by_mapping(item: Element, identifier: str) -> bool:
    processing = child(item, "responseProcessing")
    if processing is None:
        return True
    if len(processing):
        return any(each.get("identifier") == identifier for each in descendants(processing, "mapResponse"))
    template = processing.get("template", "") or processing.get("templateLocation", "")
    return "map_response" in template or "match" not in template


def share(worth: Fraction, of: Fraction) -> Decimal:
    """Return what something is worth as a share of the points, with two to seven decimals."""
    exact = worth / of
    needed = places(exact)
    return round_half_up(exact, _SHARE_DECIMALS if needed is None else min(max(needed, 2), _SHARE_DECIMALS))


def full_marks(answers: Answers, points: Fraction | None) -> Fraction:
    """Return what a mapping's full marks are: the item's points, otherwise its upper bound or its best answer."""
    return points or answers.upper or answers.best or Fraction(1)


def right_labels(answers: Answers, labels: Sequence[str], single: bool, points: Fraction | None) -> tuple[str, ...]:
    """Return the labels that earn full marks (one may be chosen) or a positive share (several may)."""
    correct = tuple(label for label in labels if label in answers.correct)
    if not answers.entries:
        return correct
    worths = {label: answers.worth(label) for label in labels}
    if not single:
        return tuple(label for label, worth in worths.items() if worth > 0)
    most = max(worths.values(), default=Fraction(0))
    if most <= 0:
        return correct
    full = full_marks(answers, points)
    cap = full if answers.upper is None else min(full, answers.upper)
    return (
        tuple(label for label, worth in worths.items() if worth >= cap)
        or correct
        or tuple(label for label, worth in worths.items() if worth == most)
    )


def accepted_texts(answers: Answers, points: Fraction | None) -> tuple[Any, ...]:
    """Return the accepted answers of a blank: a text, or an object where it earns a part or letter case counts."""
    if not answers.entries:
        return tuple(dict.fromkeys((*answers.correct, *answers.also)))
    full = full_marks(answers, points)
    spellings = Counter(entry.key.casefold() for entry in answers.entries)
    accepted: list[Any] = []
    for entry in answers.entries:
        if entry.worth <= 0 or not entry.key:
            continue
        earned = share(min(entry.worth, full), full)
        # Letter case counts in QTI unless an entry says otherwise; what says nothing is taken as meant for either.
        strict = entry.case_sensitive or (entry.case_sensitive is None and spellings[entry.key.casefold()] > 1)
        if earned == 1 and not strict:
            accepted.append(entry.key)
        else:
            fraction = f"{earned:f}"
            accepted.append({"text": entry.key, "fraction": fraction, "case_sensitive": strict, "pattern": False})
    return tuple(accepted) or tuple(dict.fromkeys(answers.correct))
