"""A document as .xlsx: texts stay texts, marks are real numbers with two decimals, ready to print on A4."""

from datetime import datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import xlsxwriter

from grading.sheets.model import Cell, Column, Document, Sheet, Stamp

# The bytes of a workbook depend on its content alone.
_CREATED = datetime(2000, 1, 1)  # noqa: DTZ001 (a property of the file, without a zone by its format)
_BASE = {"font_name": "宋体", "font_size": 10, "valign": "vcenter"}
_BORDER = _BASE | {"border": 1}
_LONGEST = 32_767
_SIDE, _BELOW = Decimal("0.5"), Decimal("0.7")  # margins in inches


def write_xlsx(document: Document, stamp: Stamp) -> bytes:
    """Return the workbook, one worksheet for each sheet. Rows are written as they come, in constant memory."""
    stream = BytesIO()
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(stream, options) as book:
        book.set_properties({"created": _CREATED, "title": document.sheets[0].heading})
        formats = _formats(book)
        used: set[str] = set()
        for sheet in document.sheets:
            name = _name(sheet.name, used)
            _write(book.add_worksheet(name), sheet, stamp, formats)
    return stream.getvalue()


def _formats(book: Any) -> dict[str, Any]:
    return {
        "heading": book.add_format(_BASE | {"bold": True, "font_size": 16, "align": "center"}),
        "fact": book.add_format(_BASE | {"text_wrap": True, "align": "left"}),
        "title": book.add_format(_BORDER | {"bold": True, "align": "center", "text_wrap": True, "bg_color": "#ECEFF3"}),
        "text": book.add_format(_BORDER | {"num_format": "@"}),
        "wrap": book.add_format(_BORDER | {"num_format": "@", "text_wrap": True}),
        "center": book.add_format(_BORDER | {"align": "center"}),
        "mark": book.add_format(_BORDER | {"num_format": "0.00"}),
        "exact": book.add_format(_BORDER | {"num_format": "0.00########", "align": "right"}),
        "signature": book.add_format(_BASE | {"align": "left"}),
    }


def _write(page: Any, sheet: Sheet, stamp: Stamp, formats: dict[str, Any]) -> None:
    columns = list(sheet.columns)
    if any(line.detail for line in sheet.lines):
        columns.append(Column("计算过程", "wrap", 60))
    _set_up(page, sheet, columns, stamp)
    row = _above(page, sheet, len(columns), formats, stamp)
    for number, column in enumerate(columns):
        page.write_string(row, number, column.title, formats["title"])
    page.freeze_panes(row + 1, 0)
    page.repeat_rows(row)
    if sheet.lines:
        page.autofilter(row, 0, row + len(sheet.lines), len(columns) - 1)
    for line in sheet.lines:
        row += 1
        cells = (*line.cells, line.detail)[: len(columns)]
        for number, cell in enumerate(cells):
            _write_cell(page, row, number, cell, columns[number], formats)
    _below(page, row + 1, sheet, len(columns), formats, stamp)


def _set_up(page: Any, sheet: Sheet, columns: list[Column], stamp: Stamp) -> None:
    page.set_paper(9)  # A4
    page.set_landscape()
    page.fit_to_pages(1, 0)
    page.set_margins(left=_SIDE, right=_SIDE, top=_SIDE, bottom=_BELOW)
    page.set_footer(f"&L校验码 {sheet.digest[:16]}…&C第 &P 页 共 &N 页&R{stamp.generated}")
    for number, column in enumerate(columns):
        page.set_column(number, number, column.width)


def _above(page: Any, sheet: Sheet, width: int, formats: dict[str, Any], stamp: Stamp) -> int:
    _across(page, 0, width, sheet.heading, formats["heading"])
    page.set_row(0, 30)
    row = 1
    marked = ("演示数据，不是真实的人和成绩。",) if stamp.demonstration else ()
    for text in (*(f"{label}：{value}" for label, value in sheet.facts), *sheet.notes, *marked):
        _across(page, row, width, text, formats["fact"])
        row += 1
    return row


def _below(page: Any, row: int, sheet: Sheet, width: int, formats: dict[str, Any], stamp: Stamp) -> None:
    if not sheet.lines and sheet.empty:
        _across(page, row, width, sheet.empty, formats["fact"])
        row += 1
    row += 1
    for role in sheet.signatures:
        _across(page, row, width, f"{role}（签字）：＿＿＿＿＿＿＿＿＿＿　　　　年　　月　　日", formats["signature"])
        page.set_row(row, 26)
        row += 1
    for text in (
        f"校验码（SHA-256）：{sheet.digest}",
        f"审计链头：{stamp.audit_head}",
        f"生成时间：{stamp.generated}",
    ):
        row += 1
        _across(page, row, width, text, formats["fact"])


def _across(page: Any, row: int, width: int, text: str, style: Any) -> None:
    if width > 1:
        page.merge_range(row, 0, row, width - 1, "", style)
    page.write_string(row, 0, text, style)


def _write_cell(page: Any, row: int, number: int, cell: Cell, column: Column, formats: dict[str, Any]) -> None:
    style = formats[column.kind]
    if cell is None or cell == "":
        page.write_blank(row, number, None, style)
    elif isinstance(cell, int | Decimal):
        page.write_number(row, number, cell, style)
    else:
        page.write_string(row, number, cell[:_LONGEST], style)


def _name(wanted: str, used: set[str]) -> str:
    """A worksheet name that Excel takes: no []:*?/\\, at most 31 characters, each name once."""
    plain = "".join("_" if char in "[]:*?/\\" else char for char in wanted).strip("'")[:28] or "成绩表"
    name, number = plain, 1
    while name.casefold() in used:
        number += 1
        name = f"{plain}{number}"
    used.add(name.casefold())
    return name
