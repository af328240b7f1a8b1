"""The formats in which items go out. A writer is a module with `write_items(items) -> (bytes, problems)`.

What a format cannot hold is a problem of severity `warning` at the item's ref; an item that it cannot hold at all is an `error` and is
not written.
"""

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import NamedTuple

from question_bank.formats.report import ImportedItem, Problem


class Writer(NamedTuple):
    """The module that writes a format, and the suffix of its files."""

    module: str
    suffix: str


WRITERS: Mapping[str, Writer] = {
    "excel": Writer("question_bank.formats.excel_export", ".xlsx"),
    "word": Writer("question_bank.formats.word_writing", ".docx"),
    "aiken": Writer("question_bank.formats.aiken_writing", ".txt"),
    "gift": Writer("question_bank.formats.gift_writing", ".gift"),
    "moodle-xml": Writer("question_bank.formats.moodle_xml_writing", ".xml"),
    "qti": Writer("question_bank.formats.qti.writing", ".zip"),
}


class UnknownWriter(ValueError):
    """A format in which nothing can be written; the message is one Chinese sentence."""


def write_items(format_name: str, items: Sequence[ImportedItem]) -> tuple[bytes, list[Problem]]:
    """Return a file with the items, and what it could not hold. Raises UnknownWriter."""
    if format_name not in WRITERS:
        raise UnknownWriter(f"不能导出为“{format_name}”，可用：{'、'.join(WRITERS)}。")
    written: tuple[bytes, list[Problem]] = import_module(WRITERS[format_name].module).write_items(items)
    return written
