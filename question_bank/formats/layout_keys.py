"""Lists of keys: 1-5 ABCDE, 1.A 2.B, 1—5：√×√√×, a row of numbers over a row of letters. Pure."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise

from question_bank.formats.layout_headings import TYPE_WORDS, Heading, heading_of, plain_heading_of
from question_bank.formats.layout_lines import CHINESE, Line, flattened

_MARKS = "√✓✔☑×✗✘✕╳对错"
_TRUTHS = ("正确", "错误", "对", "错", "√", "✓", "✔", "☑", "×", "✗", "✘", "✕", "╳", "T", "F", "Y", "N")
_SPLITS = r"\s,;、|/。"
_FROM = r"[(（\[【]?\s?(?:第\s?)?(\d{1,4})"
_TO = r"(?:\s?(?:[-~—–―─－～至到]{1,3})\s?(?:第\s?)?(\d{1,4}))?"
_VALUE = rf"(?:[A-Za-z{_MARKS}正确误()\s,;、|/。]*)"
_ENTRY = re.compile(
    rf"{_FROM}{_TO}\s?(?:小?题)?\s?[)）\]】]?\s?[.、:,。)·]{{0,2}}[\s]*(?=[(]?\s?[A-Za-z{_MARKS}正])({_VALUE})"
)
_RANGE_ALONE = re.compile(r"\s*(?:第\s?)?(\d{1,4})\s?[-~—–―─至到]{1,3}\s?(?:第\s?)?(\d{1,4})\s?题?\s?[.、:]?\s*$")
_NUMBERS_ROW = re.compile(r"\s*(?:题\s?号|题目|序号|题)?[\s|:]*((?:\d{1,4}[\s|、,.]+)+\d{1,4})[\s|.]*$")
_ANSWERS_ROW = re.compile(r"\s*(?:(?:正确|参考|标准)?答\s?案)[\s|:]*(.*)$")
_KEYS_BEFORE = re.compile(r"\s*[(\[【]?\s?(?:参考|标准|正确|试题)?答案\s?[)\]】]?\s*[:]?\s*")
_PART_BEGINS = re.compile(
    rf"(?:^|(?<=[\s;,。]))(?=[{CHINESE}]{{1,3}}\s?[、.:]|[(][{CHINESE}]{{1,3}}[)]|第[{CHINESE}]{{1,3}}(?:部分|大题)"
    rf"|(?:{'|'.join(sorted(TYPE_WORDS, key=len, reverse=True))})\s?[:(\s\d])"
)


@dataclass(slots=True)
class KeyEntry:
    """The key of the item with a number, as a list states it; `fields` are what else it says: 解析, 依据."""

    ref: str
    number: int
    text: str
    group: int = 0
    heading: Heading | None = None
    fields: list[tuple[str, str, str]] = field(default_factory=list)  # field, ref, text
    until: int = 0  # the last number of a range whose letters are not all there yet
    used: bool = False


@dataclass(slots=True)
class KeyRange:
    """What a line says for several numbers: 1-5 and their letters, not yet divided."""

    first: int
    last: int
    value: str

    def values(self) -> list[str] | None:
        """Return one key for each number, None where there are more or fewer."""
        return [self.value] if self.first == self.last else divided(self.value, self.last - self.first + 1)


def divided(value: str, count: int) -> list[str] | None:
    """Divide `ABCDE`, `A B CD` or `√×√` into keys for `count` items, None where it cannot be that many."""
    parts = [part for part in re.split(rf"[{_SPLITS}]+", value.strip()) if part]
    if len(parts) == count:
        return [part.strip("()") for part in parts]
    flat = re.sub(rf"[{_SPLITS}()]+", "", value)
    single = re.findall("正确|错误|.", flat)
    return single if len(single) == count else None


def compact_ranges(flat: str) -> list[KeyRange] | None:
    """Return what a line of keys says, None for a line that is anything else.

    The line is covered whole by numbers, or ranges of them, each with letters or marks of truth.
    """
    if len(flat) > 6000 or not any(char.isdigit() for char in flat):
        return None
    found: list[KeyRange] = []
    at = 0
    for match in _ENTRY.finditer(flat):
        if flat[at : match.start()].strip(" \t,;、|.。/"):
            return None
        value = match[3].strip(" \t,;、|。/")
        first = int(match[1])
        last = int(match[2] or first)
        if last < first or last - first > 500 or not _is_value(value, match[2] is not None):
            return None
        found.append(KeyRange(first, last, value))
        at = match.end()
    return found if found and not flat[at:].strip(" \t,;、|.。/") else None


def _is_value(value: str, several: bool) -> bool:
    parts = [part.strip("()") for part in re.split(rf"[{_SPLITS}]+", value) if part.strip("()")]
    if not parts:
        return False
    if several:
        return all(re.fullmatch(rf"[A-Za-z]+|(?:[{_MARKS}]|正确|错误)+", part) for part in parts)
    return all(re.fullmatch(r"[A-Z]{1,26}|[a-z]", part) or part in _TRUTHS for part in parts)


def range_alone(flat: str) -> KeyRange | None:
    """Return the range of a line such as `1-5`, whose letters follow on the lines below."""
    match = _RANGE_ALONE.match(flat)
    if match is None or not 0 < int(match[2]) - int(match[1]) <= 500:
        return None
    return KeyRange(int(match[1]), int(match[2]), "")


def is_key_list(flat: str) -> bool:
    """Whether a line holds keys for more than one item."""
    ranges = compact_ranges(flat)
    return bool(ranges) and (len(ranges or ()) > 1 or any(each.last > each.first for each in ranges or ()))


def split_title(text: str) -> tuple[str, str]:
    """Divide 一、单选题：1-5 ABCDE into title and list; the list is empty where the line holds none at its end."""
    flat = flattened(text)
    if len(flat) > 6000:
        return text, ""
    for match in re.finditer(r"(?<![\d.])\d{1,4}\s?(?:[-~—–―─－～至到]|[.、:)]|\s?[A-Z√×])", flat):
        rest = flat[match.start() :]
        if compact_ranges(rest) is not None:
            return text[: match.start()].rstrip(" \t:：　(（"), text[match.start() :]
        if match.start() > 80:
            break
    return text, ""


def by_parts(lines: Iterable[Line]) -> list[Line]:
    """Divide a line such as 一、1-5 ABCDE 二、6.AB or 答案：单选：1-3 ABC；判断：4-5 √× into one line for each part."""
    return [part for line in lines for part in _parts_of(line)]


def _parts_of(line: Line) -> Iterator[Line]:
    before = _KEYS_BEFORE.match(line.flat)
    start = before.end() if before else 0
    pieces = _pieces(line.text[start:]) if len(line.text) <= 6000 else []
    if len(pieces) < (1 if start else 2):
        yield line
        return
    if start:
        yield replace(line, text=line.text[:start].strip())
    for piece in pieces:
        yield replace(line, text=piece)


def _pieces(text: str) -> list[str]:
    """Return the lists of keys that a text consists of, each behind the title of its part; nothing for another text."""
    found: list[str] = []
    begun = ""
    marks = [match.start() for match in _PART_BEGINS.finditer(flattened(text))]
    if not marks or marks[0] or len(marks) > 50:
        return []
    for start, end in pairwise([*marks, len(text)]):
        begun += text[start:end]
        title, listed = split_title(begun.rstrip(" \t\u3000;；。"))
        if listed and title.strip() and title_of_list(title) is not None:
            found.append(begun.strip(" \t\u3000;；。"))
            begun = ""
    return found if not begun else []


def title_of_list(title: str) -> Heading | None:
    """Return the heading that stands before a list of keys on the same line."""
    flat = re.sub(r"(?:参考|标准|正确)?答案\s*[:]?\s*$", "", flattened(title)).strip(" :")
    return heading_of(flat) or plain_heading_of(flat)


def numbers_row(line: Line) -> list[int] | None:
    """Return the numbers of a row such as 题号 1 2 3 4 5 of a table of keys."""
    match = _NUMBERS_ROW.match(line.flat)
    return [int(number) for number in re.findall(r"\d{1,4}", match[1])] if match else None


def answers_row(line: Line, count: int) -> list[str] | None:
    """Return the keys of the row below: 答案 A B C D E, one for each of `count` numbers."""
    cells = [flattened(cell).strip() for cell in (line.cells or tuple(line.flat.split("\t")))]
    if cells and re.fullmatch(r"(?:正确|参考|标准)?答\s?案", cells[0]):
        cells = cells[1:]
    if len(cells) >= count and any(cells) and not any(cells[count:]):
        return cells[:count]
    match = _ANSWERS_ROW.match(line.flat)
    return divided(match[1] if match else line.flat, count)
