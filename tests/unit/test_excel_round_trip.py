"""Items written as a workbook and read back: the same items; and any text at all: an item or a problem."""

import csv
import io
import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from question_bank.formats.excel_writing import EXAMPLES, template, write_items
from question_bank.formats.importing import import_report
from question_bank.formats.report import ImportedItem, ImportedOption, ImportedSource
from question_bank.item_types.registry import ITEM_TYPES
from tests.support.imported import imported_items

HEADER = ("题型", "题干", "选项A", "选项B", "选项C", "选项D", "答案", "分值")


def test_the_template_reads_back_its_own_examples_without_a_problem() -> None:
    stream = io.BytesIO()
    template(stream)
    report = import_report(stream.getvalue(), "模板.xlsx")
    assert report.items == list(EXAMPLES)
    assert (report.problems, report.duplicates) == ([], [])
    book = openpyxl.load_workbook(stream)
    assert book.sheetnames == ["试题", "填写说明"]
    choices = [rule.formula1 for rule in book["试题"].data_validations.dataValidation]
    assert any(choice.startswith('"单选题,多选题,判断题,填空题,数值题,匹配题,排序题') for choice in choices)
    assert '"易,中,难"' in choices


LINE = st.text("公务员法考核等次，。：“”《》12ab-+=@ %＝\n", min_size=1, max_size=30).map(str.strip).filter(bool)
ANSWER = st.text("平时专项考核12.;；/|\\=-", min_size=1, max_size=8).map(str.strip).filter(bool)
NAME = st.text("公务员法、考核（）", min_size=1, max_size=10).map(str.strip).filter(bool)


@st.composite
def items(draw: st.DrawFn) -> ImportedItem:
    name = draw(st.sampled_from(["single_choice", "multiple_choice", "true_false", "fill_blank"]))
    stem = draw(LINE)
    key: tuple[Any, ...] = ()
    options: tuple[ImportedOption, ...] = ()
    if name == "true_false":
        key = draw(st.sampled_from([("true",), ("false",)]))
    elif name == "fill_blank":
        key = tuple(
            draw(st.lists(st.lists(ANSWER, min_size=1, max_size=3, unique=True).map(tuple), min_size=1, max_size=4))
        )
        stem = "____".join([stem, *(draw(LINE) for _ in key)])
    else:
        texts = draw(st.lists(LINE, min_size=2, max_size=8))
        options = tuple(ImportedOption("ABCDEFGH"[at], text) for at, text in enumerate(texts))
        labels = st.sampled_from([option.label for option in options])
        most = 1 if name == "single_choice" else len(options)
        key = tuple(sorted(draw(st.lists(labels, min_size=1, max_size=most, unique=True))))
    return ImportedItem(
        ref="",
        type=name,
        stem=stem,
        options=options,
        key=key,
        points_hundredths=draw(st.none() | st.integers(1, 100_000)),
        rationale=draw(st.just("") | LINE),
        knowledge_points=tuple(draw(st.lists(NAME, max_size=3, unique=True))),
        difficulty=draw(st.sampled_from(["", "易", "中", "难"])),
        source=draw(st.none() | st.builds(ImportedSource, NAME, NAME, NAME, LINE)),
        tags=tuple(draw(st.lists(NAME, max_size=2, unique=True))),
        order_free=name == "fill_blank" and draw(st.booleans()),
    )


def as_excel_holds(item: ImportedItem) -> ImportedItem:
    """What a workbook has room for: no rich text, nothing besides content and key; the key of weighted options is what their shares say."""
    weighted = any(option.fraction is not None for option in item.options)
    least = Decimal(1) if item.type == "single_choice" else Decimal(0)
    right = tuple(o.label for o in item.options if (o.fraction or 0) > 0 and (o.fraction or 0) >= least)
    return replace(
        item,
        ref="",
        html="",
        title="",
        idnumber="",
        penalty=None,
        feedback=(),
        weights=(),
        options=tuple(replace(option, html="", feedback="") for option in item.options),
        key=right if weighted else tuple(map(_plainly, item.key)) if item.type == "fill_blank" else item.key,
        parts=tuple(map(as_excel_holds, item.parts)),
    )


def _plainly(blank: tuple[Any, ...]) -> tuple[Any, ...]:
    """Accepted texts that say what they are, and not what they are not."""
    return tuple(
        {name: said for name, said in entry.items() if name != "pattern" or said} if isinstance(entry, dict) else entry
        for entry in blank
    )


def _has_a_right_option(item: ImportedItem) -> bool:
    own = item.key != () or item.type not in ("single_choice", "multiple_choice")
    return own and all(map(_has_a_right_option, item.parts))


@settings(max_examples=10, deadline=None)
@given(st.tuples(*(imported_items(name).map(as_excel_holds).filter(_has_a_right_option) for name in ITEM_TYPES)))
def test_an_item_of_every_type_written_as_a_workbook_reads_back_the_same(drawn: tuple[ImportedItem, ...]) -> None:
    written = [replace(item, stem=f"{number}：{item.stem}") for number, item in enumerate(drawn)]
    stream = io.BytesIO()
    write_items(stream, written)
    report = import_report(stream.getvalue(), "题库.xlsx")
    assert [problem for problem in report.problems if problem.severity == "error"] == []
    assert [as_excel_holds(item) for item in report.items] == written


HEAD = ("题型", "题干", "选项A", "选项B", "答案", "分值", "小题")


def _problems(*rows: tuple[str, ...]) -> list[str]:
    stream = io.StringIO()
    csv.writer(stream).writerows([HEAD, *rows])
    report = import_report(stream.getvalue().encode("utf-8-sig"), "题库.csv")
    return [f"{problem.ref} {problem.reason}" for problem in report.problems if problem.severity == "error"]


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([("数值题", "几？", "", "", "三", "1", "")], "row 2 看不懂数值“三”"),
        ([("数值题", "几？", "", "", "", "1", "")], "row 2 没有答案"),
        ([("匹配题", "配。", "", "", "甲乙", "1", "")], "row 2 看不懂配对“甲乙”"),
        ([("排序题", "排。", "甲", "乙", "AC", "1", "")], "row 2 看不懂顺序“AC”"),
        ([("单选题", "选。", "甲", "乙", "A{3}", "1", "")], "row 2 选项 A 的得分比例“3”不对"),
        ([("单选题", "选。", "甲", "乙", "A", "1", "1")], "row 2 这一行写着小题，上面却没有案例题"),
        ([("案例题", "材料。", "", "", "", "", "")], "row 2 案例题应有 1 到 20 道小题"),
        (
            [("案例题", "材料。", "", "", "", "", ""), ("单选题", "选。", "甲", "乙", "C", "1", "1")],
            "row 2 有小题没有读出",
        ),
        (
            [("判断题", "对。", "", "", "对", "1", ""), ("判断题", "错。", "", "", "对", "1", "1")],
            "row 3 小题上面的一行不是",
        ),
    ],
)
def test_what_cannot_be_understood_is_named_by_its_row(rows: list[tuple[str, ...]], told: str) -> None:
    assert any(problem.startswith(told) for problem in _problems(*rows)), _problems(*rows)


def test_numbers_are_written_as_people_write_them() -> None:
    stream = io.StringIO()
    csv.writer(stream).writerows([HEAD, ("数值题", "几？", "", "", "12±0.5；10～15{0.5}", "1", "")])
    (item,) = import_report(stream.getvalue().encode(), "题库.csv").items
    assert item.key == ({"low": "11.5", "high": "12.5"}, {"low": "10", "high": "15", "fraction": "0.5"})
    assert [numbers["fraction"] for numbers in item.as_json()["key"]] == ["1.00", "0.50"]


@settings(max_examples=40, deadline=None)
@given(st.lists(items(), min_size=1, max_size=12))
def test_items_written_as_a_workbook_read_back_the_same(written: list[ImportedItem]) -> None:
    stream = io.BytesIO()
    write_items(stream, written)
    report = import_report(stream.getvalue(), "a.xlsx")
    assert report.errors == []
    assert [replace(item, ref="") for item in report.items] == written
    assert [item.ref for item in report.items] == [f"row {number}" for number in range(2, len(written) + 2)]
    for item in report.items:
        faults = ITEM_TYPES[item.type].validate(item.content_json(), item.key_json())
        assert [fault for fault in faults if fault.severity == "error"] == []


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(st.text(max_size=12), max_size=9), max_size=6))
def test_any_text_in_any_cell_gives_an_item_or_a_problem(rows: list[list[str]]) -> None:
    stream = io.StringIO(newline="")
    csv.writer(stream).writerows([HEADER, *rows])
    report = import_report(stream.getvalue().encode("utf-8", "replace"), "a.csv")
    if any("".join(row[:8]).strip() for row in rows):
        assert report.items or report.problems
    json.dumps(report.as_json(), ensure_ascii=False).encode()
