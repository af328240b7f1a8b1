"""Beginning an item, and taking its fields: what stands on the line of the number, 答案：, 题型：, 选项：. Pure."""

import re

from question_bank.formats.layout_blocks import Block
from question_bank.formats.layout_fields import COLUMNS, Segment, segments
from question_bank.formats.layout_headings import take_tag
from question_bank.formats.layout_lines import Line, Number, flattened, number_of, option_marks
from question_bank.formats.layout_lists import ListWalk
from question_bank.formats.report import DIFFICULTY_LEVELS
from question_bank.formats.texts import take_points_mark

_LEVEL = re.compile(r"\s*[\[【(（]\s?([\u4e00-\u9fff]{1,3})\s?[\]】)）]\s*")


class EntryWalk(ListWalk):
    """Writes into blocks what a line says."""

    def _new_block(self, line: Line, number: Number | None, text: str) -> Block:
        block = Block(line.ref, self.section, number)
        if number is not None:
            self._note_number(block, number)
            self.section.style = number.style
            self.section.last = number.value
        self.section.blocks.append(block)
        self.block = block
        block.tag, self.pending_tag = self.pending_tag, ""
        if self.pending_points:
            block.write("points", self.pending_points, line.ref)
            block.last, self.pending_points = "stem", ""
        self.case, self.group = None, None
        self._write_text(line, text, block)
        if block.tag == "case" or (not block.tag and self.section.type == "case"):
            block.is_case = True
            self.case = block
        return block

    def _note_number(self, block: Block, number: Number) -> None:
        section = self.section
        if not section.style:
            first_of_all = not any(other.blocks for other in self.found.sections)
            if number.value not in (1, self.last_overall + 1) and not first_of_all:
                block.doubts.append(("题号", "warning", f"这一部分从第 {number.value} 题开始", "核对前面是否少了试题"))
            return
        if number.value > section.last + 1:
            reason = f"题号从 {section.last} 跳到 {number.value}"
            block.doubts.append(("题号", "warning", reason, "核对中间是否少了试题"))
        elif number.value <= section.last and number.value != 1:
            reason = f"题号 {number.value} 重复，或比前一题 {section.last} 小"
            block.doubts.append(("题号", "warning", reason, "核对题号"))

    def _write_text(self, line: Line, text: str, block: Block) -> None:
        """Take the text of the line that begins an item: tag, stem, options and fields."""
        self._note_marks(block, line)
        if not text.strip():
            return
        for segment in segments(text, flattened(text)):
            if segment.field in ("text", "stem"):
                block.add_stem(self._without_tag(segment.text, line, block))
            else:
                self._field(segment, line)

    def _without_tag(self, text: str, line: Line, block: Block) -> str:
        text, tag, points = take_tag(text, flattened(text))
        if not tag:
            rest, mark = take_points_mark(text)
            taken, tag, points = take_tag(rest, flattened(rest))
            text = taken if tag else text
            points = str(mark) if tag and mark is not None and not points else points
        block.tag = tag or block.tag
        level = _LEVEL.match(text) if tag else None
        if level and level[1] in DIFFICULTY_LEVELS:
            block.write("difficulty", level[1], line.ref)
            text = text[level.end() :]
        if points:
            block.write("points", points, line.ref)
        if points or level:
            block.last = "stem"
        return text

    def _field(self, segment: Segment, line: Line) -> None:
        block, name = self.block, segment.field
        if name == "stem" and (block is None or (block.stem and segment.begins)):
            self._new_block(line, None, segment.text)
        elif name == "stem" and block is not None:
            if segment.text and not block.stem and not block.tag:
                block.ref = line.ref  # the number stands on a line of its own
            block.add_stem(segment.text)
        elif name == "type" and (block is None or (block.complete and self._stem_ahead())):
            self.pending_tag = take_tag(f"[{segment.flat}]", f"[{segment.flat}]")[1]
            if not self.pending_tag:
                self.found.strays.append(line)
        elif block is None:
            self.found.strays.append(line)
        elif name == "options":
            block.last = "stem"
            if option_marks(segment.flat, block.following):
                block.add_options(segment.text, line.ref)
        elif name == "other":
            self.found.ignored.append(line.ref)
        elif name == "key" and self.case is not None and self._is_of_the_case(block, segment):
            self.block = self.case
            self.case.write(name, segment.text, line.ref)
        elif name == "type":
            tag = take_tag(f"[{segment.flat}]", f"[{segment.flat}]")[1]
            block.tag = tag or block.tag
            if not tag:
                reason = f"不认识题型“{segment.text[:20]}”"
                block.doubts.append((COLUMNS["type"], "warning", reason, "改为单选题、多选题、判断题、填空题等"))
        else:
            block.write(name, segment.text, line.ref)

    def _is_of_the_case(self, block: Block, segment: Segment) -> bool:
        """Whether a key behind the parts of a case answers all of them: a second one, or one that counts from their first number."""
        if block is self.case:
            return False
        below = (other.flat for other in self.lines[self.index + 1 : self.index + 4] if not other.blank)
        first = segment.flat or next(below, "")
        return "key" in block.fields or self._answers_parts(number_of(first))

    def _note_marks(self, block: Block, line: Line) -> None:
        block.underlined.extend(line.underlined)
        block.coloured.extend(line.coloured)
