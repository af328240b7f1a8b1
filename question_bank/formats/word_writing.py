"""Items as a Word document in the layout of Chinese question banks. Each is read back by our own import before it counts as written."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from io import BytesIO
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

from question_bank.formats.cells import blank_key_text
from question_bank.formats.read_back import canonical, differences, otherwise
from question_bank.formats.report import ImportedItem, ImportedSource, Problem
from question_bank.formats.word import read_items

# The order of a bank on paper; what is not here has no place in running text.
_TITLES = {
    "single_choice": "单项选择题",
    "multiple_choice": "多项选择题",
    "true_false": "判断题",
    "fill_blank": "填空题",
    "short_answer": "简答题",
    "essay": "论述题",
}
_NUMERALS = "一二三四五六"
_OTHERWISE = otherwise("Word 文档")


def write_items(items: Sequence[ImportedItem]) -> tuple[bytes, list[Problem]]:
    """Return a document with the items, and what it could not hold, item by item."""
    held = [item for item in items if item.type in _TITLES]
    problems = [_not_written(item, "Word 文档里没有这种题型的写法") for item in items if item.type not in _TITLES]
    while True:
        document = _Document(held)
        data = document.saved()
        found = {item.ref: item for item in read_items(data, "试题.docx").items} if held else {}
        lost = {item.ref: item for item in held if _changed(item, found.get(document.refs[item.ref]))}
        if not lost:
            break
        problems.extend(_not_written(item, "Word 文档写不出这道题而不改变它的意思") for item in lost.values())
        held = [item for item in held if item.ref not in lost]
    for item in held:
        missing = differences(item, found[document.refs[item.ref]])
        if missing:
            reason = f"Word 文档不能完整保存：{'、'.join(missing)}"
            problems.append(Problem(item.ref, missing[0], "warning", reason, f"需要完整保存时{_OTHERWISE}"))
    return data, problems


def _changed(item: ImportedItem, back: ImportedItem | None) -> bool:
    return (
        back is None
        or back.type != item.type
        or bool({"题干", "选项", "答案"} & set(differences(_bare(item), _bare(back))))
    )


def _bare(item: ImportedItem) -> ImportedItem:
    """What an item asks, without its looks and what is said to who answers."""
    return replace(item, options=tuple(replace(option, html="", feedback="") for option in item.options))


def _not_written(item: ImportedItem, reason: str) -> Problem:
    return Problem(item.ref, "", "error", f"没有导出：{reason}", _OTHERWISE)


class _Document:
    """A document under way; `refs` says under which paragraph our import finds each item."""

    def __init__(self, items: Sequence[ImportedItem]) -> None:
        self.document = _blank()
        self.refs: dict[str, str] = {}
        self.paragraphs = 0
        title = self._line("试题")
        title.alignment = WD_ALIGN_PARAGRAPH.CENTER
        title.runs[0].font.size, title.runs[0].font.bold = Pt(18), True
        present = [name for name in _TITLES if any(item.type == name for item in items)]
        number = 0
        for place, name in enumerate(present):
            heading = self._line(f"{_NUMERALS[place]}、{_TITLES[name]}")
            heading.runs[0].font.bold = True
            heading.paragraph_format.space_before, heading.paragraph_format.keep_with_next = Pt(12), True
            for item in items:
                if item.type == name:
                    number += 1
                    self._item(number, canonical_labels(item))

    def saved(self) -> bytes:
        """The document as a file."""
        stream = BytesIO()
        self.document.save(stream)
        return stream.getvalue()

    def _item(self, number: int, item: ImportedItem) -> None:
        points = "" if item.points_hundredths is None else f"（{_plain(item.points_hundredths)}分）"
        first, *more = item.stem.split("\n")
        stem = self._line(f"{number}. {first}{'' if more else points}")
        stem.paragraph_format.space_before = Pt(6)
        self.refs[item.ref] = f"paragraph {self.paragraphs}"
        for place, line in enumerate(more, 1):
            self._line(line + (points if place == len(more) else ""))
        for option in item.options:
            self._lines(f"{option.label}. {option.text}", indent=True)
        for name, text in _facts(item):
            self._lines(f"{name}：{text}", indent=True)

    def _lines(self, text: str, indent: bool) -> None:
        for line in text.split("\n"):
            self._line(line, indent)

    def _line(self, text: str, indent: bool = False) -> Any:
        self.paragraphs += 1
        paragraph = self.document.add_paragraph(text)
        if indent:
            paragraph.paragraph_format.left_indent = Cm(0.75)
        return paragraph


def canonical_labels(item: ImportedItem) -> ImportedItem:
    """Return a choice with its options under A, B, C …, under its own ref; anything else as it is."""
    if not item.options:
        return item
    plain = canonical(item)
    return ImportedItem(
        **{name: getattr(plain, name) for name in ImportedItem.__dataclass_fields__ if name != "ref"}, ref=item.ref
    )


def _facts(item: ImportedItem) -> Iterable[tuple[str, str]]:
    key = _key(item)
    if key:
        yield "答案", key
    if item.rationale:
        yield "解析", item.rationale
    if item.difficulty:
        yield "难度", item.difficulty
    if item.knowledge_points:
        yield "知识点", "；".join(item.knowledge_points)
    if item.source:
        yield "依据", _cited(item.source)
    if item.tags:
        yield "标签", "；".join(item.tags)


def _key(item: ImportedItem) -> str:
    if item.type == "fill_blank":
        return blank_key_text(item.key)
    if item.type == "true_false":
        return "正确" if item.key == ("true",) else "错误"
    return "".join(map(str, item.key)) if item.options else ""


def _cited(source: ImportedSource) -> str:
    edition = f"（{source.edition}）" if source.edition else ""
    quotation = f"：{source.quotation}" if source.quotation else ""
    return f"《{source.regulation}》{edition}{source.article}{quotation}"


def _plain(hundredths: int) -> str:
    return f"{hundredths // 100}.{hundredths % 100:02d}".rstrip("0").rstrip(".")


def _blank() -> Any:
    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin, section.right_margin = Cm(2.8), Cm(2.6)
    section.top_margin, section.bottom_margin = Cm(3.7), Cm(3.5)
    style = document.styles["Normal"]
    style.font.name, style.font.size = "Times New Roman", Pt(12)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), "宋体")
    style.paragraph_format.space_after = Pt(0)
    style.paragraph_format.line_spacing = 1.25
    return document
