"""Lines of a document, and the marks that people put at their beginning: numbers of items, letters of options.

`flat` has the length of `text`: full-width letters, digits and marks as half-width ones, so that what is found in it
is cut out of the text itself. Pure; every pattern is linear in the line, and a line is at most MAX_LINE characters.
"""

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache

from question_bank.formats.texts import POINTS_MARK, ordinary

MAX_LINE = 20_000
# Where a picture stands in a text: its number between two characters that no text may hold.
PICTURE = re.compile("\ufdd0([0-9]+)\ufdd1")
CHINESE = "一二三四五六七八九十百零〇两"

_FLAT = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {
    ord(char): " " for char in "\u3000\u00a0\u2002\u2003\u2009\u200a\u202f"
}
_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b-\u200f\u2028-\u202e\u2060\ufeff\ufdd2-\ufdef\ufffe\uffff]")
_POINTS_AT_END = re.compile(rf"{POINTS_MARK}\s*$")
_LONG_RUN = re.compile(r"([ \u3000_＿.…·-])\1{100,}")

_CIRCLED = {char: number for number, char in enumerate("①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳", 1)}
_PAREN = {char: number for number, char in enumerate("⑴⑵⑶⑷⑸⑹⑺⑻⑼⑽⑾⑿⒀⒁⒂⒃⒄⒅⒆⒇", 1)}
_DOTTED = {char: number for number, char in enumerate("⒈⒉⒊⒋⒌⒍⒎⒏⒐⒑⒒⒓⒔⒕⒖⒗⒘⒙⒚⒛", 1)}
_ENCLOSED = {
    char: (style, number)
    for style, table in (("circled", _CIRCLED), ("paren", _PAREN), ("plain", _DOTTED))
    for char, number in table.items()
}
_NUMBERS = (
    ("title", re.compile(rf"\s*第\s*(\d{{1,5}}|[{CHINESE}]{{1,4}})\s*[小]?题\s*[.、:,)]?\s*")),
    ("title", re.compile(r"\s*(?:题号|序号|编号)\s*[:\t]\s*(\d{1,5})\s*$")),
    ("title", re.compile(r"\s*(?:试题|题目|题)\s*(\d{1,5})\s*[.、:,)]\s*")),
    ("title", re.compile(r"\s*[(\[【]?\s?例题?\s?(\d{1,4})\s?[)\]】.、:]\s*")),
    ("question", re.compile(rf"\s*(?:问题|设问|提问)\s*(\d{{1,2}}|[{CHINESE}]{{1,2}})\s*[:、.,)]\s*")),
    ("paren", re.compile(r"\s*[(\[【]\s*(\d{1,5})\s*[)\]】]\s*[.、:]?\s*")),
    ("plain", re.compile(r"\s*(?:[QqNn][Oo]?\.?\s?)?(\d{1,5})\s*(?:[.、:。)·](?!\d)|[.、)](?=\d)|,(?=\s*\D))\s*")),
    ("plain", re.compile(r"\s*(\d{1,5})(?:\t| {2,})\s*(?=\S)")),
    ("chinese", re.compile(rf"\s*([{CHINESE}]{{1,4}})\s*[.、:,]\s*")),
    ("chinese_paren", re.compile(rf"\s*[(]\s*([{CHINESE}]{{1,4}})\s*[)]\s*[.、:]?\s*")),
)
_RINGS = re.compile("[○●◯□☐☑■◆◇•▪◎]")
_RING = re.compile(r"(?:^|(?<=\s))[○●◯□☐☑■◆◇•▪◎](?=\s?[(\[]?[A-Za-z][.、:)\]])")
# The word in 选项A：甲 says no more than the letter does.
_WORD_OPTION = re.compile(r"(?:^|(?<=\s))选项(?=\s?[A-Z]\s?[.、:])")
_WEAK = re.compile(r"\s*(\d{1,3}) (?=[^\s\d])")
_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}

# A letter of an option: A. A、 A) (A) A: [A] and, where nothing else marks it, a letter before a space.
_OPTION = re.compile(
    r"(?<![A-Za-z0-9])(?:[(\[【]\s?([A-Za-z])\s?[)\]】]\s?[.、:,。]?|([A-Za-z])\s?(?:[.、:)。·,]|(?=\t)|(?= {1,8}[^\sA-Za-z0-9=+<>*/-])))[ \t]*"
)
# （A、B、C） is a key, however much its letters look like options.
_LETTERS_IN_BRACKET = re.compile(r"[(\[【]\s?[A-Z](?:[\s,、]{0,3}[A-Z])+\s?[)\]】]")
_BARE_OPTION = re.compile(r"(?:^|(?<=[\s]))([A-Z])(?=[\u3400-\u9fff《“\"0-9\ufdd0])")


@dataclass(frozen=True, slots=True)
class Look:
    """A stretch of a line that looks otherwise: its text, a few characters around it, the elements of HTML that say so."""

    text: str
    before: str
    after: str
    tags: tuple[str, ...]


@dataclass(frozen=True)
class Line:
    """One line or paragraph: where it stands (`line 12`), its text, and the cells where it is a row of a table.

    `underlined` and `coloured` (bold ones too) are the stretches of the text that Word shows so.
    """

    ref: str
    text: str
    cells: tuple[str, ...] = ()
    underlined: tuple[str, ...] = ()
    coloured: tuple[str, ...] = ()
    looks: tuple[Look, ...] = ()

    @cached_property
    def flat(self) -> str:
        """The text in half-width letters, digits and marks, of the same length."""
        return flattened(self.text)

    @property
    def blank(self) -> bool:
        """Whether there is nothing to read."""
        return not self.flat.strip()


@dataclass(frozen=True, slots=True)
class Number:
    """A number before a text: its style (`plain`, `paren`, `circled`, `title`, `question`, `chinese`), its value, where it ends."""

    style: str
    value: int
    end: int


@dataclass(frozen=True, slots=True)
class OptionMark:
    """A letter before an option: the label, where the mark begins and ends, and whether a space stands before it."""

    label: str
    start: int
    end: int
    apart: str  # the white space before it; "^" at the beginning of a line


def clean(text: str) -> tuple[str, bool]:
    """Return a text in ordinary characters without what cannot be seen, and whether control characters were dropped."""
    kept = _UNSEEN.sub("", text)
    return _LONG_RUN.sub(lambda match: match[1] * 100, ordinary(kept)), any(
        char < " " or char == "\x7f" for char in set(text) - set(kept)
    )


def flattened(text: str) -> str:
    """Return a text of the same length in half-width letters, digits and marks; what stands before an option's letter as spaces."""
    flat = _WORD_OPTION.sub("  ", text.translate(_FLAT))
    return _RING.sub(" ", flat) if _RINGS.search(flat) else flat


def chinese_number(text: str) -> int:
    """Return the value of 一 … 九百九十九, or of plain digits."""
    if text.isdigit() and text.isascii():
        return int(text)
    total = current = 0
    for char in text:
        if char in "十百":
            total, current = total + (current or 1) * (10 if char == "十" else 100), 0
        else:
            current = current * 10 + _DIGITS[char]
    return total + current


@lru_cache(maxsize=256)
def number_of(flat: str) -> Number | None:
    """Return the number that a line begins with, None where it begins with none."""
    first = flat.lstrip()[:1]
    if not first or not (
        first.isdigit() or first in "第题试例序编问设提([【QqNn" or first in CHINESE or first in _ENCLOSED
    ):
        return None
    if first in _ENCLOSED:
        style, value = _ENCLOSED[first]
        start = flat.index(first) + 1
        rest = re.compile(r"\s*[.、:]?\s*").match(flat, start)
        return Number(style, value, rest.end() if rest else start)
    for style, pattern in _NUMBERS:
        match = pattern.match(flat)
        if match:
            return Number(style, chinese_number(match[1]), match.end())
    return None


def weak_number_of(flat: str) -> Number | None:
    """Return a number that only a space divides from the text: `1 公务员`. It counts where just this number is due."""
    match = _WEAK.match(flat)
    return Number("plain", int(match[1]), match.end()) if match else None


def decimal_follows(flat: str, number: Number) -> bool:
    """Whether what looks like `3.` is the beginning of `3.5`, with no date behind it."""
    if number.style != "plain" or not flat[number.end : number.end + 1].isdigit() or flat[number.end - 1] != ".":
        return False
    return re.match(r"\d{4}\s*年|\d{1,2}\s*月", flat[number.end : number.end + 8]) is None


@lru_cache(maxsize=256)
def option_marks(flat: str, following: str = "") -> tuple[OptionMark, ...]:
    """Return the marks of options in a line, as far as their letters go on in order (or in columns).

    `following` is the letter that is next in the item. The first mark stands at the beginning of the line, or is an A
    after which a B comes.
    """
    found: list[OptionMark] = []
    flat = _LETTERS_IN_BRACKET.sub(lambda inside: "_" * len(inside[0]), flat)
    for match in _OPTION.finditer(flat):
        apart = _space_before(flat, match.start())
        label = (match[1] or match[2]).upper()
        lower = (match[1] or match[2]).islower()
        mark = OptionMark(label, match.start(), match.end(), apart)
        if not found:
            if (apart == "^" and (not lower or label == (following or "A")) and _plain_enough(flat, match)) or (
                label == "A" and apart != "^"
            ):
                found.append(mark)
            continue
        if mark.label in [other.label for other in found]:
            continue
        after = chr(ord(found[-1].label) + 1)
        columns = len(apart) > 1 or "\t" in apart
        # One letter may be left out; more of them are columns.
        if label == after or (apart and after < label <= chr(ord(after) + (4 if columns else 1))):
            found.append(mark)
    if found and found[0].apart != "^" and (len(found) < 2 or found[0].label != "A"):
        return ()
    return tuple(found)


def bare_marks(flat: str, following: str, below: str = "") -> list[OptionMark]:
    """Return the marks of options whose letter is glued to the text: `A甲 B乙`. An A counts where a B comes next."""
    found: list[OptionMark] = []
    for match in _BARE_OPTION.finditer(flat.lstrip()):
        wanted = chr(ord(found[-1].label) + 1) if found else following
        if match[1] == wanted and (found or match.start() == 0):
            start = match.start() + len(flat) - len(flat.lstrip())
            found.append(OptionMark(match[1], start, start + 1, " " if found else "^"))
    if len(found) == 1 and following == "A" and not bare_marks(below, "B"):
        return []
    return found


def _space_before(flat: str, at: int) -> str:
    start = at
    while start and flat[start - 1].isspace():
        start -= 1
    return "^" if start == 0 else flat[start:at]


def _plain_enough(flat: str, match: re.Match[str]) -> bool:
    """A letter before a space alone is an option only where a text of its own follows."""
    return bool(flat[match.end() :].strip()) or match[0].strip()[-1:] in ".、:)]】。"


def joined(first: str, second: str) -> str:
    """Return two lines of one text: wrapped lines as one, paragraphs and lists on lines of their own."""
    if not first or not second:
        return first or second
    ends = flattened(first[-40:].rstrip())[-1:]
    if (
        ends in "。?!;:…"
        or _POINTS_AT_END.search(first[-20:])
        or number_of(flattened(second))
        or PICTURE.match(second)
        or first.endswith("\ufdd1")
    ):
        return f"{first.rstrip()}\n{second.lstrip()}"
    glue = " " if ends.isascii() and ends.isalnum() and second.lstrip()[:1].isascii() else ""
    return f"{first.rstrip()}{glue}{second.lstrip()}"
