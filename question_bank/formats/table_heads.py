"""Tables of items in a document: whether the first rows name the columns, and what the columns are where none does. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from question_bank.formats.cells import letter, options_in_one_cell, options_in_stem, without_prefix
from question_bank.formats.layout_headings import TYPE_WORDS, heading_of
from question_bank.formats.layout_lines import flattened
from question_bank.formats.texts import with_blanks

_STEM_WORDS = ("题干", "试题", "题目", "试题内容", "题目内容", "试题题干", "内容")
_NUMBER = re.compile(r"[(\[]?(\d{1,4})[)\]]?[.、:]?")
_LABELS = re.compile(r"[A-H]{1,8}")
_TRUTH = re.compile(r"[√×✓✗✔✘TF]|对|错|正确|错误")
_LEAST_STATEMENT = 6
_COLUMNS = range(3, 13)


@dataclass(frozen=True, slots=True)
class MissingHead:
    """What a table without a row of column names is: those names; or none, and why they are not certain."""

    columns: tuple[str, ...] = ()
    doubt: str = ""


def names_columns(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first rows of a table name its columns: a stem, and a key or options."""
    for cells in rows[:3]:
        words = {re.sub(r"\s", "", cell) for cell in cells}
        has_stem = any(word in _STEM_WORDS for word in words)
        if has_stem and len(words) > 2 and any("答案" in word or "选项" in word for word in words):
            return True
    return False


def missing_head(rows: Sequence[Sequence[str]]) -> MissingHead | None:
    """Return what the columns of a table are that nobody named; None for a table of anything but items.

    Of items it is where the first column counts upward, one by one, and the last mostly holds keys. The columns between
    are certain where every row fits them.
    """
    filled = [[cell.strip() for cell in cells] for cells in rows if any(cell.strip() for cell in cells)]
    titles = [cells for cells in filled if sum(map(bool, cells)) == 1]
    body = [cells for cells in filled if sum(map(bool, cells)) > 1]
    width = len(body[0]) if len(body) > 1 else 0
    if width not in _COLUMNS or any(len(cells) != width for cells in body) or not _counts(body):
        return None
    if 2 * sum(_is_key(cells[-1]) or bool(_blanks(cells)) for cells in body) < len(body):
        return None
    for cells in titles:
        if heading_of(flattened("".join(cells))) is None:
            return MissingHead(doubt=f"“{''.join(cells)[:20]}”单独占一行，不是题型标题")
    typed = width > len(("题号", "题干", "答案")) and all(_is_type(cells[1]) for cells in body)
    for cells in body:
        doubt = _doubt([cells[0], *cells[1 + typed :]])
        if doubt:
            return MissingHead(doubt=f"第 {_number(cells)} 题{doubt}")
    return MissingHead(_names(width - typed, typed))


def _names(width: int, typed: bool) -> tuple[str, ...]:
    middle = [f"选项{letter(at)}" for at in range(width - 3)] if width > 4 else ["选项"] * (width - 3)
    return ("题号", *(["题型"] if typed else []), "题干", *middle, "答案")


def _number(cells: Sequence[str]) -> int:
    match = _NUMBER.fullmatch(flattened(cells[0]).strip())
    return int(match[1]) if match else 0


def _counts(body: Sequence[Sequence[str]]) -> bool:
    """Whether each number is the one after that above it, or 1 again where another part begins."""
    numbers = [_number(cells) for cells in body]
    return numbers[0] > 0 and numbers[1] == numbers[0] + 1 and all(b in (a + 1, 1) for a, b in pairwise(numbers))


def _key(cell: str) -> str:
    return re.sub(r"[\s,、;.。()\[\]]", "", flattened(without_prefix(cell)))


def _is_key(cell: str) -> bool:
    return bool(_LABELS.fullmatch(_key(cell).upper()) or _TRUTH.fullmatch(_key(cell)))


def _is_type(cell: str) -> bool:
    return re.sub(r"[\s()\[\]【】]", "", flattened(cell)) in TYPE_WORDS


def _blanks(cells: Sequence[str]) -> int:
    return with_blanks(cells[1])[1]


def _doubt(cells: Sequence[str]) -> str:
    """Return why a row of number, stem, options in no, one or several columns, and key is none; "" where it is one."""
    stem, *apart, last = cells[1:]
    key = _key(last)
    options = _options(stem, apart)
    if options is None:
        return "的选项不是从 A 起连续的"
    if not stem or (len(stem) < _LEAST_STATEMENT and options < 2):
        return f"的题干只有“{stem}”"
    if not key:
        return ""  # an item without a key: told by the reader of rows, as of any table
    if _TRUTH.fullmatch(key) and not (_LABELS.fullmatch(key) and options):
        return ""
    if _LABELS.fullmatch(key.upper()):
        known = {letter(at) for at in range(options)}
        return "" if known.issuperset(key.upper()) else f"的答案是“{last[:20]}”，却没有相应的选项"
    return "" if with_blanks(stem)[1] and not options else f"的最后一列“{last[:20]}”不像答案"


def _options(stem: str, apart: Sequence[str]) -> int | None:
    """Return how many options a row has, None where those in columns of their own have a gap."""
    if not apart:
        return len(options_in_stem(stem)[1])
    if len(apart) == 1:
        return len(options_in_one_cell(apart[0]))
    count = sum(map(bool, apart))
    return count if all(apart[:count]) else None
