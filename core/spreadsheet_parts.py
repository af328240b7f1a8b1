"""The parts of an .xlsx file: how they refer to each other, and which of them are its sheets.

Used by the child process that reads a spreadsheet. A file that is none fails with what ``zipfile`` and the parser raise.
"""

import posixpath
import zipfile
from collections.abc import Iterator
from xml.etree import ElementTree


def sheets(archive: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """Yield the name of each sheet and its part."""
    targets = {identity: target for identity, _kind, target in relations(archive, "xl/workbook.xml")}
    for element in parsed(archive, "xl/workbook.xml"):
        if local(element.tag) == "sheet":
            identity = next((value for key, value in element.attrib.items() if local(key) == "id"), "")
            yield element.get("name", ""), targets.get(identity, "")


def relations(archive: zipfile.ZipFile, part: str) -> list[tuple[str, str, str]]:
    """Identifier, kind and target of what a part refers to; nothing for a part that refers to nothing."""
    folder, name = posixpath.split(part)
    where = f"{folder}/_rels/{name}.rels"
    if where not in archive.NameToInfo:
        return []
    found = []
    for element in parsed(archive, where):
        if element.get("TargetMode") != "External":
            target = posixpath.normpath(posixpath.join("/", folder, element.get("Target", "")))
            found.append((element.get("Id", ""), element.get("Type", ""), target.lstrip("/")))
    return found


def parsed(archive: zipfile.ZipFile, part: str) -> Iterator[ElementTree.Element]:
    """Yield every element of a part."""
    # Entities cannot hurt here: this process has little memory and little time.
    return ElementTree.fromstring(archive.read(part)).iter()  # noqa: S314


def local(name: str) -> str:
    """A name without its namespace."""
    return name.rpartition("}")[2]
