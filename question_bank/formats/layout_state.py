"""The state of a walk through lines, and what can be seen from a line by looking at those below it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from question_bank.formats.layout_blocks import Block, Section, shows_item
from question_bank.formats.layout_fields import segments
from question_bank.formats.layout_headings import (
    Heading,
    heading_of,
    is_instruction,
    is_key_title,
    is_page_mark,
    plain_heading_of,
    tag_at_start,
)
from question_bank.formats.layout_keylist import KeyZone
from question_bank.formats.layout_keys import is_key_list
from question_bank.formats.layout_lines import MAX_LINE, Line, number_of, option_marks
from question_bank.formats.report import Problem

_AHEAD = 40


def _begins_another(line: Line) -> bool:
    """Whether a line shows by its number, title or tag that what stands above it is over."""
    return bool(number_of(line.flat) or heading_of(line.flat) or tag_at_start(line.flat))


@dataclass(slots=True)
class Document:
    """What the walk found: sections with their blocks, lists of keys, and the lines that belong to nothing."""

    sections: list[Section] = field(default_factory=list)
    zones: list[KeyZone] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    head: list[Line] = field(default_factory=list)
    furniture: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    strays: list[Line] = field(default_factory=list)


class Walk:
    """What the walker knows at a line."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self.lines = lines
        self.found = Document()
        self.section = Section(Heading(""), lines[0].ref if lines else "file")
        self.found.sections.append(self.section)
        self.block: Block | None = None
        self.case: Block | None = None
        self.group: tuple[int, int] | None = None
        self.zone: KeyZone | None = None
        self.scope_from = 0
        self.gap = False
        self.pending_tag = ""
        self.pending_points = ""
        self.skip = self.index = 0
        self.last_overall = 0

    def _problem(self, ref: str, column: str, severity: str, reason: str, mend: str) -> None:
        self.found.problems.append(Problem(ref, column, "error" if severity == "error" else "warning", reason, mend))

    def _section(self, heading: Heading, ref: str) -> None:
        self._close()
        self.last_overall = self.section.last or self.last_overall
        self.section = Section(heading, ref)
        self.found.sections.append(self.section)

    def _close(self) -> None:
        self.block = self.case = None
        self.group = None
        self.pending_tag = self.pending_points = ""

    # Looking ahead

    def _evidence(self, index: int) -> bool:
        """Whether options or a key come before the next number or heading."""
        own = self.lines[index]
        if shows_item(own) or len(option_marks(own.flat)) > 1:
            return True
        if any(segment.field == "key" for segment in segments(own.text, own.flat)):
            return True
        for at in range(index + 1, min(index + _AHEAD, len(self.lines))):
            line = self.lines[at]
            if line.blank or len(line.text) > MAX_LINE:
                continue
            marks = option_marks(line.flat)
            if marks and marks[0].label == "A":
                return True
            if is_key_title(line.flat) and (len(line.flat.strip()) > 6 or self._entitles_list(at)):
                return False
            if segments(line.text, line.flat)[0].field == "key":
                return True
            if _begins_another(line):
                return False
        return False

    def _entitles_list(self, index: int) -> bool:
        """Whether below a title such as 参考答案 a heading or a list of keys stands."""
        below = next((line for line in self.lines[index + 1 : index + 4] if not line.blank), None)
        if below is None:
            return False
        return bool(heading_of(below.flat) or plain_heading_of(below.flat) or is_key_list(below.flat))

    def _options_restart(self, index: int) -> bool:
        for line in self.lines[index : index + _AHEAD]:
            marks = [] if line.blank else option_marks(line.flat)
            if marks:
                return marks[0].label == "A"
            if line is not self.lines[index] and _begins_another(line):
                return False
        return False

    def _heads(self, index: int, plain: Heading) -> bool:
        """Whether below a line such as 一、公务员法 items or other headings begin."""
        if plain.unit and plain.unit not in ("部分", "大题", "大部分"):
            return True
        if self.block is not None and not self.block.complete and self.block.is_open and not self.gap:
            return False
        for other in self.lines[index + 1 : index + 4]:
            if other.blank or is_page_mark(other.flat):
                continue
            number = number_of(other.flat)
            if heading_of(other.flat):
                return True
            return (
                number is not None
                and number.value in (1, self.section.last + 1)
                and number.style not in ("chinese", "circled")
            )
        return False

    def _instructs(self, index: int) -> bool:
        """Whether a line right below the heading of cases tells how to answer them: the next one begins the first of them."""
        if self.section.type != "case" or self.section.blocks or not is_instruction(self.lines[index].flat):
            return False
        below = next((line for line in self.lines[index + 1 : index + 4] if not line.blank), None)
        number = number_of(below.flat) if below is not None else None
        return number is not None and number.style in ("plain", "title") and number.value in (1, self.last_overall + 1)

    def _stem_ahead(self) -> bool:
        """Whether the next line is the stem of another item, so that what stands here belongs to that one."""
        ahead = (other for other in self.lines[self.index + 1 : self.index + 4] if not other.blank)
        first = next(ahead, None)
        return first is not None and segments(first.text, first.flat)[0].field in ("stem", "text")
