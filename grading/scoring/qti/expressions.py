"""Evaluates one expression of QTI. Every element name of the expression language stands in one of the two tables. Pure."""

import math
import operator
from collections.abc import Callable, Sequence
from fractions import Fraction

from core.exact import excerpt
from grading.scoring.qti import logic, numeric
from grading.scoring.qti.shapes import inside_shape
from grading.scoring.qti.state import State, Unscorable, Variable
from grading.scoring.qti.values import (
    NUMERIC,
    NotAValue,
    Number,
    Scalar,
    Value,
    container,
    integer,
    number,
    parse,
    show_number,
    show_scalar,
    single,
    tidy,
)
from question_bank.formats.qti.documents import Element, child, children, text_of

_MOST_REPEATS = 1_000
_FINEST_DRAW = 10**12


def evaluate(state: State, element: Element) -> Value | None:
    """Return the value of an expression, None for NULL. Raises Unscorable for what is no expression of an item."""
    state.step()
    name = str(element.tag)
    leaf = _LEAVES.get(name)
    if leaf is not None:
        return leaf(state, element)
    apply = _OPERATORS.get(name)
    if apply is None:
        raise Unscorable(f"评分规则里有不支持的表达式“{name[:40]}”，没有评分；请由阅卷员评分。")
    return apply(state, element, [evaluate(state, each) for each in children(element)])


def is_true(state: State, element: Element) -> bool:
    """Whether an expression is true; NULL is not."""
    value = evaluate(state, element)
    return value is not None and value.base == "boolean" and value.one is True


def read_values(element: Element | None, cardinality: str, base: str | None) -> Value | None:
    """Return what the `value` children of a declaration state. Raises NotAValue."""
    if element is None:
        return None
    stated = children(element, "value")
    if cardinality == "record":
        fields = {each.get("fieldIdentifier", ""): _read(each.get("baseType", "string"), each) for each in stated}
        held = {name: value for name, value in fields.items() if value is not None}
        return Value("record", None, (), held) if held else None
    read = [value for each in stated if (value := _read(base or "string", each)) is not None]
    if cardinality == "single":
        return read[0] if read else None
    return container(cardinality, base, (value.one for value in read))


def _read(base: str, element: Element) -> Value | None:
    text = text_of(element).strip()
    # Some systems write an empty value for one that nobody gave: NULL.
    return single(base, parse(base, text)) if text or base == "string" else None


def _base_value(state: State, element: Element) -> Value | None:
    base = element.get("baseType", "string")
    try:
        return single(base, parse(base, text_of(element).strip()))
    except NotAValue as problem:
        state.note(f"baseValue：{problem}")
        return None


def _variable(state: State, element: Element) -> Value | None:
    return state.value(element.get("identifier", ""))


def _correct(state: State, element: Element) -> Value | None:
    variable = state.variables.get(element.get("identifier", ""))
    return None if variable is None else variable.correct


def _default(state: State, element: Element) -> Value | None:
    variable = state.variables.get(element.get("identifier", ""))
    return None if variable is None else variable.default


def _random_integer(state: State, element: Element) -> Value | None:
    low, high = state.integer_attribute(element, "min"), state.integer_attribute(element, "max")
    step = state.integer_attribute(element, "step") if element.get("step") else 1
    low = 0 if low is None and not element.get("min") else low
    if low is None or high is None or step is None or step < 1 or high < low:
        return None
    return integer(low + step * state.generator().randint(0, (high - low) // step))


def _random_float(state: State, element: Element) -> Value | None:
    low, high = state.number_of(element.get("min", "0")), state.number_of(element.get("max", ""))
    if not isinstance(low, Fraction) or not isinstance(high, Fraction) or high < low:
        return None
    return number(low + (high - low) * Fraction(state.generator().randint(0, _FINEST_DRAW), _FINEST_DRAW))


def _repeat(state: State, element: Element) -> Value | None:
    times = state.integer_attribute(element, "numberRepeats")
    if times is None or times < 1:
        return None
    if times > _MOST_REPEATS:
        raise Unscorable(
            f"评分规则要求重复 {times if times < 10**9 else '过多'} 次，超过上限 {_MOST_REPEATS} 次，没有评分。"
        )
    gathered = [evaluate(state, each) for _ in range(times) for each in children(element)]
    return logic.ordered(state, element, gathered)


def _custom(state: State, element: Element) -> Value | None:
    raise Unscorable("评分规则用了自定义运算（customOperator），没有公开的含义，没有评分；请由阅卷员评分。")


def mapped(variable: Variable, state: State) -> Value | None:
    """Return what a response earns by its mapping, each distinct value once, within the bounds of the mapping."""
    mapping = None if variable.declaration is None else child(variable.declaration, "mapping")
    if mapping is None:
        state.note(f"{variable.identifier} 没有 mapping，按 0 分计")
        return number(Fraction(0))
    if variable.cardinality == "record":
        state.note(f"{variable.identifier} 是记录，不能用 mapResponse")
        return None
    entries = _entries(mapping, variable, state)
    default = _stated(state, mapping, "defaultValue") or Fraction(0)
    values: Sequence[Scalar] = [None] if variable.value is None else _distinct(variable.value)
    earned = [(value, _looked_up(entries, variable.base, value, default)) for value in values]
    total = tidy(sum((worth for _value, worth in earned), Fraction(0)))
    result = bounded(state, mapping, total)
    if variable.value is not None:
        terms = " + ".join(f"{show_scalar(variable.base, value)}（{show_number(worth)}）" for value, worth in earned)
        bound = "" if result == total else f"，按界限取 {show_number(result)}"
        state.work(f"{variable.identifier}：{excerpt(terms, 160)} = {show_number(total)}{bound}")
    return number(result)


Entry = tuple[str, Scalar, bool, Number]


def _entries(mapping: Element, variable: Variable, state: State) -> list[Entry]:
    entries: list[Entry] = []
    for each in children(mapping, "mapEntry"):
        key = each.get("mapKey", "")
        try:
            found = logic.comparable(variable.base, parse(variable.base or "string", key)) if key else None
        except NotAValue as problem:
            state.note(f"mapping：{problem}")
            continue
        worth = _stated(state, each, "mappedValue") or Fraction(0)
        entries.append((key, found, each.get("caseSensitive", "true") != "false", worth))
    return entries


def _looked_up(entries: Sequence[Entry], base: str | None, value: Scalar, default: Number) -> Number:
    for key, found, strict, worth in entries:
        if value is None:
            if key == "" and base == "string":
                return worth
        elif found == logic.comparable(base, value) or (not strict and key.lower() == str(value).lower()):
            return worth
    return default


def _distinct(value: Value) -> list[Scalar]:
    return list({logic.comparable(value.base, item): item for item in value.items}.values())


def _stated(state: State, element: Element, name: str) -> Number | None:
    text = element.get(name, "").strip()
    try:
        return number(parse("float", text)).one if text else None
    except NotAValue as problem:
        state.note(f"{name}：{problem}")
        return None


def bounded(state: State, mapping: Element, value: Number) -> Number:
    """Return a mapped value within the bounds that its mapping states."""
    low, high = _stated(state, mapping, "lowerBound"), _stated(state, mapping, "upperBound")
    if low is not None and value < low:
        return low
    return high if high is not None and value > high else value


def _map_response(state: State, element: Element) -> Value | None:
    variable = state.variables.get(element.get("identifier", ""))
    if variable is None or variable.kind != "response":
        state.note(f"mapResponse 所指的 {element.get('identifier', '')[:40]} 不是作答变量，按 NULL 处理")
        return None
    return mapped(variable, state)


def map_points(variable: Variable, state: State) -> Value | None:
    """Return what points earn by their areas: each area once, the default for a point in none."""
    mapping = None if variable.declaration is None else child(variable.declaration, "areaMapping")
    if mapping is None or variable.base != "point":
        state.note(f"{variable.identifier} 没有 areaMapping，按 0 分计")
        return number(Fraction(0))
    default = _stated(state, mapping, "defaultValue") or Fraction(0)
    areas = children(mapping, "areaMapEntry")
    hit: set[int] = set()
    total: Number = Fraction(0)
    for point in variable.value.items if variable.value is not None else [None]:
        at = None if point is None else _area_of(areas, point)
        if at is None:
            total += default
        elif at not in hit:
            hit.add(at)
            total += _stated(state, areas[at], "mappedValue") or Fraction(0)
    return number(bounded(state, mapping, total))


def _area_of(areas: Sequence[Element], point: tuple[int, int]) -> int | None:
    fitting = (
        at for at, area in enumerate(areas) if inside_shape(area.get("shape", ""), area.get("coords", ""), point)
    )
    return next(fitting, None)


def _map_response_point(state: State, element: Element) -> Value | None:
    variable = state.variables.get(element.get("identifier", ""))
    return None if variable is None or variable.kind != "response" else map_points(variable, state)


def look_up(state: State, variable: Variable, source: Value | None) -> Value | None:
    """Return what the table of an outcome gives for a number. Raises Unscorable where it has none."""
    declaration = variable.declaration
    table = (
        next(iter(children(declaration, "matchTable", "interpolationTable")), None) if declaration is not None else None
    )
    if table is None:
        raise Unscorable(f"结果变量 {variable.identifier} 没有查找表，没有评分。")
    found = source.one if source is not None and source.base in NUMERIC and source.cardinality == "single" else None
    for entry in children(table, "matchTableEntry", "interpolationTableEntry"):
        threshold = _stated(state, entry, "sourceValue")
        if found is None or threshold is None:
            continue
        strict = table.tag == "interpolationTable" and entry.get("includeBoundary", "true") == "false"
        if (table.tag == "matchTable" and found == threshold) or (
            table.tag == "interpolationTable" and (found > threshold if strict else found >= threshold)
        ):
            return _target(state, variable, entry.get("targetValue", ""))
    return _target(state, variable, table.get("defaultValue", ""))


def _target(state: State, variable: Variable, text: str) -> Value | None:
    base = variable.base or "string"
    try:
        return single(base, parse(base, text)) if text else None
    except NotAValue as problem:
        state.note(f"查找表：{problem}")
        return None


_LEAVES: dict[str, Callable[[State, Element], Value | None]] = {
    "baseValue": _base_value,
    "variable": _variable,
    "correct": _correct,
    "default": _default,
    "null": lambda state, element: None,
    "randomInteger": _random_integer,
    "randomFloat": _random_float,
    "mapResponse": _map_response,
    "mapResponsePoint": _map_response_point,
    "repeat": _repeat,
    "customOperator": _custom,
}
_OPERATORS: dict[str, Callable[[State, Element, Sequence[Value | None]], Value | None]] = {
    "multiple": logic.multiple,
    "ordered": logic.ordered,
    "record": logic.gather_record,
    "containerSize": logic.container_size,
    "isNull": logic.is_null,
    "index": logic.index,
    "fieldValue": logic.field_value,
    "random": logic.draw,
    "member": logic.member,
    "delete": logic.delete,
    "contains": logic.contains,
    "substring": logic.substring,
    "not": logic.negation,
    "and": logic.conjunction,
    "or": logic.disjunction,
    "anyN": logic.any_n,
    "match": logic.match,
    "stringMatch": logic.string_match,
    "patternMatch": logic.pattern_match,
    "inside": logic.inside,
    "equal": numeric.equal,
    "equalRounded": numeric.equal_rounded,
    "lt": numeric.comparison(operator.lt),
    "gt": numeric.comparison(operator.gt),
    "lte": numeric.comparison(operator.le),
    "gte": numeric.comparison(operator.ge),
    "durationLT": numeric.duration_comparison(operator.lt),
    "durationGTE": numeric.duration_comparison(operator.ge),
    "sum": numeric.add,
    "product": numeric.multiply,
    "subtract": numeric.subtract,
    "divide": numeric.divide,
    "power": numeric.power,
    "integerDivide": numeric.integer_divide,
    "integerModulus": numeric.integer_modulus,
    "truncate": numeric.truncate,
    "round": numeric.round_up_at_half,
    "roundTo": numeric.round_to,
    "integerToFloat": numeric.integer_to_float,
    "min": numeric.extreme(min),
    "max": numeric.extreme(max),
    "gcd": numeric.common(math.gcd),
    "lcm": numeric.common(math.lcm),
    "mathConstant": numeric.constant,
    "mathOperator": numeric.function,
    "statsOperator": numeric.statistic,
}
EXPRESSIONS = frozenset(_LEAVES) | frozenset(_OPERATORS)
