"""What a document consists of before anything is understood: sections, and blocks of lines that are one item each. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from question_bank.formats.layout_headings import Heading
from question_bank.formats.layout_lines import Line, Number, OptionMark, flattened, joined, number_of, option_marks

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
# Characters of one text of an item; what is longer is no item, and joining it line by line would take for ever.
MOST_TEXT = 20_000
OPEN_TYPES = frozenset({"short_answer", "essay", "case"})
TRUTH_AT_END = re.compile(r"[(\[【]\s*(?:[√✓✔×✗✘✕╳xXTFVtfYN]|对|错|正确|错误)\s*[)\]】]\s*[。.]?\s*$")
KEY_INSIDE = re.compile(r"[(\[【]\s*[A-Z](?:[\s,、]*[A-Z])*\s*[)\]】]|_+\s*[A-H](?:[\s,、]*[A-H])*\s*_+")
EMPTY_BRACKET = re.compile(r"[(\[【]\s*[)\]】]|_{2,}")


@dataclass(slots=True)
class Section:
    """What stands under one heading; `style` is how its items are numbered, `last` the number of the last of them."""

    heading: Heading
    ref: str
    style: str = ""
    last: int = 0
    blocks: list["Block"] = field(default_factory=list)

    @property
    def type(self) -> str:
        """The type that the heading names, empty where it names none."""
        return self.heading.type


@dataclass(slots=True)
class RawOption:
    """One option: its letter, its text, where it stands, and the letter with its mark as written."""

    label: str
    text: str
    ref: str
    mark: str = ""


@dataclass(slots=True)
class Written:
    """What is written in one field of an item, and where."""

    ref: str
    text: str
    from_list: bool = False


@dataclass(slots=True)
class Block:
    """The lines of one item. `last` is what a line without a mark goes on with: stem, option, or a field."""

    ref: str
    section: Section
    number: Number | None = None
    stem: str = ""
    options: list[RawOption] = field(default_factory=list)
    fields: dict[str, list[Written]] = field(default_factory=dict)
    parts: list["Block"] = field(default_factory=list)
    underlined: list[str] = field(default_factory=list)
    coloured: list[str] = field(default_factory=list)
    last: str = "stem"
    tag: str = ""
    doubts: list[tuple[str, str, str, str]] = field(default_factory=list)  # column, severity, reason, mend
    is_case: bool = False
    sublist: int = 0  # the last number of a list inside the item, and how its numbers are written
    sublist_style: str = ""
    repeated: int = 0  # letters that came twice
    part_style: str = ""
    overlong: bool = False  # there is more text than any item may have

    @property
    def has_key(self) -> bool:
        """Whether a key is written, in a field or in the stem."""
        return "key" in self.fields or TRUTH_AT_END.search(flattened(self.stem[-60:])) is not None

    @property
    def complete(self) -> bool:
        """Whether another item may begin: there are options or a key."""
        return len(self.options) > 1 or self.has_key

    @property
    def is_open(self) -> bool:
        """Whether the item is answered in sentences, so that its key may go on over many lines."""
        kind = self.tag or self.section.type
        return kind in OPEN_TYPES or (not self.options and not kind)

    def add_stem(self, text: str) -> None:
        """Go on with the stem, or with its options where the line holds them."""
        if not text.strip():
            return
        marks = option_marks(flattened(text), self.following) if self.takes_options else []
        if marks and (marks[0].apart == "^" or len(marks) > 1):
            self.stem = joined(self.stem, text[: marks[0].start].strip())
            self.add_options(text, self.ref)
        else:
            self.stem = joined(self.stem, text.strip())
            self.last = "stem"

    @property
    def takes_options(self) -> bool:
        """Whether letters at the beginning of a line are options here and not a list in a text."""
        return (self.tag or self.section.type) not in ("short_answer", "essay", "fill_blank") and not self.is_case

    @property
    def following(self) -> str:
        """The letter of the option that comes next: the first that is missing."""
        taken = {option.label for option in self.options}
        return next((letter for letter in _LETTERS if letter not in taken), "")

    def add_options(self, text: str, ref: str, marks: Sequence[OptionMark] = ()) -> None:
        """Take the options of one line, at the marks that were found in it."""
        marks = marks or option_marks(flattened(text), self.following)
        if marks[0].label == "A":
            self.take_back()
        ends = [*(mark.start for mark in marks[1:]), len(text)]
        for mark, end in zip(marks, ends, strict=True):
            if any(option.label == mark.label for option in self.options):
                self.repeated += 1
            else:
                said = text[mark.end : end].strip(" \t\u3000;；|｜")
                self.options.append(RawOption(mark.label, said, ref, text[mark.start : mark.end]))
        self.last = "option"

    def take_back(self) -> None:
        """Make the letters of `3. A、B、C三地之间…` the beginning of the stem, where they turn out to be no options."""
        if (
            not self.stem
            and self.options
            and self.options[0].label == "A"
            and not any(o.text for o in self.options[:-1])
        ):
            self.stem = "".join(option.mark + option.text for option in self.options)
            self.options = []

    def write(self, name: str, text: str, ref: str, from_list: bool = False) -> None:
        """Begin a field, or begin it once more."""
        self.fields.setdefault(name, []).append(Written(ref, text, from_list))
        self.last = name
        first = number_of(flattened(text))
        self.sublist = 1 if first is not None and first.value == 1 else 0
        self.sublist_style = first.style if first is not None and self.sublist else ""

    def go_on(self, text: str) -> None:
        """Append a line without a mark to what the last one belonged to, as long as that may be kept at all."""
        if self._length() > MOST_TEXT:
            self.overlong = True
        elif self.last == "stem":
            self.add_stem(text)
        elif self.last == "option":
            self.options[-1].text = joined(self.options[-1].text, text.strip())
        else:
            written = self.fields[self.last][-1]
            by_line = self.last == "key" and (self.tag or self.section.type) == "fill_blank" and written.text
            written.text = f"{written.text}\n{text.strip()}" if by_line else joined(written.text, text.strip())

    def _length(self) -> int:
        if self.last == "stem":
            return len(self.stem)
        return len(self.options[-1].text if self.last == "option" else self.fields[self.last][-1].text)


def shows_item(line: Line) -> bool:
    """Whether a line bears signs of an item: an empty bracket or low line, a key in a bracket."""
    flat = line.flat
    return bool(EMPTY_BRACKET.search(flat) or KEY_INSIDE.search(flat) or TRUTH_AT_END.search(flat[-60:]))
