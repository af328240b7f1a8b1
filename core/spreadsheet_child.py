"""Reads one spreadsheet in a process of its own, with a bound on memory and time, and tells its cells as JSON.

Run by core.bounded, never imported by the application: a hostile workbook can make any parser allocate without end,
and only a process can be stopped safely. Imports next to nothing of ours, to start soon.
"""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

import python_calamine as calamine

from core.spreadsheet_marks import Marks, marks_of
from core.spreadsheet_pictures import pictures_of
from core.spreadsheet_xls import Damaged, Locked, old_sheets

CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
INVISIBLE = re.compile("[\ufeff\u200b\u2060]")
# What WPS writes for a picture inside a cell.
INSIDE = re.compile(r'=?(?:_xlfn\.)?DISPIMG\("[^"]*",\s*\d+\)')
PICTURE = "[图]"
SCIENTIFIC = re.compile(r"\d(?:\.\d+)?E\+(\d{2,3})", re.IGNORECASE)
# Excel keeps 15 significant digits; from here on the last ones are already lost in the file.
FIRST_DAMAGED = 10**15


# Where Excel begins to count days, and the last day that it knows.
FIRST_DAY, LAST_DAY = date(1899, 12, 30), 2_958_466
NOTHING = Marks()
MOST_MERGED = 10_000
LOCKED = "文件加了密码，无法读取；请取消密码后另存，再重新上传。"
DAMAGED = "文件已损坏或不完整，无法读取；请用 Excel 或 WPS 打开后另存为 .xlsx，再重新上传。"
Range = tuple[tuple[int, int], tuple[int, int]]


class Refused(Exception):
    """The file cannot be read; carries one Chinese sentence."""


class Reader:
    """Turns sheets of values into rows of text, counting against the limits."""

    def __init__(self, limits: dict[str, Any]) -> None:
        self.limits = limits
        self.text_left: int = limits["max_text"]

    def sheet(
        self,
        name: str,
        visible: bool,
        rows: Iterable[list[Any]],
        marks: Marks = NOTHING,
        merged: Iterable[Range] = (),
    ) -> dict[str, Any]:
        """Return one sheet as `{"name", "visible", "rows": [[number, [text]]], "problems": [[row, column, code, value]],
        "hidden": [number], "merged": [[first row, last row, column]]}`."""
        marked = marks.cells
        kept: list[tuple[int, list[str]]] = []
        problems: list[tuple[int, int, str, str]] = []
        for number, values in enumerate(rows, 1):
            cells = [self.cell(number, column, value, problems) for column, value in enumerate(values)]
            for column in range(len(cells) if marked else 0):
                mark = marked.get((number, column))
                if mark in ("error", "formula"):
                    if not cells[column]:
                        problems.append((number, column, mark, ""))
                elif mark:
                    cells[column] = as_shown(values[column], mark) or cells[column]
            while cells and not cells[-1]:
                cells.pop()
            if not cells:
                continue
            if len(cells) > self.limits["max_columns"]:
                raise Refused(
                    f"工作表“{name}”第 {number} 行有 {len(cells)} 列，最多 {self.limits['max_columns']} 列；请删除多余的列后重新上传。"
                )
            kept.append((number, cells))
            if len(kept) > self.limits["max_rows"]:
                raise Refused(f"工作表“{name}”超过 {self.limits['max_rows']} 行，请拆成几个文件分别上传。")
        hidden = [number for number, _cells in kept if number in marks.hidden]
        sheet = {"name": name, "visible": visible, "rows": kept, "problems": problems}
        single = [(top + 1, end + 1, left) for (top, left), (end, right) in merged if left == right and top < end]
        return sheet | {"hidden": hidden, "merged": single[:MOST_MERGED]}

    def cell(self, row: int, column: int, value: Any, problems: list[tuple[int, int, str, str]]) -> str:
        """Return the text of one cell; what is doubtful goes into `problems`."""
        if value == "" or value is None:
            return ""
        if isinstance(value, str):
            text = INVISIBLE.sub("", value.replace("\r\n", "\n").replace("\r", "\n")).strip()
            if CONTROL.search(text):
                text = CONTROL.sub("", text).strip()
                problems.append((row, column, "control", ""))
            if INSIDE.fullmatch(text):
                problems.append((row, column, "picture", ""))
                text = PICTURE
            scientific = SCIENTIFIC.fullmatch(text)
            if scientific and int(scientific[1]) >= 11:
                problems.append((row, column, "scientific", text))
        else:
            text = plain(value)
            if isinstance(value, int | float) and abs(value) >= FIRST_DAMAGED:
                problems.append((row, column, "digits", text))
        if len(text) > self.limits["max_cell"]:
            problems.append((row, column, "long", str(len(text))))
            text = text[: self.limits["max_cell"]]
        self.text_left -= len(text)
        if self.text_left < 0:
            raise Refused(f"文件里的文字超过 {self.limits['max_text']} 字，请拆成几个文件分别上传。")
        return text


def as_shown(value: Any, mark: str) -> str:
    """Return a number or date as its cell shows it, where that is how it was typed: 60%, 2019年6月1日; else nothing."""
    if mark == "percent":
        return plain(float(Decimal(format(value, ".15g")) * 100)) + "%" if isinstance(value, float) else ""
    if isinstance(value, float) and 0 < value < LAST_DAY and value.is_integer():
        value = FIRST_DAY + timedelta(days=value)
    if not isinstance(value, date) or (isinstance(value, datetime) and value.time() != time()):
        return ""
    shown = {"年": f"{value.year}年", "月": f"{value.month}月", "日": f"{value.day}日"}
    return "".join(shown[sign] for sign in mark)


def plain(value: Any) -> str:
    """Return a value of a cell that is not text as a person would type it: 12, 0.5, 2024-01-02, TRUE."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else format(Decimal(format(value, ".15g")), "f")
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    if isinstance(value, time) and not (value.second or value.microsecond):
        return f"{value.hour}:{value.minute:02}"
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    return str(value)


def workbook(path: str, reader: Reader) -> Iterator[dict[str, Any]]:
    """Yield the worksheets of an .xlsx file."""
    marks, pictures = marks_of(path), pictures_of(path)
    try:
        book = calamine.CalamineWorkbook.from_path(path)
        sheets = [entry for entry in book.sheets_metadata if entry.typ == calamine.SheetTypeEnum.WorkSheet]
        refuse_too_many(len(sheets), reader)
        for entry in sheets:
            sheet = book.get_sheet_by_name(entry.name)
            # Rows arrive from the top of the sheet, columns only from the first one used.
            left = [""] * (sheet.start[1] if sheet.start else 0)
            rows = (left + row for row in sheet.iter_rows())
            visible = entry.visible == calamine.SheetVisibleEnum.Visible
            marked = marks.get(entry.name, NOTHING)
            read = reader.sheet(entry.name, visible, rows, marked, sheet.merged_cell_ranges or ())
            read["problems"] += [(row, column, "picture", "") for row, column in pictures.get(entry.name, ())]
            yield read
    except calamine.PasswordError:
        raise Refused(LOCKED) from None
    except (calamine.CalamineError, OSError, ValueError):
        raise Refused(DAMAGED) from None


def old_workbook(path: str, reader: Reader) -> Iterator[dict[str, Any]]:
    """Yield the worksheets of an .xls file."""
    try:
        sheets = old_sheets(path)
    except Locked:
        raise Refused(LOCKED) from None
    except Damaged:
        raise Refused(DAMAGED) from None
    refuse_too_many(len(sheets), reader)
    for sheet in sheets:
        yield reader.sheet(sheet.name, sheet.visible, sheet.rows, sheet.marks, sheet.merged)


def refuse_too_many(sheets: int, reader: Reader) -> None:
    """Raise Refused for a workbook of more sheets than are taken."""
    if sheets > reader.limits["max_sheets"]:
        raise Refused(f"文件有 {sheets} 个工作表，最多 {reader.limits['max_sheets']} 个，请拆成几个文件。")


def decoded(data: bytes) -> str:
    """Return the text of a CSV file: UTF-16 by its mark, UTF-8 with or without one, otherwise GB18030."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return data.decode("utf-16")
        except UnicodeDecodeError:
            raise Refused("文件的文字编码不完整；请另存为 UTF-8 编码的 CSV 或 .xlsx 后重新上传。") from None
    if b"\x00" in data:
        raise Refused("文件不是文本表格（含有空字节）；请用 Excel 或 WPS 另存为 .xlsx 后重新上传。")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        bad_line = data.count(b"\n", 0, error.start) + 1
    readable = [text for text in map(_utf8, data.split(b"\n")) if text is not None]
    foreign = sum(not text.isascii() for text in readable)
    unreadable = data.count(b"\n") + 1 - len(readable)
    if foreign <= unreadable:
        try:
            return data.decode("gb18030")
        except UnicodeDecodeError as error:
            bad_line = data.count(b"\n", 0, error.start) + 1
    raise Refused(f"第 {bad_line} 行的文字编码与其他行不一致或已损坏；请改正该行，另存为 UTF-8 编码后重新上传。")


def _utf8(line: bytes) -> str | None:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return None


def comma_separated(path: str, reader: Reader) -> Iterator[dict[str, Any]]:
    """Yield the one sheet of a CSV file; commas, semicolons or tabs, whichever the first lines hold most of."""
    text = decoded(Path(path).read_bytes())
    head = "\n".join(text.splitlines()[:20])
    delimiter = max(",\t;", key=head.count)
    # A field may be as long as any; the limit on a cell is applied afterwards, with its place.
    csv.field_size_limit(2**31 - 1)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        yield reader.sheet("CSV", True, rows)
    except csv.Error:
        raise Refused(f"第 {rows.line_num} 行的引号不配对，无法分清各列；请改正后重新上传。") from None


READERS = {"xlsx": workbook, "xls": old_workbook, "csv": comma_separated}


def main(path: str, arguments: list[str], output: IO[bytes]) -> None:
    """Read a file under the limits given as JSON by the one argument."""
    limits = json.loads(arguments[0])
    reader = Reader(limits)
    answer: dict[str, Any]
    try:
        answer = {"sheets": list(READERS[limits["kind"]](path, reader))}
    except Refused as refusal:
        answer = {"refused": str(refusal)}
    output.write(json.dumps(answer).encode())
