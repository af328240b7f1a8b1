"""The mark of one response to one QTI item: the item's own processing decides, with all decimals. Pure."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from core.exact import excerpt
from grading.scoring.qti.processing import new_session, process_response, template_name
from grading.scoring.qti.responses import BadResponse, read_responses
from grading.scoring.qti.state import State, Unscorable, Variable
from grading.scoring.qti.values import (
    CONTAINERS,
    NotAValue,
    Value,
    as_json,
    container,
    parse,
    show_number,
    single,
    tidy,
)
from question_bank.formats.qti.documents import Element, child, children
from question_bank.formats.qti.package import QtiItem
from question_bank.formats.qti.points import outcome, stated_points

# An item may draw at random; its mark is told only where every one of these seeds leads to it.
_SEEDS = (0, 1, 2, 3, 4)
_MOST_TOLD = 8


@dataclass(frozen=True, slots=True)
class QtiMark:
    """What an item's processing gave; `score` is None where it cannot be scored, and then `reason` says why."""

    score: Fraction | None
    maximum: Fraction | None = None
    arithmetic: str = ""
    outcomes: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""

    def as_json(self, ref: str) -> dict[str, Any]:
        """``{"ref", "score", "max", "arithmetic", "outcomes"}``, or ``{"ref", "score": null, "reason"}``."""
        if self.score is None:
            outcomes = {"outcomes": dict(self.outcomes)} if self.outcomes else {}
            return {"ref": ref, "score": None, "reason": self.reason} | outcomes
        return {
            "ref": ref,
            "score": show_number(self.score),
            "max": None if self.maximum is None else show_number(self.maximum),
            "arithmetic": self.arithmetic,
            "outcomes": dict(self.outcomes),
        }


def mark(item: QtiItem, response: object) -> QtiMark:
    """Return the mark of one response, `{"RESPONSE": ["A"]}` by response identifier. Never raises for what is in them."""
    try:
        states = _runs(item, response)
    except (BadResponse, Unscorable) as problem:
        return QtiMark(None, reason=str(problem))
    except RecursionError:
        return QtiMark(None, reason="评分规则嵌套太深，没有评分；请检查题目的 responseProcessing。")
    state = states[0]
    outcomes = _outcomes(state)
    if any(_outcomes(other) != outcomes or _score(other) != _score(state) for other in states[1:]):
        return QtiMark(
            None, reason="题目用随机数出题，得分取决于当时抽到的数，文件里没有记录，没有评分；请由阅卷员评分。"
        )
    reason = _why_no_score(item.root, state)
    if reason:
        return QtiMark(None, outcomes=outcomes, reason=reason)
    score = _score(state)
    assert score is not None  # noqa: S101  (_why_no_score)
    maximum = stated_points(item.root)
    return QtiMark(score, best(item) if maximum is None else maximum, _arithmetic(item, state, score), outcomes)


def _runs(item: QtiItem, response: object) -> list[State]:
    states: list[State] = []
    for seed in _SEEDS:
        state = new_session(item.root, seed)
        process_response(state, item.root, read_responses(state, item.root, response), item.template)
        states.append(state)
        if not state.drew:
            break
    return states


def best(item: QtiItem) -> Fraction | None:
    """Return what the right answers earn where the item does not state its points: the best we can know."""
    try:
        state = new_session(item.root, 0)
        responses = {
            variable.identifier: variable.correct or _best_mapped(variable)
            for variable in state.variables.values()
            if variable.kind == "response"
        }
        process_response(state, item.root, responses, item.template)
    except (Unscorable, RecursionError):
        return None
    score = _score(state)
    return score if score is not None and score > 0 and not state.drew else None


def _best_mapped(variable: Variable) -> Value | None:
    mapping = None if variable.declaration is None else child(variable.declaration, "mapping")
    base = variable.base or "string"
    entries = [] if mapping is None else children(mapping, "mapEntry")
    worths: list[tuple[Fraction, Any]] = []
    for entry in entries:
        try:
            worth, key = parse("float", entry.get("mappedValue", "")), parse(base, entry.get("mapKey", ""))
        except NotAValue:
            continue
        if isinstance(worth, Fraction) and worth > 0:
            worths.append((worth, key))
    if not worths:
        return None
    if variable.cardinality in CONTAINERS:
        return container(variable.cardinality, base, (key for _worth, key in worths))
    return single(base, max(worths, key=lambda pair: pair[0])[1])


def _score(state: State) -> Fraction | None:
    variable = state.variables.get("SCORE")
    value = None if variable is None or variable.kind != "outcome" else variable.value
    if value is None or value.base not in ("integer", "float") or value.cardinality != "single":
        return None
    exact = tidy(value.one)
    return exact if isinstance(exact, Fraction) else None


def _why_no_score(item: Element, state: State) -> str:
    declaration = outcome(item, "SCORE")
    if declaration is None:
        return "题目没有名为 SCORE 的结果变量，没有评分；请由阅卷员评分。"
    if declaration.get("externalScored") in ("human", "externalMachine"):
        return "题目写明由人或外部程序评分（externalScored），没有评分；请由阅卷员评分。"
    if _score(state) is None:
        value = state.variables["SCORE"].value
        held = "NULL" if value is None else "NaN 或无穷大" if _is_endless(value) else "不是数字"
        notes = f"（{'；'.join(state.notes[:3])}）" if state.notes else ""
        return f"评分规则算出的 SCORE 是 {held}{notes}，没有评分；请检查题目的 responseProcessing。"
    return ""


def _is_endless(value: Value) -> bool:
    return value.base == "float" and not isinstance(value.one, Fraction) and not math.isfinite(value.one)


def _outcomes(state: State) -> dict[str, Any]:
    return {
        name: as_json(variable.value)
        for name, variable in state.variables.items()
        if variable.kind == "outcome" and name != "SCORE" and _is_told(state, variable)
    }


def _is_told(state: State, variable: Variable) -> bool:
    return variable.declaration is not None or any(name == variable.identifier for name, _value in state.trace)


def _arithmetic(item: QtiItem, state: State, score: Fraction) -> str:
    answers = [_told(variable) for variable in state.variables.values() if variable.kind == "response"]
    name = template_name(child(item.root, "responseProcessing"))
    rule = f"评分模板 {name}" if name and item.template is None else "按题目自带的评分规则"
    steps = [f"{identifier} = {_show(value)}" for identifier, value in state.trace[:_MOST_TOLD]]
    if len(state.trace) > _MOST_TOLD:
        steps.append(f"……共 {len(state.trace)} 步")
    head = "；".join([*answers[:_MOST_TOLD], rule, *state.workings])
    notes = f"（{'；'.join(state.notes)}）" if state.notes else ""
    return f"{head}：{'，'.join(steps) or 'SCORE 未赋值，取初值'}；得 {show_number(score)} 分{notes}"


def _told(variable: Variable) -> str:
    words = variable.identifier + (" 未作答" if variable.value is None else f" 作答 {_show(variable.value)}")
    return words + (f"，标准答案 {_show(variable.correct)}" if variable.correct is not None else "")


def _show(value: Value | None) -> str:
    shown = as_json(value)
    if shown is None:
        return "NULL"
    if isinstance(shown, dict):
        return "、".join(f"{name}={each}" for name, each in shown.items())
    return "、".join(excerpt(str(each)) for each in shown) if isinstance(shown, list) else excerpt(str(shown))
