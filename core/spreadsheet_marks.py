"""What a workbook says of a cell besides its value: shown as per cent or as a Chinese date, an error, no result; hidden rows.

Used by the child process that reads a spreadsheet. Whatever cannot be found out is left out: the values are read by
another library, and a file that this one cannot follow is read without its marks.
"""

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree import ElementTree

CELL = re.compile(rb"<(?:\w+:)?c\b([^>]*?)(?:/>|>(.*?)</(?:\w+:)?c>)", re.DOTALL)
ROW = re.compile(rb"<(?:\w+:)?row\b([^>]*)>")
ATTRIBUTE = re.compile(rb'(\w+)="([^"]*)"')
REFERENCE = re.compile(rb"([A-Z]{1,3})([0-9]{1,7})")
MERGED = re.compile(rb'<(?:\w+:)?mergeCell\b[^>]*\bref="([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})"')
FORMULA = re.compile(rb"<(?:\w+:)?f\b")
RESULT = re.compile(rb"<(?:\w+:)?v>[^<]|<(?:\w+:)?v [^>]*>[^<]")
# Bytes: a sheet beyond this has more rows than are taken anyway, and an old workbook is held twice over.
LARGEST_SEARCHED = 40 * 1024 * 1024
MOST_MARKED = 1_000_000
MOST_MERGED = 10_000
# What Excel in Chinese means by the formats that have a number and no text.
BUILT_IN = {9: "percent", 10: "percent", 27: "年月", 28: "月日", 29: "月日", 31: "年月日", 57: "年月", 58: "月日"}
SECTOR_END = 0xFFFFFFFE
FORMAT, XF, BOUNDSHEET, NUMBER, RK, MULRK, FORMULA_CELL, ROW_RECORD, MERGED_CELLS, END = (
    0x041E,
    0x00E0,
    0x0085,
    0x0203,
    0x027E,
    0x00BD,
    0x0006,
    0x0208,
    0x00E5,
    0x000A,
)


@dataclass(slots=True)
class Marks:
    """Of one sheet: by (row from 1, column from 0) `percent`, `年月日`, `年月`, `月日`, `error` or `formula`; the hidden rows;
    the cells of one column that are merged, as first row, last row and column."""

    cells: dict[tuple[int, int], str] = field(default_factory=dict)
    hidden: set[int] = field(default_factory=set)
    merged: list[tuple[int, int, int]] = field(default_factory=list)

    def note_merged(self, first: int, last: int, left: int, right: int) -> None:
        """Keep a range of merged cells where it is one column."""
        if left == right and first < last and len(self.merged) < MOST_MERGED:
            self.merged.append((first, last, left))


def marks_of(path: str, kind: str) -> dict[str, Marks]:
    """Return the marks of every sheet of an `xlsx` or `xls` file by its name."""
    try:
        return _marks_of_xlsx(path) if kind == "xlsx" else _marks_of_xls(path)
    except (LookupError, ValueError, OSError, struct.error, zipfile.BadZipFile, zlib.error, ElementTree.ParseError):
        return {}


def _kind_of_format(code: str) -> str:
    plain = re.sub(r'"([^"]*)"|\\(.)|\[[^\]]*\]|_.', lambda found: found[1] or found[2] or "", code.partition(";")[0])
    if "%" in plain:
        return "percent"
    parts = [sign for sign in "年月日" if sign in plain]
    shown = "".join(parts)
    return shown if shown in ("年月日", "年月", "月日") and not re.search(r"[hHsS时分秒]|上午|AM", plain) else ""


def _marks_of_xlsx(path: str) -> dict[str, Marks]:
    with zipfile.ZipFile(path) as archive:
        targets = {
            element.get("Id", ""): element.get("Target", "")
            for element in _parsed(archive, "xl/_rels/workbook.xml.rels")
        }
        styles = _styles(archive)
        marked: dict[str, Marks] = {}
        for element in _parsed(archive, "xl/workbook.xml"):
            if _local(element.tag) == "sheet":
                target = next((targets.get(v, "") for k, v in element.attrib.items() if _local(k) == "id"), "")
                part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
                marked[element.get("name", "")] = _marked_in(archive.read(part), styles)
        return marked


def _parsed(archive: zipfile.ZipFile, part: str) -> Iterator[ElementTree.Element]:
    # Entities cannot hurt here: this process has little memory and little time.
    return ElementTree.fromstring(archive.read(part)).iter()  # noqa: S314


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _styles(archive: zipfile.ZipFile) -> dict[str, str]:
    """How a cell of each style is shown, by the number of the style; those that are shown as any other are left out."""
    formats = {str(number): kind for number, kind in BUILT_IN.items()}
    styles: list[str] = []
    for element in _parsed(archive, "xl/styles.xml"):
        if _local(element.tag) == "numFmt":
            formats[element.get("numFmtId", "")] = _kind_of_format(element.get("formatCode", ""))
        if _local(element.tag) == "cellXfs":
            styles = [child.get("numFmtId", "0") for child in element]
    return {str(index): kind for index, number in enumerate(styles) if (kind := formats.get(number, ""))}


def _marked_in(xml: bytes, styles: dict[str, str]) -> Marks:
    marks = Marks()
    if len(xml) > LARGEST_SEARCHED:
        return marks
    if b"hidden=" in xml:
        rows = (dict(ATTRIBUTE.findall(row[1])) for row in ROW.finditer(xml))
        marks.hidden = {int(row[b"r"]) for row in rows if row.get(b"hidden") in (b"1", b"true") and b"r" in row}
    for left, first, right, last in MERGED.findall(xml):
        marks.note_merged(int(first), int(last), _column(left), _column(right))
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


def _marks_of_xls(path: str) -> dict[str, Marks]:
    with open(path, "rb") as file:  # noqa: PTH123 (nothing more is imported than is needed)
        data = file.read(LARGEST_SEARCHED + 1)
    if len(data) > LARGEST_SEARCHED:
        return {}
    stream = _workbook_stream(data)
    formats, styles = dict(BUILT_IN), []
    sheets: list[tuple[str, int]] = []
    wide = stream[4:6] == b"\x00\x06"  # BIFF8 has texts in Unicode, BIFF5 in the code page of its maker
    for code, data in _records(stream, 0):
        if code == FORMAT:
            start, length = (5, struct.unpack_from("<H", data, 2)[0]) if wide else (3, data[2])
            formats[struct.unpack_from("<H", data)[0]] = _kind_of_format(
                _text(data[start:], length, data[4] & 1 if wide else None)
            )
        elif code == XF:
            styles.append(formats.get(struct.unpack_from("<H", data, 2)[0], ""))
        elif code == BOUNDSHEET and data[5] == 0:
            name = _text(data[8:], data[6], data[7] & 1) if wide else _text(data[7:], data[6], None)
            sheets.append((name, struct.unpack_from("<I", data)[0]))
    return {name: _marked_in_stream(stream, start, styles) for name, start in sheets}


def _text(data: bytes, length: int, wide: int | None) -> str:
    if wide is None:
        return data[:length].decode("gb18030", "replace")
    return data[: 2 * length].decode("utf-16-le", "replace") if wide else data[:length].decode("latin-1")


def _marked_in_stream(stream: bytes, start: int, styles: list[str]) -> Marks:
    marks = Marks()

    def note(row: int, column: int, style: int) -> None:
        kind = styles[style] if style < len(styles) else ""
        if kind and len(marks.cells) < MOST_MARKED:
            marks.cells[row + 1, column] = kind

    for code, data in _records(stream, start):
        if code in (NUMBER, RK, FORMULA_CELL):
            note(*struct.unpack_from("<HHH", data))
        elif code == MULRK:
            row, first = struct.unpack_from("<HH", data)
            for column in range((len(data) - 6) // 6):
                note(row, first + column, struct.unpack_from("<H", data, 4 + 6 * column)[0])
        elif code == ROW_RECORD and data[12] & 0x20:
            marks.hidden.add(struct.unpack_from("<H", data)[0] + 1)
        elif code == MERGED_CELLS:
            for number in range((len(data) - 2) // 8):
                first, last, left, right = struct.unpack_from("<HHHH", data, 2 + 8 * number)
                marks.note_merged(first + 1, last + 1, left, right)
    return marks


def _records(stream: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """Yield the records of one part of a workbook: code and content, from its beginning to its end."""
    while at + 4 <= len(stream):
        code, length = struct.unpack_from("<HH", stream, at)
        if code == END:
            return
        yield code, stream[at + 4 : at + 4 + length]
        at += 4 + length


def _workbook_stream(data: bytes) -> bytes:
    """The stream that holds the workbook, out of the compound file around it ([MS-CFB])."""
    size = 1 << struct.unpack_from("<H", data, 30)[0]
    count, directory = struct.unpack_from("<I", data, 44)[0], struct.unpack_from("<I", data, 48)[0]
    if size not in (512, 4096) or count > len(data) // size:
        raise ValueError
    listed = list(struct.unpack_from("<109I", data, 76))
    more = struct.unpack_from("<I", data, 68)[0]
    while more < SECTOR_END and len(listed) < count:
        entries = struct.unpack_from(f"<{size // 4}I", data, (more + 1) * size)
        listed, more = listed + list(entries[:-1]), entries[-1]
    table = [
        one for sector in listed[:count] for one in struct.unpack_from(f"<{size // 4}I", data, (sector + 1) * size)
    ]
    entries_of = _chain(data, table, directory, size)
    for at in range(0, len(entries_of) - 127, 128):
        name = entries_of[at : at + max(0, struct.unpack_from("<H", entries_of, at + 64)[0] - 2)].decode("utf-16-le")
        if name in ("Workbook", "Book"):
            length = struct.unpack_from("<I", entries_of, at + 120)[0]
            if length < 4096:  # kept among the small streams; so little holds no bank
                raise ValueError
            return _chain(data, table, struct.unpack_from("<I", entries_of, at + 116)[0], size)[:length]
    raise ValueError


def _chain(data: bytes, table: list[int], sector: int, size: int) -> bytes:
    found: list[bytes] = []
    while sector < SECTOR_END and len(found) <= len(table):
        found.append(data[(sector + 1) * size : (sector + 2) * size])
        sector = table[sector]
    return b"".join(found)
