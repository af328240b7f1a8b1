"""Reads what somebody answered, given as JSON by response identifier, into values of the item's own types. Pure."""

import re
import unicodedata
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from core.exact import excerpt
from grading.scoring.qti.state import State, Variable
from grading.scoring.qti.values import (
    CONTAINERS,
    NotAValue,
    Scalar,
    Value,
    container,
    integer,
    number,
    parse,
    record,
    single,
)
from question_bank.formats.qti.documents import Element
from question_bank.formats.qti.interactions import CUSTOM, interactions_of

_LONGEST = 20_000
_DECIMAL = re.compile(r"([+-]?)([0-9]*)(?:\.([0-9]*))?(?:[eE]([+-]?[0-9]{1,4}))?")


class BadResponse(ValueError):
    """A response that does not fit the item; one Chinese sentence."""


def read_responses(state: State, item: Element, response: object) -> dict[str, Value | None]:
    """Return the values of the responses that are given. Raises BadResponse."""
    variables = {name: variable for name, variable in state.variables.items() if variable.kind == "response"}
    if isinstance(response, list) and len(variables) == 1:
        response = {next(iter(variables)): response}
    if not isinstance(response, Mapping):
        raise BadResponse('作答应按作答变量写明，例如 {"RESPONSE": ["A", "C"]}，未作答写 {}；请改正。')
    unknown = [str(name) for name in response if name not in variables]
    if unknown:
        raise BadResponse(f"题目没有作答变量“{excerpt(unknown[0])}”，只有 {'、'.join(variables) or '（无）'}；请改正。")
    return {name: _read(state, item, variables[name], given) for name, given in response.items()}


def _read(state: State, item: Element, variable: Variable, given: Any) -> Value | None:
    if variable.cardinality == "record":
        return _read_record(variable, given)
    base = variable.base or "string"
    items = _listed(base, given)
    if variable.cardinality == "single" and len(items) > 1:
        raise BadResponse(f"作答变量 {variable.identifier} 只能有一个值，给了 {len(items)} 个；请改正。")
    values = [_scalar(state, variable, base, each) for each in items]
    held = [value for value in values if value is not None and value != ""]
    _check_identifiers(item, variable, held)
    if variable.cardinality in CONTAINERS:
        return container(variable.cardinality, base, held)
    return single(base, held[0]) if held else None


def _listed(base: str, given: Any) -> list[Any]:
    if given is None or given == "":
        return []
    if not isinstance(given, list):
        return [given]
    two = base in ("pair", "directedPair", "point") and len(given) == 2
    if two and all(isinstance(each, int) or (isinstance(each, str) and " " not in each.strip()) for each in given):
        return [f"{given[0]} {given[1]}"]
    return given


def _scalar(state: State, variable: Variable, base: str, given: Any) -> Scalar:
    if isinstance(given, bool):
        text = "true" if given else "false"
    elif isinstance(given, int | str):
        text = str(given)
    elif isinstance(given, list) and base in ("pair", "directedPair", "point") and len(given) == 2:
        text = f"{given[0]} {given[1]}"
    elif isinstance(given, float):
        text = repr(given)
    else:
        raise BadResponse(f'作答变量 {variable.identifier} 的值应写成文本，例如 "A"；请改正。')
    if len(text) > _LONGEST:
        raise BadResponse(f"作答变量 {variable.identifier} 的值超过 {_LONGEST} 个字，请缩短。")
    if text == "":
        return None
    try:
        return parse(base, text)
    except NotAValue as problem:
        if base in ("integer", "float", "duration"):
            state.note(f"作答{problem}，按未作答处理")
            return None
        raise BadResponse(f"作答变量 {variable.identifier}：{problem}；请改正。") from None


def _check_identifiers(item: Element, variable: Variable, held: list[Scalar]) -> None:
    """Refuse a choice that the item does not have: a mistake of the file, not of the person who answered."""
    if variable.base not in ("identifier", "pair", "directedPair"):
        return
    own = [each for each in interactions_of(item) if each.get("responseIdentifier") == variable.identifier]
    known = {str(each.get("identifier")) for one in own for each in one.iter() if each.get("identifier")}
    if not known or any(one.tag in CUSTOM for one in own):
        return
    for value in held:
        for identifier in [value] if isinstance(value, str) else value:
            if identifier not in known:
                choices = "、".join(sorted(known)[:12])
                raise BadResponse(f"作答中的“{excerpt(identifier)}”不是本题的选项，本题有 {choices}；请改正。")


def _read_record(variable: Variable, given: Any) -> Value | None:
    if isinstance(given, list):
        given = given[0] if given else None
    if given is None or given == "" or given == {}:
        return None
    if isinstance(given, Mapping):
        return record({str(name): _guessed(value) for name, value in given.items()})
    if not isinstance(given, str) or len(given) > _LONGEST:
        raise BadResponse(f"作答变量 {variable.identifier} 应写成文本或按字段写明；请改正。")
    return record(_fields_of_number(given))


def _guessed(value: Any) -> Value | None:
    if isinstance(value, bool):
        return single("boolean", value)
    if isinstance(value, int):
        return integer(value)
    try:
        return number(parse("float", str(value)))
    except NotAValue:
        return single("string", str(value)[:_LONGEST])


def _fields_of_number(text: str) -> dict[str, Value | None]:
    """The fields of a text entry with record cardinality: the text, and how the number in it was written."""
    fields: dict[str, Value | None] = {"stringValue": single("string", text)}
    plain = unicodedata.normalize("NFKC", text).strip()
    match = _DECIMAL.fullmatch(plain)
    try:
        value = parse("float", plain)
    except NotAValue:
        return fields
    if match is None or not isinstance(value, Fraction):
        return fields
    left, right, exponent = match[2], match[3] or "", match[4]
    fields["floatValue"] = number(value)
    if value.denominator == 1 and match[3] is None and exponent is None:
        fields["integerValue"] = integer(int(value))
    significant = (left + right).lstrip("0")
    fields["leftDigits"] = integer(len(left))
    fields["rightDigits"] = integer(len(right))
    fields["ndp"] = integer(max(0, len(right) - int(exponent or 0)))
    fields["nsf"] = integer(len(significant) if match[3] is not None else len(significant.rstrip("0")))
    fields["exponent"] = integer(int(exponent)) if exponent else None
    return fields
