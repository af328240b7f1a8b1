"""Safe reading of the spreadsheets that people bring: .xlsx, .xls, .csv.

Every file is checked before it is parsed (true type against its suffix, size, what it unpacks to, macros, password) and
parsed in a child process with a bound on memory and time: whatever is inside, the answer comes within seconds.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from core.archives import UnreadableFile as UnreadableFile
from core.bounded import Bounds, opened, run_bounded
from core.spreadsheet_checks import Limits as Limits
from core.spreadsheet_checks import checked_kind
from core.spreadsheet_writing import write_sheet as write_sheet

_TOO_MUCH = (
    "文件过大或已损坏，在限定的时间和内存内无法读完；请删除多余的空白行列、图片和格式，"
    "用 Excel 或 WPS 另存为 .xlsx 后重新上传。"
)
PICTURE_LOST = "这里有图片，表格里的图片不能导入"
DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class CellProblem:
    """One doubtful cell: its row as Excel numbers it, its column from 0, what is wrong and how to mend it, in Chinese."""

    row: int
    column: int
    severity: str
    reason: str
    mend: str


@dataclass(frozen=True, slots=True)
class Row:
    """One row that is not empty: its number as Excel shows it, and its cells as text without surrounding space."""

    number: int
    cells: tuple[str, ...]

    def cell(self, column: int | None) -> str:
        """Return the text in a column counted from 0, empty where the row is shorter or the column is None."""
        return self.cells[column] if column is not None and column < len(self.cells) else ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One worksheet: the rows that are not empty, the problems of single cells, which of the rows are hidden, and which cells
    of one column (from 0) are merged: first row, last row, column."""

    name: str
    visible: bool
    rows: tuple[Row, ...]
    problems: tuple[CellProblem, ...] = ()
    hidden: tuple[int, ...] = ()
    merged: tuple[tuple[int, int, int], ...] = ()


def read_sheets(source: Path | str | bytes, filename: str, limits: Limits = DEFAULT_LIMITS) -> list[Sheet]:
    """Return every worksheet of a file, hidden ones included (`visible` False), in their order.

    `source` is a path or the bytes themselves; `filename` is the name that the person gave it. Raises UnreadableFile.
    """
    with opened(source) as stream:
        kind = checked_kind(stream, filename, limits)
        answer = _read(stream, kind, limits)
    if "refused" in answer:
        raise UnreadableFile(answer["refused"])
    sheets = [_sheet(entry) for entry in answer["sheets"]]
    if not any(sheet.rows for sheet in sheets):
        raise UnreadableFile("表格是空的，没有任何内容；请检查是否选错了文件。")
    return sheets


def read_sheet(source: Path | str | bytes, filename: str, limits: Limits = DEFAULT_LIMITS) -> Sheet:
    """Return the first visible worksheet that is not empty. Raises UnreadableFile."""
    sheets = [sheet for sheet in read_sheets(source, filename, limits) if sheet.rows]
    return next((sheet for sheet in sheets if sheet.visible), sheets[0])


def _read(stream: IO[bytes], kind: str, limits: Limits) -> dict[str, Any]:
    bounds = Bounds(memory=limits.memory, seconds=limits.seconds, patience=limits.seconds * 3)
    arguments = [json.dumps(asdict(limits) | {"kind": kind})]
    with run_bounded("core.spreadsheet_child", stream, arguments, bounds, _TOO_MUCH) as told:
        answer: dict[str, Any] = json.load(told)
    return answer


def _sheet(entry: Mapping[str, Any]) -> Sheet:
    rows = tuple(Row(number, tuple(cells)) for number, cells in entry["rows"])
    problems = tuple(_cell_problem(*problem) for problem in entry["problems"])
    merged = tuple((first, last, column) for first, last, column in entry["merged"])
    return Sheet(entry["name"], entry["visible"], rows, problems, tuple(entry["hidden"]), merged)


def _cell_problem(row: int, column: int, code: str, value: str) -> CellProblem:
    if code == "digits":
        reason = f"长号码以数字形式保存，末尾几位已丢失（现为 {value}）"
        return CellProblem(row, column, "error", reason, "把该列设为“文本”格式后重新输入号码")
    if code == "scientific":
        reason = f"号码被存成了科学计数 {value}，原来的数字已丢失"
        return CellProblem(row, column, "error", reason, "把该列设为“文本”格式后重新输入号码")
    if code == "long":
        reason = f"单元格有 {value} 个字，超出部分没有读取"
        return CellProblem(row, column, "error", reason, "缩短内容或拆成几格")
    if code == "error":
        return CellProblem(row, column, "error", "公式的结果是错误值（如 #N/A）", "改正公式，或直接填写内容")
    if code == "formula":
        return CellProblem(row, column, "error", "公式没有保存计算结果", "用 Excel 或 WPS 打开并保存，或改填数值")
    if code == "picture":
        return CellProblem(row, column, "warning", PICTURE_LOST, "导入后在这道题的编辑页上传图片，或改用 Word 文件导入")
    return CellProblem(row, column, "warning", "含有不可见的控制字符，已去掉", "核对该格内容")
