"""What an .xlsx file says of a cell besides its value: shown as per cent or as a Chinese date, an error, no result; hidden rows.

Used by the child process that reads a spreadsheet. Whatever cannot be found out is left out: the values are read by
another library, and a file that this one cannot follow is read without its marks.
"""

import re
import zipfile
import zlib
from dataclasses import dataclass, field
from xml.etree import ElementTree

from core.spreadsheet_parts import local, parsed, sheets

CELL = re.compile(rb"<(?:\w+:)?c\b([^>]*?)(?:/>|>(.*?)</(?:\w+:)?c>)", re.DOTALL)
ROW = re.compile(rb"<(?:\w+:)?row\b([^>]*)>")
ATTRIBUTE = re.compile(rb'(\w+)="([^"]*)"')
REFERENCE = re.compile(rb"([A-Z]{1,3})([0-9]{1,7})")
FORMULA = re.compile(rb"<(?:\w+:)?f\b")
RESULT = re.compile(rb"<(?:\w+:)?v>[^<]|<(?:\w+:)?v [^>]*>[^<]")
# Bytes: a sheet beyond this has more rows than are taken anyway.
LARGEST_SEARCHED = 40 * 1024 * 1024
# What Excel in Chinese means by the formats that have a number and no text.
BUILT_IN = {9: "percent", 10: "percent", 27: "年月", 28: "月日", 29: "月日", 31: "年月日", 57: "年月", 58: "月日"}


@dataclass(slots=True)
class Marks:
    """Of one sheet: by (row from 1, column from 0) `percent`, `年月日`, `年月`, `月日`, `error` or `formula`; the hidden rows."""

    cells: dict[tuple[int, int], str] = field(default_factory=dict)
    hidden: set[int] = field(default_factory=set)


def marks_of(path: str) -> dict[str, Marks]:
    """Return the marks of every sheet by its name."""
    try:
        return _marks_of_xlsx(path)
    except (LookupError, ValueError, OSError, zipfile.BadZipFile, zlib.error, ElementTree.ParseError):
        return {}


def kind_of_format(code: str) -> str:
    """Return the mark of a number format such as 0% or yyyy"年"m"月", empty for one that shows a number as any other."""
    plain = re.sub(r'"([^"]*)"|\\(.)|\[[^\]]*\]|_.', lambda found: found[1] or found[2] or "", code.partition(";")[0])
    if "%" in plain:
        return "percent"
    parts = [sign for sign in "年月日" if sign in plain]
    shown = "".join(parts)
    return shown if shown in ("年月日", "年月", "月日") and not re.search(r"[hHsS时分秒]|上午|AM", plain) else ""


def _marks_of_xlsx(path: str) -> dict[str, Marks]:
    with zipfile.ZipFile(path) as archive:
        styles = _styles(archive)
        return {name: _marked_in(archive.read(part), styles) for name, part in sheets(archive)}


def _styles(archive: zipfile.ZipFile) -> dict[str, str]:
    """How a cell of each style is shown, by the number of the style; those that are shown as any other are left out."""
    formats = {str(number): kind for number, kind in BUILT_IN.items()}
    styles: list[str] = []
    for element in parsed(archive, "xl/styles.xml"):
        if local(element.tag) == "numFmt":
            formats[element.get("numFmtId", "")] = kind_of_format(element.get("formatCode", ""))
        if local(element.tag) == "cellXfs":
            styles = [child.get("numFmtId", "0") for child in element]
    return {str(index): kind for index, number in enumerate(styles) if (kind := formats.get(number, ""))}


def _marked_in(xml: bytes, styles: dict[str, str]) -> Marks:
    marks = Marks()
    if len(xml) > LARGEST_SEARCHED:
        return marks
    if b"hidden=" in xml:
        rows = (dict(ATTRIBUTE.findall(row[1])) for row in ROW.finditer(xml))
        marks.hidden = {int(row[b"r"]) for row in rows if row.get(b"hidden") in (b"1", b"true") and b"r" in row}
    if not (styles or b't="e"' in xml or b"<f" in xml):
        return marks
    for cell in CELL.finditer(xml):
        attributes = dict(ATTRIBUTE.findall(cell[1]))
        place = REFERENCE.fullmatch(attributes.get(b"r", b""))
        if place is None:
            continue
        inside = cell[2] or b""
        kind = attributes.get(b"t", b"n")
        mark = ""
        if kind == b"e":
            mark = "error"
        elif kind != b"str" and FORMULA.search(inside) and not RESULT.search(inside):
            mark = "formula"
        elif kind in (b"n", b"d") and RESULT.search(inside):
            mark = styles.get(attributes.get(b"s", b"").decode("ascii", "replace"), "")
        if mark:
            marks.cells[int(place[2]), _column(place[1])] = mark
    return marks


def _column(letters: bytes) -> int:
    column = 0
    for letter in letters:
        column = column * 26 + letter - 64
    return column - 1
