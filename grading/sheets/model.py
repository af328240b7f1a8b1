"""A sheet as data, the same for the spreadsheet and for print, with the digest that both carry. Pure."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

import rfc8785

Cell = str | int | Decimal | None
Kind = Literal["text", "wrap", "center", "mark", "exact"]


@dataclass(frozen=True)
class Column:
    """One column. ``mark``: hundredths with two decimals; ``exact``: an unrounded number (or a fraction as text);
    ``wrap``: long text. ``width`` in characters for the spreadsheet, ``share`` of the line in print (percent)."""

    title: str
    kind: Kind = "text"
    width: int = 12
    share: int = 10


@dataclass(frozen=True)
class Line:
    """One row; ``detail`` (the arithmetic) stands under it in print and in a last column in the spreadsheet."""

    cells: tuple[Cell, ...]
    detail: str = ""


@dataclass(frozen=True)
class Sheet:
    """One table with what stands above and below it."""

    name: str
    heading: str
    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    facts: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    signatures: tuple[str, ...] = ()
    empty: str = ""  # what to say where there are no lines

    @property
    def digest(self) -> str:
        """SHA-256 over the RFC 8785 form of headings, facts, notes and every cell as text."""
        content: Any = {
            "v": 1,
            "sheet": self.heading,
            "facts": [list(fact) for fact in self.facts],
            "notes": list(self.notes),
            "columns": [column.title for column in self.columns],
            "rows": [
                [as_text(cell, self.columns[number]) for number, cell in enumerate(line.cells)] for line in self.lines
            ],
            "details": [line.detail for line in self.lines],
        }
        return hashlib.sha256(rfc8785.dumps(content)).hexdigest()


@dataclass(frozen=True)
class Document:
    """One file: one sheet, or one for each panel. ``code`` names it in addresses, ``name`` for people."""

    code: str
    name: str
    sheets: tuple[Sheet, ...]

    @property
    def digest(self) -> str:
        """The sheet's digest; of several, the digest of theirs."""
        if len(self.sheets) == 1:
            return self.sheets[0].digest
        return hashlib.sha256("\n".join(sheet.digest for sheet in self.sheets).encode()).hexdigest()


@dataclass(frozen=True)
class Stamp:
    """What vouches for a printed sheet: when it was made and the head of the audit chain then."""

    generated: str
    audit_head: str
    organisation: str = ""
    demonstration: bool = field(default=False)


def as_text(cell: Cell, column: Column) -> str:
    """A cell as printed: marks with two decimals, nothing as an empty text."""
    if cell is None:
        return ""
    if isinstance(cell, Decimal):
        return f"{cell:.2f}" if column.kind == "mark" else f"{cell:f}"
    return str(cell)


def total_rows(sheets: Sequence[Sheet]) -> int:
    """How many rows there are in all."""
    return sum(len(sheet.lines) for sheet in sheets)
