"""Rich text and pictures that a file brings: what of them can be kept, and what is said of the rest. Pure."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from question_bank.formats.html_text import says_more
from question_bank.formats.report import ImportedItem, ImportedMedia, Problem
from question_bank.images.rules import NotAPicture, kind_of
from question_bank.items.rich_content import cleaned, htmls_in, pictures_of
from question_bank.rich_text import clean


@dataclass(frozen=True, slots=True)
class Brought:
    """The content as it may be stored, the pictures that it shows, and a warning for everything that was lost; `files` are
    names and SHA-256 of the pictures."""

    content: dict[str, Any]
    pictures: tuple[bytes, ...]
    problems: tuple[Problem, ...]
    files: tuple[tuple[str, str], ...]


@dataclass(slots=True)
class _Files:
    """The pictures of an item and its parts under way: each part may call another picture by the same name."""

    ref: str
    data: dict[str, bytes] = field(default_factory=dict)  # by digest
    named: list[tuple[str, str]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def take(self, media: Sequence[ImportedMedia]) -> dict[str, str]:
        """Return name -> SHA-256 of the files that are pictures; the others are named."""
        digests: dict[str, str] = {}
        for file in media:
            try:
                kind_of(file.data)
            except NotAPicture as problem:
                reason, _end, mend = str(problem).rstrip("。").partition("，请")
                self.warn(f"“{file.name}”没有导入：{reason}", f"请{mend}")
                continue
            digests[file.name] = hashlib.sha256(file.data).hexdigest()
            self.data[digests[file.name]] = file.data
            self.named.append((file.name, digests[file.name]))
        return digests

    def warn(self, reason: str, mend: str) -> None:
        """Say what was lost."""
        self.problems.append(Problem(self.ref, "", "warning", reason, mend))


def brought(item: ImportedItem) -> Brought:
    """Return what of an item's rich text and pictures is kept."""
    files = _Files(item.ref)
    raw = item.content_json()
    own = files.take(item.media)
    content = cleaned({name: value for name, value in raw.items() if name != "parts"}, own)
    kept = _how_many(content)
    said_more = _saying_more({name: value for name, value in raw.items() if name != "parts"}, own)
    if "parts" in raw:
        content["parts"] = []
        for part, stated in zip(item.parts, raw["parts"], strict=True):
            names = own | files.take(part.media)
            content["parts"].append({**stated, "content": cleaned(stated["content"], names)})
            kept += _how_many(content["parts"][-1])
            said_more += _saying_more(stated, names)
    if said_more > kept:
        reason = "格式（加粗、表格、图片等）没有全部保留：公式是 MathML，或空的个数与文字不同"
        files.warn(reason, "导入后请核对，必要时在页面上补上格式")
    shown = pictures_of(content, "") & set(files.data)
    for name in dict.fromkeys(name for name, digest in files.named if digest not in shown):
        files.warn(f"图片“{name}”没有出现在题干或选项里，没有导入", "需要时导入后在页面上插入")
    pictures = tuple(files.data[digest] for digest in sorted(shown))
    named = tuple(dict.fromkeys((name, digest) for name, digest in files.named if digest in shown))
    return Brought(content, pictures, tuple(files.problems), named)


def _how_many(content: Mapping[str, Any]) -> int:
    return len(list(htmls_in(content)))


def _saying_more(raw: Mapping[str, Any], names: Mapping[str, str]) -> int:
    return sum(says_more(clean(html, names)) for html in htmls_in(raw))
