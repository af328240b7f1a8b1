"""Documents in running text, Word or plain, read into a report; and files that hold nothing but keys.

A file that holds keys by number and no item is a file of keys. Alone it is refused; read beside a document it gives that
document's items their keys (formats/importing.py pairs them).
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.archives import UnreadableFile
from core.spreadsheets import Row, Sheet, read_sheets
from question_bank.formats.excel import read_table
from question_bank.formats.excel_rows import Section
from question_bank.formats.layout import read_keys, read_layout, tell_if_empty
from question_bank.formats.layout_headings import heading_of, plain_heading_of
from question_bank.formats.layout_keylist import KeyZone
from question_bank.formats.layout_keys import compact_ranges, numbers_row
from question_bank.formats.layout_lines import Line, clean
from question_bank.formats.layout_media import with_pictures
from question_bank.formats.report import KEYS_ALONE, TOGETHER, Report, sentence_parts
from question_bank.formats.text_files import read_text
from question_bank.formats.text_tables import is_table_without_head, table_in
from question_bank.formats.word_body import Cell, DocumentLines
from question_bank.formats.word_file import lines_of_word
from question_bank.item_types.registry import ITEM_TYPES

Source = Path | str | bytes
_FARTHEST_HEADING = 40  # lines
_WITHOUT_HEAD = "各行是用制表符分开的几列，像是表格，第一行却不是列名，没有读取"


@dataclass(frozen=True, slots=True)
class KeyFile:
    """A further file, with the keys of a document: its format, its content, its name."""

    format: str
    source: Source
    filename: str


def read_document(format_name: str, source: Source, filename: str, key_files: Sequence[KeyFile] = ()) -> Report:
    """Return the report of a document, with the keys of other files. Never raises for what is in the files."""
    try:
        table = table_in(read_text(source)) if format_name == "text" else None
        if table is not None:
            return _of_table(table)
        document = _opened(format_name, source, filename)
        zones = [zone for file in key_files if (zone := _keys_of(file)) is not None]
    except UnreadableFile as refusal:
        return Report.unreadable(format_name, *sentence_parts(refusal.message))
    report = read_layout(_without_titles(document), format_name, zones, document.media)
    report.problems.extend(document.problems)
    for rows in document.tables:
        _read_table(rows, document, report)
    if document.tables:
        report.items.sort(key=lambda item: int(item.ref.partition(" ")[2] or 0))
    if format_name == "text" and not report.items and is_table_without_head(read_text(source)):
        return Report.unreadable(
            format_name, _WITHOUT_HEAD, "在第一行写上各列的名字（题型、题干、选项A……答案），或存为 Excel 文件后导入"
        )
    faulty = any(problem.column in ("题干", "选项") for problem in report.errors)
    if not report.items and not faulty and read_keys(document.lines) is not None:
        return Report.unreadable(format_name, KEYS_ALONE, TOGETHER)
    return tell_if_empty(report, any(not line.blank for line in document.lines))


def _read_table(rows: list[list[Cell]], document: DocumentLines, report: Report) -> None:
    """Add the items of a table to the report, with the pictures that stand in its cells."""
    read = Report(report.format)
    read_table(_sheet(rows), read, "paragraph", _section_above(rows, document.lines))
    report.problems.extend(read.problems)
    for items, kept in ((read.items, report.items), (read.unfinished, report.unfinished)):
        for item in items:
            shown, lost = with_pictures(item, document.media)
            kept.append(shown)
            report.problems.extend(lost)


def _of_table(table: Sheet) -> Report:
    report = Report("text")
    read_table(table, report, "line")
    return tell_if_empty(report, anything=True)


def holds_keys(source: Source, filename: str) -> bool:
    """Whether a workbook is a table of numbers and keys: 题号, 答案."""
    try:
        lines = [line for line in _lines_of_sheets(source, filename) if line.cells]
    except UnreadableFile:
        return False
    stated = sum(compact_ranges(line.flat) is not None or numbers_row(line) is not None for line in lines)
    return read_keys(lines) is not None and stated * 10 >= (len(lines) - 1) * 8


def _opened(format_name: str, source: Source, filename: str) -> DocumentLines:
    if format_name == "word":
        return lines_of_word(source, filename)
    return DocumentLines(_lines_of_text(source) if format_name == "text" else _lines_of_sheets(source, filename))


def _lines_of_text(source: Source) -> list[Line]:
    """The lines of a text, numbered from 1 as editors number them."""
    written = read_text(source).replace("\f", " ").replace("\v", " ").split("\n")
    return [Line(f"line {number}", line) for number, line in enumerate(written, 1)]


def _keys_of(file: KeyFile) -> KeyZone | None:
    zone = read_keys(_opened(file.format, file.source, file.filename).lines)
    if zone is not None:
        zone.filename = file.filename
    return zone


def _lines_of_sheets(source: Source, filename: str) -> list[Line]:
    """A table of numbers and keys as lines; the name of a sheet is a heading."""
    lines: list[Line] = []
    for sheet in read_sheets(source, filename):
        lines.append(Line(f"row 1 ({sheet.name})", sheet.name))
        lines.extend(Line(f"row {row.number}", "\t".join(filter(None, row.cells)), row.cells) for row in sheet.rows)
    return lines


def _without_titles(document: DocumentLines) -> list[Line]:
    """The lines but the titles right above tables of items that name no type: 五、综合部分. Below them no item follows."""
    last = [next((line for line in _above(rows, document.lines) if not line.blank), None) for rows in document.tables]
    titles = {id(line) for line in last if line and plain_heading_of(line.flat) and not heading_of(line.flat)}
    return [line for line in document.lines if id(line) not in titles]


def _section_above(rows: list[list[Cell]], lines: list[Line]) -> Section | None:
    """What the heading above a table says of its items: type and points; None where there is none or it says nothing."""
    for line in _above(rows, lines):
        heading = heading_of(line.flat)
        if heading is not None:
            each = heading.each
            if each is None and heading.total and heading.count and heading.each_blank is None:
                each = heading.total / heading.count
            points = int(each * 100) if each is not None and (each * 100).denominator == 1 else None
            return Section(heading.type if heading.type in ITEM_TYPES else None, points)
        plain = plain_heading_of(line.flat)
        if plain is not None and (plain.unit or not line.flat.lstrip().startswith("(")):
            return None
    return None


def _above(rows: list[list[Cell]], lines: list[Line]) -> list[Line]:
    """The lines above a table, the nearest first."""
    start = min(_paragraph(line) for cells in rows for cell in cells for line in cell.lines)
    end = bisect_left(lines, start, key=_paragraph)
    return lines[max(0, end - _FARTHEST_HEADING) : end][::-1]


def _paragraph(line: Line) -> int:
    return int(line.ref.partition(" ")[2] or 0)


def _sheet(rows: list[list[Cell]]) -> Sheet:
    """A table of a Word document as a sheet; a row bears the number of the paragraph in which its longest cell begins."""
    found = []
    for cells in rows:
        texts = tuple(clean(cell.text)[0] for cell in cells)
        longest = max(cells, key=lambda cell: len(cell.text), default=None)
        ref = next((line.ref for line in longest.lines if line.text.strip()), "") if longest else ""
        if ref and any(texts):
            found.append(Row(int(ref.partition(" ")[2]), texts))
    return Sheet("表格", True, tuple(found))
