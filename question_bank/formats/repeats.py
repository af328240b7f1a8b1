"""Items of one file that say what an earlier one says, and those that say it with another key."""

from collections.abc import Iterator, Mapping
from typing import Any

from question_bank.duplicates import Entry, find_duplicates, normal_form
from question_bank.formats.report import Duplicate, ImportedItem, Problem, Report


def note_repeats(report: Report) -> None:
    """Add to a report its duplicates, and a warning where items that are the same have different keys."""
    entries = [Entry(item.ref, item.stem, item.texts()) for item in report.items]
    by_ref = {item.ref: item for item in report.items}
    for match in find_duplicates(entries):
        report.duplicates.append(Duplicate(match.ref, match.of, match.similarity))
        item, earlier = by_ref[match.ref], by_ref[match.of]
        if match.similarity == 1 and item.type == earlier.type and set(_answers(item)) != set(_answers(earlier)):
            reason = f"与 {match.of} 的题干和选项相同，答案却不同"
            report.problems.append(Problem(item.ref, "答案", "warning", reason, "核对两题的答案，删去错的一题"))


def _answers(item: ImportedItem) -> Iterator[str]:
    texts = {option.label: option.text for option in item.options}
    for part in item.key:
        yield normal_form(texts.get(part, part)) if isinstance(part, str) else "/".join(sorted(_said(part)))


def _said(part: Any) -> Iterator[str]:
    """What an answer that is more than a text says: accepted texts, the sides of a pair, the bounds of a number."""
    if isinstance(part, Mapping):
        yield from (f"{name}={value}" for name, value in part.items())
    elif isinstance(part, str):
        yield normal_form(part)
    else:
        for smaller in part:
            yield from _said(smaller)
