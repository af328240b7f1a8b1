"""Numbers that people typed before the stems of a table: taken off where the column counts, never from a stem that begins with one."""

import io
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from question_bank.formats.excel_writing import write_items
from question_bank.formats.importing import import_report
from question_bank.formats.report import ImportedItem
from question_bank.formats.typed_numbers import lengths_of_numbers, numbered


def without(stems: list[str], told: list[str] | None = None) -> list[str]:
    return [stem[length:] for stem, length in zip(stems, lengths_of_numbers(stems, told or ()), strict=True)]


@pytest.mark.parametrize(
    ("stems", "bare"),
    [
        (["1、甲", "2、乙"], ["甲", "乙"]),
        (["1.甲", "2. 乙", "3．丙"], ["甲", "乙", "丙"]),
        (["（1）甲", "(2)乙", "【3】丙"], ["甲", "乙", "丙"]),
        (["第1题 甲", "第2题：乙"], ["甲", "乙"]),
        (["1、甲"], ["甲"]),
        (["1、甲", "2、乙", "1、丙"], ["甲", "乙", "丙"]),  # each sheet or section counts anew
        (["7、甲", "3、乙", "12、丙"], ["甲", "乙", "丙"]),  # drawn from a longer list
        (["51、甲", "丙", "52、乙"], ["甲", "丙", "乙"]),
        (["1、甲", "2.2019年6月1日起施行", "3、乙"], ["甲", "2019年6月1日起施行", "乙"]),
        (["1、甲", "2．5%的比例", "3、乙"], ["甲", "5%的比例", "乙"]),
    ],
)
def test_numbers_that_count_are_no_part_of_the_stems(stems: list[str], bare: list[str]) -> None:
    assert without(stems) == bare


@pytest.mark.parametrize(
    "stems",
    [
        ["3.5万元以上属于数额较大", "甲", "乙"],
        ["2019年修订的公务员法自何时起施行", "2018年", "2017年"],
        ["2.5万元", "3.5万元", "4.5万元"],
        ["甲", "3、乙", "丙"],
        ["2、甲"],
        ["12名干部参加考核", "13名干部参加考核"],
        ["1", "2", "3"],
    ],
)
def test_a_stem_that_begins_with_a_number_of_its_own_keeps_it(stems: list[str]) -> None:
    assert without(stems) == stems


def test_a_number_that_the_column_of_numbers_repeats_is_taken_off() -> None:
    assert without(["甲", "17、乙", "丙"], ["16", "17", "18"]) == ["甲", "乙", "丙"]
    assert without(["甲", "17、乙", "丙"], ["1", "2", "3"]) == ["甲", "17、乙", "丙"]


STEM = st.text("12、.．()（）第题 甲乙3", min_size=1, max_size=6).map(str.strip).filter(bool)


@given(st.lists(STEM, min_size=1, max_size=8))
def test_stems_written_numbered_where_they_must_be_are_found_again(stems: list[str]) -> None:
    assert without(numbered(stems)) == stems or numbered(stems) == stems


def read(*rows: tuple[Any, ...]) -> list[str]:
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in (("题型", "题干", "选项A", "选项B", "答案"), *rows):
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    report = import_report(stream.getvalue(), "a.xlsx")
    assert report.problems == []
    return [item.stem for item in report.items]


def test_a_workbook_whose_stems_are_numbered_gives_the_stems() -> None:
    rows = [("单选题", "1、下列正确的是（　）。", "甲", "乙", "A"), ("判断题", "2、3.5万元是数额较大。", "", "", "对")]
    assert read(*rows) == ["下列正确的是（　）。", "3.5万元是数额较大。"]


@pytest.mark.parametrize("stems", [["1、甲。"], ["1、甲。", "2、乙。"], ["5．甲。", "丙。", "6.1是小数。"]])
def test_stems_that_really_begin_with_numbers_come_back_from_our_own_workbook(stems: list[str]) -> None:
    items = [ImportedItem("", "true_false", stem, key=("true",)) for stem in stems]
    stream = io.BytesIO()
    write_items(stream, items)
    assert [item.stem for item in import_report(stream.getvalue(), "a.xlsx").items] == stems
