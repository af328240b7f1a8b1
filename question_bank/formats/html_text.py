"""Rich text as plain text: for HTML that people bring (a string) and for XML that is already parsed (an element).

Blocks and ``<br>`` become line ends, cells of a row are parted by a tab, a picture is its ``alt``, scripts and styles are left out,
exponents and indices of digits keep their place (10⁸, H₂O), an underlined gap is a blank. Pure; the time grows with the length.
"""

import re
from collections.abc import Callable, Iterator
from html import unescape

from lxml import etree

from question_bank.formats.mathml import latex_of_source
from question_bank.formats.texts import ordinary
from question_bank.item_types.fill_blank import BLANK
from question_bank.item_types.texts import UNSTORABLE

PICTURE = "[图]"

Special = Callable[[etree._Element], str | None]
MathML = Callable[[str], str]

_BLOCK_NAMES = (
    "address article aside blockquote body caption center dd details div dl dt fieldset figcaption figure footer form h1"
    " h2 h3 h4 h5 h6 header hr html legend li main nav ol p pre section summary table tbody tfoot thead tr ul"
)
_BLOCKS = frozenset(_BLOCK_NAMES.split())
_CELLS = frozenset(("td", "th"))
_LEFT_OUT = frozenset(("head", "iframe", "noframes", "rp", "script", "style", "svg", "template", "title"))
_WHOLE = _LEFT_OUT | {"math"}
# Markup that says nothing which the plain text does not say as well.
_PLAIN = frozenset(("p", "br", "div", "span"))

_SPACES = re.compile(r"[ \t\n\r\f\xa0]+")
_ATTRIBUTES = r"""(?:[^>"']|"[^"]*"|'[^']*')*+"""
_TAG = re.compile(rf"<(/?)([A-Za-z][^\s/>]*)({_ATTRIBUTES})>")
_ALT = re.compile(r"""\balt\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
_RAISED = dict(zip("0123456789+-=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿ", strict=True))
_LOWERED = dict(zip("0123456789+-=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎", strict=True))


def plain_text(html: str, mathml: MathML = latex_of_source) -> str:
    """Return the plain text of HTML, however broken. `mathml` turns the source of a ``<math>`` into text."""
    lines = _Lines()
    for kind, name, content in _pieces(html):
        if kind == "text":
            lines.words(unescape(content))
        elif kind == "whole":
            if name == "math":
                lines.words(mathml(content))
        elif kind == "start":
            lines.start(name, _alt(content) if name == "img" else None)
        else:
            lines.end(name)
    return lines.text()


def element_text(element: etree._Element, special: Special | None = None) -> str:
    """Return the plain text of what an element holds, whatever its namespace.

    Where `special` returns a text for an element below, that text stands for the whole of it.
    """
    lines = _Lines()
    walk = etree.iterwalk(element, events=("start", "end", "comment", "pi"))
    replaced: etree._Element | None = None
    for event, node in walk:
        if event == "start" and node is not element:
            text = special(node) if special else None
            if text is not None or _local(node) in _LEFT_OUT:
                lines.words(text or "")
                walk.skip_subtree()
                replaced = node
                continue
            lines.start(_local(node), node.get("alt") if _local(node) == "img" else None)
        if event == "start":
            lines.words(node.text or "")
        elif node is not element:
            if event == "end" and node is not replaced:
                lines.end(_local(node))
            lines.words(node.tail or "")
    return lines.text()


def tidy(text: str) -> str:
    """Return a text that is plain already as items hold it: ordinary characters, formulas between \\( and \\), no controls."""
    lines = UNSTORABLE.sub("", ordinary(text.replace("\r\n", "\n").replace("\r", "\n")))
    return _delimited(_delimited(lines, "$$", "$$"), "\\[", "\\]").strip()


def says_more(html: str) -> bool:
    """Whether HTML says more than its plain text does: any markup but bare paragraphs and line ends."""
    return any(
        kind == "whole" or (kind != "text" and (name not in _PLAIN or bool(rest.strip(" /"))))
        for kind, name, rest in _pieces(html)
    )


def _pieces(html: str) -> Iterator[tuple[str, str, str]]:
    """Yield `text`, `start`, `end` and `whole` (an element with all it holds) with the name and the source of each."""
    place = 0
    unclosed: set[str] = set()
    while place < len(html):
        at = html.find("<", place)
        if at < 0:
            break
        if at > place:
            yield "text", "", html[place:at]
        if html.startswith(("<!", "<?"), at):
            mark = "-->" if html.startswith("<!--", at) else ">"
            end = html.find(mark, at + 2)
            place = len(html) if end < 0 else end + len(mark)
            continue
        tag = _TAG.match(html, at)
        if tag is None:
            # Either a sign such as in `a < b`, or a tag that never ends: then nothing behind it is a tag either.
            end = at + 1 if not re.match(r"</?[A-Za-z]", html[at : at + 3]) else len(html)
            yield "text", "", html[at:end]
            place = end
            continue
        place = tag.end()
        name = tag[2].lower()
        if not tag[1] and name in _WHOLE and name not in unclosed and not tag[3].endswith("/"):
            close = re.compile(rf"</{name}\s*>", re.IGNORECASE).search(html, place)
            if close is not None:
                yield "whole", name, html[at : close.end()]
                place = close.end()
                continue
            unclosed.add(name)
        yield "end" if tag[1] else "start", name, tag[3]
    if place < len(html):
        yield "text", "", html[place:]


def _alt(attributes: str) -> str:
    found = _ALT.search(attributes)
    return unescape(next(filter(None, found.groups()), "")) if found else ""


def _local(element: etree._Element) -> str:
    return str(etree.QName(element).localname).lower()


def _delimited(text: str, opening: str, closing: str) -> str:
    """Return the text with every formula between two marks between \\( and \\) instead."""
    pieces: list[str] = []
    place = 0
    while (start := text.find(opening, place)) >= 0:
        end = text.find(closing, start + len(opening))
        if end < 0:
            break
        formula = text[start + len(opening) : end].strip()
        pieces.extend((text[place:start], f"\\({formula}\\)" if formula else text[start : end + len(closing)]))
        place = end + len(closing)
    return "".join(pieces) + text[place:]


class _Lines:
    """Words and breaks as they come, with the white space of HTML closed up as a browser shows it."""

    def __init__(self) -> None:
        self._done: list[str] = []
        self._fresh = True  # nothing on this line yet
        self._space = False
        self._cells = 0
        self._verbatim = 0
        self._row_begun = False
        self._shift: list[dict[str, str]] = []
        self._underlined = 0
        self._pictures = False

    def words(self, text: str) -> None:
        """Add running text."""
        if not text:
            return
        if self._verbatim:
            self._add(text)
            return
        if self._underlined and not text.strip(" \t\n\r\f\xa0\u3000") and len(text) > 1:
            text = BLANK
        closed = _SPACES.sub(" ", text)
        core = closed.strip(" ")
        self._space = self._space or closed.startswith(" ")
        if core:
            if self._shift and all(character in self._shift[-1] for character in core):
                core = "".join(self._shift[-1][character] for character in core)
            self._add((" " if self._space and not self._fresh else "") + core)
            self._space = closed.endswith(" ")

    def start(self, name: str, alt: str | None) -> None:
        """An element begins; `alt` describes a picture."""
        if name == "br":
            self._break()
        elif name in _CELLS:
            self._cells += 1
            if self._row_begun and self._cells == 1:
                self._done.append("\t")
                self._fresh, self._space = True, False
            self._row_begun = True
        elif name in _BLOCKS:
            self._block()
            self._row_begun = self._row_begun and name != "tr"
        if name == "img":
            self._pictures = True
            self.words(alt or "")
        self._nest(name, 1)

    def end(self, name: str) -> None:
        """An element ends."""
        self._nest(name, -1)
        if name in _CELLS:
            self._cells = max(0, self._cells - 1)
        elif name in _BLOCKS:
            self._block()

    def text(self) -> str:
        """Return everything."""
        found = tidy("".join(self._done))
        return found or (PICTURE if self._pictures else "")

    def _nest(self, name: str, step: int) -> None:
        if name == "pre":
            self._verbatim = max(0, self._verbatim + step)
        elif name == "u":
            self._underlined = max(0, self._underlined + step)
        elif name in ("sup", "sub"):
            if step > 0:
                self._shift.append(_RAISED if name == "sup" else _LOWERED)
            elif self._shift:
                self._shift.pop()

    def _add(self, text: str) -> None:
        self._done.append(text)
        self._fresh = False

    def _block(self) -> None:
        if not self._fresh:
            self._break()

    def _break(self) -> None:
        if self._cells:
            self._space = True
            return
        self._done.append("\n")
        self._fresh, self._space = True, False
