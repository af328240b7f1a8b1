"""Asking the solver in a process of its own: first as it was asked, then, where nothing fits, what would have to give."""

import json
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from core.archives import MEGABYTE, UnreadableFile
from core.bounded import Bounds, opened, run_bounded
from question_bank.parallel.findings import findings, relaxations
from question_bank.parallel.report import equivalence
from question_bank.parallel.rules import Request, Solution, as_json, violations

SOLVER = "question_bank.parallel.solving"
SECONDS = 60  # for the forms themselves
SECONDS_RELAXED = 15  # for each kind of condition, when nothing fits
MEMORY = 1500 * MEGABYTE
FOUND = ("optimal", "feasible")
_TOO_MUCH = "求解超出了限定的时间或内存。"
Tell = Callable[[int, int, str], None]


def assemble(request: Request, tell: Tell, seconds: int = SECONDS) -> dict[str, Any]:
    """Return the outcome: ``{"state", "solver", "forms", "report", "conflicts"}``.

    ``state`` is solved, infeasible (``conflicts`` say why) or failed (no answer within the bounds, or a wrong one).
    """
    started = time.monotonic()
    tell(0, 3, "正在组合平行卷")
    answer = _forms(request, seconds)
    solver = {name: answer.get(name) for name in ("status", "cost", "bound", "gap", "columns", "rows")}
    outcome: dict[str, Any] = {"state": "failed", "solver": solver, "forms": [], "report": None, "conflicts": []}
    if answer["status"] in FOUND:
        tell(2, 3, "正在核对各卷")
        solution = solution_of(answer["forms"])
        outcome["conflicts"] = violations(request, solution)
        if not outcome["conflicts"]:
            outcome |= {"state": "solved", "forms": answer["forms"], "report": equivalence(request, solution)}
    elif answer["status"] == "infeasible":
        outcome |= {"state": "infeasible", "conflicts": findings(request, _relaxed(request, tell))}
    else:
        outcome["conflicts"] = [_TOO_MUCH + "请减少份数，或把细目表的要求合并后重试。"]
    solver["seconds"] = f"{time.monotonic() - started:.1f}"
    return outcome


def solution_of(forms: list[list[list[int]]]) -> Solution:
    """A stored solution as a value."""
    return Solution(tuple(tuple(tuple(places) for places in form) for form in forms))


def _forms(request: Request, seconds: int) -> dict[str, Any]:
    # Items are shared only where forms without a shared item do not exist: the smaller program comes first.
    if request.overlap:
        answer = _ask(replace(request, overlap=0), seconds // 2)
        if answer["status"] in FOUND:
            return answer
        seconds -= seconds // 2
    return _ask(request, seconds)


def _relaxed(request: Request, tell: Tell) -> dict[str, dict[str, Any]]:
    kinds = relaxations(request)
    answers = {}
    for number, kind in enumerate(kinds):
        tell(number, len(kinds), "题库组不成这些卷，正在查明原因")
        answers[kind] = _ask(request, SECONDS_RELAXED, kind)
    return answers


def _ask(request: Request, seconds: int, relaxed: str = "") -> dict[str, Any]:
    bounds = Bounds(memory=MEMORY, seconds=seconds + 20, patience=2 * seconds + 30)
    order = json.dumps(as_json(request), ensure_ascii=False).encode()
    try:
        with opened(order) as stream:
            written = run_bounded(SOLVER, stream, [str(seconds), relaxed], bounds, _TOO_MUCH)
        with written:
            answer: dict[str, Any] = json.load(written)
            return answer
    except UnreadableFile:
        return {"status": "unknown"}
