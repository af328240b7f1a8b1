"""Walking through the lines of a document: which belong to which item, heading or list of keys, and which to none. Pure."""

import re

from question_bank.formats.layout_blocks import OPEN_TYPES, Block, shows_item
from question_bank.formats.layout_entries import EntryWalk
from question_bank.formats.layout_fields import Segment, segments
from question_bank.formats.layout_headings import (
    Heading,
    heading_of,
    is_form,
    is_page_mark,
    plain_heading_of,
    tag_alone,
    tag_at_start,
)
from question_bank.formats.layout_lines import (
    MAX_LINE,
    Line,
    Number,
    OptionMark,
    bare_marks,
    decimal_follows,
    number_of,
    option_marks,
    weak_number_of,
)
from question_bank.formats.layout_state import Document

_GROUP = re.compile(
    r"(?:根据|阅读|依据|结合|请|按照|回答).{0,40}?(?:第\s?)?(\d{1,4})\s?(?:[-~—–―至到]|、)+\s?(?:第\s?)?(\d{1,4})\s?(?:小|各)?题"
)
_CASE_START = re.compile(
    r"\s*[(\[【]?\s*(?:案例|材料|背景材料|背景资料|资料|情景)\s?(?:[一二三四五六七八九十]|\d{1,2})\s*[)\]】]?\s*(?:[:、.]|\s|$)\s*"
)
_KEY_BEFORE = re.compile(
    r"\s*[(\[【]\s*([A-Z]{1,8}|[√×✓✗对错TF]|正确|错误|)\s*[)\]】]\s*(?=(?:第\s?)?\d{1,4}\s?[题.、])"
)
_CASE_ALONE = re.compile(r"\s*[(\[【]?\s*案例\s?(?:[一二三四五六七八九十]|\d{1,2})\s*[)\]】]?\s*[:、.]?\s*$")
_RATIONALE_WORD = re.compile(r"\s*(?:答案|试题)?(?:解析|详解)[ \t\u3000]+(?=\S)")
_BARE_KEY = re.compile(r"[(\[【]?\s*([A-Z](?:[\s,、]?[A-Z])*|[√×✓✗]|正确|错误)\s*[)\]】]?\s*$")
_ORDER = {"plain": 0, "title": 1, "paren": 2, "chinese": 3, "chinese_paren": 4, "circled": 5}


class Walker(EntryWalk):
    """Reads lines in their order. `run` returns the document."""

    def run(self) -> Document:
        """Return what the lines hold."""
        for index, line in enumerate(self.lines):
            self.index = index
            if line.blank:
                self.gap = True
            elif len(line.text) > MAX_LINE:
                reason = f"这一行有 {len(line.text)} 个字，超过上限 {MAX_LINE} 个字，没有读取"
                self._problem(line.ref, "", "error", reason, "分成几行后重新导入")
            elif self.skip:
                self.skip -= 1
            else:
                self._line(index, line)
                self.gap = False
        return self.found

    def _line(self, index: int, line: Line) -> None:
        if is_page_mark(line.flat) or (
            line.flat.strip().isdecimal() and not line.cells and not self._is_expected(line)
        ):
            self.found.furniture.append(line.ref)
            return
        if self.zone is not None and self._in_zone(index, line, self.zone):
            return
        if self._opens_zone(index, line) or self._heading(index, line):
            return
        if self.block is None and is_form(line.flat):
            self.found.head.append(line)
            return
        tagged = tag_alone(line.flat)
        if tagged:
            self.pending_tag, self.pending_points = tagged
            return
        if self._begins_group(line) or self._begins_item(index, line):
            return
        self._rest(index, line)

    def _is_expected(self, line: Line) -> bool:
        return int(line.flat.strip()[:6]) == self.section.last + 1 and self.zone is None

    # Headings

    def _heading(self, index: int, line: Line) -> bool:
        heading = heading_of(line.flat)
        if heading is not None and self._is_item_of_its_own(index, line, heading):
            heading = None
        if heading is None:
            plain = plain_heading_of(line.flat)
            if plain is None or not self._heads(index, plain):
                return False
            parent = self.section.heading
            inherits = plain.unit == "" and line.flat.lstrip().startswith("(") and parent.type not in ("", "case")
            heading = parent if inherits else plain
            if parent.type == "case" and not plain.unit:
                return False
        if self._is_divided(heading):
            self.section.heading = heading
            return True
        self._section(heading, line.ref)
        if heading.rest:
            self._new_block(line, None, line.text[len(line.text) - len(heading.rest) :])
        return True

    def _is_divided(self, heading: Heading) -> bool:
        return not self.section.blocks and self.section.heading.title == "" and len(self.found.sections) == 1

    def _is_item_of_its_own(self, index: int, line: Line, heading: Heading) -> bool:
        """A word such as 判断 or 案例 inside an item, on a line of its own, is no heading; nor is 题型：单选题."""
        if self.block is None or heading.ordinal or len(heading.title) > 4:
            return False
        return not self.gap and not self.block.complete and not heading.title.endswith("题")

    # Items

    def _begins_group(self, line: Line) -> bool:
        """材料 for several items: 根据以下材料回答 1-3 题. They become the parts of one case."""
        match = _GROUP.search(line.flat[:200])
        if match is None or int(match[2]) <= int(match[1]) or (number_of(line.flat) and self.section.style == "plain"):
            return False
        if int(match[1]) not in (1, self.section.last + 1, self.last_overall + 1):
            return False
        self.group = None
        case = self._new_block(line, None, line.text)
        case.is_case = True
        self.case, self.group = case, (int(match[1]), int(match[2]))
        return True

    def _begins_item(self, index: int, line: Line) -> bool:
        cases = "case" in (self.section.type, self.pending_tag)
        if cases and _CASE_START.match(line.flat) and not self._goes_on_with_material(line):
            self._new_block(line, None, "" if _CASE_ALONE.match(line.flat) else line.text)
            return True
        if self.section.type == "" and _CASE_ALONE.match(line.flat) and (self.block is None or self.block.has_key):
            self.pending_tag = "case"
            self._new_block(line, None, "")
            return True
        number = number_of(line.flat)
        if number is None:
            return self._begins_oddly(index, line)
        if decimal_follows(line.flat, number) and not self._is_due(index, line, number):
            return False
        if self.case is not None and self._begins_part(line, number, self.case):
            return True
        if not self._accepts(index, line, number):
            return False
        self._new_block(line, number, line.text[number.end :])
        return True

    def _goes_on_with_material(self, line: Line) -> bool:
        """Whether 材料二 belongs to the case that 材料一 began: nothing has been asked yet."""
        case = self.case
        begun = case is not None and case is self.block and case.last == "stem" and not case.parts and bool(case.stem)
        return begun and line.flat.lstrip().startswith("材料")

    def _is_due(self, index: int, line: Line, number: Number) -> bool:
        """Whether 2.3.14… or 2．5% begins the item that comes next, and is no decimal."""
        if self.case is not None or number.value != (self.section.last or self.last_overall) + 1:
            return False
        if line.text[number.end - 1] == "．" or re.match(r"\d{1,4}\.\d", line.flat[number.end :]):
            return True
        block = self.block
        return block is not None and block.complete and block.last in ("option", "key") and self._evidence(index)

    def _begins_oddly(self, index: int, line: Line) -> bool:
        """An item whose key or type stands before its number, （B）1. …, 【单选】1. …, or whose number only a space follows."""
        tag = tag_at_start(line.flat)
        tagged = number_of(line.flat[tag.end() :]) if tag else None
        if tag is not None and tagged is not None and tagged.style in ("plain", "paren", "title"):
            self.pending_tag, self.pending_points = tag_alone(tag[0]) or ("", "")
            self._new_block(line, tagged, line.text[tag.end() + tagged.end :])
            return True
        lead = _KEY_BEFORE.match(line.flat)
        if lead is not None:
            number = number_of(line.flat[lead.end() :])
            if number is None or (self.section.style and number.value != self.section.last + 1 and number.value != 1):
                return False
            block = self._new_block(line, number, line.text[lead.end() + number.end :])
            if lead[1].strip():
                kept = block.last
                block.write("key", lead[1].strip(), line.ref)
                block.last = kept
            return True
        number = weak_number_of(line.flat)
        due = (self.section.last or self.last_overall) + 1
        if number is None or number.value not in (due, 0 if self.section.style else 1) or not self._evidence(index):
            return False
        if self.case is not None or (self.block is not None and not self.block.complete and self.section.style == ""):
            return False
        self._new_block(line, number, line.text[number.end :])
        return True

    def _begins_part(self, line: Line, number: Number, case: Block) -> bool:
        """A numbered question of a case, or one of the items that a common material belongs to."""
        if self.group is not None:
            inside = self.group[0] <= number.value <= self.group[1] and number.style in ("plain", "title", "paren")
            if not inside:
                return False
            self.section.last = number.value
            self.section.style = self.section.style or number.style
        else:
            expected = (case.parts[-1].number.value if case.parts and case.parts[-1].number else 0) + 1
            style = case.part_style
            own = case.number.style if case.number else self.section.style
            if self._goes_on_counting(case, number):
                self.section.last, self.section.style = number.value, self.section.style or number.style
            elif number.style == own or (style and number.style != style) or number.value != expected:
                return False
            if case.last != "stem" and not case.parts:
                return False  # the answer of a case without questions of its own
            if (
                self.block is not None
                and self.block is not case
                and self.block.last not in ("stem", "option")
                and style == ""
            ):
                return False
            if self.block is case and case.last not in ("stem",):
                return False
            case.part_style = number.style
        part = Block(line.ref, self.section, number)
        case.parts.append(part)
        self.block = part
        self._write_text(line, line.text[number.end :], part)
        return True

    def _goes_on_counting(self, case: Block, number: Number) -> bool:
        """Whether the questions of a case without a number of its own go on with the numbers of the items before it."""
        if case.number is not None or number.style not in ("plain", "title", "paren"):
            return False
        last = case.parts[-1].number if case.parts else None
        if last is not None:
            first = case.parts[0].number
            return (
                first is not None and first.value > 1 and (number.style, number.value) == (last.style, last.value + 1)
            )
        due = (self.section.last or self.last_overall) + 1
        return number.value == due > 1 and case is self.block and case.last == "stem" and bool(case.stem)

    def _accepts(self, index: int, line: Line, number: Number) -> bool:
        section, block = self.section, self.block
        if number.style == "question":
            return False  # 问题1：… is asked inside a case
        if number.style == "circled" and (block is not None or number.value != 1):
            return section.style == "circled" and number.value == section.last + 1
        if number.style in ("chinese", "chinese_paren") and section.style != number.style:
            return (
                block is None
                and section.type in OPEN_TYPES | {"", "choice"}
                and number.value == 1
                and bool(section.type or self._evidence(index))
            )
        if not section.style:
            return self._accepts_first(index, line, number)
        if number.style != section.style:
            if block is not None and number.value in (1, block.sublist + 1) and (block.sublist or number.value == 1):
                block.sublist, block.sublist_style = number.value, number.style
                return False
            mixed = {number.style, section.style} <= {"plain", "title", "paren"}
            fits = mixed and number.value == section.last + 1 and (block is None or block.complete)
            return fits and (self.case is None) and self._evidence(index)
        return self._accepts_next(index, number)

    def _accepts_first(self, index: int, line: Line, number: Number) -> bool:
        block = self.block
        if block is None:
            usual = number.value in (1, self.last_overall + 1)
            return usual or shows_item(line) or self._evidence(index)
        if block.complete:
            return self._evidence(index) or not block.is_open
        return self.gap and self._evidence(index)

    def _accepts_next(self, index: int, number: Number) -> bool:
        block, last = self.block, self.section.last
        value = number.value
        if block is None:
            return True
        if block.sublist and value == block.sublist + 1 and block.sublist_style == number.style:
            if value == last + 1 and self._evidence(index):
                return True
            block.sublist = value
            return False
        if value == last + 1:
            return True
        if value > last + 1:
            return value - last <= 200 and (block.complete or self._evidence(index))
        if value == 1 and block.last not in ("option",) and not (self._evidence(index) and block.complete):
            block.sublist, block.sublist_style = 1, number.style
            return False
        return block.complete and (self._evidence(index) or block.last == "option")

    # Lines inside an item

    def _rest(self, index: int, line: Line) -> None:
        parts = segments(line.text, line.flat)
        for number, segment in enumerate(parts):
            if segment.field != "text":
                self._field(segment, line)
            elif number == 0:
                self._text(index, line, segment)
            elif self.block is not None:
                self.block.go_on(segment.text)
            else:
                self.found.strays.append(line)

    def _text(self, index: int, line: Line, segment: Segment) -> None:
        block = self.block
        marks = option_marks(segment.flat, block.following if block else "A")
        at_start = bool(marks) and marks[0].apart == "^"
        if block is None:
            if self._instructs(index):
                self.found.strays.append(line)
            elif not at_start and (self._evidence(index) or self._begun()):
                self._new_block(line, None, line.text if segment.text == line.text.strip() else segment.text)
            elif self._begun() or at_start:
                self.found.strays.append(line)
            else:
                self.found.head.append(line)
            return
        self._note_marks(block, line)
        bare = [] if marks or not self._takes(block, block.following) else self._bare(index, block, segment)
        if bare:
            block.add_options(segment.text, line.ref, bare)
        elif self._is_bare_key(block, segment.flat):
            block.write("key", segment.text, line.ref)
        elif at_start and self._takes(block, marks[0].label):
            block.add_options(segment.text, line.ref)
        elif self._begins_unnumbered(index, block):
            self._new_block(line, None, segment.text)
        elif self._fits(block):
            block.go_on(segment.text)
        else:
            self._loose(line, segment, block)

    def _bare(self, index: int, block: Block, segment: Segment) -> list[OptionMark]:
        below = next((line.flat for line in self.lines[index + 1 : index + 3] if not line.blank), "")
        if block.options and block.last != "option":
            return []
        return bare_marks(segment.flat, block.following, below)

    def _begun(self) -> bool:
        return bool(self.section.heading.title)

    def _takes(self, block: Block, label: str) -> bool:
        if not block.takes_options:
            return False
        used = any(option.label == label for option in block.options)
        if block.options and block.last not in ("option", "stem"):
            return not used and block.last == "key" and label == block.following
        return block.last in ("option", "stem", "options", "key", "points", "type") or not block.options

    def _is_bare_key(self, block: Block, flat: str) -> bool:
        match = _BARE_KEY.match(flat)
        if match is None or "key" in block.fields:
            return False
        letters = re.sub(r"[^A-Z]", "", match[1])
        if letters:
            return len(block.options) > 1 and set(letters) <= {option.label for option in block.options}
        return not block.options and bool(block.stem) and block.section.type in ("true_false", "")

    def _begins_unnumbered(self, index: int, block: Block) -> bool:
        """Whether a text without a number is the stem of another item."""
        unnumbered = block.number is None and not self.section.style
        if block.last == "option" and "key" not in block.fields:
            return len(block.options) > 1 and self._options_restart(index) and self._evidence(index)
        if block.last in ("stem", "option"):
            close = unnumbered and block.complete and (self.gap or block.has_key)
            return close and (self.gap or self._evidence(index))
        if block.is_open or block.last == "rationale":
            apart = self.gap or shows_item(self.lines[index]) or (unnumbered and self._options_restart(index))
            return apart and self._evidence(index)
        return unnumbered or self._evidence(index)

    def _fits(self, block: Block) -> bool:
        if block.last in ("stem", "option", "rationale", "rubric", "source", "options"):
            return True
        return block.last == "key" and (
            block.is_open or (block.tag or block.section.type) == "fill_blank" or not block.fields["key"][-1].text
        )

    def _loose(self, line: Line, segment: Segment, block: Block) -> None:
        """A text behind a key: an explanation without its mark where it stands close, otherwise nobody's."""
        marked = _RATIONALE_WORD.match(segment.text) if "key" in block.fields else None
        if marked is not None:
            block.write("rationale", segment.text[marked.end() :], line.ref)
        elif block.last == "key" and not self.gap:
            block.write("rationale", segment.text, line.ref)
            reason = "答案后面的文字没有标明是什么，按解析读取"
            block.doubts.append(("解析", "warning", reason, "核对后在前面写上“解析：”，或删去"))
        else:
            self.found.strays.append(line)
