"""Rich text of items: what may stand in it, how people write it, how a browser and a sheet of paper show it.

Stored is HTML of a short list of elements (``clean``); pictures are named ``media:<SHA-256>``, formulas stand as LaTeX
between ``\\(`` and ``\\)``. Beside it stands the plain text, which says it all where the HTML is empty. Authors write a
small markup: ``**bold**``, lines with ``- `` for a list, lines with ``|`` for a table, ``![words](media:…)`` for a
picture, ``<u>``, ``<sub>`` and ``<sup>``; a text that begins with a block of HTML is taken as HTML. Pure. Paper has a
module of its own, ``rich_print``.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from html import escape, unescape
from itertools import groupby
from urllib.parse import unquote

import nh3
from lxml import etree
from lxml import html as lxml_html
from markdown_it import MarkdownIt

from question_bank.formats.html_text import plain_text, says_more
from question_bank.formulas import mathml
from question_bank.item_types.texts import UNSTORABLE

MOST_HTML = 100_000
_ALLOWED = "p div br strong b em i u s sub sup ul ol li table caption thead tbody tr th td img blockquote pre code"
_TAGS = frozenset(_ALLOWED.split())
_ATTRIBUTES = {
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
    "img": {"src", "alt", "width", "height"},
    "ol": {"start"},
    "*": set[str](),  # the library's own: lang, title
}
_NUMBERS = frozenset(("colspan", "rowspan", "width", "height", "start"))
_MEDIA = re.compile(r"media:[0-9a-f]{64}")
PICTURE = re.compile(r'(<img\b[^>]*?\bsrc=")media:([0-9a-f]{64})"')
_LOSTPICTURE = re.compile(r"<img(?![^>]*\bsrc=)[^>]*>")
_ALT = re.compile(r'\balt="([^"]*)"')
_HEADING = re.compile(r"<(/?)h[1-6](?=[\s>])[^>]*>", re.IGNORECASE)
_GAP = re.compile(r"<u>(?:\s|&nbsp;|\u3000){2,}</u>")
FORMULA = re.compile(r"\\\(([^<>]+?)\\\)|\\\[([^<>]+?)\\\]")
_ONE_PARAGRAPH = re.compile(r"<p>((?:(?!</?(?:p|div|ul|ol|table|blockquote|pre)\b).)*)</p>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Rich:
    """A text, and the HTML that says more than it does, empty where nothing does."""

    text: str
    html: str = ""


def clean(html: str, media: Mapping[str, str] | None = None) -> str:
    """Return what may be kept of HTML, however hostile: the same for what was cleaned before.

    ``media`` names the pictures that the HTML refers to by a file name: name -> SHA-256. Other pictures but
    ``media:<SHA-256>`` become their description.
    """
    names = media or {}

    def attribute(_tag: str, name: str, value: str) -> str | None:
        if name == "src":
            digest = names.get(value) or names.get(unquote(value))
            return f"media:{digest}" if digest else value if _MEDIA.fullmatch(value) else None
        if name in _NUMBERS:
            return value if value.isascii() and value.isdigit() and 0 < int(value[:6]) <= 2000 else None
        return value

    marked = _HEADING.sub(
        lambda tag: "</strong></p>" if tag[1] else "<p><strong>", UNSTORABLE.sub("", html[:MOST_HTML])
    )
    for _time in range(2):  # a second time, because the first may have moved what stood in a wrong place
        marked = nh3.clean(
            marked,
            tags=set(_TAGS),
            clean_content_tags={"script", "style", "math", "svg", "title", "iframe", "textarea", "noscript"},
            attributes={tag: set(allowed) for tag, allowed in _ATTRIBUTES.items()},
            attribute_filter=attribute,
            url_schemes={"media"},
            link_rel=None,
        )
        marked = _LOSTPICTURE.sub(lambda picture: "".join(_ALT.findall(picture[0])), marked)
    return _GAP.sub("____", marked).strip()


def pictures_in(html: str) -> set[str]:
    """Return the digests of the pictures that stored HTML shows."""
    return {digest for _before, digest in PICTURE.findall(html)}


def rich(html: str, text: str = "", media: Mapping[str, str] | None = None) -> Rich:
    """Return HTML that somebody brought with its plain text (by default what the HTML says)."""
    kept = clean(html, media)
    # A formula in MathML would fall to pieces; the plain text holds it as LaTeX.
    if not says_more(kept) or "<math" in html.lower():
        kept = ""
    return Rich(text or plain_text(kept or html), kept)


# What people write. Signs that mean something in Markdown and are at home in an item (a blank ____, 2*3, 1.) are put
# out of its sight while it reads.
_HIDDEN = {"_": "\ue001", "*": "\ue002", ".": "\ue003", "+": "\ue004"}
_SINGLE_STAR = re.compile(r"(?<!\*)\*(?!\*)|\*{3,}")
_NUMBER = re.compile(r"^(\s*\d+)([.)])", re.MULTILINE)
_PLUS = re.compile(r"^(\s*)\+(?= )", re.MULTILINE)
_SMALL = re.compile(r"<(u|sub|sup)>([^<>\n]+)</\1>")
_SMALL_MARK = re.compile("\ue005(/?)(u|sub|sup)\ue006")
_FORMULA_PLACE = re.compile("\ue007(\\d+)\ue008")
_OURS = re.compile("[\ue001-\ue008]")
_BLOCK_OF_HTML = re.compile(r"<(?:p|div|ul|ol|table|blockquote|pre)>.*>", re.DOTALL)
_TABLE_ROW = re.compile(r"\s*\|.*\|\s*")
_TABLE_RULE = re.compile(r"[\s|:-]+")
_MARKDOWN = MarkdownIt("zero", {"breaks": True}).enable(["table", "list", "image", "emphasis", "newline"])


def _is_stored_picture(url: str) -> bool:
    return bool(_MEDIA.fullmatch(url))


_MARKDOWN.validateLink = _is_stored_picture  # type: ignore[method-assign]


def from_markup(written: str) -> Rich:
    """Return what an author wrote in the markup, or in HTML."""
    text = _OURS.sub("", written.replace("\r\n", "\n").replace("\r", "\n")).strip()
    if _BLOCK_OF_HTML.fullmatch(text):
        return rich(text)
    formulas: list[str] = []

    def keep(formula: re.Match[str]) -> str:
        formulas.append(formula[0])
        return f"\ue007{len(formulas) - 1}\ue008"

    shown = re.sub(r"\\\(.+?\\\)|\\\[.+?\\\]", keep, text, flags=re.DOTALL)
    shown = _SMALL.sub("\ue005\\1\ue006\\2\ue005/\\1\ue006", shown)
    shown = _SINGLE_STAR.sub(lambda stars: _HIDDEN["*"] * len(stars[0]), shown).replace("_", _HIDDEN["_"])
    shown = _NUMBER.sub(lambda number: number[1] + (_HIDDEN["."] if number[2] == "." else ")\u2060"), shown)
    shown = _PLUS.sub(lambda plus: plus[1] + _HIDDEN["+"], shown)
    html = _MARKDOWN.render(_with_rules(shown)).replace("\u2060", "")
    html = _SMALL_MARK.sub("<\\1\\2>", html)
    for sign, hidden in _HIDDEN.items():
        html = html.replace(hidden, sign)
    html = _FORMULA_PLACE.sub(lambda place: escape(formulas[int(place[1])], quote=False), html)
    found = rich(html.replace("\n", ""))
    return found if found.html else Rich(text)


def to_markup(text: str, html: str) -> str:
    """Return the markup of a stored text: ``from_markup`` gives the same back. HTML where the markup cannot say it."""
    if not html:
        return text
    try:
        written = _Writer().written(html)
    except _CannotSay:
        return _as_block(html)
    return written if from_markup(written).html == html else _as_block(html)


def _as_block(html: str) -> str:
    return html if _BLOCK_OF_HTML.fullmatch(html) else f"<p>{html}</p>"


def _with_rules(text: str) -> str:
    """Free tables from the lines around them and give each the rule under its first row that Markdown asks for."""
    blocks = []
    for is_table, lines in groupby(text.split("\n"), key=lambda line: bool(_TABLE_ROW.fullmatch(line))):
        block = list(lines)
        if is_table and not (len(block) > 1 and _TABLE_RULE.fullmatch(block[1])):
            block.insert(1, "|" + "---|" * (block[0].strip().count("|") - 1))
        blocks.append("\n".join(["", *block, ""] if is_table else block))
    return "\n".join(blocks)


class _CannotSay(ValueError):
    """The markup has no words for this."""


class _Writer:
    """Stored HTML as markup."""

    def written(self, html: str) -> str:
        """Return the markup. Raises _CannotSay."""
        root = lxml_html.fragment_fromstring(html, create_parent="div")
        if (root.text or "").strip():
            raise _CannotSay
        return "\n\n".join(self._block(child) for child in root)

    def _block(self, element: etree._Element) -> str:
        if (element.tail or "").strip() or element.attrib:
            raise _CannotSay
        if element.tag == "p":
            return self._inline(element, "\n")
        if element.tag == "ul":
            return "\n".join("- " + self._inline(child, " ") for child in element if self._only("li", child))
        if element.tag == "table":
            rows = [row for part in element for row in part if self._only("tr", row)]
            cells = ["| " + " | ".join(self._inline(cell, " ") for cell in row) + " |" for row in rows]
            return "\n".join([cells[0], "|" + "---|" * len(rows[0]), *cells[1:]]) if cells else ""
        raise _CannotSay

    def _only(self, tag: str, element: etree._Element) -> bool:
        if element.tag != tag or element.attrib:
            raise _CannotSay
        return True

    def _inline(self, element: etree._Element, line_end: str) -> str:
        pieces = [element.text or ""]
        for child in element:
            if child.tag == "br" and line_end == "\n":
                pieces.append("\n")
            elif child.tag == "strong":
                pieces.append(f"**{self._inline(child, line_end)}**")
            elif child.tag in ("u", "sub", "sup") and not len(child):
                pieces.append(f"<{child.tag}>{child.text or ''}</{child.tag}>")
            elif child.tag == "img" and set(child.attrib) <= {"src", "alt"}:
                pieces.append(f"![{child.get('alt', '')}]({child.get('src')})")
            else:
                raise _CannotSay
            pieces.append(child.tail or "")
        return "".join(pieces)


@lru_cache(maxsize=4096)  # a paper of one's own is rendered at every request
def for_browser(text: str, html: str, pictures_at: str) -> str:
    """Return safe HTML for a page: pictures under the address ``pictures_at``, formulas as MathML beside their LaTeX.

    Browsers without MathML show the LaTeX: css/rich_text.css decides between the two.
    """
    shown = PICTURE.sub(lambda found: f'{found[1]}{escape(pictures_at)}{found[2]}"', body(text, html))
    return FORMULA.sub(lambda found: _formula_for_browser(unescape(found[1] or found[2]).strip()), shown)


def body(text: str, html: str) -> str:
    """Return a text as safe HTML, formulas and pictures as they are stored."""
    if not html:
        return f'<span class="keep-lines">{escape(text, quote=False)}</span>'
    kept = clean(html)
    alone = _ONE_PARAGRAPH.fullmatch(kept)
    # A single paragraph stands in the line, beside the number of the item or the letter of the option.
    return f'<span class="rich">{alone[1]}</span>' if alone else f'<div class="rich">{kept}</div>'


def _formula_for_browser(latex: str) -> str:
    drawn = mathml(latex)
    words = escape(latex, quote=False)
    if drawn is None:
        return f'<code class="formula">{words}</code>'
    return f'<span class="formula">{drawn}<code class="formula-words">{words}</code></span>'
