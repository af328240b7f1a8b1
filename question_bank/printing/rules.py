"""How a paper is laid out on the page: what stands beside what, what may be split, and how much room a text gets. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from unicodedata import east_asian_width, normalize

# Widths in quarters of a full-width character at the size of the body: a column of four holds eight characters.
_FITS: tuple[tuple[int, int], ...] = ((4, 32), (3, 46), (2, 72))
SPLIT_FROM = 600  # characters: an item longer than this may be split between pages, a shorter one stands whole
BLANK = "____"


def width(text: str) -> int:
    """The width of a text in quarters of a full-width character: 甲 is 4, a letter about 2."""
    return sum(4 if east_asian_width(letter) in "WFA" else 2 for letter in text)


def option_columns(texts: Sequence[str]) -> int:
    """In how many columns options stand: 4, 3, 2 or 1, so that none breaks into lines unless it must."""
    if not texts or any("\n" in text for text in texts):
        return 1
    longest = max(width(text) for text in texts)
    fitting = (columns for columns, most in _FITS if longest <= most and len(texts) >= columns)
    return next((columns for columns in fitting if columns != 3 or len(texts) % 3 == 0), 1)


def may_split(content: Mapping[str, Any]) -> bool:
    """Whether an item may be split between two pages or columns: only one that would leave half a page empty."""
    return _characters(content) > SPLIT_FROM


def _characters(content: Any) -> int:
    if isinstance(content, Mapping):
        return sum(_characters(value) for name, value in content.items() if name != "html")
    if isinstance(content, list | tuple):
        return sum(map(_characters, content))
    return len(content) if isinstance(content, str) else 0


def stem_pieces(stem: str) -> list[str]:
    """A stem cut at its blanks: between two pieces stands a line to write on."""
    return stem.split(BLANK)


SQUARES_IN_A_ROW = 20
ROWS_TO_A_MARK = 5  # a count stands after every 100 squares
_FEWEST, _MOST = 50, 4000  # lengths in characters: a shorter text is a title, a longer one the material
_NUMBER = "([0-9]{2,4}|[零〇一二两三四五六七八九十百千]{2,8})"
_RANGE = re.compile(rf"{_NUMBER}\s*(?:个?字)?\s*(?:[-\u2010-\u2015~～]+|至|到)\s*{_NUMBER}\s*个?字")
_AT_MOST = re.compile(
    rf"(?:不超过|不得超过|不多于|不超出|至多|最多|控制在)\s*{_NUMBER}\s*个?字|{_NUMBER}\s*个?字\s*(?:以内|之内|以下|内)"
)
_ABOUT = re.compile(
    rf"(?:不少于|不得少于|不低于|不得低于|至少|约)\s*{_NUMBER}\s*个?字|(?:字数[:为约]{{0,2}}\s*{_NUMBER}|{_NUMBER}\s*个?字\s*(?:以上|左右|上下))"
)
_DIGITS = {"零": 0, "〇": 0, "两": 2} | {sign: value for value, sign in enumerate("一二三四五六七八九", 1)}
_UNITS = {"十": 10, "百": 100, "千": 1000}


def squares(stem: str) -> int:
    """How many squares a text gets whose stem states its length, in whole rows; 0 where it states none.

    An upper limit gets as many; a lower limit (不少于 800 字) or a rough length (500 字左右) a quarter more, up to the next 100.
    """
    text = normalize("NFKC", stem)
    most = [_value(found[2]) for found in _RANGE.finditer(text)] + list(_lengths(_AT_MOST, text))
    least = [-(-length * 5 // 400) * 100 for length in _lengths(_ABOUT, _RANGE.sub("", text))]
    stated = [length for length in (*most, *least) if _FEWEST <= length <= _MOST]
    return -(-max(stated, default=0) // SQUARES_IN_A_ROW) * SQUARES_IN_A_ROW


def _lengths(pattern: re.Pattern[str], text: str) -> Iterator[int]:
    return (_value(next(filter(None, found.groups()))) for found in pattern.finditer(text))


def _value(number: str) -> int:
    """The number that a text writes in digits or in Chinese: 八百 is 800, 一千五 1500."""
    if number.isdecimal():
        return int(number)
    total, digit, unit = 0, 0, 1
    for sign in number:
        if sign in _UNITS:
            unit = _UNITS[sign]
            total += (digit or 1) * unit
            digit = 0
        else:
            digit = _DIGITS[sign]
            unit = 10 if sign in "零〇" else unit
    return total + digit * unit // 10
