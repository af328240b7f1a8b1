"""Why no forms could be made: which conditions stand in each other's way, and how far each would have to give. Pure."""

from collections import Counter
from collections.abc import Mapping
from fractions import Fraction
from math import isqrt
from typing import Any

from question_bank.parallel.rules import Request, decimal

KINDS = ("supply", "exposure", "overlap", "apart", "difficulty", "spread", "points")


def relaxations(request: Request) -> list[str]:
    """The kinds of conditions that are worth relaxing for a request: those that bind anything."""
    worth = {
        "supply": True,
        "exposure": any(item.rests for item in request.items),
        "overlap": True,
        "apart": bool(request.apart),
        "difficulty": True,
        "spread": request.deviation is not None,
        "points": request.points_apart is not None,
    }
    return [kind for kind in KINDS if worth[kind]]


def findings(request: Request, answers: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return a Chinese sentence for each kind of condition that would make room if it alone gave way.

    ``answers``: by kind, the solver's answer to the request with that kind relaxed at the least cost.
    """
    told: list[str] = []
    for kind in KINDS:
        answer = answers.get(kind, {})
        if answer.get("status") in ("optimal", "feasible"):
            told += _TELL[kind](request, answer)
    return told or ["单独放宽任何一类条件都不够，请减少份数或题数，或同时放宽几类条件。"]


def _supply(request: Request, answer: Mapping[str, Any]) -> list[str]:
    lacking: Counter[int] = Counter()
    for name, units in answer["slack"].items():
        lacking[int(name.partition("/")[0])] += units
    told = []
    for number, missing in sorted(lacking.items()):
        demand = request.demands[number]
        held = sum(number in item.demands and not item.rests for item in request.items)
        told.append(
            f"补充试题：“{demand.title}”每份要 {demand.count} 题，{request.forms} 份共 {demand.count * request.forms} 题，"
            f"题库中可用的有 {held} 题，至少还缺 {missing} 题。"
        )
    return told


def _exposure(request: Request, answer: Mapping[str, Any]) -> list[str]:
    return [f"放宽曝光限制：至少要启用 {answer['cost']} 道现在因作答人次或使用时间而略去的试题。"]


def _overlap(request: Request, answer: Mapping[str, Any]) -> list[str]:
    needed = request.overlap + answer["cost"]
    return [f"放宽重合：允许任意两份卷最多有 {needed} 题相同（现在是 {request.overlap} 题）。"]


def _apart(request: Request, answer: Mapping[str, Any]) -> list[str]:
    return [f"解除互斥：至少有 {answer['cost']} 处要让互斥的试题同卷；请核对互斥组是否都有必要。"]


def _difficulty(request: Request, answer: Mapping[str, Any]) -> list[str]:
    needed = request.bound + Fraction(answer["cost"], request.length)
    about = f"，目标 {decimal(request.target)}" if request.target is not None else ""
    return [f"放宽难度：平均难度的允许差要放宽到 {decimal(needed)}（现在是 {decimal(request.bound)}{about}）。"]


def _spread(request: Request, answer: Mapping[str, Any]) -> list[str]:
    now = request.deviation or Fraction(0)
    needed = now + Fraction(answer["cost"], 2 * max(isqrt(int(request.usual_square)), 1) * max(request.length - 1, 1))
    return [f"放宽标准差：难度标准差的允许差要放宽到约 {decimal(needed)}（现在是 {decimal(now)}）。"]


def _points(request: Request, answer: Mapping[str, Any]) -> list[str]:
    now = request.points_apart or 0
    return [f"放宽知识点分布：同一知识点在各卷的题数最多要允许相差 {now + answer['cost']} 题（现在是 {now} 题）。"]


_TELL = {
    "supply": _supply,
    "exposure": _exposure,
    "overlap": _overlap,
    "apart": _apart,
    "difficulty": _difficulty,
    "spread": _spread,
    "points": _points,
}
