"""The manifest of a QTI 3 package, with what it says about each item (IEEE LOM): topics, tags, difficulty, source."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from lxml import etree

from question_bank.formats.qti.documents import Element
from question_bank.formats.qti.markup import storable
from question_bank.formats.qti.metadata import SOURCE_CATALOG, SOURCE_FIELDS
from question_bank.formats.report import ImportedItem

CONTENT = "http://www.imsglobal.org/xsd/qti/qtiv3p0/imscp_v1p1"
LOM = "http://ltsc.ieee.org/xsd/LOM"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_SCHEMAS = (
    f"{CONTENT} https://purl.imsglobal.org/spec/qti/v3p0/schema/xsd/imsqtiv3p0_imscpv1p2_v1p0.xsd"
    f" {LOM} https://purl.imsglobal.org/spec/md/v1p3/schema/xsd/imsmd_loose_v1p3p2.xsd"
)
_NAMESPACES: dict[Any, str] = {None: CONTENT, "xsi": _XSI}
_LOM_NAMESPACE: dict[Any, str] = {None: LOM}
_DIFFICULTY = {"易": "easy", "中": "medium", "难": "difficult"}

Listed = tuple[str, str, Sequence[str], Element | None]


def manifest_of(items: Sequence[Listed]) -> Element:
    """Return the manifest that lists items: identifier, path, paths of their files, metadata."""
    root = etree.Element(f"{{{CONTENT}}}manifest", {"identifier": "MANIFEST"}, nsmap=_NAMESPACES)
    root.set(f"{{{_XSI}}}schemaLocation", _SCHEMAS)
    about = _content(root, "metadata")
    _content(about, "schema").text = "QTI Package"
    _content(about, "schemaversion").text = "3.0.0"
    _content(root, "organizations")
    resources = _content(root, "resources")
    for identifier, path, files, metadata in items:
        attributes = {"identifier": f"RES-{identifier}", "type": "imsqti_item_xmlv3p0", "href": quote(path)}
        resource = _content(resources, "resource", **attributes)
        if metadata is not None:
            _content(resource, "metadata").append(metadata)
        for file in (path, *files):
            _content(resource, "file", href=quote(file))
    return root


def metadata_of(item: ImportedItem) -> Element | None:
    """Return the LOM record of an item, None where there is nothing to say."""
    lom = etree.Element(f"{{{LOM}}}lom", nsmap=_LOM_NAMESPACE)
    if item.tags:
        general = _lom(lom, "general")
        for tag in item.tags:
            _string(_lom(general, "keyword"), tag)
    if item.difficulty:
        difficulty = _lom(_lom(lom, "educational"), "difficulty")
        _lom(difficulty, "source").text = "LOMv1.0" if item.difficulty in _DIFFICULTY else "hengjian"
        _lom(difficulty, "value").text = storable(_DIFFICULTY.get(item.difficulty, item.difficulty))
    _write_source(lom, item)
    for point in item.knowledge_points:
        classification = _lom(lom, "classification")
        purpose = _lom(classification, "purpose")
        _lom(purpose, "source").text = "LOMv1.0"
        _lom(purpose, "value").text = "discipline"
        path = _lom(classification, "taxonPath")
        _string(_lom(path, "source"), "hengjian", "en")
        _string(_lom(_lom(path, "taxon"), "entry"), point)
    return lom if len(lom) else None


def _write_source(lom: Element, item: ImportedItem) -> None:
    if item.source is None:
        return
    relation = _lom(lom, "relation")
    kind = _lom(relation, "kind")
    _lom(kind, "source").text = "LOMv1.0"
    _lom(kind, "value").text = "isbasedon"
    resource = _lom(relation, "resource")
    for field in SOURCE_FIELDS:
        text = getattr(item.source, field)
        if text:
            identifier = _lom(resource, "identifier")
            _lom(identifier, "catalog").text = SOURCE_CATALOG.format(field)
            _lom(identifier, "entry").text = storable(text)


def _content(parent: Element, name: str, **attributes: str) -> Element:
    return etree.SubElement(parent, f"{{{CONTENT}}}{name}", attributes)


def _lom(parent: Element, name: str) -> Element:
    return etree.SubElement(parent, f"{{{LOM}}}{name}")


def _string(parent: Element, text: str, language: str = "zh-CN") -> None:
    string = _lom(parent, "string")
    string.set("language", language)
    string.text = storable(text)
