"""What an organizer types for a panel, the draw and the announcement: pure."""

from decimal import Decimal
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grading.interview import announcement
from grading.interview.chain import CHAIN, next_signature
from grading.interview.drafts import bands_text, read_bands, read_number, read_reminders
from grading.interview.drawing import DrawProblem, check_numbers, draw_order
from grading.interview.rules import Band, PanelProblem, PanelRule


def test_a_draw_is_the_order_of_the_codes_and_replays_for_ever():
    # openssl dgst -sha256 -hmac seed-1 gives b541…, 629e…, 9e5f…, b0f8… for B001 to B004.
    assert draw_order("seed-1", ["B001", "B002", "B003", "B004"]) == ["B002", "B003", "B004", "B001"]
    assert draw_order("seed-1", ["B004", "B003", "B002", "B001"]) == ["B002", "B003", "B004", "B001"]


@given(st.permutations(range(1, 13)))
def test_every_permutation_of_lots_is_a_draw(numbers):
    drawn = {f"B{place:03d}": number for place, number in enumerate(numbers)}
    order = check_numbers(drawn)
    assert [drawn[blind] for blind in order] == list(range(1, 13))


@pytest.mark.parametrize("numbers", [(1, 1), (1, 3), (0, 1), (2, 3)])
def test_lots_with_a_gap_or_twice_the_same_number_are_no_draw(numbers):
    with pytest.raises(DrawProblem):
        check_numbers(dict(zip(("B1", "B2"), numbers, strict=True)))


@pytest.mark.parametrize("text", ["好 8-10；中 4-7；差 0-3", "好8—10，中4～7，差0至3", "好 8–10\n中 4–7\n差 0–3"])
def test_bands_are_read_as_people_write_them(text):
    expected = (
        Band("好", Decimal(8), Decimal(10)),
        Band("中", Decimal(4), Decimal(7)),
        Band("差", Decimal(0), Decimal(3)),
    )
    assert read_bands(text, "10") == expected
    assert read_bands(bands_text(expected), "10") == expected


@pytest.mark.parametrize("text", ["好", "好 10-8", "好 8-11", "8-10", "好 8 10"])
def test_a_band_that_makes_no_sense_is_refused(text):
    with pytest.raises(PanelProblem):
        read_bands(text, "10")


@pytest.mark.parametrize(("text", "number"), [("１０.0", "10"), ("0.50", "0.5"), (" 25 ", "25")])
def test_numbers_are_normalised_exactly(text, number):
    assert read_number(text, "权重") == number


@pytest.mark.parametrize("text", ["0", "-1", "0.001", "1e2", "", "1,000"])
def test_a_number_that_is_not_positive_with_two_decimals_is_refused(text):
    with pytest.raises(PanelProblem):
        read_number(text, "权重")


def test_reminders_are_minutes_left_and_become_seconds():
    assert read_reminders("3，1，0", 15) == (180, 60, 0)
    assert read_reminders("0.5 2", 15) == (120, 30)
    assert read_reminders("", 15) == ()


def test_the_chain_asks_for_one_signature_after_the_other():
    signed: list[str] = []
    while (due := next_signature(signed)) is not None:
        signed.append(due)
    assert tuple(signed) == CHAIN


def result(hundredths, kept, dropped=()):
    def entries(values):
        return [{"examiner": f"考官{place}", "value": value} for place, value in enumerate(values, 1)]

    return SimpleNamespace(result_hundredths=hundredths, kept=entries(kept), dropped=entries(dropped))


def test_the_chief_reads_what_is_dropped_and_the_mean_without_whose_it_was():
    told = announcement.of(PanelRule(), result(8033, ("79.00", "80.50", "81.50"), ("70.00", "90.00")))
    assert told.sentence == "5 位考官，去掉一个最高分 90.00 分，去掉一个最低分 70.00 分，平均分 80.33 分。"
    assert told.lines[-1] == (
        "其余 3 个分数平均，四舍五入保留两位小数",
        "(81.50+80.50+79.00)÷3 = 约 80.33333333",
        "80.33",
    )
    assert "考官1" not in str(told)


def test_without_trimming_nothing_is_said_to_be_dropped():
    told = announcement.of(PanelRule("none"), result(8000, ("79.00", "80.00", "81.00")))
    assert told.sentence == "3 位考官，平均分 80.00 分。"


def test_the_mean_before_rounding_is_exact():
    one = result(8033, ("79.00", "80.50", "81.50"), ("70.00", "90.00"))
    totals = {"考官1": "79.00", "考官2": "80.50", "考官3": "81.50"}
    assert announcement.mean_of(PanelRule(), one, totals) == "241/3"
    assert announcement.mean_of(PanelRule("elements"), one, totals) is None
