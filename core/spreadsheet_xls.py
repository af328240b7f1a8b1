"""The sheets of an old workbook (.xls, Excel 5 to 2003) by xlrd: their values, and how the cells show them.

Used by the child process that reads a spreadsheet. What calamine makes of .xls files is not enough: it tells no number formats, and of
files before Excel 97 it reads Chinese texts as noise.
"""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import time, timedelta
from typing import Any

import xlrd

from core.spreadsheet_marks import BUILT_IN, Marks, kind_of_format

_DURATION = re.compile(r"\[[hms]+\]", re.IGNORECASE)
_EMPTY = (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK, xlrd.XL_CELL_ERROR)


class Locked(Exception):
    """The workbook has a password."""


class Damaged(Exception):
    """The workbook cannot be followed to its end."""


@dataclass(frozen=True, slots=True)
class OldSheet:
    """One sheet: its rows from the top, each from the first column on, with values as Python has them; its merged ranges as
    ((first row, first column), (last row, last column)) from 0."""

    name: str
    visible: bool
    rows: list[list[Any]]
    marks: Marks
    merged: list[tuple[tuple[int, int], tuple[int, int]]]


def old_sheets(path: str) -> list[OldSheet]:
    """Return the worksheets of an .xls file. Raises Locked or Damaged."""
    try:
        # What xlrd says while it reads goes nowhere: the output of this process is its answer. Without ragged rows, one
        # cell in the farthest corner would fill the sheet.
        with xlrd.open_workbook(
            path, logfile=io.StringIO(), formatting_info=True, ragged_rows=True, ignore_workbook_corruption=True
        ) as book:
            styles = _Styles(book)
            return [styles.sheet(sheet) for sheet in book.sheets()]
    except Exception as fault:  # xlrd fails on damaged files in any way at all
        raise (Locked if "encrypted" in str(fault) else Damaged) from fault


class _Styles:
    """What the styles of a book make of the numbers in its cells."""

    def __init__(self, book: Any) -> None:
        self.datemode: int = book.datemode
        formats = {key: each.format_str or "" for key, each in book.format_map.items()}
        self.codes: list[str] = [formats.get(style.format_key, "") for style in book.xf_list]
        self.kinds = [
            kind_of_format(code) or BUILT_IN.get(style.format_key, "")
            for code, style in zip(self.codes, book.xf_list, strict=True)
        ]

    def sheet(self, sheet: Any) -> OldSheet:
        marks = Marks(hidden={row + 1 for row, shown in sheet.rowinfo_map.items() if shown.hidden})
        rows = [list(self._row(sheet, row, marks)) for row in range(sheet.nrows)]
        merged = [((top, left), (end - 1, right - 1)) for top, end, left, right in sheet.merged_cells]
        return OldSheet(sheet.name, sheet.visibility == 0, rows, marks, merged)

    def _row(self, sheet: Any, row: int, marks: Marks) -> Iterator[Any]:
        for column, (kind, value) in enumerate(zip(sheet.row_types(row), sheet.row_values(row), strict=True)):
            if kind in (xlrd.XL_CELL_NUMBER, xlrd.XL_CELL_DATE):
                style = sheet.cell_xf_index(row, column)
                if self.kinds[style]:
                    marks.cells[row + 1, column] = self.kinds[style]
                yield self._moment(value, self.codes[style]) if kind == xlrd.XL_CELL_DATE else value
                continue
            if kind == xlrd.XL_CELL_ERROR:
                marks.cells[row + 1, column] = "error"
            yield "" if kind in _EMPTY else bool(value) if kind == xlrd.XL_CELL_BOOLEAN else value

    def _moment(self, value: float, code: str) -> Any:
        """Return a number that is shown as a moment: a date, a time, both, or a duration; the number where it is none."""
        if value < 0:
            return value  # Excel shows none
        try:
            if _DURATION.search(code):
                return timedelta(days=value)
            moment = xlrd.xldate.xldate_as_datetime(value, self.datemode)
        except (ValueError, OverflowError):
            return value
        if value < 1:
            return moment.time()
        return moment.date() if moment.time() == time() else moment
