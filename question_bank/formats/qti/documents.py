"""QTI documents of every version in one shape: element and attribute names as QTI 2 writes them, without namespaces.

QTI 3 writes `qti-simple-choice` and `show-hide` for what QTI 2 calls `simpleChoice` and `showHide`. Formulas keep the
namespace of MathML.
"""

import re
from collections.abc import Iterator

from lxml import etree

from core.archives import UnreadableFile
from core.xml import parse_xml

MATHML = "http://www.w3.org/1998/Math/MathML"
_STRIPPED = ("imscp", "imsqti", "imsaqti", "/qti/", "apip", "/xhtml", "imsqtiasi", "_html5_")
_UNUSUAL = {"durationLt": "durationLT", "durationGte": "durationGTE"}
_KEBAB = re.compile(r"-([a-z0-9])")
_ROOTS = (
    "assessmentItem",
    "assessmentTest",
    "assessmentSection",
    "assessmentStimulus",
    "responseProcessing",
    "manifest",
)

Element = etree._Element


class NotQti(UnreadableFile):
    """Well-formed XML that is no QTI document."""

    default_code = "unreadable_file"


def read_document(data: bytes, what: str) -> tuple[Element, str]:
    """Return the root of a QTI document in its one shape, and its version ("2.1").

    Raises UnreadableFile for what is not well-formed or has a DOCTYPE, NotQti for another vocabulary.
    """
    root = parse_xml(data, what)
    version = _version(root)
    _canonicalise(root)
    if etree.QName(root).localname.lower() == "questestinterop":
        raise NotQti(f"{what}是 QTI 1.x 的格式，不能读取；请从原来的系统导出 QTI 2.1、2.2 或 3.0。")
    if root.tag not in _ROOTS:
        raise NotQti(f"{what}不是 QTI 文件（根元素是“{str(root.tag)[:40]}”）；请导出 QTI 2.1、2.2 或 3.0 的试题。")
    return root, version


def children(element: Element, *names: str) -> list[Element]:
    """Return the children that have one of these names, or all of them without names."""
    return [child for child in element if isinstance(child.tag, str) and (not names or child.tag in names)]


def child(element: Element, name: str) -> Element | None:
    """Return the first child with this name, if any."""
    return next(iter(children(element, name)), None)


def descendants(element: Element, *names: str) -> Iterator[Element]:
    """Every element below (or at) `element` that has one of these names, in the order of the document."""
    return (found for found in element.iter() if isinstance(found.tag, str) and found.tag in names)


def text_of(element: Element) -> str:
    """Return all text below an element, as it stands."""
    return "".join(str(part) for part in element.itertext())


def _version(root: Element) -> str:
    qualified = etree.QName(root)
    if qualified.localname.startswith("qti-"):
        return "3.0"
    match = re.search(r"v2p([0-2])", qualified.namespace or "")
    return f"2.{match[1]}" if match else "2.1"


def _canonicalise(root: Element) -> None:
    for comment in list(root.iter(etree.Comment, etree.ProcessingInstruction, etree.Entity)):
        _remove_keeping_tail(comment)
    for element in root.iter():
        name = etree.QName(element)
        if name.namespace is None or any(part in name.namespace for part in _STRIPPED) or name.localname == "manifest":
            element.tag = (
                _camel(name.localname.removeprefix("qti-")) if name.localname.startswith("qti-") else name.localname
            )
            if name.localname.startswith("qti-"):
                _camel_attributes(element)


def _camel_attributes(element: Element) -> None:
    for attribute, value in list(element.attrib.items()):
        plain = str(attribute)
        if "-" in plain and not plain.startswith(("data-", "aria-", "{")):
            del element.attrib[attribute]
            element.set(_camel(plain), value)


def _camel(name: str) -> str:
    camel = _KEBAB.sub(lambda match: match[1].upper(), name)
    return _UNUSUAL.get(camel, camel)


def _remove_keeping_tail(element: Element) -> None:
    parent = element.getparent()
    if parent is None:
        return
    previous = element.getprevious()
    if element.tail:
        if previous is None:
            parent.text = (parent.text or "") + element.tail
        else:
            previous.tail = (previous.tail or "") + element.tail
    parent.remove(element)
