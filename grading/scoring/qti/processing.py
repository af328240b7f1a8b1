"""Runs the template and response processing of one QTI item on one response, as the specification says. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from grading.scoring.qti.expressions import evaluate, is_true, look_up, map_points, mapped, read_values
from grading.scoring.qti.logic import same
from grading.scoring.qti.state import State, Unscorable, Variable
from grading.scoring.qti.values import NUMERIC, NotAValue, Value, integer, number, single, truth
from question_bank.formats.qti.documents import Element, child, children, descendants

_KINDS = {
    "responseDeclaration": "response",
    "outcomeDeclaration": "outcome",
    "templateDeclaration": "template",
    "contextDeclaration": "context",
}
_CONDITIONS = {
    "responseCondition": ("responseIf", "responseElseIf", "responseElse"),
    "templateCondition": ("templateIf", "templateElseIf", "templateElse"),
}
_MOST_CONSTRAINT_RUNS = 100
TEMPLATES = ("match_correct", "map_response", "map_response_point")


class _Exit(Exception):
    """Processing ends here."""


class _Again(Exception):
    """A template constraint does not hold: the variables are drawn anew."""


def new_session(item: Element, seed: int) -> State:
    """Return the variables of an item after its template processing. Raises Unscorable."""
    state = State(seed=seed)
    for built_in in (
        Variable("numAttempts", "built-in", "single", "integer", value=integer(1)),
        Variable("duration", "built-in", "single", "duration", value=single("duration", Fraction(0))),
        Variable("completionStatus", "outcome", "single", "identifier", value=single("identifier", "unknown")),
    ):
        state.variables[built_in.identifier] = built_in
    for declaration in children(item, *_KINDS):
        variable = _declared(state, declaration)
        state.variables[variable.identifier] = variable
    _process_template(state, item)
    for variable in state.variables.values():
        if variable.kind == "outcome" and variable.declaration is not None:
            zero = variable.cardinality == "single" and variable.base in NUMERIC
            variable.value = (
                variable.fit(number(Fraction(0))) if variable.default is None and zero else variable.default
            )
        elif variable.kind in ("response", "context"):
            variable.value = variable.default
    for button in descendants(item, "endAttemptInteraction"):
        ended = state.variables.get(button.get("responseIdentifier", ""))
        if ended is not None and ended.value is None and ended.base == "boolean":
            ended.value = truth(False)  # not pressed
    state.trace.clear()
    return state


def _declared(state: State, declaration: Element) -> Variable:
    identifier = declaration.get("identifier", "")
    cardinality = declaration.get("cardinality", "single")
    base = declaration.get("baseType") if cardinality != "record" else None
    base = base or (None if cardinality == "record" else "string")
    variable = Variable(identifier, _KINDS[str(declaration.tag)], cardinality, base, declaration)
    try:
        variable.default = read_values(child(declaration, "defaultValue"), cardinality, base)
        variable.correct = read_values(child(declaration, "correctResponse"), cardinality, base)
    except NotAValue as problem:
        state.note(f"{identifier} 的声明：{problem}")
    if variable.kind == "template":
        variable.value = variable.default
    return variable


def _process_template(state: State, item: Element) -> None:
    processing = child(item, "templateProcessing")
    if processing is None:
        return
    for _attempt in range(_MOST_CONSTRAINT_RUNS):
        for variable in state.variables.values():
            if variable.kind == "template":
                variable.value = variable.default
        try:
            _run(state, children(processing))
        except _Again:
            continue
        except _Exit:
            pass
        return
    state.note(f"templateConstraint 试了 {_MOST_CONSTRAINT_RUNS} 次仍不成立")


def process_response(
    state: State, item: Element, responses: Mapping[str, Value | None], template: Element | None
) -> None:
    """Set the responses and run the response processing; `template` is that of the package where the item names one.

    Raises Unscorable where the item has no processing that can be run.
    """
    for identifier, value in responses.items():
        state.variables[identifier].value = value
    processing = child(item, "responseProcessing")
    if processing is None:
        raise Unscorable("题目没有写明评分方法（responseProcessing），没有评分；请由阅卷员评分。")
    rules = children(processing)
    try:
        if rules:
            _run(state, rules)
        elif template is not None:
            _run(state, children(template))
        else:
            _run_template(state, processing)
    except _Exit:
        pass


def template_name(processing: Element | None) -> str:
    """Return which standard template an item uses, empty for none."""
    uri = "" if processing is None else processing.get("template", "") or processing.get("templateLocation", "")
    name = uri.rstrip("/").rpartition("/")[2].removesuffix(".xml").removesuffix(".xslt").removeprefix("CC2_")
    name = {"match": "match_correct", "match_basic": "match_correct"}.get(name, name)
    return name if name in TEMPLATES else ""


def _run_template(state: State, processing: Element) -> None:
    name = template_name(processing)
    if not name:
        uri = processing.get("template", "")[:80]
        told = f"题目的评分模板“{uri}”不是标准模板" if uri else "题目没有写明评分方法（responseProcessing 是空的）"
        raise Unscorable(f"{told}，没有评分；请由阅卷员评分。")
    response = state.variables.get("RESPONSE")
    if response is None or response.kind != "response":
        raise Unscorable("标准评分模板要求作答变量名为 RESPONSE，题目没有这个变量，没有评分。")
    if name == "match_correct":
        right = response.value is not None and response.correct is not None and same(response.value, response.correct)
        state.assign("SCORE", number(Fraction(int(right))), ("outcome",))
    elif response.value is None:
        state.assign("SCORE", number(Fraction(0)), ("outcome",))
    else:
        state.assign("SCORE", (mapped if name == "map_response" else map_points)(response, state), ("outcome",))


def _run(state: State, rules: Iterable[Element]) -> None:
    for rule in rules:
        state.step()
        name = str(rule.tag)
        if name in _CONDITIONS:
            _run_condition(state, rule, _CONDITIONS[name])
        elif name in ("exitResponse", "exitTemplate"):
            raise _Exit
        elif name in ("responseProcessingFragment", "templateProcessingFragment"):
            _run(state, children(rule))
        elif name in _ACTIONS:
            _act(state, rule, name)
        else:
            raise Unscorable(f"评分规则里有不支持的语句“{name[:40]}”，没有评分；请由阅卷员评分。")


def _run_condition(state: State, condition: Element, names: Sequence[str]) -> None:
    for branch in children(condition, *names):
        inside = children(branch)
        if branch.tag == names[-1]:
            _run(state, inside)
            return
        if inside and is_true(state, inside[0]):
            _run(state, inside[1:])
            return


_ACTIONS = (
    "setOutcomeValue", "lookupOutcomeValue", "setTemplateValue", "setCorrectResponse", "setDefaultValue",
    "templateConstraint", "setValue",
)  # fmt: skip


def _act(state: State, rule: Element, name: str) -> None:
    inside = children(rule)
    value = evaluate(state, inside[0]) if inside else None
    identifier = rule.get("identifier", "")
    if name == "templateConstraint":
        if value is None or value.one is not True:
            raise _Again
    elif name in ("setOutcomeValue", "setValue"):
        state.assign(identifier, value, ("outcome", "template") if name == "setValue" else ("outcome",))
    elif name == "setTemplateValue":
        state.assign(identifier, value, ("template",))
    elif name == "lookupOutcomeValue":
        variable = state.variables.get(identifier)
        if variable is None:
            raise Unscorable(f"评分规则查找没有声明的结果变量 {identifier[:40]}，没有评分。")
        state.assign(identifier, look_up(state, variable, value), ("outcome",))
    else:
        _set_declared(state, identifier, value, name)


def _set_declared(state: State, identifier: str, value: Value | None, name: str) -> None:
    variable = state.variables.get(identifier)
    if variable is None:
        state.note(f"没有声明变量 {identifier[:40]}")
        return
    try:
        fitted = variable.fit(value)
    except NotAValue as problem:
        state.note(str(problem))
        fitted = None
    if name == "setCorrectResponse":
        variable.correct = fitted
    else:
        variable.default = fitted
