"""Spreadsheets that people bring: what is read, what is refused, and how soon."""

import io
import tempfile
import time
import zipfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import BadInput
from core.spreadsheet_checks import MEGABYTE
from core.spreadsheet_headers import column_letter, find_header
from core.spreadsheet_writing import MAX_CELL, Column, neutralised
from core.spreadsheet_xls import Damaged, Locked, old_sheets
from core.spreadsheets import DEFAULT_LIMITS, Limits, Sheet, UnreadableFile, read_sheet, read_sheets, write_sheet
from tests.support.old_workbooks import CHINESE_DATE, GENERAL, PERCENT, excel_95

BANK = Path(__file__).parents[1] / "data" / "bank"


def workbook(*rows: tuple[Any, ...], change: Callable[[openpyxl.Workbook], None] | None = None) -> bytes:
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(row)
    if change:
        change(book)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def repacked(data: bytes, **parts: bytes) -> bytes:
    """The same workbook with some parts replaced; names are given by their last word without suffix."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, parts.get(Path(name).stem, old.read(name)))
    return stream.getvalue()


def refusal(data: bytes, name: str, limits: Limits = DEFAULT_LIMITS) -> str:
    started = time.monotonic()
    with pytest.raises(UnreadableFile) as caught:
        read_sheets(data, name, limits)
    assert time.monotonic() - started < 60
    assert isinstance(caught.value, BadInput)
    message: str = caught.value.message
    return message


def texts(sheet: Sheet) -> list[tuple[str, ...]]:
    return [row.cells for row in sheet.rows]


def test_numbers_dates_and_truth_values_become_the_text_that_was_typed() -> None:
    def dates(book: openpyxl.Workbook) -> None:
        assert book.active is not None
        book.active["E1"] = "=1=1"

    from datetime import date, datetime

    row = (12, 3.50, 0.1 + 0.2, True, None, date(2026, 3, 1), datetime(2026, 3, 1, 9, 30), "  两端 ")  # noqa: DTZ001
    (cells,) = texts(read_sheet(workbook(row, change=dates), "a.xlsx"))
    assert cells == ("12", "3.5", "0.3", "TRUE", "", "2026-03-01", "2026-03-01 09:30:00", "两端")


def test_numbers_shown_as_per_cent_stay_per_cent() -> None:
    def format_cells(book: openpyxl.Workbook) -> None:
        assert book.active is not None
        book.active["A1"].number_format = "0%"
        book.active["B1"].number_format = "0.00%"

    assert texts(read_sheet(workbook((0.6, 0.125, 0.6), change=format_cells), "a.xlsx")) == [("60%", "12.5%", "0.6")]


def test_dates_and_times_stay_as_a_chinese_excel_shows_them() -> None:
    from datetime import date
    from datetime import time as clock_time

    formats = ('yyyy"年"m"月"d"日"', 'yyyy"年"m"月"', "[$-804]m\\月d\\日;@", "yyyy-mm-dd", 'yyyy"年"m"月"d"日" h"时"')

    def format_cells(book: openpyxl.Workbook) -> None:
        assert book.active is not None
        for column, code in zip("ABCDE", formats, strict=True):
            book.active[f"{column}1"].number_format = code

    row = (*[date(2019, 6, 1)] * 5, clock_time(8, 30), clock_time(8, 30, 5))
    (cells,) = texts(read_sheet(workbook(row, change=format_cells), "a.xlsx"))
    assert cells == ("2019年6月1日", "2019年6月", "6月1日", "2019-06-01", "2019-06-01", "8:30", "08:30:05")


def test_the_date_formats_without_a_text_are_those_of_a_chinese_excel() -> None:
    data = workbook((43617, 43617, 43617))
    styles = b"""<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><cellXfs>
        <xf numFmtId="0"/><xf numFmtId="31"/><xf numFmtId="57"/><xf numFmtId="58"/></cellXfs></styleSheet>"""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        xml = archive.read("xl/worksheets/sheet1.xml")
    for style, column in enumerate("ABC", 1):
        xml = xml.replace(f'r="{column}1"'.encode(), f'r="{column}1" s="{style}"'.encode())
    changed = repacked(data, sheet1=xml, styles=styles)
    assert texts(read_sheet(changed, "a.xlsx")) == [("2019年6月1日", "2019年6月", "6月1日")]


def test_hidden_rows_are_read_and_told() -> None:
    def hide(book: openpyxl.Workbook) -> None:
        assert book.active is not None
        book.active.row_dimensions[2].hidden = True

    sheet = read_sheet(workbook(("甲",), ("乙",), ("丙",), change=hide), "a.xlsx")
    assert texts(sheet) == [("甲",), ("乙",), ("丙",)]
    assert sheet.hidden == (2,)


def test_an_old_workbook_says_how_its_cells_are_shown_and_which_rows_are_hidden() -> None:
    first, *_others = read_sheets(BANK / "shown_as_typed_97.xls", "题库.xls")
    assert first.rows[3].cells[2:6] == ("2019年6月1日", "2018年12月29日", "2006年1月1日", "2019年1月1日")
    assert first.rows[6].cells[2:6] == ("5%", "10%", "15.5%", "20%")
    assert first.hidden == (5,)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 6_000), st.binary(min_size=1, max_size=8))
def test_a_damaged_old_workbook_is_read_or_refused_and_never_a_fault(place: int, noise: bytes) -> None:
    data = (BANK / "shown_as_typed_97.xls").read_bytes()
    with tempfile.NamedTemporaryFile(suffix=".xls") as file:
        file.write(data[:place] + noise + data[place + len(noise) :])
        file.flush()
        with suppress(Damaged, Locked):
            assert isinstance(old_sheets(file.name), list)


def test_a_workbook_from_before_excel_97_is_read_in_the_code_page_of_its_maker() -> None:
    rows = [
        ("题干", "选项A", "选项B", "选项C"),
        ("何时施行？", (43617, CHINESE_DATE), (0.05, PERCENT), (12, GENERAL)),
        ("乙",),
    ]
    sheet = read_sheet(excel_95("单选题", rows, hidden=[2]), "题库.xls")
    assert sheet.name == "单选题"
    assert texts(sheet) == [("题干", "选项A", "选项B", "选项C"), ("何时施行？", "2019年6月1日", "5%", "12"), ("乙",)]
    assert sheet.hidden == (3,)


def test_an_error_value_in_an_old_workbook_is_named_by_its_cell() -> None:
    sheet = read_sheet(excel_95("单选题", [("题干", "答案"), ("甲", None)]), "题库.xls")
    (problem,) = sheet.problems
    assert (problem.row, problem.column, problem.severity) == (2, 1, "error")
    assert "错误值" in problem.reason


def test_an_old_workbook_with_a_password_is_refused_as_such() -> None:
    assert "加了密码" in refusal(excel_95("单选题", [("题干",)], locked=True), "题库.xls")


def test_an_identity_number_typed_as_a_number_is_named_by_its_cell() -> None:
    sheet = read_sheet(
        workbook(("姓名", "身份证号"), ("张三", 110101199003071234), ("李四", "110101199003071234")), "a.xlsx"
    )
    (problem,) = sheet.problems
    assert (problem.row, problem.column, problem.severity) == (2, 1, "error")
    assert "丢失" in problem.reason
    assert "文本" in problem.mend


def test_a_number_that_a_csv_holds_in_scientific_notation_is_named() -> None:
    (problem,) = read_sheet("姓名,身份证号\n张三,1.10101E+17\n".encode(), "a.csv").problems
    assert (problem.row, problem.column) == (2, 1)


def test_a_formula_keeps_its_stored_result_and_is_named_without_one() -> None:
    data = workbook(("甲", "=1+1", "#N/A"))
    sheet = read_sheet(data, "a.xlsx")
    assert texts(sheet) == [("甲",)]
    assert sorted((p.column, p.reason) for p in sheet.problems) == [
        (1, "公式没有保存计算结果"),
        (2, "公式的结果是错误值（如 #N/A）"),
    ]
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        xml = archive.read("xl/worksheets/sheet1.xml")
    assert b"<v></v>" in xml or b"<v />" in xml
    stored = xml.replace(b"<v></v>", b"<v>2</v>").replace(b"<v />", b"<v>2</v>")
    assert texts(read_sheet(repacked(data, sheet1=stored), "a.xlsx")) == [("甲", "2")]


@pytest.mark.parametrize("text", ["=1+1", "+86", "-5", "@我"])
def test_a_text_that_looks_like_a_formula_stays_a_text(text: str) -> None:
    stream = io.BytesIO()
    write_sheet(stream, "名单", ["内容", Column("备注", 20)], [[text, "x"]])
    assert texts(read_sheet(stream.getvalue(), "a.xlsx"))[1] == (text, "x")
    with zipfile.ZipFile(stream) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")
    assert neutralised(text) == f"'{text}"


def test_a_text_longer_than_a_cell_is_never_cut_in_silence_when_writing() -> None:
    with pytest.raises(ValueError, match="第 2 行第 1 列"):
        write_sheet(io.BytesIO(), "名单", ["内容"], [["字" * (MAX_CELL + 1)]])


def test_control_characters_are_removed_and_named() -> None:
    sheet = read_sheet("甲\x07乙,丙\n".encode(), "a.csv")
    assert texts(sheet) == [("甲乙", "丙")]
    assert [problem.severity for problem in sheet.problems] == ["warning"]


def test_a_cell_beyond_the_limit_is_named() -> None:
    sheet = read_sheet(("甲," + "字" * 40_000).encode(), "a.csv")
    assert sheet.problems[0].reason.startswith("单元格有 40000 个字")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_csv_is_read_in_the_encodings_that_people_have(encoding: str) -> None:
    assert texts(read_sheet("姓名,单位\n𠮷田,组织部\n".encode(encoding), "a.csv")) == [
        ("姓名", "单位"),
        ("𠮷田", "组织部"),
    ]


def test_a_csv_in_two_encodings_is_refused_by_line() -> None:
    data = "姓名,单位\n张三,组织部\n李四,人社局\n".encode() + "王五,财政局\n".encode("gb18030")
    assert "第 4 行" in refusal(data, "a.csv")


def test_a_csv_with_an_open_quote_is_refused_by_line() -> None:
    assert "引号" in refusal('甲,"乙\n丙,丁\n'.encode(), "a.csv")


def test_leading_empty_rows_and_columns_keep_the_numbers_that_excel_shows() -> None:
    sheet = read_sheet(workbook((), (None, "甲"), (), (None, None, "乙")), "a.xlsx")
    assert [(row.number, row.cells) for row in sheet.rows] == [(2, ("", "甲")), (4, ("", "", "乙"))]


def test_the_first_visible_sheet_that_is_not_empty_is_read() -> None:
    def more(book: openpyxl.Workbook) -> None:
        assert book.active is not None
        book.active.sheet_state = "hidden"
        book.create_sheet("空")
        book.create_sheet("名单").append(["甲"])

    assert read_sheet(workbook(("隐藏",), change=more), "a.xlsx").name == "名单"


GOOD = workbook(("姓名", "单位"), ("张三", "组织部"))


@pytest.mark.parametrize(
    ("data", "name", "expected"),
    [
        (b"", "a.xlsx", "0 字节"),
        (b"a,b\n", "a.xlsx", "扩展名是 .xlsx"),
        (GOOD, "a.csv", "扩展名是 .csv"),
        (GOOD, "a.xls", "改为 .xlsx"),
        (GOOD, "a.docx", "不支持的文件类型"),
        (GOOD, "a", "无扩展名"),
        (GOOD, "a.xlsm", "宏"),
        (GOOD, "a.xlsb", "宏"),
        (GOOD[: len(GOOD) // 2], "a.xlsx", "损坏"),
        (b"%PDF-1.7", "a.xlsx", "PDF"),
        (b"<html><table></table></html>", "a.xls", "网页"),
        (b"\x00\x01\x02", "a.csv", "二进制"),
        (b"\n\n,,\n", "a.csv", "表格是空的"),
        (workbook(), "a.xlsx", "表格是空的"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "a.xlsx", "密码"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "WordDocument".encode("utf-16-le"), "a.xls", "Word"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "Workbook".encode("utf-16-le"), "a.xls", "损坏"),
    ],
    # Workbooks hold the second they were made in; every worker must name the tests alike.
    ids=lambda value: value if isinstance(value, str) else "data",
)
def test_a_file_that_is_not_what_it_says_is_refused_in_one_sentence(data: bytes, name: str, expected: str) -> None:
    assert expected in refusal(data, name)


def test_a_workbook_with_macros_is_refused_whatever_its_suffix() -> None:
    stream = io.BytesIO(GOOD)
    with zipfile.ZipFile(stream, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"x")
    assert "宏" in refusal(stream.getvalue(), "a.xlsx")


def test_an_archive_of_other_things_is_refused() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("inner.xlsx", GOOD)
    assert "压缩包" in refusal(stream.getvalue(), "a.xlsx")


def test_a_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    huge = b" " * (101 * MEGABYTE)
    assert "解压后" in refusal(repacked(GOOD, theme1=huge), "a.xlsx")
    assert "压缩比" in refusal(repacked(GOOD, theme1=huge[: 20 * MEGABYTE]), "a.xlsx")


def test_too_many_parts_are_refused() -> None:
    assert "个部分" in refusal(GOOD, "a.xlsx", replace(DEFAULT_LIMITS, max_entries=3))


def test_a_file_beyond_the_size_limit_is_refused_with_both_sizes() -> None:
    assert "上限 1 MB" in refusal(b"a," * MEGABYTE, "a.csv", replace(DEFAULT_LIMITS, max_bytes=MEGABYTE))


def test_a_sheet_with_cells_in_its_farthest_corner_is_refused_without_filling_the_memory() -> None:
    def corner(book: openpyxl.Workbook) -> None:
        assert book.active is not None
        book.active["XFD1048576"] = 1

    assert "过大或已损坏" in refusal(workbook(("甲",), change=corner), "a.xlsx")


def test_one_shared_text_used_a_million_times_is_refused() -> None:
    name = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    cells = b'<row><c t="s"><v>0</v></c></row>' * 40_000
    sheet = b'<worksheet xmlns="' + name + b'"><sheetData>' + cells + b"</sheetData></worksheet>"
    strings = b'<sst xmlns="' + name + b'"><si><t>' + b"x" * 30_000 + b"</t></si></sst>"
    stream = io.BytesIO(repacked(GOOD, sheet1=sheet))
    with zipfile.ZipFile(stream, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", strings)
    assert "在限定的时间和内存内无法读完" in refusal(stream.getvalue(), "a.xlsx")


def test_entities_are_not_expanded() -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + b"".join(
        b'<!ENTITY %c "%s">' % (98 + i, b"&%c;" % (97 + i) * 10) for i in range(9)
    )
    name = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    cell = b'<c r="A1" t="inlineStr"><is><t>&j;</t></is></c>'
    sheet = (
        bomb + b']><worksheet xmlns="' + name + b'"><sheetData><row r="1">' + cell + b"</row></sheetData></worksheet>"
    )
    started = time.monotonic()
    try:
        sheets = read_sheets(repacked(GOOD, sheet1=sheet), "a.xlsx")
    except UnreadableFile:
        sheets = []
    assert all(len(cell) < 100 for sheet in sheets for row in sheet.rows for cell in row.cells)
    assert time.monotonic() - started < 60


def test_more_rows_or_columns_than_allowed_are_refused() -> None:
    limits = replace(DEFAULT_LIMITS, max_rows=3, max_columns=3, max_text=50)
    assert "超过 3 行" in refusal(b"a\n" * 4, "a.csv", limits)
    assert "4 列" in refusal(b"a,b,c,d\n", "a.csv", limits)
    assert "50 字" in refusal(b"a" * 51, "a.csv", limits)


def test_a_damaged_byte_anywhere_is_an_answer_and_never_a_stack_trace() -> None:
    for position in range(0, len(GOOD), len(GOOD) // 25):
        broken = bytearray(GOOD)
        broken[position] ^= 0xFF
        try:
            assert read_sheets(bytes(broken), "a.xlsx")
        except UnreadableFile as refused:
            assert refused.message.endswith("。")  # noqa: PT017


def test_a_missing_file_is_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="打不开"):
        read_sheet(tmp_path / "none.xlsx", "none.xlsx")


def test_the_header_is_found_below_titles_and_in_any_words() -> None:
    rows = (("2026 年名单",), ("（严禁涉密）",), ("*工 作 单 位", "姓名（必填）", "备注"), ("组织部", "张三", ""))
    header = find_header(read_sheet(workbook(*rows), "a.xlsx"), {"name": ["姓名"], "unit": ["单位", "工作单位"]})
    assert header is not None
    assert dict(header.columns) == {"unit": 0, "name": 1}
    assert header.unknown == ("备注",)
    assert [row.number for row in header.body] == [4]
    assert header.name_of(1) == "姓名(必填)" or header.name_of(1) == "姓名（必填）"


def test_a_sheet_without_a_header_has_none() -> None:
    assert find_header(read_sheet(workbook(("张三", "组织部")), "a.xlsx"), {"name": ["姓名"], "unit": ["单位"]}) is None


@pytest.mark.parametrize(("column", "letters"), [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA")])
def test_columns_are_named_as_excel_names_them(column: int, letters: str) -> None:
    assert column_letter(column) == letters
