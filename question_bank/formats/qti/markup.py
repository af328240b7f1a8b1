"""Rich text as the markup of QTI 3: what its vocabulary has stays, anything else leaves its text."""

import re
from collections.abc import Sequence

from lxml import etree, html

from question_bank.formats.qti.documents import MATHML, Element
from question_bank.formats.qti.fitting import NAMESPACE
from question_bank.formats.qti.marks import CLASS, STEM
from question_bank.item_types.fill_blank import BLANK

UNDERLINE = "qti-underline"
VOID = ("area", "br", "col", "embed", "hr", "img", "input", "param", "source", "track", "wbr")

_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ALLOWED = frozenset(
    [
        "a",
        "abbr",
        "b",
        "bdo",
        "blockquote",
        "br",
        "caption",
        "cite",
        "code",
        "col",
        "colgroup",
        "dd",
        "dfn",
        "div",
        "dl",
        "dt",
        "em",
        "figcaption",
        "figure",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "i",
        "img",
        "kbd",
        "li",
        "ol",
        "p",
        "pre",
        "q",
        "rb",
        "rp",
        "rt",
        "ruby",
        "samp",
        "small",
        "span",
        "strong",
        "sub",
        "sup",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
        "var",
    ]
)
_ATTRIBUTES = {
    "a": ("href",),
    "img": ("src", "alt", "width", "height"),
    "td": ("colspan", "rowspan"),
    "th": ("colspan", "rowspan"),
    "col": ("span",),
    "colgroup": ("span",),
}
# Ids would have to differ from those of everything else in the document, variables included, and nothing here refers to them.
_GLOBAL = ("class", "lang", "dir")


def qti(name: str, *inside: "Element | str", **attributes: str) -> Element:
    """Return an element of QTI 3 (`choice-interaction`) with attributes (`max_choices`), texts and elements inside."""
    element = etree.Element(
        f"{{{NAMESPACE}}}qti-{name}", {key.replace("_", "-"): value for key, value in attributes.items()}
    )
    return filled(element, inside)


def plain(name: str, *inside: "Element | str", **attributes: str) -> Element:
    """Return an element of HTML as QTI 3 takes it; `class_` is its class."""
    named = {key.rstrip("_"): value for key, value in attributes.items()}
    return filled(etree.Element(f"{{{NAMESPACE}}}{name}", named), inside)


def filled(element: Element, inside: Sequence["Element | str"]) -> Element:
    """Return the element with texts and elements put behind what it has."""
    for each in inside:
        if not isinstance(each, str):
            element.append(each)
        elif len(element):
            element[-1].tail = (element[-1].tail or "") + storable(each)
        else:
            element.text = (element.text or "") + storable(each)
    return element


def storable(text: str) -> str:
    """Return a text without the characters that XML cannot hold."""
    return _NOT_XML.sub("", text)


def lines(text: str, blanks: Sequence[Element] = ()) -> list["Element | str"]:
    """Return plain text with line ends as ``<br/>`` and blanks as the given elements, in their order."""
    waiting = list(blanks)
    found: list[Element | str] = []
    for place, line in enumerate(text.split("\n")):
        if place:
            found.append(plain("br"))
        pieces = line.split(BLANK) if blanks else [line]
        for number, piece in enumerate(pieces):
            if number:
                found.append(waiting.pop(0) if waiting else BLANK)
            if piece:
                found.append(piece)
    return found


def stem_blocks(text: str, rich: str, blanks: Sequence[Element] = ()) -> list[Element]:
    """Return the stem as blocks of an item body, its blanks as the given elements."""
    if rich and (not blanks or rich.count(BLANK) == len(blanks)):
        wrapped = plain("div", *flow(rich), class_=CLASS + STEM)
        for blank in blanks:
            _put_blank(wrapped, blank)
        return [wrapped]
    return [plain("p", *lines(text, blanks))] if text else []


def shown(text: str, rich: str) -> list["Element | str"]:
    """Return what an option shows."""
    return flow(rich) if rich else lines(text)


def flow(rich: str) -> list["Element | str"]:
    """Return HTML as texts and elements of QTI 3."""
    holder = etree.Element("holder")
    _copy(html.fragment_fromstring(storable(rich), create_parent="div"), holder)
    found: list[Element | str] = [holder.text] if holder.text else []
    for element in list(holder):
        tail, element.tail = element.tail, None
        found.append(element)
        if tail:
            found.append(tail)
    return found


def sources(elements: Sequence[Element]) -> list[str]:
    """Return what pictures and links refer to, once each."""
    found = (each.get(name) for element in elements for each in element.iter() for name in ("src", "href"))
    return list(dict.fromkeys(str(href) for href in found if href))


def _copy(source: Element, into: Element, namespace: str = NAMESPACE) -> None:
    filled(into, [source.text or ""])
    for child in source:
        if isinstance(child.tag, str):
            name = etree.QName(child).localname.lower()
            inner = MATHML if name == "math" else namespace
            if inner == MATHML or name in _ALLOWED or name == "u":
                element = etree.SubElement(into, f"{{{inner}}}{'span' if name == 'u' and inner != MATHML else name}")
                _copy_attributes(child, element, name, inner)
                _copy(child, element, inner)
            elif name not in ("script", "style", "svg"):
                _copy(child, into, namespace)
        filled(into, [child.tail or ""])


def _copy_attributes(source: Element, element: Element, name: str, namespace: str) -> None:
    if namespace == MATHML:
        kept = [key for key in source.attrib if re.fullmatch(r"[a-z]+", str(key)) and str(key) != "xmlns"]
    else:
        kept = [key for key in (*_GLOBAL, *_ATTRIBUTES.get(name, ())) if key in source.attrib]
    for key in kept:
        element.set(key, storable(str(source.get(key))))
    if name == "u":
        element.set("class", UNDERLINE)
    if name == "img" and "alt" not in element.attrib:
        element.set("alt", "")


def _put_blank(wrapped: Element, blank: Element) -> None:
    for element in wrapped.iter():
        if element.text and BLANK in element.text:
            before, _mark, after = element.text.partition(BLANK)
            element.text, blank.tail = before, after
            element.insert(0, blank)
            return
        if element is not wrapped and element.tail and BLANK in element.tail:
            before, _mark, after = element.tail.partition(BLANK)
            element.tail, blank.tail = before, after
            element.addnext(blank)
            return


def normal(rich: str) -> str:
    """Return HTML in the one way in which our reader writes it."""
    if not rich:
        return ""
    parent = html.fragment_fromstring(storable(rich), create_parent="div")
    for image in parent.iter("img"):
        if "alt" not in image.attrib:
            image.set("alt", "")
    return inner_markup(parent)


def inner_markup(element: Element) -> str:
    """Return the markup of what an element holds, as XML that is HTML too."""
    for each in element.iter():
        if isinstance(each.tag, str) and not len(each) and not each.text and each.tag not in VOID:
            each.text = ""  # written with an end tag
    holder = etree.tostring(element, encoding="unicode", with_tail=False)
    return str(holder)[str(holder).index(">") + 1 : str(holder).rindex("</")].strip() if "</" in str(holder) else ""
