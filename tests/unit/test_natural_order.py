"""The order of names that hold numbers: by what they count, in whatever numerals, alike in Python and in a database."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.natural_order import chinese_number, natural_key

DIGITS = "零一二三四五六七八九"
TENS = ((1000, "千"), (100, "百"), (10, "十"))


def in_numerals(number):
    """一百零五 for 105: as it is written on doors, below 100,000,000."""
    if number >= 10_000:
        above, below = divmod(number, 10_000)
        filled = "零" if 0 < below < 1000 else ""
        return in_numerals(above) + "万" + (filled + _below(below) if below else "")
    return _below(number) if number else "零"


def _below(number):
    told, gap = "", False
    for value, name in TENS:
        digit, number = divmod(number, value)
        told += ("零" if gap and digit else "") + (DIGITS[digit] + name if digit else "")
        gap = (gap and not digit) or bool(told and not digit)
    told += ("零" if gap and number else "") + (DIGITS[number] if number else "")
    return told


def ways(number):
    """One number in every way in which a room may be named by it."""
    figures = str(number)
    wide = "".join(chr(ord(figure) + 0xFEE0) for figure in figures)
    short = in_numerals(number).removeprefix("一") if 10 <= number < 20 else in_numerals(number)
    return [figures, f"00{number}", wide, in_numerals(number), short]


NUMBERS = st.integers(0, 99_999_999)
NAMES = st.text(
    st.sampled_from("第考场楼层〇零一二三十百千万0129９Ａa -") | st.characters(exclude_categories=["Cc", "Cs"])
)


@pytest.mark.parametrize(
    ("numerals", "value"),
    [("十", 10), ("十一", 11), ("二十", 20), ("一百零五", 105), ("二〇二六", 2026), ("三万", 30_000), ("万", 10_000)],
)
def test_numerals_have_their_value(numerals, value):
    assert chinese_number(numerals) == value


@given(NUMBERS)
def test_every_number_is_read_as_it_was_written(number):
    assert chinese_number(in_numerals(number)) == number


@given(NUMBERS, NUMBERS, st.data())
def test_rooms_stand_by_their_numbers_however_these_are_written(one, other, data):
    first, second = (f"第{data.draw(st.sampled_from(ways(number)))}考场" for number in (one, other))
    if one != other:
        assert (natural_key(first) < natural_key(second)) == (one < other)


@given(NAMES, NAMES)
def test_different_names_never_stand_on_the_same_place(one, other):
    assert (natural_key(one) == natural_key(other)) == (one == other)


@given(
    st.text(st.characters(exclude_categories=["Cc", "Cs", "N", "L"])),
    st.text(st.characters(exclude_categories=["Cc", "Cs", "N", "L"])),
)
def test_names_without_numbers_stand_by_their_characters(one, other):
    plain = [unicodedata.normalize("NFKC", name).casefold() for name in (one, other)]
    if plain[0] < plain[1]:
        assert natural_key(one) < natural_key(other)


def test_names_stand_as_people_count_them():
    expected = ["", "1 号楼 2 层", "1 号楼 10 层", "二中", "十一中", "备用考场", "第一考场", "第1考场 A", "第２考场", "第三考场", "第十考场", "第11考场", "第二十考场", "第一百零一考场"]  # fmt: skip
    assert sorted(set(expected), key=natural_key) == expected


def test_names_of_any_length_and_of_odd_characters_have_a_place():
    for name in ("9" * 5000, "万" * 5000, "\x00\x01", "\ud800", "第" * 5000):
        assert natural_key(name)
