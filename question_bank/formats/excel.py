"""Items from spreadsheets: any order of columns, headings in the words that people use, every doubt named by row."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from core.exact import excerpt
from core.spreadsheet_headers import Header, column_letter, find_header
from core.spreadsheets import PICTURE_LOST, Row, Sheet, UnreadableFile, read_sheets
from question_bank.formats.cells import CellError, item_type_of, points_of
from question_bank.formats.excel_rows import RowReader, Section
from question_bank.formats.layout_headings import is_page_mark
from question_bank.formats.layout_lines import flattened
from question_bank.formats.report import ImportedItem, Problem, Report, Severity, sentence_parts
from question_bank.formats.table_heads import missing_head
from question_bank.formats.texts import half_width
from question_bank.formats.typed_numbers import lengths_of_numbers

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_SYNONYMS: dict[str, tuple[str, ...]] = {
    "type": ("题型", "试题类型", "题目类型", "试题题型", "类型", "题类", "题型名称"),
    "stem": (
        "题干",
        "试题",
        "题目",
        "试题内容",
        "题目内容",
        "试题题干",
        "题干内容",
        "题目题干",
        "大题题干",
        "问题",
        "试题正文",
        "内容",
    ),
    "options": ("选项", "备选项", "备选答案", "选项内容", "全部选项", "候选项", "试题选项", "题目选项"),
    "key": ("答案", "正确答案", "标准答案", "参考答案", "正确选项", "试题答案", "题目答案", "正确项"),
    "rationale": ("解析", "答案解析", "试题解析", "题目解析", "解析说明", "答案说明", "解题思路"),
    "difficulty": ("难度", "难易度", "难度等级", "难易程度", "试题难度", "题目难度", "难度系数"),
    "knowledge": ("知识点", "考点", "所属知识点", "知识点名称", "考查点", "考察点", "知识模块"),
    "chapter": ("章节", "所属章节", "章节名称", "所属模块", "所属专题"),
    "points": ("分值", "分数", "得分", "本题分值", "题目分值", "试题分值", "默认分值", "默认分数"),
    "regulation": ("法规", "法规名称", "法规依据", "依据法规", "依据", "出处", "文件名称", "法律法规"),
    "edition": ("版本", "法规版本", "施行版本", "修订版本"),
    "article": ("条款", "条", "条文", "法条", "依据条款", "条款号", "法规条款"),
    "quotation": ("原文", "原文摘录", "条文原文", "法条原文", "条款原文", "条文内容"),
    "tags": ("标签", "关键词", "试题标签", "关键字"),
    "order_free": ("不分顺序", "答案不分顺序", "顺序不限", "不分先后"),
    "part": ("小题", "小题号", "小题序号"),
    "number": ("序号", "题号", "编号", "试题编号", "题目编号", "试题序号", "no", "id"),
}
SYNONYMS: dict[str, tuple[str, ...]] = (
    _SYNONYMS
    | {
        f"option_{letter}": (
            f"选项{letter}",
            f"{letter}选项",
            letter,
            f"{letter}项",
            f"备选项{letter}",
            f"备选答案{letter}",
            f"答案{letter}",
            f"选项{number}",
            f"选项内容{letter}",
        )
        for number, letter in enumerate(_LETTERS, 1)
    }
    | {
        f"blank_{number:02}": (
            f"答案{number}",
            f"空{number}",
            f"填空{number}",
            f"第{number}空",
            f"第{chinese}空",
            f"答案{chinese}",
        )
        for number, chinese in enumerate("一二三四五六七八九十", 1)
    }
)
_HEADING = re.compile(
    r"^(?P<number>(?:第?[一二三四五六七八九十]+(?:部分|大题)?\s*[、.,:]|[(][一二三四五六七八九十]+[)]|[0-9]+\s*[、.])\s*)?"
    r"(?P<title>[\u4e00-\u9fff]{2,10}?)\s*(?:[(,:。;].*)?$",
    re.DOTALL,
)
_EACH = re.compile(r"每(?:小)?题\s*([0-9]+(?:\.[0-9]+)?)\s*分")
# Without these a row can hold no item: what a table of other things has by chance.
_ESSENTIAL = ("stem",)
_SHARED = ("type", "points", "difficulty", "knowledge", "chapter", "regulation", "edition", "tags")
_MOST_MERGED = 5_000


@dataclass(frozen=True, slots=True)
class _Table:
    """One sheet with its header; `suffix` tells rows of a second sheet from those of the first."""

    sheet: Sheet
    header: Header
    suffix: str
    kind: str = "row"

    def ref(self, row: int) -> str:
        return f"{self.kind} {row}{self.suffix}"


def read_items(source: Path | str | bytes, filename: str) -> Report:
    """Return everything that a spreadsheet says, row by row. Never raises for what is in the file."""
    report = Report("excel")
    try:
        sheets = read_sheets(source, filename)
    except UnreadableFile as refusal:
        return Report.unreadable("excel", *sentence_parts(refusal.message))
    for table in _tables(sheets, report):
        _read_table(table, report)
    return report


def read_table(sheet: Sheet, report: Report, kind: str, section: Section | None = None) -> bool:
    """Add to a report the items of one table that stands elsewhere than in a workbook, its places named `kind`.

    `section` is what a heading above the table says. Returns False for a table without a column of stems.
    """
    header = find_header(sheet, SYNONYMS)
    if header is None or not all(field in header.columns for field in _ESSENTIAL):
        return False
    _read_table(_Table(sheet, header, "", kind), report, section)
    return True


def _tables(sheets: Iterable[Sheet], report: Report) -> list[_Table]:
    tables: list[_Table] = []
    unread: list[Sheet] = []
    for sheet in map(_with_names, sheets):
        header = find_header(sheet, SYNONYMS)
        if not sheet.rows or (header is None and "说明" in sheet.name):
            continue
        if header is None or not all(field in header.columns for field in _ESSENTIAL):
            unread.append(sheet)
        elif not sheet.visible:
            report.problems.append(
                _problem("file", "", "warning", f"隐藏的工作表“{sheet.name}”没有导入", "需要导入时先取消隐藏")
            )
        else:
            tables.append(_Table(sheet, header, f" ({sheet.name})" if tables else ""))
    for sheet in unread:
        if sheet.visible:
            report.problems.append(_no_header(sheet, "warning" if tables else "error"))
    if not tables and not report.errors:
        report.problems.append(
            _problem(
                "file", "", "error", "没有可见的、带表头的工作表", "取消隐藏，并在第一行写上题型、题干、答案等列名"
            )
        )
    return tables


def _with_names(sheet: Sheet) -> Sheet:
    """The sheet with names above its columns, where it has none and every row is number, stem, options and key."""
    width = max((len(row.cells) for row in sheet.rows), default=0)
    if find_header(sheet, SYNONYMS) is not None:
        return sheet
    head = missing_head([[row.cell(column) for column in range(width)] for row in sheet.rows])
    if head is None or not head.columns:
        return sheet
    return replace(sheet, rows=(Row(sheet.rows[0].number - 1, head.columns), *sheet.rows))


def _no_header(sheet: Sheet, severity: Severity) -> Problem:
    header = find_header(sheet, SYNONYMS)
    first = sheet.rows[0]
    shown = "、".join(text for text in first.cells if text)[:60]
    if header is None:
        reason = f"工作表“{sheet.name}”里没有找到表头行（第 {first.number} 行是：{shown}）"
    else:
        reason = f"工作表“{sheet.name}”的表头里没有题干列（找到了：{'、'.join(header.names.values())[:60]}）"
    return _problem(
        f"row {first.number}", "题干", severity, reason, "加一行列名：题型、题干、选项A、选项B…、答案；可先下载模板"
    )


def _read_table(table: _Table, report: Report, section: Section | None = None) -> None:
    header = table.header
    _report_columns(table, report)
    _report_hidden(table, report)
    damaged = _report_cells(table, report)
    section = section or _section_of(table.sheet.name)
    typed = _typed_numbers(header)
    read: list[tuple[RowReader, ImportedItem | None]] = []
    for row in _with_merged(table):
        if row.number in damaged:
            continue  # named already, cell by cell
        filled = [column for column, text in enumerate(row.cells) if text]
        if all(header.names.get(field) == " ".join(row.cell(at).split()) for field, at in header.columns.items()):
            continue  # the header again, on the next printed page
        if len(filled) == 1:
            heading = _heading(row.cells[filled[0]], filled[0] == header.columns.get("type"))
            if heading is not None:
                section = heading
                continue
            if is_page_mark(flattened(row.cells[filled[0]])):
                what = excerpt(row.cells[filled[0]])
                reason = f"“{what}”不是试题，这一行没有导入"
                report.problems.append(
                    _problem(table.ref(row.number), "", "warning", reason, "不需要处理；也可以删去这一行")
                )
                continue
        reader = RowReader(row, table.ref(row.number), header, section, typed.get(row.number, 0))
        read.append((reader, reader.read()))
    _keep(read, report)


def _with_merged(table: _Table) -> tuple[Row, ...]:
    """The rows below the header, in which a cell that is merged over several rows says the same of each of them.

    Only for what several items can share; a stem over several rows is material, and nobody can say whose.
    """
    shared = {table.header.columns[name] for name in _SHARED if name in table.header.columns}
    texts = {row.number: row for row in table.header.body}
    said = {
        (row, column): texts[first].cell(column)
        for first, last, column in table.sheet.merged
        if column in shared and first in texts
        for row in range(first + 1, min(last, first + _MOST_MERGED) + 1)
    }
    if not said:
        return table.header.body
    return tuple(_filled(row, {at: said.get((row.number, at), "") for at in shared}) for row in table.header.body)


def _filled(row: Row, said: Mapping[int, str]) -> Row:
    if not row.cells or not any(said.values()):
        return row
    width = max(len(row.cells), 1 + max(at for at, text in said.items() if text))
    return replace(row, cells=tuple(row.cell(at) or said.get(at, "") for at in range(width)))


def _typed_numbers(header: Header) -> dict[int, int]:
    """Return, by the number of the row, how many of the first characters of its stem are a number typed before it."""
    rows = [row for row in header.body if row.cell(header.columns["stem"])]
    stems = [row.cell(header.columns["stem"]) for row in rows]
    told = [row.cell(header.columns.get("number")) for row in rows]
    lengths = lengths_of_numbers(stems, told)
    return {row.number: length for row, length in zip(rows, lengths, strict=True) if length}


def _keep(read: list[tuple[RowReader, ImportedItem | None]], report: Report) -> None:
    """Put rows into the report, those that are parts (小题) into the case above them."""
    waiting = read[::-1]
    while waiting:
        reader, item = waiting.pop()
        parts = []
        while waiting and waiting[-1][0].text("part"):
            parts.append(waiting.pop())
        if reader.text("part"):
            reader.note("part", "error", "这一行写着小题，上面却没有案例题", "在小题上面加一行案例题，或清空小题列")
            item = None
        elif parts or (item is not None and item.type == "case"):
            item = _case(reader, item, parts)
        for one in (reader, *(part for part, _item in parts)):
            report.problems.extend(one.problems)
        if item is not None:
            report.items.append(item)
        elif reader.unfinished is not None:
            report.unfinished.append(reader.unfinished)


def _case(
    reader: RowReader, item: ImportedItem | None, parts: list[tuple[RowReader, ImportedItem | None]]
) -> ImportedItem | None:
    if item is None or item.type != "case":
        for part, _item in parts:
            part.note("part", "error", "小题上面的一行不是读得出的案例题", "改正上面的案例题，或清空小题列")
        return item
    whole = [part for _reader, part in parts if part is not None]
    scorable = all(part.scorable or part.type == "description" for part in whole)
    case = replace(item, parts=tuple(whole), scorable=scorable)
    if len(whole) < len(parts):
        reader.note("part", "error", "有小题没有读出，整道案例题没有导入", "改正下面的小题")
    else:
        reader.validate(case)
    if any(problem.severity == "error" for problem in reader.problems):
        reader.unfinished = case
        return None
    return case


def _section_of(name: str, points_hundredths: int | None = None) -> Section:
    try:
        return Section(item_type_of(name), points_hundredths)
    except CellError:
        return Section(not_held=name)


def _heading(text: str, in_type_column: bool) -> Section | None:
    """Return the section that a row such as `一、单项选择题（每题2分）` opens, None for any other text.

    A bare 单选题 in the column of types is a row that somebody left unfinished, not a heading.
    """
    match = _HEADING.match(half_width(text))
    if match is None or (in_type_column and not match["number"]):
        return None
    each = _EACH.search(half_width(text))
    try:
        points = points_of(each[1]) if each else None
    except CellError:
        points = None
    section = _section_of(match["title"], points)
    return None if section.item_type is None and not section.not_held else section


def _report_columns(table: _Table, report: Report) -> None:
    ref = table.ref(table.header.last_row)
    for name in table.header.unknown:
        report.problems.append(
            _problem(ref, name, "warning", f"不认识“{name}”这一列，没有导入", "改用模板里的列名；不需要的列可以删去")
        )
    for name in table.header.repeated:
        report.problems.append(
            _problem(ref, name, "warning", f"“{name}”与前面的列重复，没有导入", "合并到前面的列，或改用别的列名")
        )
    # Of a header in two rows, the upper one heads the columns whose cells are merged over both.
    heads = [row for row in table.sheet.rows if table.header.first_row <= row.number <= table.header.last_row]
    above = {column for row in heads for column, text in enumerate(row.cells) if text}
    told: set[int] = set()
    for row in table.header.body:
        for column, text in enumerate(row.cells):
            if text and column not in above and column not in told and len([t for t in row.cells if t]) > 1:
                told.add(column)
                letters = column_letter(column)
                reason = f"{letters} 列没有列名，从第 {row.number} 行起的内容没有导入"
                report.problems.append(
                    _problem(table.ref(row.number), letters, "warning", reason, "补上列名或删去该列")
                )


def _report_hidden(table: _Table, report: Report) -> None:
    rows = [row for row in table.sheet.hidden if row > table.header.last_row]
    if rows:
        told = "、".join(map(str, rows[:10])) + ("等" if len(rows) > 10 else "")
        reason = f"第 {told} 行是隐藏的（共 {len(rows)} 行），也读入了"
        report.problems.append(_problem(table.ref(rows[0]), "", "warning", reason, "不要这些题时，先删去这些行"))


def _report_cells(table: _Table, report: Report) -> set[int]:
    """List the doubtful cells below the header; return the rows that they make unusable."""
    used = set(table.header.columns.values())
    damaged: set[int] = set()
    for cell in table.sheet.problems:
        floating = cell.reason == PICTURE_LOST  # over whatever column, it belongs to the item of its row
        if cell.row <= table.header.last_row or (cell.column not in used and not floating):
            continue
        if cell.column == table.header.columns.get("number"):
            continue
        severity: Severity = "error" if cell.severity == "error" else "warning"
        name = table.header.name_of(cell.column)
        report.problems.append(_problem(table.ref(cell.row), name, severity, cell.reason, cell.mend))
        if severity == "error":
            damaged.add(cell.row)
    return damaged


def _problem(ref: str, column: str, severity: Severity, reason: str, mend: str) -> Problem:
    return Problem(ref, column, severity, reason, mend)
