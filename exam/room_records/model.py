"""The record of a room as data: what is printed, and the digest that is printed with it. Pure."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import rfc8785


@dataclass(frozen=True)
class Column:
    """One column; ``share`` of the line in percent, the rest being divided among columns that name none."""

    title: str
    share: int = 0


@dataclass(frozen=True)
class Section:
    """One table with its title; ``empty`` is said where it has no rows."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    empty: str = "无。"


@dataclass(frozen=True)
class RoomRecord:
    """考场记录表. ``finished`` false: it was printed while somebody could still be writing, and says so."""

    heading: str
    finished: bool
    facts: Sequence[tuple[str, str]]
    sections: Sequence[Section]

    @property
    def digest(self) -> str:
        """SHA-256 over the RFC 8785 form of everything that the record tells."""
        content: Any = {
            "v": 1,
            "sheet": self.heading,
            "finished": self.finished,
            "facts": [list(fact) for fact in self.facts],
            "sections": [
                {
                    "title": one.title,
                    "columns": [column.title for column in one.columns],
                    "rows": [list(row) for row in one.rows],
                }
                for one in self.sections
            ],
        }
        return hashlib.sha256(rfc8785.dumps(content)).hexdigest()
