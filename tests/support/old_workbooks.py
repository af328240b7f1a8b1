"""Workbooks of Excel 5 and 95 (BIFF5), written byte by byte: no library writes them any more."""

import struct
from collections.abc import Sequence

SECTOR = 512
END, FREE, TABLE = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
GLOBALS, WORKSHEET = 5, 0x10
NOT_AVAILABLE = 0x2A
Cell = str | tuple[float, int] | None
GENERAL, PERCENT, CHINESE_DATE = 0, 9, 164


def excel_95(
    name: str,
    rows: Sequence[Sequence[Cell]],
    hidden: Sequence[int] = (),
    page: int = 936,
    locked: bool = False,
) -> bytes:
    """A workbook with one sheet. A cell is a text, a number with the number of its format, or None for #N/A; `hidden` are rows from 0."""
    formats = (GENERAL, PERCENT, CHINESE_DATE)
    encoding = f"cp{page}"

    def text(value: str) -> bytes:
        return struct.pack("<H", len(value.encode(encoding))) + value.encode(encoding)

    def cell(row: int, column: int, value: Cell) -> bytes:
        if isinstance(value, str):
            return _record(0x0204, struct.pack("<HHH", row, column, 15) + text(value))
        if value is None:
            return _record(0x0205, struct.pack("<HHHBB", row, column, 15, NOT_AVAILABLE, 1))
        return _record(0x0203, struct.pack("<HHHd", row, column, 16 + formats.index(value[1]), value[0]))

    def styles() -> bytes:
        style = b"".join(_record(0x00E0, struct.pack("<HHH10x", 0, 0, 0xFFF5)) for _ in range(15))
        cells = (GENERAL, *formats)
        return style + b"".join(_record(0x00E0, struct.pack("<HHH10x", 0, number, 0x0001)) for number in cells)

    code = 'yyyy"年"m"月"d"日"'.encode(encoding)
    begin = _begins(GLOBALS) + (_record(0x002F, bytes(4)) if locked else b"") + _record(0x0042, struct.pack("<H", page))
    begin += b"".join(_record(0x0031, struct.pack("<HHHHH5xB", 200, 0, 0x7FFF, 400, 0, 0)) for _ in range(5))
    begin += _record(0x041E, struct.pack("<HB", CHINESE_DATE, len(code)) + code) + styles()
    title = name.encode(encoding)
    start = len(begin) + 4 + 7 + len(title) + 4
    begin += _record(0x0085, struct.pack("<IHB", start, 0, len(title)) + title) + _record(0x000A)
    width = max(map(len, rows))
    sheet = _begins(WORKSHEET) + _record(0x0200, struct.pack("<HHHHH", 0, len(rows), 0, width, 0))
    for row in range(len(rows)):
        sheet += _record(0x0208, struct.pack("<HHHHHHHH", row, 0, width, 255, 0, 0, 0x20 if row in hidden else 0, 15))
    for row, values in enumerate(rows):
        sheet += b"".join(cell(row, column, value) for column, value in enumerate(values))
    return _compound("Book", begin + sheet + _record(0x000A))


def _record(code: int, content: bytes = b"") -> bytes:
    return struct.pack("<HH", code, len(content)) + content


def _begins(part: int) -> bytes:
    return _record(0x0809, struct.pack("<HHHH", 0x0500, part, 0x0DBB, 1996))


def _compound(name: str, stream: bytes) -> bytes:
    """A compound file with one stream: a header, a table of sectors, a directory, the stream."""
    stream = stream.ljust(max(8 * SECTOR, -(-len(stream) // SECTOR) * SECTOR), b"\0")
    count = len(stream) // SECTOR
    table = [TABLE, END, *range(3, count + 2), END]
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<IIIIIIIIII", 0, 1, 1, 0, 4096, END, 0, END, 0, 0)
    header += struct.pack("<108I", *[FREE] * 108)
    entries = _entry("Root Entry", 5, END, 0, child=1) + _entry(name, 2, 2, len(stream)) + _entry("", 0, 0, 0) * 2
    return header + struct.pack(f"<{SECTOR // 4}I", *table, *[FREE] * (SECTOR // 4 - len(table))) + entries + stream


def _entry(name: str, kind: int, start: int, size: int, child: int = FREE) -> bytes:
    told = name.encode("utf-16-le") + b"\0\0" if name else b""
    ids = struct.pack("<BBIII", kind, 1, FREE, FREE, child)
    return told.ljust(64, b"\0") + struct.pack("<H", len(told)) + ids + bytes(36) + struct.pack("<III", start, size, 0)
