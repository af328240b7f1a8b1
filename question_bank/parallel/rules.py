"""Parallel forms (平行卷): what is asked, what a solution is, and whether it keeps every condition. Pure, without a solver.

Difficulty is the facility (得分率) in hundredths. Until it has been estimated from use, the author's word stands for a
number: 易 0.80, 中 0.60, 难 0.40; an item without a word counts as 中. All arithmetic is on whole numbers.
"""

import hashlib
import hmac
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import combinations
from math import isqrt
from typing import Any

DIFFICULTY_OF_WORD: Mapping[str, int] = {"易": 80, "中": 60, "难": 40, "": 60}
AS_IN_BANK = 5  # hundredths
LETTERS = "ABCDEF"
MOST_FORMS = len(LETTERS)


@dataclass(frozen=True, slots=True)
class Wanted:
    """One demand of the blueprint, asked for on every form: so many items, each worth so many hundredths of a point."""

    title: str
    section: int
    count: int
    points_hundredths: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """One item version that may stand on a form: the demands that it meets, its difficulty, point and exposure.

    ``rests``: the limits on exposure keep it at home; only a look at what another limit would allow takes it.
    """

    version_id: int
    demands: tuple[int, ...]
    difficulty: int
    point: int
    exposure: int = 0
    rests: bool = False


@dataclass(frozen=True, slots=True)
class Request:
    """Everything that the forms are made from, frozen.

    ``bound``: how far the mean difficulties of any two forms may lie apart, in hundredths of facility. ``target``: the
    mean that every form shall have within the bound, None for any. ``overlap``: how many items two forms may share.
    ``apart``: groups of version ids of which one form holds at most one; no version stands in two groups.
    ``deviation``: how far the standard deviations of difficulty of any two forms may lie apart, in hundredths;
    ``points_apart``: how far their numbers of items of one knowledge point may. None: only reported.
    """

    forms: int
    bound: Fraction
    overlap: int
    seed: str
    demands: tuple[Wanted, ...]
    items: tuple[Candidate, ...]
    apart: tuple[tuple[int, ...], ...] = ()
    target: Fraction | None = None
    deviation: Fraction | None = None
    points_apart: int | None = None

    @property
    def length(self) -> int:
        """How many items a form has."""
        return sum(demand.count for demand in self.demands)

    @property
    def widest(self) -> int:
        """How far the sums of two forms' difficulties may lie apart, in hundredths."""
        return int(self.bound * self.length)

    def widest_in(self, section: int) -> int:
        """The same for one section; a wish, not a condition."""
        return int(self.bound * sum(demand.count for demand in self.demands if demand.section == section))

    @property
    def centre(self) -> int:
        """The difficulty that spreads are measured from: the mean that a form like the bank has."""
        return int(self._usual(0, 1) / (self.length or 1))

    @property
    def usual_square(self) -> Fraction:
        """The mean square distance from the centre that the items of a form like the bank have."""
        return self._usual(self.centre, 2) / (self.length or 1)

    def _usual(self, centre: int, power: int) -> Fraction:
        usual = Fraction(0)
        for number, demand in enumerate(self.demands):
            pool = [
                (item.difficulty - centre) ** power for item in self.items if number in item.demands and not item.rests
            ]
            usual += Fraction(demand.count * sum(pool), len(pool) or 1)
        return usual

    def widest_squares(self, tightened: int) -> int:
        """How far the sums of two forms' square distances from the centre may lie apart.

        Standard deviations near the bank's then lie within ``deviation``; half as far for each time that they did not.
        """
        usual = Fraction(isqrt(int(self.usual_square)) or 1)
        return int((self.deviation or 0) * 2 * usual * (self.length - 1) / 2**tightened)

    @property
    def usual_sums(self) -> tuple[int, int]:
        """Between which sums a form lies that is like the bank: within 0.05 of the mean of the items for each demand.

        A wish, not a condition; without it the solver might choose the hardest items of all for every form.
        """
        usual = self._usual(0, 1)
        low, high = usual - AS_IN_BANK * self.length, usual + AS_IN_BANK * self.length
        return -int(-low // 1), int(high // 1)

    @property
    def target_sums(self) -> tuple[int, int] | None:
        """Between which sums of difficulty a form must lie to meet the target; None for anywhere."""
        if self.target is None:
            return None
        low, high = (self.target - self.bound) * self.length, (self.target + self.bound) * self.length
        return -int(-low // 1), int(high // 1)


@dataclass(frozen=True, slots=True)
class Solution:
    """For each form, for each demand: the versions that stand there."""

    forms: tuple[tuple[tuple[int, ...], ...], ...]

    def versions(self, form: int) -> list[int]:
        """Every version of a form, demand by demand."""
        return [version_id for places in self.forms[form] for version_id in places]


def violations(request: Request, solution: Solution) -> list[str]:
    """Return which conditions a solution breaks, a Chinese sentence each; empty when the forms are what was asked."""
    if len(solution.forms) != request.forms:
        return [f"要 {request.forms} 份平行卷，结果是 {len(solution.forms)} 份。"]
    items = {item.version_id: item for item in request.items}
    found: list[str] = []
    for number in range(request.forms):
        found += _form_faults(request, items, solution, number)
    for one, other in combinations(range(request.forms), 2):
        shared = len(set(solution.versions(one)) & set(solution.versions(other)))
        if shared > request.overlap:
            pair = f"{LETTERS[one]} 卷与 {LETTERS[other]} 卷"
            found.append(f"{pair}有 {shared} 题相同，上限是 {request.overlap} 题。")
    if not found:
        found += _difficulty_faults(request, [_sum(items, solution.versions(n)) for n in range(request.forms)])
        found += _spread_faults(request, solution)
    return found


def _form_faults(request: Request, items: Mapping[int, Candidate], solution: Solution, number: int) -> Iterator[str]:
    name = f"{LETTERS[number]} 卷"
    if len(solution.forms[number]) != len(request.demands):
        yield f"{name}的要求项数与细目表不符。"
        return
    for index, (demand, places) in enumerate(zip(request.demands, solution.forms[number], strict=True)):
        if len(places) != demand.count:
            yield f"{name}“{demand.title}”要 {demand.count} 题，实有 {len(places)} 题。"
        for version_id in places:
            item = items.get(version_id)
            if item is None or index not in item.demands or item.rests:
                yield f"{name}“{demand.title}”用了不符合条件的试题（版本 {version_id}）。"
    versions = solution.versions(number)
    if len(set(versions)) < len(versions):
        yield f"{name}有重复的试题。"
    for group in request.apart:
        together = set(group) & set(versions)
        if len(together) > 1:
            yield f"{name}有 {len(together)} 道互斥的试题同卷。"


def _difficulty_faults(request: Request, sums: Sequence[int]) -> Iterator[str]:
    if max(sums) - min(sums) > request.widest:
        yield f"平均难度相差 {decimal(Fraction(max(sums) - min(sums), request.length))}，超过上限 {decimal(request.bound)}。"
    if request.target_sums:
        low, high = request.target_sums
        if min(sums) < low or max(sums) > high:
            yield f"有的卷平均难度偏离目标 {decimal(request.target or Fraction(0))} 超过 {decimal(request.bound)}。"


def _spread_faults(request: Request, solution: Solution) -> Iterator[str]:
    apart = deviation_apart(request, solution)
    if request.deviation is not None and apart > request.deviation / 100:
        told = apart.quantize(Decimal("0.0001"), ROUND_HALF_UP)
        yield f"难度的标准差相差 {told}，超过上限 {decimal(request.deviation)}。"
    worst = points_apart(request, solution)
    if request.points_apart is not None and worst > request.points_apart:
        yield f"同一知识点在各卷的题数相差 {worst}，上限是 {request.points_apart}。"


def deviation_of(values: Sequence[int]) -> Decimal | None:
    """The standard deviation of difficulties in hundredths, as a facility; divides by n - 1, None for n < 2."""
    count = len(values)
    if count < 2:
        return None
    # n sum of squares less the square of the sum, over n (n - 1): exact until the root.
    variance = Fraction(count * sum(value * value for value in values) - sum(values) ** 2, count * (count - 1))
    return (Decimal(variance.numerator) / Decimal(variance.denominator)).sqrt() / 100


def deviation_apart(request: Request, solution: Solution) -> Decimal:
    """How far the standard deviations of two forms lie apart at most, as a facility."""
    items = {item.version_id: item.difficulty for item in request.items}
    forms = ([items[one] for one in solution.versions(number)] for number in range(request.forms))
    found = [deviation_of(values) or Decimal(0) for values in forms]
    return max(found) - min(found)


def points_apart(request: Request, solution: Solution) -> int:
    """How far two forms' numbers of items of one knowledge point lie apart at most."""
    points = {item.version_id: item.point for item in request.items}
    counts = [Counter(points[one] for one in solution.versions(number)) for number in range(request.forms)]
    found = {point for count in counts for point in count}
    return max((max(c[point] for c in counts) - min(c[point] for c in counts) for point in found), default=0)


def _sum(items: Mapping[int, Candidate], versions: Sequence[int]) -> int:
    return sum(items[version_id].difficulty for version_id in versions)


def decimal(hundredths: Fraction, places: int = 4) -> str:
    """A facility given in hundredths as a decimal text, rounded half up: 6013/100 hundredths -> 0.6013."""
    scaled = hundredths * 10**places / 100
    whole = int(abs(scaled) + Fraction(1, 2))
    text = f"{whole // 10**places}.{whole % 10**places:0{places}d}"
    return f"-{text}" if scaled < 0 and whole else text


# Demands, difficulty, group of enemies (0: none), rests, knowledge point (0 where it does not matter).
Sort = tuple[tuple[int, ...], int, int, bool, int]
Amounts = Mapping[tuple[int, int, tuple[int, ...]], int]  # (sort, demand, forms) -> how many items


def sorts(request: Request) -> dict[Sort, list[Candidate]]:
    """Items by what no condition can tell apart; within a sort the least exposed first, then by HMAC under the seed."""
    group = {version_id: number for number, members in enumerate(request.apart, 1) for version_id in members}
    found: dict[Sort, list[Candidate]] = defaultdict(list)
    for item in request.items:
        point = 0 if request.points_apart is None else item.point
        key = (item.demands, item.difficulty, group.get(item.version_id, 0), item.rests, point)
        found[key].append(item)
    for members in found.values():
        members.sort(key=lambda item: (item.exposure, _digest(request.seed, str(item.version_id))))
    return {key: found[key] for key in sorted(found)}


def hand_out(request: Request, amounts: Amounts) -> Solution:
    """Turn how many items of each sort stand where into the items themselves."""
    members = list(sorts(request).values())
    taken: Counter[int] = Counter()
    forms: list[list[list[int]]] = [[[] for _demand in request.demands] for _form in range(request.forms)]
    for (sort, demand, on), count in sorted(amounts.items()):
        start = taken[sort]
        taken[sort] += count
        for item in members[sort][start : start + count]:
            for form in on:
                forms[form][demand].append(item.version_id)
    return Solution(tuple(tuple(tuple(sorted(places)) for places in form) for form in forms))


def as_json(request: Request) -> dict[str, Any]:
    """A request as it is stored and as the solver reads it."""
    return {
        "v": 1,
        "forms": request.forms,
        "bound": str(request.bound),
        "target": None if request.target is None else str(request.target),
        "overlap": request.overlap,
        "seed": request.seed,
        "demands": [[one.title, one.section, one.count, one.points_hundredths] for one in request.demands],
        "items": [
            [one.version_id, list(one.demands), one.difficulty, one.point, one.exposure, int(one.rests)]
            for one in request.items
        ],
        "apart": [list(group) for group in request.apart],
        **({} if request.deviation is None else {"deviation": str(request.deviation)}),
        **({} if request.points_apart is None else {"points_apart": request.points_apart}),
    }


def from_json(stored: Mapping[str, Any]) -> Request:
    """The inverse of ``as_json``."""
    return Request(
        forms=stored["forms"],
        bound=Fraction(stored["bound"]),
        target=None if stored["target"] is None else Fraction(stored["target"]),
        overlap=stored["overlap"],
        seed=stored["seed"],
        demands=tuple(Wanted(*one) for one in stored["demands"]),
        items=tuple(
            Candidate(version, tuple(demands), difficulty, point, exposure, bool(rests))
            for version, demands, difficulty, point, exposure, rests in stored["items"]
        ),
        apart=tuple(tuple(group) for group in stored["apart"]),
        deviation=Fraction(stored["deviation"]) if "deviation" in stored else None,
        points_apart=stored.get("points_apart"),
    )


def _digest(seed: str, message: str) -> bytes:
    return hmac.digest(seed.encode(), message.encode(), hashlib.sha256)
