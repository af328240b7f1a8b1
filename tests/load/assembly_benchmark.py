"""How fast papers are assembled: ``python -m tests.load.assembly_benchmark``. Prints figures, asserts nothing; run by hand.

4,000 random draws of 80 items, and three parallel forms of 100 items from a bank of 5,000, once with difficulties in
words and once with a difficulty of its own for every item. Pure: no database, no server.
"""

import random
import time
from fractions import Fraction

from question_bank.papers.rules import Demand, PoolItem, draw
from question_bank.parallel.report import equivalence
from question_bank.parallel.rules import DIFFICULTY_OF_WORD, Candidate, Request, Wanted, violations
from question_bank.parallel.running import assemble, solution_of

DRAWS = 4000
TYPES, POINTS = 4, 20
LABELS = ("A", "B", "C", "D")


def draws(pool_size: int) -> None:
    """4,000 papers of 80 items (40, 20, 10, 10) from so many items."""
    shares = ((40, 2), (20, 4), (10, 8), (10, 8))
    demands, first = [], 1
    for section, (count, part) in enumerate(shares, 1):
        size = pool_size // part
        pool = tuple(PoolItem(number, LABELS) for number in range(first, first + size))
        demands.append(Demand(str(section), count, pool, section))
        first += size
    started, worked = time.perf_counter(), time.process_time()
    for number in range(DRAWS):
        draw(f"seed {number}", demands)
    took, cpu = time.perf_counter() - started, time.process_time() - worked
    print(f"{DRAWS} draws of 80 items from {first - 1}: {took:.1f} s, of processor time {cpu:.1f} s (target 5 s)")


def bank(own_difficulties: bool) -> Request:
    """5,000 items of 4 types and 20 points; forms of 100 items, 25 of each type, with 200 groups of 3 enemies."""
    dice = random.Random(20261126)  # noqa: S311 (a benchmark, the same each time)
    demands = [(kind, point, 1 + (point < 5)) for kind in range(TYPES) for point in range(POINTS)]
    items = []
    for version in range(1, 5001):
        kind, point, word = dice.randrange(TYPES), dice.randrange(POINTS), dice.choice("易中难")
        difficulty = DIFFICULTY_OF_WORD[word] + (dice.randint(-19, 19) if own_difficulties else 0)
        items.append(Candidate(version, (kind * POINTS + point,), difficulty, point, dice.randrange(6)))
    numbers = [item.version_id for item in items]
    dice.shuffle(numbers)
    return Request(
        forms=3,
        bound=Fraction(1, 2),
        overlap=0,
        seed="benchmark",
        demands=tuple(Wanted(f"{kind}/{point}", kind + 1, count, 100) for kind, point, count in demands),
        items=tuple(items),
        apart=tuple(tuple(sorted(numbers[start : start + 3])) for start in range(0, 600, 3)),
    )


def forms(own_difficulties: bool) -> None:
    """Three forms of 100 items, in the solver's own process as the job does it."""
    request = bank(own_difficulties)
    started = time.perf_counter()
    outcome = assemble(request, lambda *_told: None)
    took = time.perf_counter() - started
    solver = outcome["solver"]
    what = "a difficulty for each item" if own_difficulties else "difficulties in words"
    print(
        f"3 forms of {request.length} from {len(request.items)}, {what}: {took:.1f} s (target 30 s), {outcome['state']}"
    )
    print(f"    {solver['status']}, cost {solver['cost']}, bound {solver['bound']}, gap {solver['gap']}")
    print(f"    {solver['columns']} columns, {solver['rows']} rows")
    if outcome["state"] == "solved":
        found = solution_of(outcome["forms"])
        report = equivalence(request, found)
        means = ", ".join(one["mean"] for one in report["forms"])
        print(f"    means {means}; spread {report['spread']}; conditions broken: {len(violations(request, found))}")


if __name__ == "__main__":
    draws(400)
    draws(1000)
    forms(own_difficulties=False)
    forms(own_difficulties=True)
