"""What a package's manifest says about an item (LOM): knowledge points, tags, difficulty, source."""

from collections.abc import Iterator
from typing import Any

from lxml import etree

from question_bank.formats.qti.documents import Element, text_of
from question_bank.formats.report import ImportedSource

# The words of IEEE LOM and those that people here use.
LOM_DIFFICULTY = {"very easy": "易", "easy": "易", "medium": "中", "difficult": "难", "very difficult": "难"}
SOURCE_FIELDS = ("regulation", "edition", "article", "quotation")
SOURCE_CATALOG = "hengjian:{}"


def fields_of(metadata: Element | None) -> dict[str, Any]:
    """Return the fields of an item that its metadata states."""
    if metadata is None:
        return {}
    fields: dict[str, Any] = {}
    topics = [text for taxon in _all(metadata, "taxon") for entry in _all(taxon, "entry") if (text := _text(entry))]
    tags = [text for general in _all(metadata, "general") for word in _all(general, "keyword") if (text := _text(word))]
    difficulties = [
        text for each in _all(metadata, "difficulty") for value in _all(each, "value") if (text := _text(value))
    ]
    if topics:
        fields["knowledge_points"] = tuple(dict.fromkeys(topics))
    if tags:
        fields["tags"] = tuple(dict.fromkeys(tags))
    if difficulties:
        fields["difficulty"] = LOM_DIFFICULTY.get(difficulties[0].lower(), difficulties[0])
    source = _source(metadata)
    if source is not None:
        fields["source"] = source
    return fields


def _source(metadata: Element) -> ImportedSource | None:
    found: dict[str, str] = {}
    for relation in _all(metadata, "relation"):
        for identifier in _all(relation, "identifier"):
            catalog = "".join(_text(each) for each in _all(identifier, "catalog"))
            for field in SOURCE_FIELDS:
                if catalog == SOURCE_CATALOG.format(field):
                    found[field] = "".join(_text(each) for each in _all(identifier, "entry"))
    return ImportedSource(**found) if found.get("regulation") else None


def _all(element: Element, name: str) -> Iterator[Element]:
    return (each for each in element.iter() if isinstance(each.tag, str) and etree.QName(each).localname == name)


def _text(element: Element) -> str:
    return " ".join(text_of(element).split())
