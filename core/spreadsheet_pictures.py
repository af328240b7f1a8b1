"""Where the pictures of an .xlsx file stand: pictures and charts that float over cells, by the cell of their upper left corner.

Used by the child process that reads a spreadsheet. A file whose drawings cannot be followed has none.
"""

import posixpath
import zipfile
import zlib
from collections.abc import Iterator
from xml.etree import ElementTree

Place = tuple[int, int]  # row from 1, column from 0
MOST_PICTURES = 10_000
_SHOWN = ("pic", "graphicFrame")


def pictures_of(path: str) -> dict[str, list[Place]]:
    """Return the places of the pictures of every sheet by its name, each place once."""
    try:
        with zipfile.ZipFile(path) as archive:
            return {name: _sorted(_places(archive, part)) for name, part in _sheets(archive)}
    except (LookupError, ValueError, OSError, zipfile.BadZipFile, zlib.error, ElementTree.ParseError):
        return {}


def _sheets(archive: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    targets = {identity: target for identity, _kind, target in _relations(archive, "xl/workbook.xml")}
    for element in _parsed(archive, "xl/workbook.xml"):
        if _local(element.tag) == "sheet":
            identity = next((value for key, value in element.attrib.items() if _local(key) == "id"), "")
            yield element.get("name", ""), targets.get(identity, "")


def _places(archive: zipfile.ZipFile, sheet: str) -> Iterator[Place]:
    for _identity, kind, drawing in _relations(archive, sheet):
        if not kind.endswith("/drawing"):
            continue
        for anchor in _parsed(archive, drawing):
            shown = any(_local(each.tag) in _SHOWN for each in anchor)
            start = next((each for each in anchor if _local(each.tag) == "from"), None)
            if shown and start is not None:
                at = {_local(each.tag): int(each.text or 0) for each in start}
                yield at["row"] + 1, at["col"]


def _relations(archive: zipfile.ZipFile, part: str) -> list[tuple[str, str, str]]:
    """Identifier, kind and target of what a part refers to; nothing for a part that refers to nothing."""
    folder, name = posixpath.split(part)
    where = f"{folder}/_rels/{name}.rels"
    if where not in archive.NameToInfo:
        return []
    found = []
    for element in _parsed(archive, where):
        if element.get("TargetMode") != "External":
            target = posixpath.normpath(posixpath.join("/", folder, element.get("Target", "")))
            found.append((element.get("Id", ""), element.get("Type", ""), target.lstrip("/")))
    return found


def _sorted(places: Iterator[Place]) -> list[Place]:
    return sorted(set(places))[:MOST_PICTURES]


def _parsed(archive: zipfile.ZipFile, part: str) -> Iterator[ElementTree.Element]:
    # Entities cannot hurt here: this process has little memory and little time.
    return ElementTree.fromstring(archive.read(part)).iter()  # noqa: S314


def _local(name: str) -> str:
    return name.rpartition("}")[2]
