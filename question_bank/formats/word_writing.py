"""Items as a Word document in the layout of Chinese question banks. Each is read back by our own import before it counts as written."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from io import BytesIO
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.image.exceptions import InvalidImageStreamError, UnexpectedEndOfFileError, UnrecognizedImageError
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

from question_bank.formats.cells import blank_key_text
from question_bank.formats.layout_media import ShownTable
from question_bank.formats.read_back import canonical, differences, otherwise
from question_bank.formats.report import ImportedItem, ImportedMedia, ImportedSource, Problem
from question_bank.formats.word import read_items
from question_bank.formats.word_body import OURS
from question_bank.formats.word_rich import Run, as_read, blocks_of
from question_bank.item_types.texts import UNSTORABLE

# The order of a bank on paper; what is not here has no place in running text.
_TITLES = {
    "single_choice": "单项选择题",
    "multiple_choice": "多项选择题",
    "true_false": "判断题",
    "fill_blank": "填空题",
    "short_answer": "简答题",
    "essay": "论述题",
    "case": "案例分析题",
}
_NUMERALS = "一二三四五六七"
_TAGS = {
    "single_choice": "单选题",
    "multiple_choice": "多选题",
    "true_false": "判断题",
    "fill_blank": "填空题",
    "short_answer": "简答题",
    "essay": "论述题",
}
_WIDEST = Cm(15)
_OTHERWISE = otherwise("Word 文档")


def write_items(items: Sequence[ImportedItem]) -> tuple[bytes, list[Problem]]:
    """Return a document with the items, and what it could not hold, item by item."""
    # By their places: two items of several files may bear one ref.
    data, problems = _written([replace(item, ref=str(place)) for place, item in enumerate(items)])
    return data, [replace(problem, ref=items[int(problem.ref)].ref) for problem in problems]


def _written(items: Sequence[ImportedItem]) -> tuple[bytes, list[Problem]]:
    held = [item for item in items if _has_words(item)]
    problems = [_not_written(item, "Word 文档里没有这种题型的写法") for item in items if not _has_words(item)]
    plain: set[str] = set()  # those whose rich text would be read as something else
    while True:
        document = _Document([_without_looks(item) if item.ref in plain else item for item in held])
        data = document.saved()
        found = {item.ref: item for item in read_items(data, "试题.docx").items} if held else {}
        lost = {item.ref: item for item in held if _changed(item, found.get(document.refs[item.ref]))}
        if not lost:
            break
        rich = {ref for ref, item in lost.items() if ref not in plain and item != _without_looks(item)}
        plain |= rich
        refused = {ref: item for ref, item in lost.items() if ref not in rich}
        problems.extend(_not_written(item, "Word 文档写不出这道题而不改变它的意思") for item in refused.values())
        held = [item for item in held if item.ref not in refused]
    for item in held:
        missing = differences(_as_read(item), _as_read(found[document.refs[item.ref]]))
        if missing:
            reason = f"Word 文档不能完整保存：{'、'.join(missing)}"
            problems.append(Problem(item.ref, missing[0], "warning", reason, f"需要完整保存时{_OTHERWISE}"))
    return data, problems


def _has_words(item: ImportedItem) -> bool:
    return item.type in _TITLES and all(part.type in _TAGS for part in item.parts)


def _changed(item: ImportedItem, back: ImportedItem | None) -> bool:
    if back is None or back.type != item.type or len(back.parts) != len(item.parts):
        return True
    asked = {"题干", "选项", "答案"} & set(differences(_bare(item), _bare(back)))
    return bool(asked) or any(_changed(part, own) for part, own in zip(item.parts, back.parts, strict=True))


def _without_looks(item: ImportedItem) -> ImportedItem:
    options = tuple(replace(option, html="") for option in item.options)
    return replace(item, html="", media=(), options=options, parts=tuple(map(_without_looks, item.parts)))


def _as_read(item: ImportedItem) -> ImportedItem:
    """An item with its rich text as our reader gives it back."""
    options = tuple(replace(option, html=as_read(option.html)) for option in item.options)
    return replace(item, html=as_read(item.html), options=options, parts=tuple(map(_as_read, item.parts)))


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
        at = self._asked(f"{number}. ", item, item.media)
        self.refs[item.ref] = at
        for place, part in enumerate(item.parts, 1):
            own = canonical_labels(part)
            self._asked(f"（{place}）【{_TAGS[own.type]}】", own, (*item.media, *own.media))
            for name, text in _facts(own):
                self._lines(f"{name}：{text}")
        # Behind the parts of a case: a field in front of them would take them for its own list.
        for name, text in _facts(item):
            if name != "解析" or not item.parts:
                self._lines(f"{name}：{text}")

    def _asked(self, mark: str, item: ImportedItem, media: Sequence[ImportedMedia]) -> str:
        """Write stem and options; return the ref of the paragraph in which they begin."""
        files = {file.name: file for file in media}
        points = "" if item.points_hundredths is None or item.parts else f"（{_plain(item.points_hundredths)}分）"
        blocks = blocks_of(item.stem, item.html)
        if not isinstance(blocks[0], list):
            blocks.insert(0, [])
        if not isinstance(blocks[-1], list):
            blocks.append([])
        at = self.paragraphs + 1
        for place, block in enumerate(blocks):
            if not isinstance(block, list):
                self._table(block)
                continue
            before = [Run(mark)] if place == 0 else []
            behind = [Run(points)] if place == len(blocks) - 1 else []
            self._runs([*before, *block, *behind], files, space=Pt(6) if place == 0 else None)
        for option in item.options:
            for place, block in enumerate(blocks_of(option.text, option.html)):
                if isinstance(block, list):
                    self._runs([Run(f"{option.label}. "), *block] if place == 0 else block, files, indent=True)
        return f"paragraph {at}"

    def _lines(self, text: str) -> None:
        for line in text.split("\n"):
            self._line(line, indent=True)

    def _line(self, text: str, indent: bool = False) -> Any:
        return self._runs([Run(text)], {}, indent)

    def _runs(
        self, runs: Sequence[Run], files: Mapping[str, ImportedMedia], indent: bool = False, space: Any = None
    ) -> Any:
        self.paragraphs += 1
        paragraph = self.document.add_paragraph()
        for run in runs:
            if run.picture:
                _draw(paragraph, run, files.get(run.picture))
            elif run.text or len(runs) == 1:
                _write(paragraph, run)
        if indent:
            paragraph.paragraph_format.left_indent = Cm(0.75)
        if space is not None:
            paragraph.paragraph_format.space_before = space
        return paragraph

    def _table(self, shown: ShownTable) -> None:
        columns = max(map(len, shown.rows), default=1)
        table = self.document.add_table(len(shown.rows), columns, style="Table Grid")
        self.paragraphs += len(shown.rows) * columns
        for row, cells in zip(table.rows, shown.rows, strict=True):
            for cell, text in zip(row.cells, cells, strict=False):
                cell.text = UNSTORABLE.sub("", text)


def _write(paragraph: Any, run: Run) -> None:
    written = paragraph.add_run(UNSTORABLE.sub("", run.text))
    font = written.font
    font.bold, font.italic = ("strong" in run.tags) or None, ("i" in run.tags) or None
    font.underline, font.strike = ("u" in run.tags) or None, ("s" in run.tags) or None
    if "sub" in run.tags:
        font.subscript = True
    if "sup" in run.tags:
        font.superscript = True
    if "em" in run.tags:
        dots = OxmlElement("w:em")
        dots.set(qn("w:val"), "dot")
        written._r.get_or_add_rPr().append(dots)


def _draw(paragraph: Any, run: Run, file: ImportedMedia | None) -> None:
    """Draw a picture under its own name; one that Word cannot show is left out, and named by reading back."""
    if file is None:
        return
    try:
        shape = paragraph.add_run().add_picture(BytesIO(file.data))
    except (UnrecognizedImageError, InvalidImageStreamError, UnexpectedEndOfFileError, ZeroDivisionError):
        return
    if shape.width > _WIDEST:
        shape.height, shape.width = int(shape.height * _WIDEST / shape.width), _WIDEST
    properties = shape._inline.docPr
    for name, value in (("name", file.name), ("descr", run.text), ("title", OURS)):
        properties.set(name, UNSTORABLE.sub("", value))


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
