"""Items as a content package of QTI 3. Each is read back by our own reader before it counts as written."""

import io
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from itertools import count
from typing import Any, NamedTuple

from lxml import etree

from question_bank.formats.qti.documents import MATHML, Element
from question_bank.formats.qti.fitting import NAMESPACE
from question_bank.formats.qti.item_writing import IDENTIFIER, item_document
from question_bank.formats.qti.items import read_items
from question_bank.formats.qti.markup import normal, sources
from question_bank.formats.qti.metadata_writing import manifest_of, metadata_of
from question_bank.formats.qti.package import resolved
from question_bank.formats.read_back import written_whole
from question_bank.formats.report import ImportedItem, ImportedMedia, Problem, Report

_DECLARATION = b'<?xml version="1.0" encoding="UTF-8"?>\n'
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_NAMESPACES: dict[Any, str] = {None: NAMESPACE, "xsi": _XSI, "m": MATHML}
# The archive is the same for the same items.
_STAMP = (1980, 1, 1, 0, 0, 0)


class Written(NamedTuple):
    """One item as it goes into the package: its identifier, document, metadata and files by their paths."""

    identifier: str
    document: bytes
    metadata: Element | None
    files: tuple[tuple[str, bytes], ...]


def write_items(items: Sequence[ImportedItem]) -> tuple[bytes, list[Problem]]:
    """Return a QTI 3 package (.zip) with the items, and what it could not hold, item by item."""
    used: set[str] = set()
    numbers = count(1)

    def render(item: ImportedItem) -> Written:
        identifier = _identifier(item.ref, used, numbers)
        return _written(item, identifier)

    chunks, problems = written_whole([_normal(item) for item in items], render, _read, "QTI 3.0")
    problems += [_in_order(item) for item in items if item.order_free and len(item.key) > 1]
    return _package(chunks), problems


def _read(chunk: Written) -> Report:
    return read_items(_package([chunk]), "")


def _normal(item: ImportedItem) -> ImportedItem:
    options = tuple(replace(option, html=normal(option.html)) for option in item.options)
    parts = tuple(_normal(part) for part in item.parts)
    return replace(item, html=normal(item.html), options=options, parts=parts)


def _in_order(item: ImportedItem) -> Problem:
    reason = "QTI 没有“不分顺序”：我们重新导入时仍不分顺序，别的系统按各空的次序计分"
    return Problem(item.ref, "不分顺序", "warning", reason, "交给别的系统使用时，改写题目或拆成几题")


def _identifier(ref: str, used: set[str], numbers: "count[int]") -> str:
    identifier = ref if IDENTIFIER.fullmatch(ref) else ""
    while not identifier or identifier.lower() in used:
        identifier = f"item-{next(numbers)}"
    used.add(identifier.lower())
    return identifier


def _written(item: ImportedItem, identifier: str) -> Written:
    root = item_document(item, identifier)
    files = _files(item, root, f"items/{identifier}")
    return Written(identifier, _DECLARATION + etree.tostring(_prefixed(root)), metadata_of(item), files)


def _prefixed(root: Element) -> Element:
    """The same document with QTI as the default namespace."""
    named = etree.Element(root.tag, {str(name): str(value) for name, value in root.attrib.items()}, nsmap=_NAMESPACES)
    named.text = root.text
    for child in list(root):
        named.append(child)
    etree.cleanup_namespaces(named, keep_ns_prefixes=["xsi"])
    return named


def _files(item: ImportedItem, root: Element, folder: str) -> tuple[tuple[str, bytes], ...]:
    data: dict[str, ImportedMedia] = {file.name: file for each in (item, *item.parts) for file in each.media}
    found: dict[str, bytes] = {}
    for href in sources([root]):
        file = data.get(href)
        path = resolved(href, f"{folder}/item.xml")
        if file is not None and path.startswith(f"{folder}/") and path != f"{folder}/item.xml":
            found[path] = file.data
    return tuple(found.items())


def _package(chunks: Sequence[Written]) -> bytes:
    stream = io.BytesIO()
    listed = [
        (chunk.identifier, f"items/{chunk.identifier}/item.xml", [path for path, _data in chunk.files], chunk.metadata)
        for chunk in chunks
    ]
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        _add(archive, "imsmanifest.xml", _DECLARATION + etree.tostring(manifest_of(listed)))
        for chunk in chunks:
            _add(archive, f"items/{chunk.identifier}/item.xml", chunk.document)
            for path, data in chunk.files:
                _add(archive, path, data)
    return stream.getvalue()


def _add(archive: zipfile.ZipFile, path: str, data: bytes) -> None:
    entry = zipfile.ZipInfo(path, _STAMP)
    entry.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(entry, data)
