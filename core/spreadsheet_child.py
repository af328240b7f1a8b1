"""Reads one spreadsheet in a process of its own, with a bound on memory and time, and tells its cells as JSON.

Run by core.bounded, never imported by the application: a hostile workbook can make any parser allocate without end,
and only a process can be stopped safely. Imports nothing of ours, to start soon.
"""

import csv
import io
import json
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import IO, Any
from xml.etree import ElementTree

import python_calamine as calamine

CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
INVISIBLE = re.compile("[\ufeff\u200b\u2060]")
SCIENTIFIC = re.compile(r"\d(?:\.\d+)?E\+(\d{2,3})", re.IGNORECASE)
CELL = re.compile(rb"<(?:\w+:)?c\b([^>]*?)(?:/>|>(.*?)</(?:\w+:)?c>)", re.DOTALL)
ATTRIBUTE = re.compile(rb'(\w+)="([^"]*)"')
REFERENCE = re.compile(rb"([A-Z]{1,3})([0-9]{1,7})")
FORMULA = re.compile(rb"<(?:\w+:)?f\b")
RESULT = re.compile(rb"<(?:\w+:)?v>[^<]|<(?:\w+:)?v [^>]*>[^<]")
# A sheet beyond this has more rows than are taken anyway.
LARGEST_SEARCHED = 40 * 1024 * 1024
# Excel keeps 15 significant digits; from here on the last ones are already lost in the file.
FIRST_DAMAGED = 10**15


NOTHING: Mapping[tuple[int, int], str] = {}


class Refused(Exception):
    """The file cannot be read; carries one Chinese sentence."""


class Reader:
    """Turns sheets of values into rows of text, counting against the limits."""

    def __init__(self, limits: dict[str, Any]) -> None:
        self.limits = limits
        self.text_left: int = limits["max_text"]

    def sheet(
        self, name: str, visible: bool, rows: Iterable[list[Any]], marked: Mapping[tuple[int, int], str] = NOTHING
    ) -> dict[str, Any]:
        """Return one sheet as `{"name", "visible", "rows": [[number, [text]]], "problems": [[row, column, code, value]]}`."""
        kept: list[tuple[int, list[str]]] = []
        problems: list[tuple[int, int, str, str]] = []
        for number, values in enumerate(rows, 1):
            cells = [self.cell(number, column, value, problems) for column, value in enumerate(values)]
            for column in range(len(cells) if marked else 0):
                mark = marked.get((number, column))
                if mark == "percent" and isinstance(values[column], float):
                    cells[column] = plain(float(Decimal(format(values[column], ".15g")) * 100)) + "%"
                elif mark in ("error", "formula") and not cells[column]:
                    problems.append((number, column, mark, ""))
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
        return {"name": name, "visible": visible, "rows": kept, "problems": problems}

    def cell(self, row: int, column: int, value: Any, problems: list[tuple[int, int, str, str]]) -> str:
        """Return the text of one cell; what is doubtful goes into `problems`."""
        if value == "" or value is None:
            return ""
        if isinstance(value, str):
            text = INVISIBLE.sub("", value.replace("\r\n", "\n").replace("\r", "\n")).strip()
            if CONTROL.search(text):
                text = CONTROL.sub("", text).strip()
                problems.append((row, column, "control", ""))
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


def marked_cells(path: str) -> dict[str, dict[tuple[int, int], str]]:
    """Return by sheet and (row from 1, column from 0) the cells of an .xlsx that need more than their value.

    `percent`: shown as per cent, so that 0.6 was typed as 60%; `error`: #N/A and the like; `formula`: without the
    result that Excel would have stored. Whatever cannot be found out is left out.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            targets = {
                element.get("Id", ""): element.get("Target", "")
                for element in _parsed(archive, "xl/_rels/workbook.xml.rels")
            }
            percent = _percent_styles(archive)
            marked: dict[str, dict[tuple[int, int], str]] = {}
            for element in _parsed(archive, "xl/workbook.xml"):
                if _local(element.tag) == "sheet":
                    target = next((targets.get(v, "") for k, v in element.attrib.items() if _local(k) == "id"), "")
                    part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
                    marked[element.get("name", "")] = _marked_in(archive.read(part), percent)
            return marked
    except (KeyError, ValueError, OSError, zipfile.BadZipFile, zlib.error, ElementTree.ParseError):
        return {}


def _parsed(archive: zipfile.ZipFile, part: str) -> Iterator[ElementTree.Element]:
    # Entities cannot hurt here: this process has little memory and little time.
    return ElementTree.fromstring(archive.read(part)).iter()  # noqa: S314


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _percent_styles(archive: zipfile.ZipFile) -> frozenset[str]:
    formats = {"9", "10"}
    styles: list[str] = []
    for element in _parsed(archive, "xl/styles.xml"):
        if _local(element.tag) == "numFmt" and "%" in element.get("formatCode", ""):
            formats.add(element.get("numFmtId", ""))
        if _local(element.tag) == "cellXfs":
            styles = [child.get("numFmtId", "0") for child in element]
    return frozenset(str(index) for index, number in enumerate(styles) if number in formats)


def _marked_in(xml: bytes, percent: frozenset[str]) -> dict[tuple[int, int], str]:
    marked: dict[tuple[int, int], str] = {}
    if len(xml) > LARGEST_SEARCHED or not (percent or b't="e"' in xml or b"<f" in xml):
        return marked
    for cell in CELL.finditer(xml):
        attributes = dict(ATTRIBUTE.findall(cell[1]))
        place = REFERENCE.fullmatch(attributes.get(b"r", b""))
        if place is None:
            continue
        inside = cell[2] or b""
        kind = attributes.get(b"t", b"n")
        mark = ""
        if kind == b"e":
            mark = "error"
        elif kind != b"str" and FORMULA.search(inside) and not RESULT.search(inside):
            mark = "formula"
        elif kind == b"n" and attributes.get(b"s", b"").decode("ascii", "replace") in percent and RESULT.search(inside):
            mark = "percent"
        if mark:
            column = 0
            for letter in place[1]:
                column = column * 26 + letter - 64
            marked[int(place[2]), column - 1] = mark
    return marked


def plain(value: Any) -> str:
    """Return a value of a cell that is not text as a person would type it: 12, 0.5, 2024-01-02, TRUE."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else format(Decimal(format(value, ".15g")), "f")
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    return str(value)


def workbook(path: str, reader: Reader) -> Iterator[dict[str, Any]]:
    """Yield the worksheets of an .xlsx or .xls file."""
    marked = marked_cells(path) if reader.limits["kind"] == "xlsx" else {}
    try:
        book = calamine.CalamineWorkbook.from_path(path)
        sheets = [entry for entry in book.sheets_metadata if entry.typ == calamine.SheetTypeEnum.WorkSheet]
        if len(sheets) > reader.limits["max_sheets"]:
            raise Refused(f"文件有 {len(sheets)} 个工作表，最多 {reader.limits['max_sheets']} 个，请拆成几个文件。")
        for entry in sheets:
            sheet = book.get_sheet_by_name(entry.name)
            # Rows arrive from the top of the sheet, columns only from the first one used.
            left = [""] * (sheet.start[1] if sheet.start else 0)
            rows = (left + row for row in sheet.iter_rows())
            yield reader.sheet(
                entry.name, entry.visible == calamine.SheetVisibleEnum.Visible, rows, marked.get(entry.name, NOTHING)
            )
    except calamine.PasswordError:
        raise Refused("文件加了密码，无法读取；请取消密码后另存，再重新上传。") from None
    except (calamine.CalamineError, OSError, ValueError):
        raise Refused("文件已损坏或不完整，无法读取；请用 Excel 或 WPS 打开后另存为 .xlsx，再重新上传。") from None


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


def comma_separated(path: str, reader: Reader) -> dict[str, Any]:
    """Return the one sheet of a CSV file; commas, semicolons or tabs, whichever the first lines hold most of."""
    text = decoded(Path(path).read_bytes())
    head = "\n".join(text.splitlines()[:20])
    delimiter = max(",\t;", key=head.count)
    # A field may be as long as any; the limit on a cell is applied afterwards, with its place.
    csv.field_size_limit(2**31 - 1)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        return reader.sheet("CSV", True, rows)
    except csv.Error:
        raise Refused(f"第 {rows.line_num} 行的引号不配对，无法分清各列；请改正后重新上传。") from None


def main(path: str, arguments: list[str], output: IO[bytes]) -> None:
    """Read a file under the limits given as JSON by the one argument."""
    limits = json.loads(arguments[0])
    reader = Reader(limits)
    answer: dict[str, Any]
    try:
        sheets = [comma_separated(path, reader)] if limits["kind"] == "csv" else list(workbook(path, reader))
        answer = {"sheets": sheets}
    except Refused as refusal:
        answer = {"refused": str(refusal)}
    output.write(json.dumps(answer).encode())
