"""Lists of keys inside a document: where one begins, where it ends and items begin again. Pure."""

import re
from collections.abc import Sequence

from question_bank.formats.layout_blocks import OPEN_TYPES, Block
from question_bank.formats.layout_fields import segments
from question_bank.formats.layout_headings import Heading, heading_of, is_key_title, is_page_mark, plain_heading_of
from question_bank.formats.layout_keylist import KeyZone, numbers_differ
from question_bank.formats.layout_keys import (
    answers_row,
    compact_ranges,
    is_key_list,
    numbers_row,
    range_alone,
    split_title,
)
from question_bank.formats.layout_lines import Line, Number, flattened, number_of, option_marks
from question_bank.formats.layout_state import Walk


class ListWalk(Walk):
    """Takes lines that are lists of keys."""

    def _opens_zone(self, index: int, line: Line) -> bool:
        title, listed = split_title(line.text)
        title_flat = flattened(title)
        told = re.search(r"答案\s?[)\]】]?\s*[:]?$|^\s*key\s*[:]?$", title_flat, re.IGNORECASE)
        if listed and told and self._is_own_key(flattened(listed)):
            self._open_zone(line, lasting=False).take(line)
            return True
        if listed and is_key_list(flattened(listed)) and (not title_flat.strip() or (told and len(title_flat) < 40)):
            if not title_flat.strip() and not self._may_be_list(index, line):
                return False
            self._open_zone(line, lasting=False).take(line)
            return True
        if numbers_row(line) and index + 1 < len(self.lines) and self._row_of_answers(index, line):
            return self._in_zone(index, line, self._open_zone(line, lasting=False))
        if is_key_title(line.flat) and self._list_follows(index):
            self._open_zone(line, lasting=True)
            return True
        return False

    def _is_own_key(self, flat: str) -> bool:
        """Whether the key of one item names it by its number, as a longer list would: 【答案】1. AC."""
        ranges = compact_ranges(flat) or ()
        number = self.block.number if self.block else None
        return number is not None and [each.first for each in ranges] == [number.value]

    def _may_be_list(self, index: int, line: Line) -> bool:
        """A list of keys without a title stands where no item can begin: at the end, or after items without keys."""
        if self.block is None:
            return not any(option_marks(other.flat) for other in self.lines[index + 1 : index + 4])
        return not self.block.has_key and self.block.last in ("option", "stem")

    def _row_of_answers(self, index: int, line: Line) -> bool:
        numbers = numbers_row(line) or []
        below = next((other for other in self.lines[index + 1 : index + 3] if not other.blank), None)
        if below is None or answers_row(below, len(numbers)) is None:
            return False
        return bool(
            re.match(r"\s*(?:题|序)", line.flat) or re.match(r"\s*(?:正确|参考|标准)?答", below.flat) or line.cells
        )

    def _list_follows(self, index: int) -> bool:
        """Whether the lines below a title such as 参考答案 are keys by number, and not the answer of one open item."""
        block = self.block
        ahead = [line for line in self.lines[index + 1 : index + 30] if not line.blank and not is_page_mark(line.flat)]
        if not ahead:
            return block is None or block.has_key
        first = ahead[0]
        title, listed = split_title(first.text)
        if listed and (is_key_list(flattened(listed)) or not title.strip()):
            return True
        if numbers_row(first) or range_alone(first.flat) or heading_of(first.flat) or plain_heading_of(first.flat):
            return True
        number = number_of(first.flat)
        if number is None or number.style in ("circled", "chinese"):
            return block is None
        if self._answers_parts(number):
            return False
        waiting = [
            one for section in self.found.sections[self.scope_from :] for one in section.blocks if not one.has_key
        ]
        if not any(one.number and one.number.value == number.value for one in waiting):
            return block is None
        if self._is_answer_of(block, first) or self._is_answer_in_points(block, ahead, waiting):
            return False
        several = len(waiting) > 1 or block is None or self.section.type not in OPEN_TYPES | {""}
        return several or self.section.style == number.style

    def _answers_parts(self, number: Number | None) -> bool:
        """Whether a number begins the answers to the parts of the case: it is the first, written as those of the parts are."""
        case = self.case
        if case is None or number is None or len(case.parts) < 2 or case.has_key:
            return False
        return (number.style, number.value) == (case.part_style, 1) and not any(part.has_key for part in case.parts)

    def _is_answer_of(self, block: Block | None, line: Line) -> bool:
        """Whether points by number answer the one open item of a part, where each part numbers its items anew."""
        sections = self.found.sections[self.scope_from :]
        alone = [one for one in self.section.blocks if not one.has_key] == [block]
        return alone and self.section.type in OPEN_TYPES and not numbers_differ(sections) and not is_key_list(line.flat)

    def _is_answer_in_points(self, block: Block | None, ahead: Sequence[Line], waiting: Sequence[Block]) -> bool:
        """Whether points 1. 2. 3. answer the one open item that waits for a key: no other bears the numbers of the further points."""
        alone = block is not None and [one for one in self.section.blocks if not one.has_key] == [block]
        if not alone or self.section.type not in OPEN_TYPES or is_key_list(ahead[0].flat):
            return False
        points = [number.value for line in ahead if (number := number_of(line.flat)) is not None]
        known = {one.number.value for one in (*self.section.blocks, *waiting) if one.number}
        return points[:2] == [1, 2] and 2 not in known

    def _open_zone(self, line: Line, lasting: bool) -> KeyZone:
        scope = self.found.sections[self.scope_from :]
        within = [self.section] if not lasting and self.section.blocks else scope
        self.zone = zone = KeyZone(line.ref, within, lasting)
        self.found.zones.append(zone)
        self._close()
        return zone

    def _in_zone(self, index: int, line: Line, zone: KeyZone) -> bool:
        below = next((other for other in self.lines[index + 1 : index + 3] if not other.blank), None)
        if below is not None and zone.take_rows(line, below):
            self.skip = 1 if self.lines[index + 1] is below else 0
            return True
        if below is not None and zone.explains(line, below):
            self.zone = KeyZone(line.ref, zone.scope, lasting=True, says="rationale")
            self.found.zones.append(self.zone)
            return True
        if self._items_again(index, line, zone) or (not zone.lasting and not zone.goes_on(line)):
            self.zone = None
            self.scope_from = len(self.found.sections)
            if not zone.lasting:
                self.scope_from -= 1
            else:
                self._section(Heading(""), line.ref)
            return False
        left = zone.take(line)
        if left is not None:
            self.found.strays.append(left)
        return True

    def _items_again(self, index: int, line: Line, zone: KeyZone) -> bool:
        """Whether items begin again inside a list of keys: options or empty brackets follow."""
        heading = heading_of(line.flat)
        if not (heading or plain_heading_of(line.flat) or number_of(line.flat)):
            return False
        if heading is not None and self._is_new(heading, line, zone):
            return True
        numbers = 0
        for other in self.lines[index : index + 14]:
            if other.blank:
                continue
            if other is not line and (is_key_title(other.flat) or heading_of(other.flat)):
                return False
            marks = option_marks(other.flat)
            if marks and marks[0].label == "A" and (len(marks) > 1 or marks[0].apart == "^"):
                return compact_ranges(other.flat) is None and self._no_key_before(other)
            if re.search(r"[(]\s*[)]|_{2,}", other.flat):
                return True
            if numbers and segments(other.text, other.flat)[0].field == "key":
                return True
            numbers += number_of(other.flat) is not None and self._no_key_before(other) and len(other.text) > 12
            if numbers > 2:
                return False
        return False

    def _is_new(self, heading: Heading, line: Line, zone: KeyZone) -> bool:
        """Whether a heading inside a list of keys is none of those of its items, or comes a second time."""
        if split_title(line.text)[1] or not zone.entries:
            return False
        known = [section.heading for section in zone.scope if section.blocks and section.heading.title]
        own = (heading.type, heading.ordinal)
        told = [entry.heading for entry in zone.entries if entry.heading is not None]
        if any((other.type, other.ordinal) == own for other in told):
            return True
        return bool(known) and all(other.type != heading.type for other in known)

    def _no_key_before(self, line: Line) -> bool:
        return not any(segment.field == "key" for segment in segments(line.text, line.flat))
