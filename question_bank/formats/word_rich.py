"""Rich text as the paragraphs, runs and tables of a document, and what our reader makes of them again. Pure."""

import html as markup
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lxml import etree
from lxml import html as lxml_html

from question_bank.formats.layout_looks import rich_lines
from question_bank.formats.layout_media import ShownTable
from question_bank.formats.word_body import SUB, SUPER

_LOOKS = {"strong": "strong", "b": "strong", "i": "i", "em": "em", "u": "u", "s": "s", "sub": "sub", "sup": "sup"}
_BLOCKS = frozenset(("p", "div", "li", "blockquote", "pre", "ul", "ol"))


@dataclass(frozen=True, slots=True)
class Run:
    """Words that look alike, or a picture by the name of its file (the words are its description)."""

    text: str
    tags: frozenset[str] = frozenset()
    picture: str = ""


Paragraph = list[Run]
Block = Paragraph | ShownTable


def blocks_of(text: str, html: str = "") -> list[Block]:
    """Return what a text is on paper: its lines, or the paragraphs and tables of its HTML."""
    if not html:
        return [[Run(line)] for line in text.split("\n")]
    root = lxml_html.fragment_fromstring(html, create_parent="div")
    found: list[Block] = [[]]
    _walk(root, frozenset(), found)
    return [block for block in found if block]


def _walk(element: etree._Element, tags: frozenset[str], found: list[Block]) -> None:
    _say(element.text, tags, found)
    for child in element:
        name = child.tag if isinstance(child.tag, str) else ""
        if name == "table":
            found += [ShownTable(tuple(tuple(_cells(row)) for row in child.iter("tr"))), []]
        elif name == "img":
            _add(Run(child.get("alt") or "", tags, child.get("src") or "?"), found)
        elif name == "br":
            found.append([])
        elif name in _BLOCKS:
            found.append([])
            _walk(child, tags, found)
            found.append([])
        else:
            _walk(child, tags | {_LOOKS[name]} if name in _LOOKS else tags, found)
        _say(child.tail, tags, found)


def _cells(row: etree._Element) -> Iterator[str]:
    for cell in row.iterchildren("td", "th"):
        yield " ".join("".join(map(str, cell.itertext())).split())


def _say(text: str | None, tags: frozenset[str], found: list[Block]) -> None:
    if text:
        _add(Run(text.replace("\n", " "), tags), found)


def _add(run: Run, found: list[Block]) -> None:
    last = found[-1]
    if isinstance(last, list):
        last.append(run)


def as_read(html: str) -> str:
    """Return HTML as our reader gives it back: one paragraph a line, looks by our own elements, what Unicode raises and
    lowers as text."""
    return "".join(_html(block) for block in blocks_of("", html)) if html else ""


def _html(block: Block) -> str:
    if isinstance(block, ShownTable):
        return block.html
    return "<p>" + "".join(_run_html(run) for run in _as_one(block)) + "</p>"


def _run_html(run: Run) -> str:
    if run.picture:
        return f'<img src="{markup.escape(run.picture)}" alt="{markup.escape(run.text)}">'
    tags, text = _moved(run)
    return rich_lines(text, [set(tags)] * len(text)).removeprefix("<p>").removesuffix("</p>")


def _moved(run: Run) -> tuple[frozenset[str], str]:
    for tag, table in (("sup", SUPER), ("sub", SUB)):
        moved = run.text.translate(table)
        if tag in run.tags and all(a != b or not a.strip() for a, b in zip(run.text, moved, strict=True)):
            return run.tags - {tag}, moved
    return run.tags, run.text


def _as_one(runs: Sequence[Run]) -> list[Run]:
    """Runs that look alike side by side are one."""
    kept: list[Run] = []
    for run in runs:
        tags, text = (run.tags, run.text) if run.picture else _moved(run)
        if kept and not run.picture and not kept[-1].picture and kept[-1].tags == tags:
            kept[-1] = Run(kept[-1].text + text, tags)
        else:
            kept.append(Run(text, tags, run.picture))
    return kept
