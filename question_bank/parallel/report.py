"""The equivalence of the forms: what each holds, how hard it is, what they share. Pure, from request and solution alone."""

from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from question_bank.parallel.rules import (
    LETTERS,
    Candidate,
    Request,
    Solution,
    decimal,
    deviation_apart,
    deviation_of,
    points_apart,
)

TOLD_LATER = ("deviation_apart", "points_apart")


def equivalence(request: Request, solution: Solution) -> dict[str, Any]:
    """Return the report as JSON: per form and section the items, points, mean and deviation; points; shared items.

    Means and deviations are facilities as texts with four decimals; ``sd`` divides by n - 1, and is empty for n < 2.
    """
    items = {item.version_id: item for item in request.items}
    sections = list(dict.fromkeys(demand.section for demand in request.demands))
    forms = []
    for number, letter in enumerate(LETTERS[: request.forms]):
        places = solution.forms[number]
        whole = _figures(request, items, places, None)
        forms.append(
            {
                "form": letter,
                **whole,
                "sections": [{"section": one, **_figures(request, items, places, one)} for one in sections],
                "points_of_content": _points(items, solution.versions(number)),
            }
        )
    sets = [set(solution.versions(number)) for number in range(request.forms)]
    sums = [sum(items[one].difficulty for one in chosen) for chosen in sets]
    return {
        "v": 1,
        "forms": forms,
        "overlap": [[len(one & other) for other in sets] for one in sets],
        "spread": decimal(Fraction(max(sums) - min(sums), request.length)),
        "bound": decimal(request.bound),
        "target": "" if request.target is None else decimal(request.target),
        "deviation_apart": _shown(deviation_apart(request, solution)),
        "points_apart": points_apart(request, solution),
    }


def agrees(stored: Mapping[str, Any], computed: Mapping[str, Any]) -> bool:
    """Whether a stored report is the one that is computed; reports of the first days lack what was told later."""
    return dict(stored) == {name: value for name, value in computed.items() if name in stored or name not in TOLD_LATER}


def _figures(
    request: Request, items: dict[int, Candidate], places: Sequence[Sequence[int]], section: int | None
) -> dict[str, Any]:
    chosen = [
        (items[version_id], demand.points_hundredths)
        for demand, versions in zip(request.demands, places, strict=True)
        if section in (None, demand.section)
        for version_id in versions
    ]
    difficulties = [item.difficulty for item, _points_of_item in chosen]
    return {
        "items": len(chosen),
        "points_hundredths": sum(points for _item, points in chosen),
        "mean": decimal(Fraction(sum(difficulties), len(difficulties))) if difficulties else "",
        "sd": _deviation(difficulties),
        "exposure": sum(item.exposure for item, _points_of_item in chosen),
    }


def _deviation(values: Sequence[int]) -> str:
    found = deviation_of(values)
    return "" if found is None else _shown(found)


def _shown(value: Decimal) -> str:
    return str(value.quantize(Decimal("0.0001"), ROUND_HALF_UP))


def _points(items: dict[int, Candidate], versions: Sequence[int]) -> list[list[int]]:
    """How many items each knowledge point has: ``[[point, count], ...]``, 0 for items without a point."""
    return [list(entry) for entry in sorted(Counter(items[version_id].point for version_id in versions).items())]
