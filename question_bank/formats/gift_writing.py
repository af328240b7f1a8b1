"""Items as GIFT. Each is read back by our own reader before it counts as written; what GIFT has no place for is carried in tags (see
carried.py) or named."""

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from itertools import count
from typing import Any

from question_bank.formats.carried import pack, taken_apart
from question_bank.formats.gift import FORMATS, read_items, text_of
from question_bank.formats.moodle_demands import demands
from question_bank.formats.moodle_items import shares_as_written
from question_bank.formats.moodle_ordering import ALL_OR_NOTHING
from question_bank.formats.moodle_text import Rich, interval_words, percent
from question_bank.formats.read_back import NotHeld, canonical, written_whole
from question_bank.formats.report import ImportedItem, ImportedOption, Problem, Report

_RESERVED = re.compile(r"[\\:#={}~\n]")

Piece = tuple[str, str]  # category, text


def write_items(items: Sequence[ImportedItem]) -> tuple[bytes, list[Problem]]:
    """Return a GIFT file with the items, and what it could not hold, item by item."""
    numbers = count(1)
    chunks, problems = written_whole(items, lambda item: _pieces(item, numbers), _read, "GIFT")
    return _file([piece for chunk in chunks for piece in chunk]).encode(), [*problems, *demands(items, problems)]


def _read(pieces: Sequence[Piece]) -> Report:
    return read_items(_file(pieces).encode(), "")


def _file(pieces: Sequence[Piece]) -> str:
    lines: list[str] = []
    current = ""
    for category, text in pieces:
        if category != current:
            lines.append(f"$CATEGORY: $course$/top/{_in_category(category)}" if category else "$CATEGORY: $course$/top")
            current = category
        lines.append(text)
    return "\n\n".join(lines) + "\n"


def _pieces(item: ImportedItem, numbers: "count[int]") -> list[Piece]:
    parts = taken_apart(item, str(next(numbers))) if item.type == "case" else [item]
    return [_piece(pack(canonical(part), with_points=True)) for part in parts]


def _piece(item: ImportedItem) -> Piece:
    marks = [f"[id:{_in_comment(item.idnumber)}]"] if item.idnumber else []
    marks += [f"[tag:{_in_comment(tag)}]" for tag in item.tags]
    lines = [f"// {' '.join(marks)}"] if marks else []
    title = f"::{_escaped(item.title)}::" if item.title else ""
    stem = _text(item.stem, item.html)
    preset = next((name for name in FORMATS if stem.startswith(f"[{name}]")), "moodle")
    answers = _answers(item, preset)
    body = title + stem
    if answers is not None:
        feedback = f"####{_text(item.rationale, preset=preset)}" if item.rationale else ""
        body += "{" + answers + feedback + "}"
    category = item.knowledge_points[0] if item.knowledge_points else ""
    return category, "\n".join([*lines, body])


def _answers(item: ImportedItem, preset: str) -> str | None:
    """Return what stands in the braces; texts in it are of the text format of the stem unless they name their own."""
    if item.type == "description":
        return None
    writer = _WRITERS.get(item.type)
    if writer is None:
        raise NotHeld(f"GIFT 没有这种题型（{item.type}）")
    return writer(item, preset)


def _choice(item: ImportedItem, preset: str) -> str:
    shares = shares_as_written(item)
    single = item.type == "single_choice"
    if single and Decimal(1) not in shares:
        raise NotHeld("GIFT 的单选题要有得满分的选项")
    lines = [
        _marked(share, single) + _option(option, preset) for option, share in zip(item.options, shares, strict=True)
    ]
    return "\n\t" + "\n\t".join(lines) + "\n"


def _marked(share: Decimal, single: bool) -> str:
    if single and share == 1:
        return "="
    return f"~%{percent(share)}%" if share else "~"


def _option(option: ImportedOption, preset: str) -> str:
    return _text(option.text, option.html, preset) + _said(option.feedback, preset)


def _truth(item: ImportedItem, preset: str) -> str:
    if not item.key:
        raise NotHeld("GIFT 的判断题要有答案")
    said = dict(item.feedback)
    right = str(item.key[0])
    wrong, good = said.get("false" if right == "true" else "true", ""), said.get(right, "")
    return right.upper() + (f"#{_text(wrong, preset=preset)}" if wrong or good else "") + _said(good, preset)


def _blank(item: ImportedItem, preset: str) -> str:
    if len(item.key) != 1:
        raise NotHeld("GIFT 不能保存有几个空的填空题")
    lines = []
    for place, entry in enumerate(item.key[0], 1):
        held: dict[str, Any] = {"text": entry, "fraction": "1"} if isinstance(entry, str) else entry
        text = held["text"] if held.get("pattern") else held["text"].replace("*", "\\*")
        share = Decimal(held["fraction"])
        weight = "" if share == 1 else f"%{percent(share)}%"
        said = _said(dict(item.feedback).get(f"answer {place}", ""), preset)
        lines.append(f"={weight}{_text(text, preset=preset)}{said}")
    return "\n\t" + "\n\t".join(lines) + "\n"


def _numeric(item: ImportedItem, preset: str) -> str:
    said = dict(item.feedback)
    lines = []
    for place, entry in enumerate(item.key, 1):
        share = Decimal(entry["fraction"])
        weight = "" if share == 1 else f"%{percent(share)}%"
        lines.append(f"={weight}{interval_words(entry)}{_said(said.get(f'answer {place}', ''), preset)}")
    if said.get("otherwise"):
        lines.append(f"~{_said(said['otherwise'], preset)}")
    return "#\n\t" + "\n\t".join(lines) + "\n"


def _matching(item: ImportedItem, preset: str) -> str:
    pairs = [*item.key, *(("", right) for right in item.distractors)]
    if len(pairs) < 2:
        raise NotHeld("GIFT 的连线题至少要有两对")
    lines = [f"={_text(left, preset=preset) if left else ''} -> {_escaped(right)}" for left, right in pairs]
    return "\n\t" + "\n\t".join(lines) + "\n"


def _ordering(item: ImportedItem) -> str:
    lines = [_text(option.text, option.html) for option in item.options]
    return f">{len(lines)} ALL VERTICAL {ALL_OR_NOTHING}\n" + "\n".join(lines) + "\n"


def _nothing(item: ImportedItem, preset: str) -> str:
    return ""


_WRITERS: Mapping[str, Callable[[ImportedItem, str], str]] = {
    "single_choice": _choice,
    "multiple_choice": _choice,
    "true_false": _truth,
    "fill_blank": _blank,
    "numeric": _numeric,
    "matching": _matching,
    "ordering": lambda item, _preset: _ordering(item),
    "essay": _nothing,
    "short_answer": _nothing,
}


def _said(feedback: str, preset: str) -> str:
    return f"#{_text(feedback, preset=preset)}" if feedback else ""


def _text(text: str, html: str = "", preset: str = "moodle") -> str:
    """Return a text, escaped, under the name of the text format in which it reads back the same; none where `preset` is one."""
    if html:
        return f"[html]{_escaped(html)}"
    bare = _escaped(text)
    # What begins with // may come to stand at the beginning of a line, where it would be a comment; %50% would be a share.
    same = text_of(bare, preset) == Rich(text) and not bare.startswith(("//", "%"))
    return bare if same else f"[plain]{bare}"


def _escaped(text: str) -> str:
    return _RESERVED.sub(lambda match: "\\n" if match[0] == "\n" else f"\\{match[0]}", text)


def _in_category(name: str) -> str:
    # Moodle's importer gives back no escaped sign in a category. Braces our own reading must not see.
    return re.sub(r"[\\{}]", r"\\\g<0>", name.replace("\n", " "))


def _in_comment(text: str) -> str:
    return text.replace("\\", "\\\\").replace("]", "\\]").replace("\n", " ")
