"""Rich text and pictures that a file brings: what of them can be kept, and what is said of the rest. Pure."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from question_bank.formats.html_text import says_more
from question_bank.formats.report import ImportedItem, ImportedMedia, Problem
from question_bank.images.rules import NotAPicture, kind_of
from question_bank.items.rich_content import cleaned, htmls_in, pictures_of
from question_bank.rich_text import clean


@dataclass(frozen=True, slots=True)
class Brought:
    """The content as it may be stored, the pictures that it shows, and a warning for everything that was lost."""

    content: dict[str, Any]
    pictures: tuple[bytes, ...]
    problems: tuple[Problem, ...]


def brought(item: ImportedItem) -> Brought:
    """Return what of an item's rich text and pictures is kept."""
    problems: list[Problem] = []
    digests: dict[str, str] = {}
    data: dict[str, bytes] = {}
    for file in _media_of(item):
        try:
            kind_of(file.data)
        except NotAPicture as problem:
            reason, _end, mend = str(problem).rstrip("。").partition("，请")
            problems.append(Problem(item.ref, "", "warning", f"“{file.name}”没有导入：{reason}", f"请{mend}"))
            continue
        digests[file.name] = hashlib.sha256(file.data).hexdigest()
        data[digests[file.name]] = file.data
    raw = item.content_json()
    content = cleaned(raw, digests)
    said_more = sum(says_more(clean(html, digests)) for html in htmls_in(raw))
    if said_more > len(list(htmls_in(content))):
        reason = "格式（加粗、表格、图片等）没有全部保留：公式是 MathML，或空的个数与文字不同"
        problems.append(Problem(item.ref, "", "warning", reason, "导入后请核对，必要时在页面上补上格式"))
    shown = pictures_of(content, "")
    return Brought(content, tuple(data[digest] for digest in sorted(shown & set(data))), tuple(problems))


def _media_of(item: ImportedItem) -> Iterator[ImportedMedia]:
    yield from item.media
    for part in item.parts:
        yield from _media_of(part)
