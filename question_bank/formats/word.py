"""Items from Word documents. Which paragraphs count as `paragraph N` stands in word_file."""

from pathlib import Path

from question_bank.formats.documents import read_document
from question_bank.formats.report import Report


def read_items(source: Path | str | bytes, filename: str) -> Report:
    """Return everything that a Word document says. Never raises for what is in the file."""
    return read_document("word", source, filename)
