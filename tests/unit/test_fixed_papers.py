"""Moving items in a section by hand loses none, and arranging a paper changes no order but that of the options."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from question_bank.fixed_papers.rules import HandSection, extended, moved, section_of, without
from question_bank.papers.rules import PoolItem, arrange, option_order

SECTION = HandSection("单项选择题", "single_choice", 250, "all_or_nothing")
ORDERS = st.lists(st.integers(1, 10_000), unique=True, max_size=30).map(tuple)
PLACES = st.integers(0, 35)


@given(ORDERS, PLACES, st.sampled_from([-1, 1]))
def test_moving_keeps_every_item_and_moving_back_restores_the_order(order, place, by):
    section = replace(SECTION, versions=order)
    there = moved(section, place, by)
    assert sorted(there.versions) == sorted(order)
    assert there == section or moved(there, place + by, -by) == section


@given(ORDERS, PLACES)
def test_taking_out_removes_that_item_alone(order, place):
    left = without(replace(SECTION, versions=order), place).versions
    assert left == tuple(one for at, one in enumerate(order) if at != place)


@given(ORDERS, ORDERS)
def test_what_is_added_stands_at_the_end_of_its_section_and_nowhere_else(order, more):
    sections = [SECTION, replace(SECTION, versions=order)]
    assert extended(sections, 1, more) == [SECTION, replace(SECTION, versions=(*order, *more))]


@given(ORDERS)
def test_a_section_is_kept_and_read_back_unchanged(order):
    section = replace(SECTION, versions=order)
    assert section_of(section.as_json()) == section


@given(st.text(min_size=1, max_size=64), st.lists(ORDERS, max_size=4))
def test_arranging_keeps_the_order_of_items_and_orders_options_as_a_draw_does(seed, orders):
    pools = [[PoolItem(version, tuple("ABCD"), version % 2 == 0) for version in order] for order in orders]
    arranged = arrange(seed, pools)
    assert [tuple(place.version_id for place in places) for places in arranged] == orders
    for pool, places in zip(pools, arranged, strict=True):
        for item, place in zip(pool, places, strict=True):
            assert place.option_order == option_order(seed, item)
            assert not item.keeps_order or place.option_order == tuple("ABCD")
