"""Reports on their way out of the process that read the file, and kept until a person has reviewed them.

One line of JSON for the report, then one for each item: neither side ever holds the whole of it as text.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import IO, Any

from pydantic import ConfigDict, TypeAdapter

from question_bank.formats.report import Duplicate, ImportedItem, Problem, Report

# Exactly our own shapes: what the reading process was made to write by a hostile file is not believed.
_EXACT = ConfigDict(strict=True, extra="forbid", ser_json_bytes="base64", val_json_bytes="base64")
_HEAD: TypeAdapter[tuple[str, list[Problem], list[Duplicate], int, int]] = TypeAdapter(
    tuple[str, list[Problem], list[Duplicate], int, int], config=_EXACT
)
_ITEM: TypeAdapter[tuple[ImportedItem]] = TypeAdapter(tuple[ImportedItem], config=_EXACT)


def send(report: Report, stream: IO[bytes]) -> None:
    """Write a report with all its items and their files."""
    stream.writelines(_lines(report))


def _lines(report: Report) -> Iterator[bytes]:
    head = (report.format, report.problems, report.duplicates, len(report.items), len(report.unfinished))
    yield _HEAD.dump_json(head) + b"\n"
    for item in (*report.items, *report.unfinished):
        yield _ITEM.dump_json((item,)) + b"\n"


def digest_of(report: Report) -> str:
    """SHA-256 (hex) of everything that a report says: two readings of a file agree, or differ somewhere."""
    digest = hashlib.sha256()
    for line in _lines(report):
        digest.update(line)
    return digest.hexdigest()


def receive(lines: Iterable[bytes]) -> Report:
    """Return the report that ``send`` wrote. Raises ValueError for anything else."""
    following = iter(lines)
    format_name, problems, duplicates, count, unfinished = _HEAD.validate_json(next(following, b""))
    items = [with_tuples(_ITEM.validate_json(line)[0]) for line in following]
    if len(items) != count + unfinished:
        raise ValueError("the report ends before its last item")
    return Report(format_name, items[:count], problems, duplicates, items[count:])


def with_tuples(item: ImportedItem) -> ImportedItem:
    """Return an item that came out of JSON with its key in tuples again."""
    parts = tuple(with_tuples(part) for part in item.parts)
    return replace(item, key=_as_tuples(item.key), parts=parts)


def _as_tuples(value: Any) -> Any:
    return tuple(_as_tuples(part) for part in value) if isinstance(value, list | tuple) else value
