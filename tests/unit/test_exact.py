from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.exact import (
    NotAMark,
    excerpt,
    from_hundredths,
    hundredths,
    parse_mark,
    places,
    round_half_up,
    show,
    show_exact,
    show_hundredths,
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("8.5", Fraction(17, 2)),
        (" 8.50 ", Fraction(17, 2)),
        ("８．５", Fraction(17, 2)),
        ("0", Fraction(0)),
        ("－3", Fraction(-3)),
        ("0.005", Fraction(1, 200)),
    ],
)
def test_a_mark_is_read_exactly(text: str, value: Fraction) -> None:
    assert parse_mark(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "1e3",
        "NaN",
        "inf",
        "8,5",
        "1,000",
        "8.",
        ".5",
        "8²",
        "½",
        "٣",
        "+5",
        "八",
        "8 5",
        "1_0",
        "0x1",
        "9" * 13,
    ],
)
def test_what_is_no_plain_number_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(NotAMark, match=r"^考官1的得分.*例如 8\.5。$"):
        parse_mark(text, "考官1的得分")


@pytest.mark.parametrize("value", [8.5, 8, None, True, ["8"]])
def test_what_is_no_text_is_refused(value: object) -> None:
    with pytest.raises(NotAMark, match="应为文本"):
        parse_mark(value)


@pytest.mark.parametrize(
    ("value", "decimals", "shown"),
    [
        (Fraction("82.005"), 2, "82.01"),
        (Fraction("82.0049999999"), 2, "82.00"),
        (Fraction("0.125"), 2, "0.13"),
        (Fraction("-0.125"), 2, "-0.13"),
        (Fraction("-0.124"), 2, "-0.12"),
        (Fraction("-0.001"), 2, "0.00"),
        (Fraction(2, 3), 2, "0.67"),
        (Decimal("1.005"), 2, "1.01"),
        (Fraction("0.5"), 0, "1"),
        (Fraction("2.5"), 0, "3"),
        (1, 2, "1.00"),
        (Fraction("59.995"), 2, "60.00"),
        (Fraction("100000000000000000000000000000000.005"), 2, "100000000000000000000000000000000.01"),
    ],
)
def test_a_tie_is_rounded_away_from_zero(value: Fraction | Decimal | int, decimals: int, shown: str) -> None:
    assert show(value, decimals) == shown
    assert round_half_up(value, decimals) == Decimal(shown)


@given(st.decimals(min_value=-1000, max_value=1000, places=5), st.integers(0, 4))
def test_rounding_agrees_with_the_decimal_module(value: Decimal, decimals: int) -> None:
    assert round_half_up(value, decimals) == value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


@given(st.fractions(min_value=-1000, max_value=1000))
def test_rounding_moves_a_value_by_half_a_unit_at_most(value: Fraction) -> None:
    assert abs(Fraction(round_half_up(value)) - value) <= Fraction(1, 200)


@given(st.fractions(), st.fractions())
def test_rounding_keeps_the_order(one: Fraction, other: Fraction) -> None:
    low, high = sorted((one, other))
    assert hundredths(low) <= hundredths(high)


@given(st.integers())
def test_hundredths_go_out_and_come_back(units: int) -> None:
    assert hundredths(from_hundredths(units)) == units
    assert Fraction(show_hundredths(units)) == Fraction(units, 100)


@given(st.fractions(max_denominator=4000))
def test_the_exact_text_is_the_exact_value(value: Fraction) -> None:
    assert Fraction(show_exact(value)) == value


@pytest.mark.parametrize(
    ("value", "text"), [(Fraction(165, 2), "82.50"), (Fraction(1, 8), "0.125"), (Fraction(247, 3), "247/3")]
)
def test_exact_decimals_are_shown_where_they_end(value: Fraction, text: str) -> None:
    assert show_exact(value) == text


def test_places_counts_the_decimals_a_value_needs() -> None:
    assert [places(Fraction(text)) for text in ("3", "0.5", "1/8", "1/3", "0.05")] == [0, 1, 3, None, 2]


def test_an_excerpt_is_one_short_printable_line() -> None:
    assert excerpt("一\n二\u202e三\x00") == "一 二 三"
    assert len(excerpt("长" * 100)) == 40
