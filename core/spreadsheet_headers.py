"""Finding the header row of a sheet, whatever stands above it and in whatever order its columns are."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from core.spreadsheets import Row, Sheet

_SEARCHED_ROWS = 30
_BRACKETED = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_DECORATION = re.compile(r"[\s*:;,.、。()\[\]【】<>《》\"'“”_-]")


@dataclass(frozen=True, slots=True)
class Header:
    """Where each field stands. `names` gives the words of the file for a field, `unknown` the columns nobody asked for,
    `repeated` the further columns of a field that was already found; `body` the rows below."""

    columns: Mapping[str, int]
    names: Mapping[str, str]
    unknown: tuple[str, ...]
    repeated: tuple[str, ...]
    last_row: int
    body: tuple[Row, ...]
    first_row: int = 0  # of a header in two rows the upper one

    def name_of(self, column: int) -> str:
        """Return the words that stand above a column counted from 0, or its Excel letter."""
        for field, at in self.columns.items():
            if at == column:
                return self.names[field]
        return column_letter(column)


def find_header(sheet: Sheet, synonyms: Mapping[str, Iterable[str]], at_least: int = 2) -> Header | None:
    """Return the header among the first rows: the row, or pair of rows, that names most fields; None below `at_least`.

    `synonyms` gives for each field the words that may head its column; spaces, brackets, case, full or half width and
    marks such as （必填） or * make no difference.
    """
    known = {_plain(word): field for field, words in synonyms.items() for word in words}
    best: Header | None = None
    for index, row in enumerate(sheet.rows[:_SEARCHED_ROWS]):
        found = _header(sheet, index, index, row.cells, known)
        if len(found.columns) >= at_least and (best is None or len(found.columns) > len(best.columns)):
            best = found
        below = sheet.rows[index + 1] if index + 1 < len(sheet.rows) else None
        if found.columns and below and below.number == row.number + 1:
            # A heading such as 选项 over A, B, C, D: the lower words where there are any.
            width = max(len(row.cells), len(below.cells))
            joined = tuple(below.cell(column) or row.cell(column) for column in range(width))
            pair = _header(sheet, index, index + 1, joined, known)
            if len(pair.columns) >= at_least and (best is None or len(pair.columns) > len(best.columns) + 1):
                best = pair
    return best


def column_letter(column: int) -> str:
    """Return the letters that Excel shows above a column counted from 0: 0 is A, 26 is AA."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _header(sheet: Sheet, first: int, last: int, cells: tuple[str, ...], known: Mapping[str, str]) -> Header:
    columns: dict[str, int] = {}
    names: dict[str, str] = {}
    unknown: list[str] = []
    repeated: list[str] = []
    for column, text in enumerate(cells):
        if not text:
            continue
        field = known.get(_plain(text)) or known.get(_plain(_BRACKETED.sub("", unicodedata.normalize("NFKC", text))))
        if field is None:
            unknown.append(text)
        elif field in columns:
            repeated.append(text)
        else:
            columns[field] = column
            names[field] = " ".join(text.split())
    row = sheet.rows[last]
    above = sheet.rows[first].number
    return Header(columns, names, tuple(unknown), tuple(repeated), row.number, sheet.rows[last + 1 :], above)


def _plain(text: str) -> str:
    return _DECORATION.sub("", unicodedata.normalize("NFKC", text)).lower()
