"""A table that was saved as text is read by its headings, line by line; a text with tabs and no headings is no list of keys."""

import pytest

from question_bank.formats.importing import import_report
from question_bank.formats.report import Report

HEAD = "题型\t题干\t选项A\t选项B\t答案\t分值"


def read(*lines: str) -> Report:
    return import_report("\n".join(lines).encode(), "题库.txt")


def test_a_table_divided_by_tabs_is_read_by_its_headings_and_lines() -> None:
    report = read("", HEAD, "单选题\t1、首都是（　）。\t北京\t上海\tA\t2", "", "判断题\t2、天是蓝的。\t\t\t对\t1")
    assert [(item.ref, item.type, item.stem, item.key, item.points_hundredths) for item in report.items] == [
        ("line 3", "single_choice", "首都是（　）。", ("A",), 200),
        ("line 5", "true_false", "天是蓝的。", ("true",), 100),
    ]
    assert (report.format, report.problems) == ("text", [])


def test_headings_may_be_divided_by_commas_and_a_cell_in_quotes_may_hold_lines() -> None:
    report = read("试题内容,正确答案,试题类型", '"天\n是蓝的，对吗。",对,判断题', "海是红的。,错,判断题", "乱,对")
    assert [(item.ref, item.stem) for item in report.items] == [
        ("line 2", "天\n是蓝的，对吗。"),
        ("line 4", "海是红的。"),
        ("line 5", "乱"),
    ]
    assert [(problem.ref, problem.severity) for problem in report.problems] == [("line 5", "warning")]


def test_a_quote_without_its_fellow_does_not_swallow_the_rest() -> None:
    report = read(HEAD, '判断题\t"天是蓝的。\t\t\t对\t1', "判断题\t海是红的。\t\t\t错\t1")
    assert [item.stem for item in report.items] == ['"天是蓝的。', "海是红的。"]


def test_a_row_that_cannot_be_read_is_named_by_its_line_and_column() -> None:
    report = read(HEAD, "单选题\t首都是（　）。\t北京\t上海\t\t2")
    assert [(problem.ref, problem.column, problem.reason) for problem in report.problems] == [
        ("line 2", "答案", "没有答案")
    ]


@pytest.mark.parametrize("first", ["1. 题干、答案、解析都写在这里（　）。", "1. 题干，答案，解析（　）。"])
def test_a_text_whose_first_line_is_no_line_of_headings_is_read_as_text(first: str) -> None:
    report = read(first, "A. 甲\tB. 乙", "答案：A")
    assert [(item.stem, item.key) for item in report.items] == [(first.removeprefix("1. "), ("A",))]


@pytest.mark.parametrize(
    "row",
    ["单选题\t首都是（　）。\t北京\t上海\tA", "1\t公务员考核分为几种（　）。\t两种\t三种\t四种\t五种\t见第三十五条"],
)
def test_a_table_without_headings_is_told_as_what_it_is(row: str) -> None:
    (problem,) = read(row, row.replace("1", "2")).problems
    assert problem.reason.startswith("各行是用制表符分开的几列")
    assert "第一行写上各列的名字" in problem.mend


@pytest.mark.parametrize("mark", ["\t", ","])
def test_a_table_without_headings_is_read_where_every_row_fits(mark: str) -> None:
    report = read(
        mark.join(("1", "公务员考核分为几种（　）。", "两种", "三种", "B")),
        mark.join(("2、", "再考一题", "甲", "乙", "A")),
    )
    assert [(item.ref, item.type, item.key) for item in report.items] == [
        ("line 1", "single_choice", ("B",)),
        ("line 2", "single_choice", ("A",)),
    ]


@pytest.mark.parametrize("mark", ["\t", " "])
def test_a_list_of_keys_however_divided_is_told_as_such(mark: str) -> None:
    (problem,) = read(mark.join(("1-5", "ABCDE", "6-10", "ABCDE")), mark.join(("11-13", "ABC"))).problems
    assert problem.reason.startswith("这个文件只有答案")
