"""A table saved as plain text: a line of headings, and below it cells divided by tabs or commas. Pure."""

import csv
import io
from collections.abc import Iterator

from core.spreadsheet_headers import find_header
from core.spreadsheets import Row, Sheet
from question_bank.formats.excel import SYNONYMS
from question_bank.formats.layout_lines import clean
from question_bank.formats.table_heads import missing_head

_MANY_CELLS = 3
_SENTENCE = 6
_LEAST_COLUMNS = {"\t": 2, ",": 3}


def table_in(text: str) -> Sheet | None:
    """Return the table that a text is, each row numbered by its line; None for any other text.

    Its first line is a line of headings, or every row fits number, stem, options and key.
    """
    first = next((line for line in text.split("\n") if line.strip()), "")
    for mark, least in _LEAST_COLUMNS.items():
        cells = _cells(first.split(mark))
        header = find_header(Sheet("", True, (Row(1, cells),)), SYNONYMS, least) if len(cells) >= least else None
        if (
            header is not None
            and "stem" in header.columns
            and 2 * len(header.columns) >= len(list(filter(None, cells)))
        ):
            return Sheet("", True, tuple(_rows(text, mark)))
        if len(cells) >= _MANY_CELLS and cells[0].strip(".、").isdecimal():
            rows = tuple(_rows(text, mark))
            width = max(len(row.cells) for row in rows)
            head = missing_head([[row.cell(column) for column in range(width)] for row in rows])
            if head is not None and head.columns:
                return Sheet("", True, (Row(rows[0].number - 1, head.columns), *rows))
    return None


def is_table_without_head(text: str) -> bool:
    """Whether the lines of a text are rows of several cells divided by tabs, in most of which stands a sentence."""
    rows = [line.split("\t") for line in text.split("\n") if line.strip()]
    like = sum(len(row) > _MANY_CELLS and max(len(cell.strip()) for cell in row) >= _SENTENCE for row in rows)
    return like > 0 and like * 5 >= len(rows) * 4


def _rows(text: str, mark: str) -> Iterator[Row]:
    """The rows that are not empty; a cell in quotes may hold line ends, where every quote has its fellow."""
    try:
        read = list(_quoted(text, mark))
    except csv.Error:
        read = [(number, line.split(mark)) for number, line in enumerate(text.split("\n"), 1)]
    for number, row in read:
        cells = _cells(row)
        if any(cells):
            yield Row(number, cells)


def _quoted(text: str, mark: str) -> Iterator[tuple[int, list[str]]]:
    csv.field_size_limit(2**31 - 1)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True)
    begun = 1
    for row in reader:
        yield begun, row
        begun = reader.line_num + 1


def _cells(row: list[str]) -> tuple[str, ...]:
    return tuple(clean(cell)[0].strip() for cell in row)
