"""Items written as a workbook and read back: the same items; and any text at all: an item or a problem."""

import csv
import io
import json
from dataclasses import replace
from typing import Any

import openpyxl
from hypothesis import given, settings
from hypothesis import strategies as st

from question_bank.formats.excel_writing import EXAMPLES, template, write_items
from question_bank.formats.importing import import_report
from question_bank.formats.report import ImportedItem, ImportedOption, ImportedSource
from question_bank.item_types.registry import ITEM_TYPES

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
    assert '"单选题,多选题,判断题,填空题"' in choices
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
