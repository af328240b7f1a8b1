"""Where the pictures of an .xlsx file stand: pictures and charts that float over cells, by the cell of their upper left corner.

Used by the child process that reads a spreadsheet. A file whose drawings cannot be followed has none.
"""

import zipfile
import zlib
from collections.abc import Iterator
from xml.etree import ElementTree

from core.spreadsheet_parts import local, parsed, relations, sheets

Place = tuple[int, int]  # row from 1, column from 0
MOST_PICTURES = 10_000
_SHOWN = ("pic", "graphicFrame")


def pictures_of(path: str) -> dict[str, list[Place]]:
    """Return the places of the pictures of every sheet by its name, each place once."""
    try:
        with zipfile.ZipFile(path) as archive:
            return {name: _sorted(_places(archive, part)) for name, part in sheets(archive)}
    except (LookupError, ValueError, OSError, zipfile.BadZipFile, zlib.error, ElementTree.ParseError):
        return {}


def _places(archive: zipfile.ZipFile, sheet: str) -> Iterator[Place]:
    for _identity, kind, drawing in relations(archive, sheet):
        if not kind.endswith("/drawing"):
            continue
        for anchor in parsed(archive, drawing):
            shown = any(local(each.tag) in _SHOWN for each in anchor)
            start = next((each for each in anchor if local(each.tag) == "from"), None)
            if shown and start is not None:
                at = {local(each.tag): int(each.text or 0) for each in start}
                yield at["row"] + 1, at["col"]


def _sorted(places: Iterator[Place]) -> list[Place]:
    return sorted(set(places))[:MOST_PICTURES]
