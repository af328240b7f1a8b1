"""What a QTI item states about its points: MAXSCORE, the normal maximum of SCORE, the upper bound of its one mapping."""

import re
from fractions import Fraction

from question_bank.formats.qti.documents import Element, child, children, descendants, text_of

_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,15}\.?[0-9]{0,15}|\.[0-9]{1,15})")


def fraction_of(text: str | None) -> Fraction | None:
    """Return the exact value of a number as QTI writes it, None for anything else."""
    plain = (text or "").strip()
    return Fraction(plain.rstrip(".")) if _NUMBER.fullmatch(plain) and plain.strip("+-.") else None


def outcome(item: Element, identifier: str) -> Element | None:
    """Return the declaration of an outcome, if any."""
    found = (each for each in children(item, "outcomeDeclaration") if each.get("identifier") == identifier)
    return next(found, None)


def stated_points(item: Element) -> Fraction | None:
    """Return the points that an item says it is worth, None where it does not."""
    for declared in ("MAXSCORE", "SCORE"):
        declaration = outcome(item, declared)
        if declaration is None:
            continue
        stated = default_of(declaration) if declared == "MAXSCORE" else fraction_of(declaration.get("normalMaximum"))
        if stated is not None and stated > 0:
            return stated
    if not by_mapping_alone(item):
        return None
    bounds = [fraction_of(each.get("upperBound")) for each in descendants(item, "mapping", "areaMapping")]
    responses = children(item, "responseDeclaration")
    return bounds[0] if len(bounds) == len(responses) == 1 and bounds[0] is not None and bounds[0] > 0 else None


def by_mapping_alone(item: Element) -> bool:
    """Whether the score is what a mapping gives and nothing else."""
    processing = child(item, "responseProcessing")
    if processing is None:
        return True
    if not len(processing):
        return "map_response" in (processing.get("template", "") or processing.get("templateLocation", ""))
    set_by = [each for each in descendants(processing, "setOutcomeValue") if each.get("identifier") == "SCORE"]
    found = [children(each, "mapResponse", "mapResponsePoint") for each in set_by]
    return any(found) and all(mapped or _is_constant(rule) for mapped, rule in zip(found, set_by, strict=True))


def is_all_or_nothing(item: Element) -> bool:
    """Whether the standard template gives one point for the right answer and nothing for any other."""
    processing = child(item, "responseProcessing")
    named = "" if processing is None else processing.get("template", "") or processing.get("templateLocation", "")
    return named.rpartition("/")[2].removesuffix(".xml") in ("match_correct", "CC2_match_basic", "CC2_match")


def _is_constant(rule: Element) -> bool:
    return bool(children(rule, "baseValue"))


def default_of(declaration: Element) -> Fraction | None:
    """Return the default value of a declared number, None where it has none."""
    default = child(declaration, "defaultValue")
    value = None if default is None else child(default, "value")
    return None if value is None else fraction_of(text_of(value))
