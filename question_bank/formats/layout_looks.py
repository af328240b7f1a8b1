"""How the words of a document look, brought to the items that hold them: bold, italic, underlined, raised and lowered words,
and the dots of emphasis (着重号), as rich text. Pure.

The words of an item are cut and joined before they are its stem or an option, so a stretch is found again by its text and
by what stands around it. What covers a whole stem or option is how the paper looks, or marks the key, and is not kept.
"""

import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from question_bank.formats.layout_lines import Line, Look
from question_bank.formats.report import ImportedItem

_AROUND = 8
_MARK = re.compile(r"^\s*(?:[(（]?[A-Za-z0-9]{1,3}[)）.．、:：]\s*|[①-⑳]\s*)")
_WORD = re.compile(r"\w")
# The elements from the outside in.
_ORDER = ("strong", "i", "em", "u", "s", "sub", "sup")


class _Place(NamedTuple):
    target: int
    start: int
    end: int
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Found:
    around: int
    target: int
    start: int


def with_looks(item: ImportedItem, lines: Iterable[Line]) -> ImportedItem:
    """Return the item with `html` where its lines show words otherwise than the rest of a stem or an option."""
    looks = [look for line in lines for look in line.looks]
    if not looks:
        return item
    texts = [text for one in (item, *item.parts) for text in (one.stem, *(option.text for option in one.options))]
    places = [place for look in looks if (place := _placed(look, texts)) is not None]
    shown = iter([_shown(text, [p for p in places if p.target == number]) for number, text in enumerate(texts)])
    whole = _with_shown(item, shown)
    return replace(whole, parts=tuple(_with_shown(part, shown) for part in item.parts))


def _with_shown(item: ImportedItem, shown: Iterable[str]) -> ImportedItem:
    following = iter(shown)
    stem = next(following)
    options = tuple(replace(option, html=next(following)) for option in item.options)
    return replace(item, html=stem, options=options)


def _placed(look: Look, texts: Sequence[str]) -> _Place | None:
    """Where a stretch stands: where most of what is around it agrees, none where nothing does."""
    for words in dict.fromkeys((look.text.strip(), _MARK.sub("", look.text).strip())):
        found = [
            _Found(_agreeing(look, text, at, at + len(words)), number, at)
            for number, text in enumerate(texts)
            for at in _everywhere(words, text)
        ]
        if found:
            best = max(found, key=lambda one: one.around)
            if best.around > 0 or (len(found) == 1 and len(words) > 3):
                return _Place(best.target, best.start, best.start + len(words), look.tags)
    return None


def _everywhere(words: str, text: str) -> list[int]:
    found: list[int] = []
    at = text.find(words) if words else -1
    while at >= 0 and len(found) < 100:
        found.append(at)
        at = text.find(words, at + 1)
    return found


def _agreeing(look: Look, text: str, start: int, end: int) -> int:
    """How many characters around a place are those around the stretch."""
    before = _common(look.before[::-1].lstrip(), text[max(0, start - _AROUND) : start][::-1].lstrip())
    after = _common(look.after.lstrip(), text[end : end + _AROUND].lstrip())
    return before + after


def _common(one: str, other: str) -> int:
    return next(
        (n for n, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), min(len(one), len(other))
    )


def _shown(text: str, places: Sequence[_Place]) -> str:
    """Return the HTML of a text, empty where nothing of it looks otherwise than the rest."""
    tags: list[set[str]] = [set() for _ in text]
    for place in places:
        for at in range(place.start, place.end):
            tags[at].update(place.tags)
    for tag in _ORDER:
        words = [at for at, char in enumerate(text) if _WORD.match(char)]
        if words and all(tag in tags[at] for at in words):
            for own in tags:
                own.discard(tag)
    return rich_lines(text, tags) if any(tags) else ""


def rich_lines(text: str, tags: Sequence[set[str]]) -> str:
    """Return HTML of a text whose characters bear these elements: a paragraph a line."""
    lines: list[str] = []
    at = 0
    for line in text.split("\n"):
        lines.append(f"<p>{_runs(line, tags[at : at + len(line)])}</p>")
        at += len(line) + 1
    return "".join(lines) if len(lines) > 1 else lines[0]


def _runs(line: str, tags: Sequence[set[str]]) -> str:
    pieces: list[str] = []
    start = 0
    for at in range(1, len(line) + 1):
        if at == len(line) or tags[at] != tags[start]:
            own = [tag for tag in _ORDER if tag in tags[start]]
            opening, closing = "".join(f"<{tag}>" for tag in own), "".join(f"</{tag}>" for tag in reversed(own))
            pieces.append(f"{opening}{html.escape(line[start:at], quote=False)}{closing}")
            start = at
    return "".join(pieces)
