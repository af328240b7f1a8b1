"""Response declarations and response processing of QTI 3 that give the marks which our own policies give."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from core.exact import show_exact
from question_bank.formats.qti.documents import Element
from question_bank.formats.qti.markup import qti

TEMPLATES = "https://purl.imsglobal.org/spec/qti/v3p0/rptemplates/"


def written(value: Fraction) -> str:
    """Return an exact number as QTI writes it."""
    return show_exact(value, 0)


def declaration(
    identifier: str, cardinality: str, base: str, correct: Sequence[str], mapping: Element | None = None
) -> Element:
    """Return a response declaration with its right answer and its mapping."""
    inside = [qti("correct-response", *(qti("value", value) for value in correct))] if correct else []
    inside += [mapping] if mapping is not None else []
    return qti("response-declaration", *inside, identifier=identifier, cardinality=cardinality, base_type=base)


def mapping_of(worths: Mapping[str, Fraction], upper: Fraction, loose: Sequence[str] = ()) -> Element:
    """Return a mapping within 0 and `upper`; letter case does not count for the keys in `loose`."""
    entries = [
        qti("map-entry", map_key=key, mapped_value=written(worth), case_sensitive="false" if key in loose else "true")
        for key, worth in worths.items()
    ]
    return qti("mapping", *entries, default_value="0", lower_bound="0", upper_bound=written(upper))


def outcome(identifier: str, points: Fraction | None, human: bool = False, base: str = "float") -> Element:
    """Return an outcome declaration, with its highest value and who gives it."""
    attributes = {} if points is None else {"normal_maximum": written(points)}
    attributes |= {"external_scored": "human"} if human else {}
    return qti("outcome-declaration", identifier=identifier, cardinality="single", base_type=base, **attributes)


def maximum(points: Fraction) -> Element:
    """Return the outcome that states what an item is worth."""
    stated = qti("default-value", qti("value", written(points)))
    return qti("outcome-declaration", stated, identifier="MAXSCORE", cardinality="single", base_type="float")


def number(value: Fraction | str) -> Element:
    """Return a float."""
    return qti("base-value", value if isinstance(value, str) else written(value), base_type="float")


def variable(identifier: str) -> Element:
    """Return the value of a variable."""
    return qti("variable", identifier=identifier)


def assign(identifier: str, value: Element) -> Element:
    """Return the rule that sets an outcome."""
    return qti("set-outcome-value", value, identifier=identifier)


def all_or_nothing(score: str, response: str, points: Fraction) -> Element:
    """Return the rule: the points for exactly the right answer."""
    right = qti("match", variable(response), qti("correct", identifier=response))
    return qti("response-condition", qti("response-if", right, assign(score, number(points))))


def by_mapping(score: str, response: str) -> Element:
    """Return the rule: what the mapping of the response gives."""
    return assign(score, qti("map-response", identifier=response))


def in_proportion(score: str, responses: Sequence[str], points: Fraction, whole: int) -> Element:
    """Return the rule: of `whole` equal parts those that the mappings give."""
    gained = qti("sum", *(qti("map-response", identifier=response) for response in responses))
    return assign(score, qti("divide", qti("product", gained, number(points)), number(Fraction(whole))))


def by_ranges(score: str, response: str, ranges: Sequence[Mapping[str, Any]], points: Fraction) -> Element:
    """Return the rule: the first range that holds the number decides."""
    branches = []
    for place, each in enumerate(ranges):
        inside = qti(
            "and",
            qti("gte", variable(response), number(str(each["low"]))),
            qti("lte", variable(response), number(str(each["high"]))),
        )
        worth = Fraction(str(each.get("fraction", "1"))) * points
        branches.append(qti("response-else-if" if place else "response-if", inside, assign(score, number(worth))))
    return qti("response-condition", *branches)
