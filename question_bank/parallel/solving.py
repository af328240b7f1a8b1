"""Solves a request with HiGHS: one thread, a fixed random seed, a time limit; always tells the bound and the gap.

Runs in a process of its own under core.bounded, started by the job: it reads the request as JSON from its file and
writes the answer as JSON. It never sees the database.
"""

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import IO, Any, get_args

import highspy
import numpy as np

from question_bank.parallel.program import Program, Relaxed, program
from question_bank.parallel.rules import Request, Solution, from_json, hand_out, violations

RANDOM_SEED = 20261126
# The cost is a whole number: whoever is less than 1 above the bound is the best there is.
PROVEN = 0.999
TIGHTENINGS, TIGHTENING = 3, 0.125  # how often, and the share of the time that each gets


@dataclass(frozen=True, slots=True)
class Answer:
    """``status``: optimal (proven), feasible (time ran out first), infeasible, or unknown (time ran out with nothing)."""

    status: str
    cost: int | None
    bound: float | None
    gap: float | None
    columns: int
    rows: int
    forms: list[list[list[int]]]
    slack: dict[str, int]


def main(path: str, arguments: Sequence[str], output: IO[bytes]) -> None:
    """``arguments``: seconds allowed, and which condition is relaxed (empty: none)."""
    seconds, relaxed = float(arguments[0]), arguments[1]
    assert relaxed in get_args(Relaxed)  # noqa: S101 (our own argument)
    request = from_json(json.loads(Path(path).read_bytes()))
    # The solver prints its name to standard output, which is the answer's: it gets another one.
    with os.fdopen(os.dup(output.fileno()), "wb") as kept, Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), output.fileno())
        answer = solve(request, seconds, relaxed)  # type: ignore[arg-type]
        kept.write(json.dumps(asdict(answer)).encode())


def solve(request: Request, seconds: float, relaxed: Relaxed = "") -> Answer:
    """Solve a request within so many seconds. The program bounds standard deviations by squares, which is not exact:
    where they lie too far apart it is asked again more tightly, and what only that excludes is not proven impossible.
    """
    again = 0 if request.deviation is None or relaxed else TIGHTENINGS
    answer = _solve(program(request, relaxed), seconds * (1 - again * TIGHTENING), request)
    for tightened in range(1, again + 1):
        if not answer.forms or not violations(request, _solution(answer)):
            break
        answer = _solve(program(request, relaxed, tightened), seconds * TIGHTENING, request)
        if answer.status == "infeasible":
            return replace(answer, status="unknown")
    return answer


def _solution(answer: Answer) -> Solution:
    return Solution(tuple(tuple(tuple(places) for places in form) for form in answer.forms))


def _solve(made: Program, seconds: float, request: Request) -> Answer:
    solver = _solver(made, seconds)
    solver.run()
    found, info = solver.getModelStatus(), solver.getInfo()
    feasible = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    if not feasible:
        status = "infeasible" if found == highspy.HighsModelStatus.kInfeasible else "unknown"
        return Answer(status, None, None, None, len(made.cost), len(made.rows), [], {})
    # Whole numbers, told as floats within the solver's tolerance.
    values = [round(value) for value in solver.getSolution().col_value]
    cost = sum(cost * value for cost, value in zip(made.cost, values, strict=True))
    bound = info.mip_dual_bound
    return Answer(
        status="optimal" if cost - bound <= PROVEN else "feasible",
        cost=cost,
        bound=bound,
        gap=max(0.0, cost - bound),
        columns=len(made.cost),
        rows=len(made.rows),
        forms=[[list(places) for places in form] for form in hand_out(request, made.amounts(values)).forms],
        slack={name: values[column] for name, column in made.slack.items() if column >= 0 and values[column]},
    )


def _solver(made: Program, seconds: float) -> Any:
    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    options: dict[str, Any] = {
        "output_flag": False,
        "threads": 1,
        "parallel": "off",
        "random_seed": RANDOM_SEED,
        "time_limit": seconds,
        "mip_abs_gap": PROVEN,
        "mip_rel_gap": 0.0,
    }
    for name, value in options.items():
        solver.setOptionValue(name, value)
    solver.passModel(_model(made))
    return solver


def _model(made: Program) -> Any:
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = len(made.cost), len(made.rows)
    model.col_cost_ = np.array(made.cost, dtype=np.double)
    model.col_lower_ = np.zeros(len(made.cost))
    model.col_upper_ = np.array(made.most, dtype=np.double)
    model.row_lower_ = np.array(made.low, dtype=np.double)
    model.row_upper_ = np.array(made.high, dtype=np.double)
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = np.cumsum([0, *map(len, made.rows)], dtype=np.int32)
    model.a_matrix_.index_ = np.array([column for row in made.rows for column in row], dtype=np.int32)
    model.a_matrix_.value_ = np.array([value for row in made.rows for value in row.values()], dtype=np.double)
    model.integrality_ = [highspy.HighsVarType.kInteger] * len(made.cost)
    return model
