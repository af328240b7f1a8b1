"""The forms as an integer program: columns and rows as plain numbers, so that any solver can read them.

Items that no condition tells apart form one sort; a column counts how many items of a sort stand, for one demand, on
one form or on a pair of forms. An item stands on two forms at most. Thousands of items become some hundred columns.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import Literal

from question_bank.parallel.rules import Amounts, Request, sorts

Relaxed = Literal["", "supply", "overlap", "difficulty", "apart", "exposure", "spread", "points"]
Place = tuple[int, int, tuple[int, ...]]  # sort, demand, forms
INFINITE = float("inf")


@dataclass
class Program:
    """Minimise ``cost`` times the columns (whole numbers from 0 to ``most``) within the rows' bounds."""

    cost: list[int] = field(default_factory=list)
    most: list[float] = field(default_factory=list)
    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)
    rows: list[dict[int, int]] = field(default_factory=list)
    places: dict[Place, int] = field(default_factory=dict)  # where an item may stand -> its column
    slack: dict[str, int] = field(default_factory=dict)  # what may be broken, by its name -> its column

    def column(self, cost: int = 0, most: float = INFINITE) -> int:
        """Add a column and return its number."""
        self.cost.append(cost)
        self.most.append(most)
        return len(self.cost) - 1

    def row(self, terms: Mapping[int, int], low: float = -INFINITE, high: float = INFINITE) -> None:
        """Add a row: low <= sum of terms <= high."""
        self.rows.append(dict(terms))
        self.low.append(low)
        self.high.append(high)

    def amounts(self, values: list[int]) -> Amounts:
        """How many items stand where, from the columns' values."""
        return {place: values[column] for place, column in self.places.items() if values[column]}


def program(request: Request, relaxed: Relaxed = "", tightened: int = 0) -> Program:
    """The program of a request; ``relaxed`` names the one kind of condition that may be broken, at a cost.

    Unrelaxed, the cost is the number of shared items, how far the forms' difficulties in each section lie apart beyond
    the bound and, without a target, how far the forms are from usual (in hundredths summed over the items): a whole
    number, so that a gap below 1 proves the optimum. That whole papers lie within the bound is a condition.
    """
    made = Program()
    _place(made, request, relaxed)
    _meet_demands(made, request, relaxed)
    _limit_overlap(made, request, relaxed)
    _keep_apart(made, request, relaxed)
    if relaxed != "supply":  # items yet to be written may have any difficulty
        _level(made, request, relaxed)
        _spread(made, request, relaxed, tightened)
        _share_points(made, request, relaxed)
    return made


def _place(made: Program, request: Request, relaxed: Relaxed) -> None:
    alone = [(form,) for form in range(request.forms)]
    pairs = list(combinations(range(request.forms), 2)) if request.overlap or relaxed == "overlap" else []
    for number, ((demands, _difficulty, _group, rests, _point), members) in enumerate(sorts(request).items()):
        if rests and relaxed != "exposure":
            continue
        mine: dict[int, int] = {}
        for demand in demands:
            for on in [*alone, *pairs]:
                cost = 0 if relaxed else len(on) - 1
                column = made.column(int(rests) if relaxed == "exposure" else cost, len(members))
                made.places[number, demand, tuple(on)] = column
                mine[column] = 1
        made.row(mine, high=len(members))


def _standing(made: Program, form: int) -> Iterator[tuple[int, int, int]]:
    """Sort, demand and column of everything that may stand on a form."""
    for (sort, demand, on), column in made.places.items():
        if form in on:
            yield sort, demand, column


def _meet_demands(made: Program, request: Request, relaxed: Relaxed) -> None:
    for form in range(request.forms):
        terms: dict[int, dict[int, int]] = {number: {} for number in range(len(request.demands))}
        for _sort, demand, column in _standing(made, form):
            terms[demand][column] = 1
        for number, demand_wanted in enumerate(request.demands):
            if relaxed == "supply":
                lacking = made.slack[f"{number}/{form}"] = made.column(1)
                terms[number][lacking] = 1
            made.row(terms[number], demand_wanted.count, demand_wanted.count)


def _limit_overlap(made: Program, request: Request, relaxed: Relaxed) -> None:
    shared: dict[tuple[int, ...], dict[int, int]] = defaultdict(dict)
    for (_sort, _demand, on), column in made.places.items():
        if len(on) == 2:
            shared[on][column] = 1
    more = made.slack["overlap"] = made.column(1) if relaxed == "overlap" else -1
    for terms in shared.values():
        made.row(terms if more < 0 else terms | {more: -1}, high=request.overlap)


def _keep_apart(made: Program, request: Request, relaxed: Relaxed) -> None:
    group_of = [group for _demands, _difficulty, group, _rests, _point in sorts(request)]
    for form in range(request.forms):
        groups: dict[int, dict[int, int]] = defaultdict(dict)
        for sort, _demand, column in _standing(made, form):
            if group_of[sort]:
                groups[group_of[sort]][column] = 1
        for group, terms in groups.items():
            if relaxed == "apart":
                terms[made.slack.setdefault(f"{group}/{form}", made.column(1))] = -1
            made.row(terms, high=1)


def _level(made: Program, request: Request, relaxed: Relaxed) -> None:
    difficulty = [one for _demands, one, _group, _rests, _point in sorts(request)]
    section_of = [demand.section for demand in request.demands]
    whole: list[dict[int, int]] = []
    parts: dict[int, list[dict[int, int]]] = defaultdict(list)
    for form in range(request.forms):
        sums: dict[int, int] = {}
        by_section: dict[int, dict[int, int]] = {section: {} for section in section_of}
        for sort, demand, column in _standing(made, form):
            sums[column] = difficulty[sort]
            by_section[section_of[demand]][column] = difficulty[sort]
        whole.append(sums)
        for section, terms in by_section.items():
            parts[section].append(terms)
    wider = made.slack["difficulty"] = made.column(1) if relaxed == "difficulty" else -1
    give, take = ({wider: 1}, {wider: -1}) if wider >= 0 else ({}, {})
    low, high = _between(made, whole)
    made.row({high: 1, low: -1, **take}, high=request.widest)
    if request.target_sums:
        least, greatest = request.target_sums
        made.row({low: 1, **give}, low=least)
        made.row({high: 1, **take}, high=greatest)
    if relaxed:
        return
    if not request.target_sums:
        least, greatest = request.usual_sums
        unusual = made.column(1)
        made.row({low: 1, unusual: 1}, low=least)
        made.row({high: 1, unusual: -1}, high=greatest)
    if len(parts) == 1:
        return
    for section, sums_of_section in parts.items():
        low, high = _between(made, sums_of_section)
        beyond = made.column(1)
        made.row({high: 1, low: -1, beyond: -1}, high=request.widest_in(section))


def _spread(made: Program, request: Request, relaxed: Relaxed, tightened: int) -> None:
    """Keep the square distances from one centre alike: together with like means, the standard deviations are."""
    if request.deviation is None:
        return
    squares = [(one - request.centre) ** 2 for _demands, one, _group, _rests, _point in sorts(request)]
    sums = [{column: squares[sort] for sort, _, column in _standing(made, form)} for form in range(request.forms)]
    _within(made, sums, request.widest_squares(tightened), [_slack(made, "spread")] if relaxed == "spread" else [])


def _share_points(made: Program, request: Request, relaxed: Relaxed) -> None:
    """Keep the numbers of items of each knowledge point alike."""
    if request.points_apart is None:
        return
    point_of = [point for _demands, _difficulty, _group, _rests, point in sorts(request)]
    wider = [_slack(made, "points")] if relaxed == "points" else []
    for wanted in sorted(set(point_of)):
        sums = [
            {column: 1 for sort, _, column in _standing(made, form) if point_of[sort] == wanted}
            for form in range(request.forms)
        ]
        _within(made, sums, request.points_apart, wider)


def _slack(made: Program, name: str) -> int:
    made.slack[name] = made.column(1)
    return made.slack[name]


def _within(made: Program, sums: list[dict[int, int]], widest: int, wider: list[int]) -> None:
    low, high = _between(made, sums)
    made.row({high: 1, low: -1, **dict.fromkeys(wider, -1)}, high=widest)


def _between(made: Program, sums: list[dict[int, int]]) -> tuple[int, int]:
    """Columns that lie below and above all the sums."""
    low, high = made.column(), made.column()
    for terms in sums:
        made.row(terms | {low: -1}, low=0)
        made.row(terms | {high: -1}, high=0)
    return low, high
