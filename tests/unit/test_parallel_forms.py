"""Parallel forms: the solver finds what exists, proves its bound, and names what stands in the way where nothing does."""

import dataclasses
import random
from fractions import Fraction
from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from question_bank.parallel.findings import findings, relaxations
from question_bank.parallel.report import equivalence
from question_bank.parallel.rules import (
    Candidate,
    Request,
    Solution,
    Wanted,
    as_json,
    decimal,
    from_json,
    violations,
)
from question_bank.parallel.running import solution_of
from question_bank.parallel.solving import solve

WORDS = (80, 60, 40)


def request(**changes):
    """Two forms of two sections from 24 items: section one takes demand 0 (2 of the first half), section two the rest."""
    items = tuple(Candidate(n, (0,) if n <= 12 else (1,), WORDS[n % 3], n % 2 + 1, n % 4) for n in range(1, 25))
    demands = (Wanted("一、单选", 1, 3, 200), Wanted("二、判断", 2, 4, 100))
    return Request(
        **{"forms": 2, "bound": Fraction(1), "overlap": 0, "seed": "种子", "demands": demands, "items": items} | changes
    )


def test_forms_are_equally_hard_share_nothing_and_the_bound_is_proven():
    asked = request(forms=3)
    answer = solve(asked, 20)
    assert (answer.status, answer.cost) == ("optimal", 0)
    assert answer.gap < 1
    found = solution_of(answer.forms)
    assert violations(asked, found) == []
    report = equivalence(asked, found)
    assert report["spread"] == "0.0000"
    assert [one["mean"] for one in report["forms"]] == [report["forms"][0]["mean"]] * 3
    assert [row[number] for number, row in enumerate(report["overlap"])] == [7, 7, 7]
    assert sum(map(sum, report["overlap"])) == 21


def test_the_same_request_gives_the_same_forms():
    assert solve(request(), 20).forms == solve(from_json(as_json(request())), 20).forms


def test_the_least_exposed_items_come_first():
    items = tuple(Candidate(n, (0,), 60, 1, exposure=100 - n) for n in range(1, 11))
    asked = request(demands=(Wanted("一", 1, 2, 100),), items=items)
    found = solution_of(solve(asked, 20).forms)
    assert sorted(found.versions(0) + found.versions(1)) == [7, 8, 9, 10]


def test_enemies_never_share_a_form_and_resting_items_stay_at_home():
    items = tuple(Candidate(n, (0,), 60, 1, rests=n > 6) for n in range(1, 9))
    asked = request(demands=(Wanted("一", 1, 2, 100),), items=items, apart=((1, 2), (3, 4), (5, 6)))
    for _seed in range(3):
        found = solution_of(solve(dataclasses.replace(asked, seed=str(_seed)), 20).forms)
        assert violations(asked, found) == []


def test_forms_overlap_only_as_far_as_allowed():
    items = tuple(Candidate(n, (0,), 60, 1) for n in range(1, 6))
    asked = request(demands=(Wanted("一", 1, 3, 100),), items=items)
    assert solve(asked, 20).status == "infeasible"
    wider = dataclasses.replace(asked, overlap=1)
    answer = solve(wider, 20)
    assert (answer.status, answer.cost) == ("optimal", 1)
    assert violations(wider, solution_of(answer.forms)) == []
    assert violations(asked, solution_of(answer.forms)) == ["A 卷与 B 卷有 1 题相同，上限是 0 题。"]


def conflicts(asked):
    """What is told where nothing fits: every kind of condition is relaxed in turn."""
    assert solve(asked, 20).status == "infeasible"
    return findings(asked, {kind: dataclasses.asdict(solve(asked, 20, kind)) for kind in relaxations(asked)})


def test_a_bank_that_lacks_items_is_told_how_many_and_what_else_would_do():
    items = tuple(Candidate(n, (0,), 60, 1, rests=n > 5) for n in range(1, 7))
    told = conflicts(request(demands=(Wanted("一、单选·公务员法", 1, 3, 100),), items=items))
    assert told == [
        "补充试题：“一、单选·公务员法”每份要 3 题，2 份共 6 题，题库中可用的有 5 题，至少还缺 1 题。",
        "放宽曝光限制：至少要启用 1 道现在因作答人次或使用时间而略去的试题。",
        "放宽重合：允许任意两份卷最多有 1 题相同（现在是 0 题）。",
    ]


def test_enemies_that_stand_in_the_way_are_told():
    items = tuple(Candidate(n, (0,), 60, 1) for n in range(1, 5))
    told = conflicts(request(demands=(Wanted("一", 1, 2, 100),), items=items, apart=((1, 2, 3),)))
    assert "解除互斥：至少有 1 处要让互斥的试题同卷；请核对互斥组是否都有必要。" in told


def test_a_difficulty_that_cannot_be_had_is_told_with_the_bound_that_could():
    items = tuple(Candidate(n, (0,), 80 if n == 1 else 40, 1) for n in range(1, 5))
    asked = request(demands=(Wanted("一", 1, 2, 100),), items=items, bound=Fraction(5))
    assert conflicts(asked)[-1] == "放宽难度：平均难度的允许差要放宽到 0.2000（现在是 0.0500）。"
    aimed = request(
        demands=(Wanted("一", 1, 2, 100),), items=(*items[1:], Candidate(9, (0,), 40, 1)), target=Fraction(60)
    )
    assert conflicts(aimed)[-1] == "放宽难度：平均难度的允许差要放宽到 0.2000（现在是 0.0100，目标 0.6000）。"


def test_sections_lie_within_the_bound_too_where_that_can_be():
    items = (
        *(Candidate(n, (0,), 80 if n < 3 else 40, 1) for n in range(1, 5)),
        *(Candidate(n, (1,), 80 if n < 7 else 40, 1) for n in range(5, 9)),
    )
    asked = request(demands=(Wanted("一", 1, 2, 100), Wanted("二", 2, 2, 100)), items=items)
    answer = solve(asked, 20)
    assert (answer.status, answer.cost) == ("optimal", 0)
    report = equivalence(asked, solution_of(answer.forms))
    assert [part["mean"] for one in report["forms"] for part in one["sections"]] == ["0.6000"] * 4
    skewed = dataclasses.replace(
        asked,
        items=tuple(dataclasses.replace(one, difficulty=80) if one.version_id in (3, 7, 8) else one for one in items),
    )
    forced = solve(skewed, 20)
    assert (forced.status, forced.cost) == ("infeasible", None) or forced.cost > 0


def test_without_a_target_the_forms_are_like_the_bank_not_like_its_hardest_items():
    items = tuple(Candidate(n, (0,), 30 + n, 1) for n in range(1, 61))
    asked = request(demands=(Wanted("一", 1, 10, 100),), items=items)
    report = equivalence(asked, solution_of(solve(asked, 20).forms))
    assert all(0.555 <= float(one["mean"]) <= 0.655 for one in report["forms"])


def test_a_target_is_met_within_the_bound():
    asked = request(target=Fraction(70), bound=Fraction(2))
    report = equivalence(asked, solution_of(solve(asked, 20).forms))
    assert all(0.68 <= float(one["mean"]) <= 0.72 for one in report["forms"])


def tampered():
    sound = solution_of(solve(request(), 20).forms)
    first, second = sound.forms
    twice = (first[0][0], first[0][0], first[0][2])
    return [
        (((first[0][1:], first[1]), second), "要 3 题，实有 2 题"),
        ((((99, *first[0][1:]), first[1]), second), "不符合条件的试题（版本 99）"),
        (((twice, first[1]), second), "A 卷有重复的试题"),
        ((first, first), "有 7 题相同"),
        ((first,), "要 2 份平行卷"),
    ]


@pytest.mark.parametrize(("forms", "sentence"), tampered())
def test_a_solution_that_was_tampered_with_is_found_without_a_solver(forms, sentence):
    assert any(sentence in told for told in violations(request(), Solution(forms)))


def test_harder_forms_and_enemies_on_one_form_are_found_without_a_solver():
    items = tuple(Candidate(n, (0,), 80 if n < 3 else 40, 1) for n in range(1, 5))
    asked = request(demands=(Wanted("一", 1, 2, 100),), items=items)
    apart = Solution((((1, 2),), ((3, 4),)))
    assert violations(asked, apart) == ["平均难度相差 0.4000，超过上限 0.0100。"]
    together = dataclasses.replace(asked, apart=((1, 2),), bound=Fraction(50))
    assert violations(together, apart) == ["A 卷有 2 道互斥的试题同卷。"]


def brute_force(asked):
    """The least cost of two forms of one demand, by trying everything; None where nothing fits."""
    ids = [item.version_id for item in asked.items if not item.rests]
    best = None
    size = asked.demands[0].count
    for one, other in product(combinations(ids, size), repeat=2):
        found = Solution(((one,), (other,)))
        if not violations(asked, found):
            difficulty = {item.version_id: item.difficulty for item in asked.items}
            sums = [sum(difficulty[n] for n in form) for form in (one, other)]
            least, greatest = asked.usual_sums
            cost = len(set(one) & set(other)) + max(0, least - min(sums), max(sums) - greatest)
            best = cost if best is None else min(best, cost)
    return best


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10_000))
def test_the_solver_agrees_with_trying_everything(number):
    dice = random.Random(number)  # noqa: S311 (a test, replayed by its number)
    items = tuple(
        Candidate(n, (0,), dice.randint(30, 90), 1, rests=dice.random() < 0.2) for n in range(1, dice.randint(4, 8))
    )
    group = tuple(sorted(dice.sample([item.version_id for item in items], 2)))
    asked = request(
        demands=(Wanted("一", 1, dice.randint(1, 3), 100),), items=items, apart=(group,),
        bound=Fraction(dice.choice((2, 10, 40))), overlap=dice.randint(0, 2),
    )  # fmt: skip
    answer, best = solve(asked, 20), brute_force(asked)
    assert answer.cost == best
    if best is not None:
        assert violations(asked, solution_of(answer.forms)) == []


# Four easy and four hard items beside eight of middle difficulty: equal means, but one form could take all the extremes.
SPREAD = tuple(Candidate(n, (0,), 80 if n < 5 else 40 if n < 9 else 60, n % 2 + 1) for n in range(1, 17))
EXTREME = Solution((((1, 2, 5, 6),), ((9, 10, 11, 12),)))


def test_forms_of_one_mean_may_lie_apart_in_spread_and_are_told_so_where_that_is_bounded():
    asked = request(demands=(Wanted("一", 1, 4, 100),), items=SPREAD)
    assert violations(asked, EXTREME) == []
    assert equivalence(asked, EXTREME)["deviation_apart"] == "0.2309"
    bounded = dataclasses.replace(asked, deviation=Fraction(5))
    assert violations(bounded, EXTREME) == ["难度的标准差相差 0.2309，超过上限 0.0500。"]


def test_the_spread_is_kept_within_its_bound():
    for number in range(6):
        dice = random.Random(number)  # noqa: S311 (a test, replayed by its number)
        items = tuple(Candidate(n, (0,), dice.randint(20, 95), 1) for n in range(1, 25))
        asked = request(
            demands=(Wanted("一", 1, 8, 100),), items=items, deviation=Fraction(2), bound=Fraction(2), forms=3
        )
        answer = solve(asked, 20)
        assert answer.status == "optimal", number
        assert violations(asked, solution_of(answer.forms)) == []
        assert from_json(as_json(asked)) == asked


def test_knowledge_points_are_shared_evenly_where_that_is_asked():
    items = tuple(Candidate(n, (0,), 60, 1 if n <= 4 else 2) for n in range(1, 13))
    uneven = Solution((((1, 2, 3, 4),), ((5, 6, 7, 8),)))
    asked = request(demands=(Wanted("一", 1, 4, 100),), items=items, points_apart=0)
    assert violations(asked, uneven) == ["同一知识点在各卷的题数相差 4，上限是 0。"]
    answer = solve(asked, 20)
    found = solution_of(answer.forms)
    assert (answer.status, violations(asked, found), equivalence(asked, found)["points_apart"]) == ("optimal", [], 0)
    assert from_json(as_json(asked)) == asked


def test_spreads_and_points_that_stand_in_the_way_are_told_with_what_could_be_had():
    demand = (Wanted("一", 1, 2, 100),)
    lone = tuple(Candidate(n, (0,), 60, 1 if n == 1 else 2) for n in range(1, 5))
    told = conflicts(request(demands=demand, items=lone, points_apart=0))
    assert "放宽知识点分布：同一知识点在各卷的题数最多要允许相差 1 题（现在是 0 题）。" in told
    wide = (Candidate(1, (0,), 80, 1), Candidate(2, (0,), 40, 1), Candidate(3, (0,), 61, 1), Candidate(4, (0,), 59, 1))
    told = conflicts(request(demands=demand, items=wide, deviation=Fraction(1), bound=Fraction(0)))
    (spread,) = (sentence for sentence in told if sentence.startswith("放宽标准差"))
    assert "（现在是 0.0100）" in spread
    assert solve(request(demands=demand, items=wide, deviation=Fraction(30), bound=Fraction(0)), 20).status == "optimal"


def test_a_report_counts_and_measures_each_form_and_section():
    items = (
        Candidate(1, (0,), 80, 7, 3),
        Candidate(2, (0,), 40, 7),
        Candidate(3, (0,), 60, 8),
        Candidate(4, (0,), 60, 0, 5),
    )
    asked = request(demands=(Wanted("一", 1, 2, 150),), items=items)
    report = equivalence(asked, Solution((((1, 2),), ((3, 4),))))
    first = report["forms"][0]
    assert (first["form"], first["items"], first["points_hundredths"]) == ("A", 2, 300)
    assert (first["mean"], first["sd"], first["exposure"]) == ("0.6000", "0.2828", 3)
    assert first["points_of_content"] == [[7, 2]]
    assert report["forms"][1]["sections"][0] == {
        "section": 1, "items": 2, "points_hundredths": 300, "mean": "0.6000", "sd": "0.0000", "exposure": 5,
    }  # fmt: skip
    assert report["overlap"] == [[2, 0], [0, 2]]


def test_facilities_are_told_with_four_decimals_rounded_half_up():
    assert [decimal(one) for one in (Fraction(60), Fraction(1, 200), Fraction(-3, 2), Fraction(0))] == [
        "0.6000",
        "0.0001",
        "-0.0150",
        "0.0000",
    ]
