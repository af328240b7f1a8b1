"""How a paper is laid out on the page: what stands beside what, and what may be split. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any
from unicodedata import east_asian_width

# Widths in quarters of a full-width character at the size of the body: a column of four holds eight characters.
_FITS: tuple[tuple[int, int], ...] = ((4, 32), (2, 72))
SPLIT_FROM = 600  # characters: an item longer than this may be split between pages, a shorter one stands whole
BLANK = "____"


def width(text: str) -> int:
    """The width of a text in quarters of a full-width character: 甲 is 4, a letter about 2."""
    return sum(4 if east_asian_width(letter) in "WFA" else 2 for letter in text)


def option_columns(texts: Sequence[str]) -> int:
    """In how many columns options stand: 4, 2 or 1, so that none breaks into lines unless it must."""
    if not texts or any("\n" in text for text in texts):
        return 1
    longest = max(width(text) for text in texts)
    return next((columns for columns, most in _FITS if longest <= most and len(texts) >= columns), 1)


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
