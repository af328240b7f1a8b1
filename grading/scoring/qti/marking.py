"""Marks many responses to the items of one QTI file, in a process of its own: see core.bounded.

What goes in is one stream: the length of the entries as eight bytes, the entries as JSON, the file. What comes out is
one JSON list.
"""

import json
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

from pydantic import ConfigDict, TypeAdapter

from core.archives import UnreadableFile
from core.bounded import Bounds, opened, run_bounded
from core.exact import excerpt
from grading.scoring.qti.scoring import mark
from question_bank.formats.qti.documents import children
from question_bank.formats.qti.package import QtiItem, open_package

_BOUNDS = Bounds(memory=800 * 1024 * 1024, seconds=60, patience=120)
_TOO_MUCH = "评分规则过于复杂，在限定的时间和内存内没有算完；请检查题目的 responseProcessing。"
_MARKS: TypeAdapter[list[dict[str, Any]]] = TypeAdapter(list[dict[str, Any]], config=ConfigDict(strict=True))
_HEAD = 8


def mark_all(file: Path, entries: Sequence[tuple[str, object]]) -> list[dict[str, Any]]:
    """Return the marks of ``(ref, response)`` in their order, as the published interface states them."""
    if not entries:
        return []
    try:
        with opened(file) as source, tempfile.TemporaryFile() as stream:
            told = json.dumps(list(entries)).encode()
            stream.write(len(told).to_bytes(_HEAD, "big") + told)
            shutil.copyfileobj(source, stream)
            stream.seek(0)
            with run_bounded("grading.scoring.qti.marking", stream, [], _BOUNDS, _TOO_MUCH) as answer:
                return _MARKS.validate_json(answer.read())
    except UnreadableFile as refusal:
        return [{"ref": ref, "score": None, "reason": refusal.message} for ref, _response in entries]


def main(path: str, arguments: list[str], output: IO[bytes]) -> None:
    """Write the marks of the entries that the stream begins with."""
    data = Path(path).read_bytes()
    end = _HEAD + int.from_bytes(data[:_HEAD], "big")
    entries = json.loads(data[_HEAD:end])
    output.write(json.dumps(mark_entries(data[end:], entries), ensure_ascii=False).encode())


def mark_entries(data: bytes, entries: Sequence[Sequence[Any]]) -> list[dict[str, Any]]:
    """Return the marks of ``[ref, response]`` for a file given as bytes. Never raises for what is in them."""
    try:
        items = {item.identifier: item for item in reversed(open_package(data).items)}
    except UnreadableFile as refusal:
        return [{"ref": ref, "score": None, "reason": refusal.message} for ref, _response in entries]
    return [_mark(items, ref, response) for ref, response in entries]


def _mark(items: dict[str, QtiItem], ref: str, response: object) -> dict[str, Any]:
    item = items.get(ref)
    if item is None:
        return {"ref": ref, "score": None, "reason": _why_missing(items, ref)}
    return mark(item, response).as_json(ref)


def _why_missing(items: dict[str, QtiItem], ref: str) -> str:
    owners = [
        item.identifier
        for item in items.values()
        if any(each.get("identifier") == ref for each in children(item.root, "responseDeclaration"))
    ]
    if owners:
        shown = excerpt(ref)
        return (
            f"“{shown}”是试题“{excerpt(owners[0])}”里一小题的作答；QTI 试题按它自己的规则整题评分，"
            f'请把 ref 写作试题的标识符，作答写作 {{"{shown}": …}}。'
        )
    return f"文件中没有标识符为“{excerpt(ref)}”的试题，请用 bank import --json 核对 ref。"
