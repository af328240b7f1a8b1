"""Items from plain text, `line N` being the N-th line as editors number them."""

from pathlib import Path

from question_bank.formats.documents import read_document
from question_bank.formats.report import Report


def read_items(source: Path | str | bytes, filename: str) -> Report:
    """Return everything that a plain text says. Never raises for what is in the file."""
    return read_document("text", source, filename)
