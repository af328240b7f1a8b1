"""Items as Aiken, which holds single choices and nothing beside stem, options and key. Each is read back before it counts as written."""

from collections.abc import Sequence

from question_bank.formats.aiken import read_items
from question_bank.formats.read_back import NotHeld, canonical, written_whole
from question_bank.formats.report import ImportedItem, Problem


def write_items(items: Sequence[ImportedItem]) -> tuple[bytes, list[Problem]]:
    """Return an Aiken file with the items, and what it could not hold, item by item."""
    chunks, problems = written_whole(items, _rendered, lambda chunk: read_items(chunk.encode(), ""), "Aiken")
    return "\n".join(chunks).encode(), problems


def _rendered(original: ImportedItem) -> str:
    item = canonical(original)
    if item.type != "single_choice":
        raise NotHeld("Aiken 只有单选题")
    if len(item.key) != 1:
        raise NotHeld("Aiken 的单选题要有且只有一个正确选项")
    lines = [_line(item.stem), *(f"{option.label}) {_line(option.text)}" for option in item.options)]
    return "\n".join([*lines, f"ANSWER: {item.key[0]}", ""])


def _line(text: str) -> str:
    return " ".join(text.split("\n"))
