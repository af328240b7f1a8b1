"""The draw: the same in ten years, fair to every section, plain about what is missing."""

import hashlib
import hmac
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from question_bank.item_types.option_order import speak_of_others
from question_bank.item_types.registry import item_type
from question_bank.papers.rules import (
    BY_HMAC,
    Demand,
    Drawn,
    InfeasibleBlueprint,
    PoolItem,
    arrange,
    chinese_numeral,
    draw,
    option_order,
    points_text,
)

ABCD = ("A", "B", "C", "D")


def pool(*ids: int) -> tuple[PoolItem, ...]:
    return tuple(PoolItem(number, ABCD) for number in ids)


def sha256(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def hmac_under(seed: str, text: str) -> bytes:
    return hmac.new(seed.encode(), text.encode(), hashlib.sha256).digest()


def test_items_stand_in_the_order_of_the_digests_of_seed_and_version():
    drawn = draw("种子-1", [Demand("一", 5, pool(*range(1, 21)))])[0]
    by_hand = sorted(range(1, 21), key=lambda number: sha256(f"种子-1/{number}"))
    assert [place.version_id for place in drawn] == by_hand[:5]


def test_options_stand_in_the_order_of_the_digests_of_seed_version_and_label():
    by_hand = sorted(ABCD, key=lambda label: sha256(f"s/7/{label}"))
    assert option_order("s", PoolItem(7, ABCD)) == tuple(by_hand)


@given(st.text(min_size=1, max_size=80), st.sets(st.integers(1, 10**12), min_size=1, max_size=30), st.data())
def test_a_paper_of_the_first_derivation_is_replayed_by_hmac_whatever_its_seed(seed, ids, data):
    count = data.draw(st.integers(0, len(ids)))
    expected = [
        Drawn(one, tuple(sorted(ABCD, key=lambda label: hmac_under(seed, f"{one}/{label}"))))
        for one in sorted(ids, key=lambda one: hmac_under(seed, str(one)))[:count]
    ]
    assert draw(seed, [Demand("一", count, pool(*ids))], (), BY_HMAC) == [expected]
    assert arrange(seed, [pool(*(place.version_id for place in expected))], BY_HMAC) == [expected]


def test_a_draw_made_today_is_replayed_to_the_letter_in_ten_years():
    # Computed once, the first confirmed with another HMAC and the second with sha256sum; whatever changes them breaks
    # every paper drawn so far.
    demands = [Demand("一", 2, pool(11, 12, 13, 14, 15)), Demand("二", 1, (PoolItem(21), PoolItem(22)))]
    assert draw("2026-11-23", demands, (), BY_HMAC) == [
        [Drawn(12, ("C", "A", "D", "B")), Drawn(14, ("D", "A", "C", "B"))],
        [Drawn(22, ())],
    ]
    assert draw("2026-11-23", demands) == [
        [Drawn(12, ("C", "A", "D", "B")), Drawn(14, ("A", "C", "D", "B"))],
        [Drawn(21, ())],
    ]


def test_the_order_of_the_pool_does_not_matter():
    assert draw("s", [Demand("一", 3, pool(1, 2, 3, 4, 5))]) == draw("s", [Demand("一", 3, pool(5, 3, 1, 4, 2))])


def test_options_that_speak_of_each_other_keep_their_order():
    for text in (
        "以上都对",
        "以上均不正确",
        "A和B",
        "A、C",
        "仅A项",
        "前三项都是",
        "ABD",
        "都正确",
        "上述情形",
        "以上",
    ):
        assert speak_of_others(["甲", text]), text


def test_words_that_only_look_like_a_reference_leave_the_options_free():
    for text in ("二十年以上工作经历", "五年以上", "A类公务员", "领导成员均不得兼职", "CCTV", "以上一年度考核为准"):
        assert not speak_of_others([text]), text


def test_options_that_keep_their_order_are_drawn_as_written():
    assert option_order("s", PoolItem(7, ABCD, keeps_order=True)) == ABCD


def test_a_section_that_asks_for_more_than_the_bank_holds_is_named_with_both_numbers():
    with pytest.raises(InfeasibleBlueprint) as told:
        draw("s", [Demand("一、单项选择题", 20, pool(*range(12))), Demand("二、判断题", 1, pool(99))])
    assert "“一、单项选择题”要 20 题，题库中符合条件的只有 12 题，缺 8 题" in str(told.value)
    assert "判断题" not in str(told.value)
    assert told.value.shortfalls[0].missing == 8


def test_sections_that_share_items_are_named_together_when_they_run_short_together():
    with pytest.raises(InfeasibleBlueprint) as told:
        draw("s", [Demand("一", 2, pool(1, 2, 3)), Demand("二", 2, pool(1, 2, 3)), Demand("三", 1, pool(9))])
    shortfall = told.value.shortfalls[0]
    assert (shortfall.sections, shortfall.asked, shortfall.held) == (("一", "二"), 4, 3)


def test_a_paper_is_found_whenever_one_exists():
    # The first section must leave to the second the only items that it can use.
    for seed in map(str, range(50)):
        drawn = draw(seed, [Demand("一", 1, pool(1, 2, 3, 4)), Demand("二", 2, pool(1, 2)), Demand("三", 1, pool(3))])
        assert [{place.version_id for place in section} for section in drawn] == [{4}, {1, 2}, {3}]


@given(
    st.lists(st.tuples(st.integers(0, 4), st.sets(st.integers(1, 12), max_size=12)), min_size=1, max_size=4),
    st.text(min_size=1, max_size=20),
)
def test_every_draw_meets_its_blueprint_or_proves_that_none_can(sections, seed):
    demands = [Demand(str(number), count, pool(*ids)) for number, (count, ids) in enumerate(sections)]
    try:
        drawn = draw(seed, demands)
    except InfeasibleBlueprint as told:
        for shortfall in told.shortfalls:
            named = [demand for demand in demands if demand.title in shortfall.sections]
            assert shortfall.asked == sum(demand.count for demand in named)
            assert shortfall.held == len({item.version_id for demand in named for item in demand.pool})
            assert shortfall.missing > 0
        return
    taken = [place.version_id for section in drawn for place in section]
    assert len(taken) == len(set(taken))
    for demand, places in zip(demands, drawn, strict=True):
        assert len(places) == demand.count
        assert {place.version_id for place in places} <= {item.version_id for item in demand.pool}
        assert all(sorted(place.option_order) == list(ABCD) for place in places)
    assert draw(seed, demands) == drawn


def test_sections_are_headed_as_on_a_printed_paper():
    assert [chinese_numeral(n) for n in (1, 9, 10, 11, 20, 21)] == ["一", "九", "十", "十一", "二十", "二十一"]
    assert points_text([200] * 20) == "共 20 题，每题 2 分，共 40 分"
    assert points_text([150, 50]) == "共 2 题，共 2 分"
    assert points_text([50]) == "共 1 题，0.5 分"
    assert "错选" in item_type("multiple_choice").instructions("proportional")


def test_of_enemies_the_first_by_digest_is_drawn_and_the_others_stay_at_home():
    demand = [Demand("一", 3, pool(*range(1, 6)))]
    first = draw("s", demand)[0]
    apart = [sorted(place.version_id for place in first[:2])]
    again = draw("s", demand, apart)[0]
    assert again[0] == first[0]
    assert first[1].version_id not in {place.version_id for place in again}


def test_a_paper_is_found_although_enemies_stand_in_different_sections():
    for seed in map(str, range(50)):
        drawn = draw(seed, [Demand("一", 1, pool(1, 2, 3)), Demand("二", 1, pool(4, 5))], [[1, 4], [2, 5]])
        taken = {place.version_id for section in drawn for place in section}
        assert not {1, 4} <= taken
        assert not {2, 5} <= taken


def test_enemies_that_make_a_paper_impossible_are_told():
    with pytest.raises(InfeasibleBlueprint) as told:
        draw("s", [Demand("一", 2, pool(1, 2, 3))], [[1, 2, 3]])
    assert "“一”要 2 题，题库中符合条件的只有 1 题（另有 2 题与其中的题互斥，不能同卷），缺 1 题" in str(told.value)


def _possible(demands: list[Demand], apart: list[list[int]], taken: frozenset[int] = frozenset()) -> bool:
    """Whether any paper exists, by trying every choice."""
    if not demands:
        return True
    of = {version_id: group[0] for group in apart for version_id in group}
    for chosen in combinations([item.version_id for item in demands[0].pool], demands[0].count):
        units = [of.get(version_id, version_id) for version_id in chosen]
        fresh = len(set(units)) == len(units) and not taken & set(units)
        if fresh and _possible(demands[1:], apart, taken | set(units)):
            return True
    return False


@given(
    st.lists(st.tuples(st.integers(0, 3), st.sets(st.integers(1, 8), max_size=8)), min_size=1, max_size=3),
    st.lists(st.integers(0, 3), min_size=8, max_size=8),
    st.text(min_size=1, max_size=8),
)
def test_enemies_never_meet_and_a_paper_is_found_exactly_when_one_exists(sections, teams, seed):
    demands = [Demand(str(number), count, pool(*ids)) for number, (count, ids) in enumerate(sections)]
    apart = [[n for n in range(1, 9) if teams[n - 1] == team] for team in (1, 2, 3)]
    apart = [group for group in apart if len(group) > 1]
    try:
        drawn = draw(seed, demands, apart)
    except InfeasibleBlueprint:
        assert not _possible(demands, apart)
        return
    taken = [place.version_id for section in drawn for place in section]
    assert len(taken) == len(set(taken))
    assert all(len(set(group) & set(taken)) <= 1 for group in apart)
    assert [len(places) for places in drawn] == [demand.count for demand in demands]
