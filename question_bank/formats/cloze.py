"""Cloze questions of Moodle: `{2:SHORTANSWER:=北京~%50%北平#旧称}` in the text. Every text blank alone is one fill_blank item,
anything else a case whose parts are the gaps."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from html import unescape
from typing import Any

from question_bank.formats import moodle_items as build
from question_bank.formats.html_text import plain_text, tidy
from question_bank.formats.moodle_items import Answer, Doubts, NotRead
from question_bank.formats.moodle_shares import several_of_cloze
from question_bank.formats.moodle_text import Rich, rich_text, share
from question_bank.formats.report import ImportedItem
from question_bank.item_types.fill_blank import BLANK, weights_of

MOST_GAPS = 50
_OPENING = re.compile(r"\{([0-9]{0,4}):([A-Z]{2,14}(?:_[A-Z]{1,2})?):")
_TEXT = {"SHORTANSWER": False, "SA": False, "MW": False, "SHORTANSWER_C": True, "SAC": True, "MWC": True}
_NUMBER = frozenset(("NUMERICAL", "NM"))
_ONE = re.compile(r"(?:MULTICHOICE(?:_(?:V|H|S|HS|VS))?|MC(?:V|H|S|HS|VS)?)")
_SEVERAL = re.compile(r"(?:MULTIRESPONSE(?:_(?:H|S|HS|VS|V))?|MR(?:H|S|HS|VS|V)?)")
_WEIGHT = re.compile(r"\s*(?:(=)|%(-?[0-9]{1,3}(?:[.,][0-9]*)?)%)")
_TAGS = re.compile(r"</?[A-Za-z]|<!")
_MARKED = re.compile(r"\\(.)|&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});|([~#}])", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Gap:
    """One gap as written: its weight, its kind (`SHORTANSWER`), its answers; `opening` is how the source begins."""

    weight: int
    kind: str
    answers: tuple[Answer, ...]
    opening: str

    @property
    def case_sensitive(self) -> bool:
        """Whether letters in another case are wrong."""
        return _TEXT.get(self.kind, False)


def content(text: str, text_format: str, doubts: Doubts) -> tuple[Rich, dict[str, Any]]:
    """Return the stem with its gaps as blanks, and type, key and parts of the item. Raises NotRead."""
    pieces, gaps = _divided(text, text_format)
    if not gaps:
        raise NotRead("题干", "完形填空里没有一个可以读取的空", "空写作 {1:SHORTANSWER:=答案}，花括号要成对")
    if len(gaps) > MOST_GAPS:
        raise NotRead("题干", f"有 {len(gaps)} 个空，最多 {MOST_GAPS} 个", "拆成几题")
    stem = rich_text(BLANK.join(pieces), text_format)
    points = 100 * sum(gap.weight for gap in gaps)
    if all(gap.kind in _TEXT for gap in gaps):
        return stem, {**_blanks(gaps, doubts), "points_hundredths": points or None}
    parts = tuple(_part(number, gap, doubts) for number, gap in enumerate(gaps, 1))
    scorable = all(part.scorable for part in parts)
    return stem, {"type": "case", "parts": parts, "points_hundredths": points or None, "scorable": scorable}


def _blanks(gaps: Sequence[Gap], doubts: Doubts) -> dict[str, Any]:
    blanks = [build.blank(gap.answers, gap.case_sensitive, doubts) for gap in gaps]
    feedback = tuple(
        (f"blank {number} {when}", text) for number, one in enumerate(blanks, 1) for when, text in one["feedback"]
    )
    key = tuple(one["key"][0] for one in blanks)
    return {"type": "fill_blank", "key": key, "feedback": feedback, "weights": weights_of([gap.weight for gap in gaps])}


def _part(number: int, gap: Gap, doubts: Doubts) -> ImportedItem:
    held = _content_of(gap, doubts)
    stem = f"第 {number} 空" + (f"：{BLANK}" if held["type"] == "fill_blank" else "")
    return ImportedItem(ref=f"{doubts.ref} part {number}", stem=stem, points_hundredths=100 * gap.weight, **held)


def _content_of(gap: Gap, doubts: Doubts) -> dict[str, Any]:
    if gap.kind in _TEXT:
        return build.blank(gap.answers, gap.case_sensitive, doubts)
    if gap.kind in _NUMBER:
        return build.numeric([_number(answer) for answer in gap.answers], doubts)
    if _ONE.fullmatch(gap.kind):
        return build.choice(True, gap.answers, doubts)
    return build.choice(False, several_of_cloze(gap.answers), doubts)


def _number(answer: Answer) -> Answer:
    value, _, tolerance = answer.text.plain.partition(":")
    return replace(answer, text=Rich(value.strip()), tolerance=tolerance.strip() or "0")


def _divided(text: str, text_format: str) -> tuple[list[str], list[Gap]]:
    """Return the text between the gaps, and the gaps."""
    pieces: list[str] = []
    gaps: list[Gap] = []
    place = start = 0
    while (opening := _OPENING.search(text, place)) is not None:
        read = _reader_of(opening[2])
        if read is None:
            place = opening.end()
            continue
        alternatives, end = _alternatives(text, opening.end())
        if end < 0:
            raise NotRead("题干", f"第 {len(gaps) + 1} 个空没有右花括号", "补上右花括号；答案里的 } 写作 \\}")
        pieces.append(text[start : opening.start()])
        answers = tuple(_answer(raw, feedback, text_format, read) for raw, feedback in alternatives)
        weight = int(opening[1]) if opening[1] else 1
        gaps.append(Gap(weight, opening[2], answers, opening[0]))
        place = start = end
        if len(gaps) > MOST_GAPS:
            raise NotRead("题干", f"多于 {MOST_GAPS} 个空", "拆成几题")
    pieces.append(text[start:])
    return pieces, gaps


def _reader_of(kind: str) -> Callable[[str, str], Rich] | None:
    if kind in _TEXT or kind in _NUMBER:
        return _plain
    return rich_text if _ONE.fullmatch(kind) or _SEVERAL.fullmatch(kind) else None


def _plain(text: str, text_format: str) -> Rich:
    """An answer to be typed: runs of spaces are kept, as Moodle keeps them; only markup is read as such."""
    if text_format in ("plain", "plain_text"):
        return Rich(tidy(text))
    if _TAGS.search(text):
        return Rich(plain_text(text))
    lines = unescape(text).replace("\xa0", " ").split("\n")
    return Rich(tidy(" ".join(lines if len(lines) == 1 else filter(None, map(str.strip, lines)))))


def _alternatives(text: str, place: int) -> tuple[list[tuple[str, str]], int]:
    """Return pairs of answer and feedback, and the place behind the closing brace; -1 where there is none."""
    found: list[tuple[str, str]] = []
    halves = ["", ""]
    half = 0
    while (match := _MARKED.search(text, place)) is not None:
        halves[half] += text[place : match.start()]
        place = match.end()
        if match[2] is None:
            # \} means }, but \* keeps its backslash: it tells a star from a wildcard.
            halves[half] += match[1] if match[1] and match[1] in "~#}\\/\"'" else match[0]
        elif match[2] == "#":
            halves[half] += "#" if half else ""
            half = 1
        else:
            found.append((halves[0], halves[1]))
            halves, half = ["", ""], 0
            if len(found) > 2 * MOST_GAPS:
                raise NotRead("题干", f"一个空有多于 {2 * MOST_GAPS} 个答案", "减少答案")
            if match[2] == "}":
                return found, place
    return found, -1


def _answer(raw: str, feedback: str, text_format: str, read: Callable[[str, str], Rich]) -> Answer:
    weight = _WEIGHT.match(raw)
    percent = weight[2] if weight else None
    stated = share(percent) if percent is not None else None
    preset = build.WHOLE if weight and weight[1] else build.NONE
    text = read(raw[weight.end() if weight else 0 :].strip(), text_format)
    said = _plain(feedback.strip(), text_format).plain
    return Answer(text, preset if stated is None else stated, said, stated is not None)
