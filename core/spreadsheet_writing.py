"""Writing the workbooks that we hand out: templates, lists, exports."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import IO, Any

import xlsxwriter

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MAX_CELL = 32_767
# Excel, WPS and LibreOffice read a text as a formula when it starts with one of these and is edited or pasted.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
# The bytes of a workbook depend on its content alone.
_CREATED = datetime(2000, 1, 1)  # noqa: DTZ001 (a property of the file, without a zone by its format)

Value = str | int | float | Decimal | None


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its heading, its width in characters, and the choices of a drop-down, if any."""

    title: str
    width: int = 14
    choices: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class SheetToWrite:
    """One worksheet: `heading` and `notes` stand above the header row, each in a row merged over all columns."""

    name: str
    columns: Sequence[Column | str]
    rows: Iterable[Sequence[Value]]
    heading: str = ""
    notes: Sequence[str] = field(default_factory=tuple)


def neutralised(text: str) -> str:
    """Return a text for a CSV cell: with a leading apostrophe where a spreadsheet would read it as a formula."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def write_sheet(
    stream: IO[bytes],
    title: str,
    columns: Sequence[Column | str],
    rows: Iterable[Sequence[Value]],
    heading: str = "",
    notes: Sequence[str] = (),
) -> None:
    """Write one worksheet called `title` as .xlsx; texts stay texts whatever they start with. See write_workbook."""
    write_workbook(stream, [SheetToWrite(title, columns, rows, heading, notes)])


def write_workbook(stream: IO[bytes], sheets: Sequence[SheetToWrite]) -> None:
    """Write worksheets as .xlsx into a binary stream. Raises ValueError for a text beyond what a cell can hold."""
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(stream, options) as book:
        book.set_properties({"created": _CREATED})
        formats = {
            "heading": book.add_format({"bold": True, "font_size": 14, "align": "center", "valign": "vcenter"}),
            "note": book.add_format({"text_wrap": True, "valign": "top", "font_color": "#595959"}),
            "title": book.add_format({"bold": True, "bg_color": "#E7EEF7", "border": 1, "text_wrap": True}),
            "text": book.add_format({"text_wrap": True, "valign": "top", "num_format": "@"}),
            "quoted": book.add_format({"text_wrap": True, "valign": "top", "num_format": "@", "quote_prefix": True}),
            "number": book.add_format({"valign": "top"}),
        }
        for sheet in sheets:
            _write_sheet(book.add_worksheet(_sheet_name(sheet.name)), sheet, formats)


def _write_sheet(worksheet: Any, sheet: SheetToWrite, formats: dict[str, Any]) -> None:
    columns = [Column(column) if isinstance(column, str) else column for column in sheet.columns]
    for index, column in enumerate(columns):
        worksheet.set_column(index, index, column.width, formats["text"])
    row = 0
    for text, style in [(sheet.heading, "heading"), *((note, "note") for note in sheet.notes)]:
        if text:
            if len(columns) > 1:
                worksheet.merge_range(row, 0, row, len(columns) - 1, "", formats[style])
            _write_cell(worksheet, row, 0, text, formats, style)
            row += 1
    for index, column in enumerate(columns):
        worksheet.write_string(row, index, column.title, formats["title"])
        if column.choices:
            rule = {"validate": "list", "source": list(column.choices), "error_type": "warning"}
            worksheet.data_validation(row + 1, index, row + 5_000, index, rule)
    worksheet.freeze_panes(row + 1, 0)
    for values in sheet.rows:
        row += 1
        for index, value in enumerate(values):
            _write_cell(worksheet, row, index, value, formats)


def _write_cell(
    worksheet: Any, row: int, column: int, value: Value, formats: dict[str, Any], style: str | None = None
) -> None:
    if value is None or value == "":
        return
    if isinstance(value, str):
        if len(value.encode("utf-16-le")) // 2 > MAX_CELL:
            raise ValueError(
                f"第 {row + 1} 行第 {column + 1} 列的文字超过 Excel 单元格上限 {MAX_CELL} 个字，无法写出。"
            )
        quoted = "quoted" if value.startswith(_FORMULA_STARTS) else "text"
        worksheet.write_string(row, column, value, formats[style or quoted])
    else:
        worksheet.write_number(row, column, value, formats["number"])


def _sheet_name(name: str) -> str:
    """Return a name that Excel takes: at most 31 characters, none of []:*?/\\ and no apostrophe at either end."""
    return "".join("_" if character in "[]:*?/\\" else character for character in name)[:31].strip("'") or "Sheet"
