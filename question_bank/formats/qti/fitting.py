"""Makes the HTML of an item body such as the schema of QTI 3 takes it: what may stand in what, and in which order.

A text, a picture, a formula or a blank never goes; where its surroundings may not hold it, they give way.
"""

import re
from collections.abc import Iterable

from lxml import etree

from question_bank.formats.qti.documents import MATHML, Element

NAMESPACE = "http://www.imsglobal.org/xsd/imsqtiasi_v3p0"
_IN = f"{{{NAMESPACE}}}"
_WORDS = "a abbr b bdo cite code dfn em i kbd q rb rp rt ruby samp small span strong sub sup var"
_INLINE = frozenset(_WORDS.split())
# Blocks of running text, and what each becomes where it holds blocks.
_RUNNING = {**dict.fromkeys(("p", "pre", "h1", "h2", "h3", "h4", "h5", "h6"), "div"), "dt": "dd"}
_BLOCK_NAMES = "blockquote caption dd div dl dt figcaption figure h1 h2 h3 h4 h5 h6 hr li ol p pre table tbody td tfoot th thead tr ul"
_BLOCKS = frozenset(_BLOCK_NAMES.split())
# What may hold no formula, blank or feedback, and what each becomes where it does; nothing: its content stands for it.
_BARE = {
    "blockquote": "div",
    "figure": "div",
    "figcaption": "div",
    "bdo": "span",
    "ruby": "",
    "rb": "",
    "rt": "",
    "rp": "",
}
_SECTIONS = ("thead", "tbody", "tfoot")
# Parts of a structure: where each may stand, and what it becomes elsewhere.
_PARTS = {
    "li": (("ul", "ol"), "div"),
    "dt": (("dl",), "div"),
    "dd": (("dl",), "div"),
    "figcaption": (("figure",), "div"),
    "caption": (("table",), "div"),
    "col": (("table", "colgroup"), None),
    "colgroup": (("table",), None),
    **dict.fromkeys(_SECTIONS, (("table",), "")),
    "tr": (("table", *_SECTIONS), ""),
    "td": (("tr",), "div"),
    "th": (("tr",), "div"),
    **dict.fromkeys(("rb", "rp", "rt"), (("ruby",), "")),
}
# What a structure may hold, and what is wrapped around anything else in it.
_ROOM = {
    "ul": (("li",), "li"),
    "ol": (("li",), "li"),
    "dl": (("dt", "dd"), "dd"),
    "table": (("caption", "col", "colgroup", *_SECTIONS, "tr"), "tr"),
    **dict.fromkeys(_SECTIONS, (("tr",), "tr")),
    "tr": (("td", "th"), "td"),
}
_ORDER = ("caption", "col", "colgroup", "thead", "tfoot", "tbody", "tr")
_LENGTH = re.compile(r"[0-9]+%?")
_WHOLE = re.compile(r"[0-9]{1,9}")
_DIRECTION = re.compile(r"ltr|rtl|auto")
_VALUES = {"width": _LENGTH, "height": _LENGTH, "colspan": _WHOLE, "rowspan": _WHOLE, "span": _WHOLE, "dir": _DIRECTION}


def fit(body: Element) -> None:
    """Change the HTML below an element until the schema takes it."""
    for element in _html(body):
        _fit_attributes(element)
    for element in _html(body):
        _make_bare(element)
    for element in _html(body):
        _open_for_blocks(element)
    for element in _html(body):
        _put_in_place(element)
    for element in _html(body):
        _fill_room(element)
    for element in reversed(_html(body)):
        _arrange(element)


def _html(body: Element) -> list[Element]:
    found = [each for each in body.iter(f"{_IN}*") if each is not body]
    return [each for each in found if not _name(each).startswith("qti-")]


def _name(element: Element | None) -> str:
    return "" if element is None else etree.QName(element).localname


def _become(element: Element, name: str | None) -> None:
    """Give an element another name; its content takes its place where the name is empty, nothing where there is none."""
    if name:
        element.tag = f"{_IN}{name}"
    elif name == "":
        _unwrap(element)
    else:
        _remove(element)


def _unwrap(element: Element) -> None:
    _text_before(element, element.text)
    for each in list(element):
        element.addprevious(each)
    _remove(element)


def _remove(element: Element) -> None:
    parent = element.getparent()
    if parent is not None:
        _text_before(element, element.tail)
        parent.remove(element)


def _text_before(element: Element, text: str | None) -> None:
    previous, parent = element.getprevious(), element.getparent()
    if text and previous is not None:
        previous.tail = (previous.tail or "") + text
    elif text and parent is not None:
        parent.text = (parent.text or "") + text


def _fit_attributes(element: Element) -> None:
    for name, values in _VALUES.items():
        if name in element.attrib and not values.fullmatch(element.get(name, "").lower()):
            del element.attrib[name]
        elif name == "dir" and name in element.attrib:
            element.set(name, element.get(name, "").lower())
    if _name(element) == "a" and "href" not in element.attrib:
        _unwrap(element)
    elif _name(element) == "img" and not element.get("src"):
        _text_before(element, element.get("alt"))
        _remove(element)


def _make_bare(element: Element) -> None:
    name = _name(element)
    if name in _BARE and any(_holds_more(each) for each in element.iter(etree.Element)):
        _become(element, _BARE[name])


def _holds_more(element: Element) -> bool:
    qualified = etree.QName(element)
    return qualified.namespace == MATHML or qualified.localname.startswith("qti-")


def _open_for_blocks(element: Element) -> None:
    name = _name(element)
    if (name in _INLINE or name in _RUNNING) and any(_name(each) in _BLOCKS for each in _below(element)):
        _become(element, _RUNNING.get(name, ""))
    elif (
        name == "colgroup" and not all(_name(each) == "col" and not (each.tail or "").strip() for each in element)
    ) or (name == "colgroup" and (element.text or "").strip()):
        _unwrap(element)


def _below(element: Element) -> Iterable[Element]:
    return (each for each in element.iter(f"{_IN}*") if each is not element)


def _put_in_place(element: Element) -> None:
    places, otherwise = _PARTS.get(_name(element), ((), None))
    if places and _name(element.getparent()) not in places:
        _become(element, otherwise)


def _fill_room(element: Element) -> None:
    """Wrap what a list or a table may not hold, and give a wrapper the room that it lacks itself."""
    allowed, wrapper = _ROOM.get(_name(element), ((), ""))
    if not wrapper:
        return
    pieces, text = list(element), element.text
    element.text, element[:] = None, []
    run = _take_text(element, None, wrapper, text)
    for each in pieces:
        tail, each.tail = each.tail, None
        if _name(each) in allowed:
            element.append(each)
            run = None
        else:
            run = etree.SubElement(element, f"{_IN}{wrapper}") if run is None else run
            run.append(each)
        run = _take_text(element, run, wrapper, tail)
    for each in element:
        if wrapper == _name(each) == "tr":
            _fill_room(each)


def _take_text(parent: Element, run: Element | None, wrapper: str, text: str | None) -> Element | None:
    """Put text into the wrapper that is being filled, or into a new one; blank text between the parts goes."""
    if run is None and (text or "").strip():
        run = etree.SubElement(parent, f"{_IN}{wrapper}")
    if run is not None and len(run):
        run[-1].tail = (run[-1].tail or "") + (text or "")
    elif run is not None:
        run.text = (run.text or "") + (text or "")
    return run


def _arrange(element: Element) -> None:
    name = _name(element)
    if (name == "tr" and not len(element)) or (name in _SECTIONS and not len(element)):
        _remove(element)
    elif name == "table":
        _arrange_table(element)


def _arrange_table(table: Element) -> None:
    for name, otherwise in (("caption", "tr"), ("thead", "tbody"), ("tfoot", "tbody")):
        for surplus in table.findall(f"{_IN}{name}")[1:]:
            surplus.tag = f"{_IN}{otherwise}"
            if otherwise == "tr":
                _as_row(surplus)
    if table.find(f"{_IN}tbody") is not None:
        _gather_rows(table)
    table[:] = sorted(table, key=lambda each: _ORDER.index(_name(each)))


def _as_row(caption: Element) -> None:
    cell = etree.Element(f"{_IN}td")
    cell.text, caption.text = caption.text, None
    cell.extend(list(caption))
    caption.append(cell)


def _gather_rows(table: Element) -> None:
    """Rows between bodies keep their place: each run of them becomes a body."""
    body: Element | None = None
    for each in list(table):
        if _name(each) != "tr":
            body = None
            continue
        if body is None:
            body = etree.Element(f"{_IN}tbody")
            each.addprevious(body)
        body.append(each)
