"""The body of a Word document: paragraphs, tables, text boxes, pictures, formulas, tracked changes."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from lxml import etree

from core.archives import UnreadableFile
from question_bank.formats.layout_lines import Line, Look, clean
from question_bank.formats.layout_material import is_material_table
from question_bank.formats.layout_media import Shown, ShownPicture, ShownTable
from question_bank.formats.report import ImportedMedia, Problem
from question_bank.formats.table_heads import missing_head, names_columns
from question_bank.formats.word_math import M, latex
from question_bank.formats.word_numbering import Numbering, W

_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_WP = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
OURS = "hengjian"  # the title of pictures that our export wrote
_V = "{urn:schemas-microsoft-com:vml}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_MOST_DEEP = 40
_MOST_PARAGRAPHS = 200_000
_SYMBOLS = {
    ("wingdings", "fc"): "√", ("wingdings", "fb"): "×", ("wingdings", "fe"): "☑", ("wingdings", "fd"): "☒",
    ("wingdings", "a8"): "□", ("wingdings", "6f"): "□", ("wingdings 2", "50"): "√", ("wingdings 2", "4f"): "×",
    ("wingdings 2", "52"): "☑", ("wingdings 2", "a3"): "□", ("symbol", "d6"): "√", ("symbol", "b4"): "×",
    ("symbol", "a3"): "≤", ("symbol", "b3"): "≥", ("symbol", "b9"): "≠", ("symbol", "b1"): "±",
}  # fmt: skip
SUPER = str.maketrans("0123456789+-=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿ")
SUB = str.maketrans("0123456789+-=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎")
_PLAIN_COLOURS = frozenset(
    {"", "auto", "000000", "000001", "0D0D0D", "111111", "1A1A1A", "222222", "262626", "333333", "404040"}
)
_SHOWN_BY_BROWSERS = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp", ".svg")


@dataclass(slots=True)
class Cell:
    """One cell of a table: its lines, and the number of its first paragraph."""

    lines: list[Line]

    @property
    def text(self) -> str:
        """What the cell says, its paragraphs on lines of their own."""
        return "\n".join(line.text for line in self.lines).strip()


@dataclass(slots=True)
class DocumentLines:
    """What a document holds: its lines, the rows of its tables of items, its pictures, what was doubtful."""

    lines: list[Line] = field(default_factory=list)
    tables: list[list[list[Cell]]] = field(default_factory=list)
    media: list[Shown] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


@dataclass(slots=True)
class _Stretch:
    """A run of text with what Word shows beside it."""

    text: str
    underlined: bool = False
    coloured: bool = False
    tags: tuple[str, ...] = ()


@dataclass(slots=True)
class _Paragraph:
    ref: str
    stretches: list[_Stretch] = field(default_factory=list)
    boxes: list[etree._Element] = field(default_factory=list)
    leaders: bool = False


class Body:
    """Reads the body once. `targets` are the parts by their identifiers, `files` the archive."""

    def __init__(self, numbering: Numbering, targets: Mapping[str, str], files: Mapping[str, bytes]) -> None:
        self._numbering = numbering
        self._targets = targets
        self._files = files
        self._found = DocumentLines()
        self._count = 0
        self._pictures: dict[tuple[str, tuple[str, str | None]], int] = {}
        self._changes: list[str] = []
        self._told: dict[str, list[str]] = {}

    def read(self, body: etree._Element) -> DocumentLines:
        """Return everything that the body shows."""
        self._found.lines.extend(self._blocks(body, 0))
        if self._changes:
            reason = f"文档里有修订痕迹（{len(self._changes)} 处）：按接受修订读取，插入的保留，删除的略去"
            mend = "在 Word 里接受或拒绝全部修订后，核对这些地方"
            self._found.problems.append(Problem(self._changes[0], "", "warning", reason, mend))
        for what, refs in self._told.items():
            reason, _, mend = what.partition("|")
            more = f"（共 {len(refs)} 处）" if len(refs) > 1 else ""
            self._found.problems.append(Problem(refs[0], "", "warning", reason + more, mend))
        return self._found

    def _tell(self, ref: str, reason: str, mend: str) -> None:
        self._told.setdefault(f"{reason}|{mend}", []).append(ref)

    # Blocks

    def _blocks(self, parent: etree._Element, depth: int) -> Iterator[Line]:
        if depth > _MOST_DEEP:
            raise UnreadableFile("文档里的表格或文本框嵌套过深，不予读取；请另存为新的 .docx 后重新导入。")
        for element in parent.iterchildren(etree.Element):
            if element.tag == f"{W}p":
                yield from self._paragraph(element, depth)
            elif element.tag == f"{W}tbl":
                yield from self._table(element, depth + 1)
            elif element.tag in (f"{W}sdt", f"{W}sdtContent", f"{W}customXml", f"{W}ins", f"{W}moveTo"):
                yield from self._blocks(element, depth + 1)
            elif element.tag == f"{_MC}AlternateContent":
                yield from self._blocks(_chosen(element), depth + 1)

    def _paragraph(self, element: etree._Element, depth: int, counted: bool = True, ref: str = "") -> Iterator[Line]:
        if counted:
            self._count += 1
            if self._count > _MOST_PARAGRAPHS:
                raise UnreadableFile(f"文档超过 {_MOST_PARAGRAPHS} 段，不予读取；请拆成几个文件分别导入。")
        paragraph = _Paragraph(ref or f"paragraph {self._count}")
        prefix = self._numbering.prefix(element)
        tabs = element.findall(f"{W}pPr/{W}tabs/{W}tab")
        paragraph.leaders = any(
            tab.get(f"{W}leader") in ("underscore", "hyphen", "middleDot", "dot", "heavy") for tab in tabs
        )
        self._inline(element, paragraph, depth)
        yield from _lines(paragraph, prefix)
        for box in paragraph.boxes:
            yield from self._box(box, depth + 1, paragraph.ref)

    def _box(self, box: etree._Element, depth: int, ref: str) -> Iterator[Line]:
        if depth > _MOST_DEEP:
            raise UnreadableFile("文档里的文本框嵌套过深，不予读取；请另存为新的 .docx 后重新导入。")
        for inner in box.iter(f"{W}p"):
            # A box inside the box is reached through its own paragraph.
            if next(inner.iterancestors(f"{W}txbxContent")) is box:
                yield from self._paragraph(inner, depth + 1, counted=False, ref=ref)

    def _table(self, element: etree._Element, depth: int) -> Iterator[Line]:
        rows: list[list[Cell]] = []
        for row in _rows(element):
            if row.find(f"{W}trPr/{W}del") is not None:
                self._count += sum(1 for _p in row.iter(f"{W}p"))
                self._changes.append(f"paragraph {self._count}")
                continue
            rows.append([Cell(list(self._blocks(cell, depth + 1))) for cell in _cells(row)])
        if depth == 1 and self._is_of_items(rows):
            return
        if depth == 1 and is_material(rows):
            texts = tuple(tuple(" ".join(cell.text.split()) for cell in cells) for cells in rows)
            self._found.media.append(ShownTable(texts))
            ref = next(line.ref for cells in rows for cell in cells for line in cell.lines)
            yield Line(ref, f"\ufdd0{len(self._found.media) - 1}\ufdd1")
            return
        for cells in rows:
            yield from _row_lines(cells)

    def _is_of_items(self, rows: list[list[Cell]]) -> bool:
        """Take a table whose rows are items, or say once why a table that seems to be one is not read."""
        texts = [[cell.text for cell in cells] for cells in rows]
        if names_columns(texts):
            self._found.tables.append(rows)
            return True
        head = missing_head(texts)
        if head is None:
            return False
        ref = next(line.ref for cells in rows for cell in cells for line in cell.lines)
        if head.columns:
            self._found.tables.append([[Cell([Line(ref, name)]) for name in head.columns], *rows])
        else:
            reason = f"表格没有写列名，{head.doubt}，不能确定各列是什么，整个表格（{len(rows)} 行）没有读取"
            mend = "在表格最上面加一行列名：题号、题干、答案（选项分列时写选项A、选项B……），再重新导入"
            self._found.problems.append(Problem(ref, "题干", "error", reason, mend))
        return True

    # Inline

    def _inline(self, parent: etree._Element, paragraph: _Paragraph, depth: int) -> None:
        if depth > _MOST_DEEP * 2:
            raise UnreadableFile("文档里的文字嵌套过深，不予读取；请另存为新的 .docx 后重新导入。")
        for element in parent.iterchildren(etree.Element):
            tag = element.tag
            if tag == f"{W}r":
                self._run(element, paragraph, depth)
            elif tag in (f"{W}del", f"{W}moveFrom"):
                self._changes.append(paragraph.ref)
            elif tag in (f"{M}oMath", f"{M}oMathPara"):
                formulas = [element] if tag == f"{M}oMath" else element.findall(f"{M}oMath")
                for formula in formulas:
                    paragraph.stretches.append(_Stretch(rf"\({latex(formula).strip()}\)"))
            elif tag == f"{_MC}AlternateContent":
                self._inline(_chosen(element), paragraph, depth + 1)
            elif tag not in (f"{W}pPr", f"{W}rPr", f"{W}sdtPr", f"{W}sdtEndPr", f"{W}smartTagPr", f"{W}fldData"):
                if tag in (f"{W}ins", f"{W}moveTo"):
                    self._changes.append(paragraph.ref)
                self._inline(element, paragraph, depth + 1)

    def _run(self, run: etree._Element, paragraph: _Paragraph, depth: int) -> None:
        properties = run.find(f"{W}rPr")
        underlined, coloured, raised, hidden = _shown(properties)
        for element in run.iterchildren(etree.Element):
            text = self._piece(element, paragraph, depth)
            if not text:
                continue
            if hidden:
                self._tell(paragraph.ref, "有隐藏文字，没有导入", "需要时在 Word 里取消隐藏")
                continue
            tags = _tags(properties)
            if raised and text.strip():
                moved = text.translate(SUPER if raised == "superscript" else SUB)
                # What Unicode raises and lowers needs no rich text.
                if any(one == other and one.strip() for one, other in zip(text, moved, strict=True)):
                    tags = (*tags, "sup" if raised == "superscript" else "sub")
                else:
                    text = moved
            paragraph.stretches.append(_Stretch(text, underlined, coloured, tags))

    def _piece(self, element: etree._Element, paragraph: _Paragraph, depth: int) -> str:
        tag = element.tag
        if tag == f"{W}t":
            return element.text or ""
        if tag in (f"{W}tab", f"{W}ptab"):
            return "____" if paragraph.leaders else "\t"
        if tag in (f"{W}br", f"{W}cr"):
            return "\n"
        if tag == f"{W}noBreakHyphen":
            return "-"
        if tag == f"{W}sym":
            font, char = (element.get(f"{W}font") or "").lower(), (element.get(f"{W}char") or "").lower()
            return _SYMBOLS.get((font, char[-2:]), "")
        if tag in (f"{W}drawing", f"{W}pict", f"{W}object"):
            return self._drawing(element, paragraph)
        if tag == f"{_MC}AlternateContent":
            return "".join(
                self._piece(child, paragraph, depth) for child in _chosen(element).iterchildren(etree.Element)
            )
        if tag == f"{W}ruby":
            return "".join(text.text or "" for text in element.iterfind(f"{W}rubyBase//{W}t"))
        if tag in (f"{W}footnoteReference", f"{W}endnoteReference"):
            self._tell(paragraph.ref, "脚注或尾注没有导入", "需要的内容请写进正文")
        if tag == f"{W}commentReference":
            self._tell(paragraph.ref, "批注没有导入", "需要的内容请写进正文")
        return ""

    def _drawing(self, element: etree._Element, paragraph: _Paragraph) -> str:
        boxes = [box for box in element.iter(f"{W}txbxContent") if not _inside_box(box, element)]
        paragraph.boxes.extend(boxes)
        text = ""
        for blip in (*element.iter(f"{_A}blip"), *element.iter(f"{_V}imagedata")):
            if any(ancestor.tag == f"{W}txbxContent" for ancestor in blip.iterancestors()) and boxes:
                continue
            identity = blip.get(f"{_R}embed") or blip.get(f"{_R}id") or ""
            text += self._picture(self._targets.get(identity, ""), paragraph.ref, _own_name(blip))
        if not text and not boxes and element.tag == f"{W}object":
            self._tell(paragraph.ref, "嵌入的对象没有导入", "改成图片或文字")
        return text

    def _picture(self, part: str, ref: str, own: tuple[str, str | None]) -> str:
        if part not in self._files:
            self._tell(ref, "图片不在文件里（链接到外部），没有导入", "在 Word 里把图片嵌入文档")
            return ""
        if (part, own) not in self._pictures:
            name = own[0] or part.rpartition("/")[2]
            self._pictures[part, own] = len(self._found.media)
            self._found.media.append(ShownPicture(ImportedMedia(name, self._files[part]), own[1]))
            if not name.lower().endswith(_SHOWN_BY_BROWSERS):
                self._tell(ref, "图片的格式浏览器不能显示", "在 Word 里把图片或公式另存为 PNG 后替换")
        return f"\ufdd0{self._pictures[part, own]}\ufdd1"


def _own_name(blip: etree._Element) -> tuple[str, str | None]:
    """Name and description of a picture that our own export wrote; Word's own are 图片 1 and guesses."""
    drawing = next(blip.iterancestors(f"{W}drawing"), None)
    properties = None if drawing is None else next(drawing.iter(f"{_WP}docPr"), None)
    if properties is None or properties.get("title") != OURS:
        return "", None
    return properties.get("name") or "", properties.get("descr") or ""


def is_material(rows: list[list[Cell]]) -> bool:
    """Whether a table belongs to the text of an item."""
    return is_material_table([[cell.text for cell in cells] for cells in rows]) and any(
        cell.lines for cells in rows for cell in cells
    )


def _rows(table: etree._Element) -> Iterator[etree._Element]:
    for element in table.iterchildren(etree.Element):
        if element.tag == f"{W}tr":
            yield element
        elif element.tag in (f"{W}sdt", f"{W}sdtContent", f"{W}ins", f"{W}customXml"):
            yield from _rows(element)


def _cells(row: etree._Element) -> Iterator[etree._Element]:
    for element in row.iterchildren(etree.Element):
        if element.tag == f"{W}tc":
            yield element
        elif element.tag in (f"{W}sdt", f"{W}sdtContent", f"{W}customXml"):
            yield from _cells(element)


def _row_lines(cells: list[Cell]) -> Iterator[Line]:
    """A row as lines: one with its cells side by side, or the paragraphs of the one cell that has several."""
    written = [[line for line in cell.lines if line.text.strip()] for cell in cells]
    filled = [lines for lines in written if lines]
    if not filled:
        yield Line(cells[0].lines[0].ref if cells and cells[0].lines else "paragraph 0", "")
        return
    first = "\t".join(lines[0].text.strip() for lines in filled)
    row = tuple(cell.text for cell in cells)
    underlined = tuple(text for lines in filled for text in lines[0].underlined)
    coloured = tuple(text for lines in filled for text in lines[0].coloured)
    looks = tuple(look for lines in filled for look in lines[0].looks)
    ref = filled[-1][0].ref if len(filled) > 1 and len(filled[-1]) > 1 else filled[0][0].ref
    yield Line(ref, first, row if len(row) > 1 else (), underlined, coloured, looks)
    for lines in filled:
        yield from lines[1:]


def _lines(paragraph: _Paragraph, prefix: str) -> Iterator[Line]:
    text = prefix
    underlined: list[str] = []
    coloured: list[str] = []
    looks: list[Look] = []
    stretches = _merged(paragraph.stretches)
    for place, stretch in enumerate(stretches):
        if stretch.underlined and not stretch.text.strip(" \t\u3000\u00a0"):
            text += "____" if len(stretch.text) > 1 or "\t" in stretch.text else "_"
            continue
        if stretch.tags and stretch.text.strip():
            after = "".join(one.text for one in stretches[place + 1 : place + 9])
            looks += [
                Look(
                    words,
                    (text + stretch.text[: match.start()])[-8:],
                    (stretch.text[match.end() :] + after)[:8],
                    stretch.tags,
                )
                for match in re.finditer("[^\n]+", stretch.text)
                if (words := clean(match[0])[0]).strip()
            ]
        text += stretch.text
        if stretch.underlined:
            underlined.append(stretch.text.strip())
        if stretch.coloured or "strong" in stretch.tags:
            coloured.append(stretch.text.strip())
    for part in text.split("\n"):
        yield Line(
            paragraph.ref,
            part,
            (),
            tuple(mark for mark in underlined if mark and mark in part),
            tuple(mark for mark in coloured if mark and mark in part),
            tuple(look for look in looks if look.text in part),
        )


def _merged(stretches: list[_Stretch]) -> list[_Stretch]:
    merged: list[_Stretch] = []
    for stretch in stretches:
        last = merged[-1] if merged else None
        if last is not None and _manner(last) == _manner(stretch):
            last.text += stretch.text
        else:
            merged.append(replace(stretch))
    return merged


def _manner(stretch: _Stretch) -> tuple[bool, bool, tuple[str, ...]]:
    return stretch.underlined, stretch.coloured, stretch.tags


def _tags(properties: etree._Element | None) -> tuple[str, ...]:
    """The elements of HTML that say how a run looks."""
    if properties is None:
        return ()
    return tuple(
        tag
        for name, tag in (("b", "strong"), ("i", "i"), ("em", "em"), ("u", "u"), ("strike", "s"))
        if (found := properties.find(f"{W}{name}")) is not None
        and (found.get(f"{W}val") or "1") not in ("0", "false", "none", "off")
    )


def _shown(properties: etree._Element | None) -> tuple[bool, bool, str, bool]:
    """Whether a run is underlined, coloured, raised or lowered, hidden."""
    if properties is None:
        return False, False, "", False
    underline = properties.find(f"{W}u")
    colour = properties.find(f"{W}color")
    highlight = properties.find(f"{W}highlight")
    raised = properties.find(f"{W}vertAlign")
    hidden = properties.find(f"{W}vanish")
    value = (colour.get(f"{W}val") or "").upper() if colour is not None else ""
    return (
        underline is not None and underline.get(f"{W}val", "single") != "none",
        value.removeprefix("#") not in {plain.upper() for plain in _PLAIN_COLOURS}
        or (highlight is not None and highlight.get(f"{W}val") not in ("none", "white")),
        (raised.get(f"{W}val") or "").replace("baseline", "") if raised is not None else "",
        hidden is not None and hidden.get(f"{W}val") not in ("0", "false"),
    )


def _chosen(alternatives: etree._Element) -> etree._Element:
    choice = alternatives.find(f"{_MC}Choice")
    fallback = alternatives.find(f"{_MC}Fallback")
    found = choice if choice is not None else fallback
    return found if found is not None else etree.Element("none")


def _inside_box(box: etree._Element, top: etree._Element) -> bool:
    for ancestor in box.iterancestors():
        if ancestor is top:
            return False
        if ancestor.tag == f"{W}txbxContent":
            return True
    return False
