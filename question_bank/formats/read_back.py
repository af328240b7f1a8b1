"""What an export could not hold, found by reading back what was written: nothing is promised that was not tried."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, TypeVar

from question_bank.formats.report import ImportedItem, ImportedOption, Problem, Report

Chunk = TypeVar("Chunk")

_FIELDS = {
    "stem": "题干",
    "html": "题干的格式",
    "options": "选项",
    "key": "答案",
    "scorable": "能否自动评分",
    "distractors": "干扰项",
    "order_free": "不分顺序",
    "weights": "各空的分值",
    "points_hundredths": "分值",
    "rationale": "解析",
    "knowledge_points": "知识点",
    "difficulty": "难度",
    "source": "法规依据",
    "tags": "标签",
    "title": "标题",
    "media": "图片",
    "parts": "小题",
    "feedback": "反馈",
    "penalty": "再次尝试的扣分",
    "idnumber": "原编号",
}


# Which other format holds more, by the words that a format is called in a sentence.
_HOLDING_MORE = {"QTI 3.0": "Moodle XML", "Moodle XML": "QTI"}


def otherwise(format_words: str) -> str:
    """Return the advice to use another format: never the one that has just failed."""
    return f"改用 {_HOLDING_MORE.get(format_words, 'QTI 或 Moodle XML')} 格式"


class NotHeld(ValueError):
    """An item that a format cannot hold; the message says why."""


def canonical(item: ImportedItem) -> ImportedItem:
    """Return an item in the form in which equal items are equal, whatever format they went through.

    Options are labelled A, B … in order (those of an ordering stand in the right order), an accepted text with nothing to say about it is
    a text, shares of a single choice that say no more than the key and the points of a description are left out, refs and paths are empty,
    the files of the parts of a case stand with the case, which is scorable where all of its parts are (some formats say so of any).
    """
    parts = tuple(canonical(part) for part in item.parts)
    files = {(file.name, file.data): file for one in (item, *parts) for file in one.media}
    media = tuple(files[name] for name in sorted(files))
    parts = tuple(replace(part, media=()) for part in parts)
    points = item.points_hundredths or None if item.type == "description" else item.points_hundredths
    plain = replace(item, ref="", path="", parts=parts, media=media, points_hundredths=points)
    if parts:
        plain = replace(plain, scorable=all(part.scorable for part in parts if part.type != "description"))
    if item.type == "fill_blank":
        return replace(plain, key=tuple(tuple(_accepted(entry) for entry in _listed(blank)) for blank in item.key))
    if item.type == "numeric":
        return replace(plain, key=tuple(_numbers(entry) for entry in item.key))
    return _relabelled(plain) if item.options else plain


def _relabelled(item: ImportedItem) -> ImportedItem:
    options = list(item.options)
    if item.type == "ordering":
        options.sort(key=lambda option: item.key.index(option.label) if option.label in item.key else len(item.key))
    labels = {option.label: chr(65 + place) for place, option in enumerate(options)}
    shares = {option.fraction for option in options}
    bare = item.type == "single_choice" and all(
        option.fraction in (None, 1 if option.label in item.key else 0) for option in options
    )
    return replace(
        item,
        options=tuple(
            replace(option, label=labels[option.label], fraction=None if bare else _share(option, shares))
            for option in options
        ),
        key=tuple(sorted(labels.get(label, label) for label in item.key)),
    )


def _share(option: ImportedOption, shares: set[Decimal | None]) -> Decimal | None:
    # Where some options state a share, the others earn nothing.
    return Decimal(0) if option.fraction is None and shares != {None} else option.fraction


def _listed(blank: Any) -> Sequence[Any]:
    return (blank,) if isinstance(blank, str | Mapping) else blank


def _accepted(entry: Any) -> Any:
    if isinstance(entry, str):
        return entry
    pattern = entry.get("pattern", False)
    text = pattern if isinstance(pattern, str) else entry["text"]
    share = Decimal(str(entry.get("fraction", "1")))
    if share == 1 and not pattern and not entry.get("case_sensitive"):
        return text
    sensitive = bool(entry.get("case_sensitive"))
    return {"text": text, "fraction": f"{share.normalize():f}", "case_sensitive": sensitive, "pattern": bool(pattern)}


def _numbers(entry: Mapping[str, Any]) -> dict[str, str]:
    held = {"low": entry["low"], "high": entry["high"], "fraction": entry.get("fraction", "1")}
    return {name: f"{Decimal(str(value)).normalize():f}" for name, value in held.items()}


def written_whole(
    items: Sequence[ImportedItem],
    render: Callable[[ImportedItem], Chunk],
    read: Callable[[Chunk], Report],
    format_words: str,
) -> tuple[list[Chunk], list[Problem]]:
    """Return what `render` makes of each item, and what `read` does not find in it again.

    `render` raises NotHeld; an item that does not come back as one item of its type is not written.
    """
    chunks: list[Chunk] = []
    problems: list[Problem] = []
    for item in items:
        try:
            chunk = render(item)
            again = read(chunk).items
            if len(again) != 1 or again[0].type != item.type:
                raise NotHeld(f"{format_words} 写不出这道题而不改变它的意思")
        except NotHeld as refusal:
            problems.append(
                Problem(item.ref, "", "error", f"没有导出：{refusal}", f"{otherwise(format_words)}，或先简化这道题")
            )
            continue
        chunks.append(chunk)
        lost = differences(item, again[0])
        if lost:
            reason = f"{format_words} 不能完整保存：{'、'.join(lost)}"
            problems.append(Problem(item.ref, lost[0], "warning", reason, f"需要完整保存时{otherwise(format_words)}"))
    return chunks, problems


def differences(item: ImportedItem, again: ImportedItem) -> list[str]:
    """Return the Chinese names of the fields in which an item did not come back."""
    one, other = canonical(item), canonical(again)
    return [words for name, words in _FIELDS.items() if getattr(one, name) != getattr(other, name)]
