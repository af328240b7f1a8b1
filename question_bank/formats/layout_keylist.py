"""A stretch of a document that holds keys by number, and which item each of them belongs to. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from question_bank.formats.layout_blocks import MOST_TEXT, OPEN_TYPES, Block, Section
from question_bank.formats.layout_fields import segments
from question_bank.formats.layout_headings import Heading, heading_of, is_key_title, plain_heading_of
from question_bank.formats.layout_keys import (
    KeyEntry,
    KeyRange,
    answers_row,
    compact_ranges,
    divided,
    numbers_row,
    range_alone,
    split_title,
    title_of_list,
)
from question_bank.formats.layout_lines import Line, Number, flattened, joined, number_of
from question_bank.formats.report import Problem

_RATIONALES = re.compile(r"\s*[(\[【]?\s?(?:参考|答案|试题|题目|本题|详细)?(?:解析|详解)\s?[)\]】]?\s*[:]?\s*$")
_LETTERS_ALONE = re.compile(r"[A-Z√×✓✗对错TF\s,;、|]+$")


@dataclass(slots=True)
class KeyZone:
    """Keys by number for the items of `scope`. `lasting` is one with a title of its own, which ends where items begin.

    `says` is the field that its texts belong to: `key`, or `rationale` for explanations listed behind the keys.
    """

    ref: str
    scope: Sequence[Section]
    lasting: bool
    entries: list[KeyEntry] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    heading: Heading | None = None
    group: int = 0
    style: str = ""
    open_range: tuple[str, KeyRange] | None = None
    sublist: int = 0
    says: str = "key"
    filename: str = ""  # of the file that the keys stand in, where it is another

    def goes_on(self, line: Line) -> bool:
        """Whether a list without a title goes on with this line."""
        if heading_of(line.flat) and not split_title(line.text)[1]:
            return False
        return compact_ranges(flattened(split_title(line.text)[1] or "x")) is not None or self._fills(line.flat)

    def explains(self, title: Line, below: Line) -> bool:
        """Whether explanations by number begin: a title of theirs alone, and the numbers from the first one on."""
        number = number_of(below.flat)
        if not self.entries or number is None or not _RATIONALES.match(title.flat):
            return False
        return number.value <= self.entries[-1].number and not _states_key(below)

    def take_rows(self, line: Line, below: Line) -> bool:
        """Take a row of numbers and the row of keys below it."""
        numbers = numbers_row(line)
        keys = answers_row(below, len(numbers)) if numbers else None
        if numbers is None or keys is None:
            return False
        for number, key in zip(numbers, keys, strict=True):
            if key:
                self._add(below.ref, number, key)
            else:
                self._warn(below.ref, f"第 {number} 题的答案是空的")
        return True

    def take(self, line: Line) -> Line | None:
        """Take one line; return it where it belongs to no key."""
        title, listed = split_title(line.text)
        ranges = compact_ranges(flattened(listed)) if listed else None
        if ranges is not None and (not title.strip() or self._entitles(title)):
            for each in ranges:
                self._take_range(line.ref, each)
            return None
        if self._fills(line.flat):
            return None
        self._end_range()
        alone = range_alone(line.flat)
        if alone is not None:
            self.open_range = (line.ref, alone)
            return None
        if self._is_title(line):
            return None
        number = number_of(line.flat)
        if number is not None and self._enters_part(line, number):
            line = replace(line, text=line.text[number.end :])
            number = number_of(line.flat)
        if number is not None and self._is_entry(number, line):
            self._take_entry(line, number)
            return None
        return self._go_on(line)

    def finish(self) -> None:
        """Say what a range lacks at the end of the list."""
        self._end_range()

    def _entitles(self, title: str) -> bool:
        heading = title_of_list(title)
        if heading is None and not re.search(r"答案\s?[)\]】]?\s*[:]?$|^\W*$", flattened(title)):
            return False
        if heading is not None:
            self._enter(heading)
        return True

    def _enter(self, heading: Heading) -> None:
        self.heading = heading
        self.group += 1
        self.style = ""
        self.sublist = 0

    def _is_title(self, line: Line) -> bool:
        flat = re.sub(r"(?:参考|标准|正确)?答案(?:及解析|与解析)?\s*[:]?\s*$", "", line.flat).rstrip()
        heading = heading_of(flat) or plain_heading_of(flat)
        if heading is not None and not heading.rest and not (heading.type == "" and self._is_text_of(line)):
            self._enter(heading)
            return True
        return is_key_title(line.flat)

    def _enters_part(self, line: Line, number: Number) -> bool:
        """四、1. …: the number of a part and its first key on one line."""
        first = number_of(line.flat[number.end :])
        if number.style != "chinese" or first is None or first.style not in ("plain", "title", "paren"):
            return False
        if first.value != 1 and not any(section.heading.ordinal == number.value for section in self.scope):
            return False
        self._enter(Heading("", "", number.value))
        return True

    def _is_text_of(self, line: Line) -> bool:
        """一、… inside a model answer is part of it; a chapter or a section is none."""
        last = self.entries[-1] if self.entries else None
        return last is not None and self._is_open(last) and plain_heading_of(line.flat) is not None

    def _is_open(self, entry: KeyEntry) -> bool:
        kind = entry.heading.type if entry.heading else ""
        return kind in OPEN_TYPES or (not kind and len(entry.text) > 12)

    def _is_entry(self, number: Number, line: Line) -> bool:
        last = self.entries[-1] if self.entries and self.entries[-1].group == self.group else None
        if last is None:
            self.style = number.style
            return True
        if not self.style and number.style in ("plain", "title"):
            # So far one line held the keys of several: 1-5 ABCDE.
            self.style = number.style
        if number.style != self.style and {number.style, self.style} != {"plain", "title"}:
            return False
        if self.sublist and number.value == self.sublist + 1 and number.value != last.number + 1:
            self.sublist = number.value
            return False
        if number.value > last.number:
            return number.value - last.number <= 50
        explains = bool(last.fields) and not _states_key(line)  # 原因有二： 1.… 2.…
        if number.value == 1 and not self._is_open(last) and not explains:
            self.group += 1
            return True
        self.sublist = number.value
        return False

    def _take_entry(self, line: Line, number: Number) -> None:
        self.sublist = 0
        text = line.text[number.end :]
        for piece, value in _several(text, number.value):
            found = segments(piece, flattened(piece)) if piece.strip() else []
            entry = self._add(line.ref, value, "")
            for segment in found:
                if segment.field in ("text", "key"):
                    entry.text = joined(entry.text, segment.text)
                else:
                    entry.fields.append((segment.field, line.ref, segment.text))

    def _go_on(self, line: Line) -> Line | None:
        if not self.entries or self.entries[-1].group != self.group:
            # 一、… before the first number: the words of the title.
            return None if not self.entries and len(line.text) < 40 else line
        entry = self.entries[-1]
        for segment in segments(line.text, line.flat):
            if segment.field == "key" and not entry.text:
                entry.text = segment.text
            elif segment.field not in ("text", "key"):
                entry.fields.append((segment.field, line.ref, segment.text))
            elif len(entry.fields[-1][2] if entry.fields else entry.text) > MOST_TEXT:
                return line
            elif entry.fields:
                name, ref, text = entry.fields[-1]
                entry.fields[-1] = (name, ref, joined(text, segment.text))
            else:
                entry.text = joined(entry.text, segment.text)
        return None

    def _add(self, ref: str, number: int, text: str) -> KeyEntry:
        entry = KeyEntry(ref, number, text, self.group, self.heading)
        self.entries.append(entry)
        return entry

    def _take_range(self, ref: str, each: KeyRange) -> None:
        self._end_range()
        last = self.entries[-1] if self.entries and self.entries[-1].group == self.group else None
        if last is not None and each.first == 1 and last.number >= 1:
            self.group += 1
        values = each.values()
        if values is None:
            self.open_range = (ref, each)
            return
        for number, value in enumerate(values, each.first):
            self._add(ref, number, value)

    def _fills(self, flat: str) -> bool:
        """Go on with a range whose letters run over to the next line."""
        if self.open_range is None or not _LETTERS_ALONE.match(flat):
            return False
        ref, each = self.open_range
        each.value = f"{each.value} {flat.strip()}"
        values = divided(each.value, each.last - each.first + 1)
        if values is not None:
            self.open_range = None
            for number, value in enumerate(values, each.first):
                self._add(ref, number, value)
        return True

    def _end_range(self) -> None:
        if self.open_range is None:
            return
        ref, each = self.open_range
        self.open_range = None
        count = each.last - each.first + 1
        reason = f"第 {each.first} 到 {each.last} 题应有 {count} 个答案，写的是“{each.value[:30]}”，数目不符，没有采用"
        self.problems.append(Problem(ref, "答案", "error", reason, "补齐或改正这一段答案，各题之间用空格分开"))

    def _warn(self, ref: str, reason: str) -> None:
        self.problems.append(Problem(ref, "答案", "warning", reason, "补写答案"))


def _states_key(line: Line) -> bool:
    """Whether a line is a key by its form: 1. A, or 1.【答案】甲."""
    marked = any(segment.field == "key" for segment in segments(line.text, line.flat))
    return marked or compact_ranges(line.flat) is not None


def _several(text: str, number: int) -> Iterator[tuple[str, int]]:
    """Divide `平时考核 2.专项考核 3.定期考核` at the numbers that follow each other."""
    flat = flattened(text)
    start = 0
    for match in re.finditer(r"[\s;,。、](\d{1,4})\s?[.、:)](?!\d)\s*", flat):
        if int(match[1]) == number + 1:
            yield text[start : match.start()].strip(" ;；,，"), number
            start, number = match.end(), number + 1
    yield text[start:].strip(), number


def assign(zone: KeyZone) -> list[Problem]:
    """Give the keys of a list to the items of its scope; return what fits nowhere."""
    zone.finish()
    problems = list(zone.problems)
    groups: dict[int, list[KeyEntry]] = {}
    for entry in zone.entries:
        groups.setdefault(entry.group, []).append(entry)
    free = [section for section in zone.scope if section.blocks]
    for entries in groups.values():
        sections = _sections_for(zone, entries, free, len(groups))
        if len(groups) > 1:
            free = [section for section in free if section not in sections]
        problems.extend(_give(entries, sections, zone.says))
    return problems


def _sections_for(zone: KeyZone, entries: Sequence[KeyEntry], free: list[Section], groups: int) -> list[Section]:
    heading = entries[0].heading
    if not free:
        return []
    if heading is not None and (heading.type or heading.ordinal):
        same_type = [section for section in free if heading.type and section.heading.type == heading.type]
        same_place = [section for section in free if heading.ordinal and section.heading.ordinal == heading.ordinal]
        both = [section for section in same_type if section in same_place]
        for fitting in (both, same_type, [] if heading.type else same_place):
            if fitting:
                return fitting if numbers_differ(fitting) else fitting[:1]
    filled = [section for section in zone.scope if section.blocks]
    if numbers_differ(filled):
        return filled
    if groups > 1 or zone.says != "key":
        return free[:1]
    waiting = [section for section in filled if any(not block.has_key for block in numbered(section))]
    if numbers_differ(waiting):
        return waiting
    wanted = {entry.number for entry in entries}
    # Keys right behind a part are that part's.
    own = [block.number.value for block in numbered(filled[-1]) if block.number]
    return filled[-1:] if wanted == set(own) else filled


def numbers_differ(sections: Sequence[Section]) -> bool:
    """Whether no number names two items of these sections."""
    numbers = [block.number.value for section in sections for block in numbered(section) if block.number]
    return len(numbers) == len(set(numbers))


def numbered(section: Section) -> Iterator[Block]:
    """The items of a section that a list of keys may name, those of a common material included."""
    for block in section.blocks:
        if block.is_case and block.parts and block.number is None:
            yield from block.parts
        else:
            yield block


def _give(entries: Sequence[KeyEntry], sections: Sequence[Section], says: str) -> Iterator[Problem]:
    blocks: dict[int, list[Block]] = {}
    for section in sections:
        for position, block in enumerate(numbered(section), 1):
            value = block.number.value if block.number else position
            blocks.setdefault(value, []).append(block)
    for entry in entries:
        fitting = blocks.get(entry.number, [])
        if not fitting:
            reason = f"答案里有第 {entry.number} 题，试题里没有找到这一题"
            yield Problem(entry.ref, "答案", "warning", reason, "核对题号，或补上这道试题")
        elif len(fitting) > 1:
            reason = f"第 {entry.number} 题在试题里出现 {len(fitting)} 次，不知道答案属于哪一题"
            yield Problem(entry.ref, "答案", "error", reason, "在答案前写上部分的标题，例如“一、单选题”")
        else:
            entry.used = True
            _write(fitting[0], entry, says)


def _write(block: Block, entry: KeyEntry, says: str) -> None:
    if entry.text:
        block.write(says, entry.text, entry.ref, from_list=True)
    for name, ref, text in entry.fields:
        block.write(name, text, ref, from_list=True)
