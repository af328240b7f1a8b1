"""What is looked at before a spreadsheet is parsed: its true type, its size, what it unpacks to, macros, passwords."""

import io
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import PurePath
from typing import IO

from core.archives import MEGABYTE, ArchiveLimits, UnreadableFile, check_entries

DAMAGED = "文件已损坏或不完整，无法读取；请用 Excel 或 WPS 打开后另存为 .xlsx，再重新上传。"


@dataclass(frozen=True, slots=True)
class Limits(ArchiveLimits):
    """What a file may at most be. Sizes in bytes, `max_cell` and `max_text` in characters, `seconds` of processor time."""

    max_sheets: int = 60
    max_rows: int = 50_000
    max_columns: int = 200
    max_cell: int = 32_767
    max_text: int = 20_000_000
    memory: int = 400 * MEGABYTE
    seconds: int = 10


def checked_kind(stream: IO[bytes], filename: str, limits: Limits) -> str:
    """Return `xlsx`, `xls` or `csv` when suffix and content agree. Raises UnreadableFile for everything else."""
    size = stream.seek(0, io.SEEK_END)
    stream.seek(0)
    suffix = PurePath(filename).suffix.lower()
    if suffix in (".xlsm", ".xlsb", ".xltm", ".xlam", ".xla"):
        raise UnreadableFile(f"不接受带宏的文件（{suffix}）；请另存为 .xlsx 后重新上传。")
    if suffix not in (".xlsx", ".xls", ".csv"):
        raise UnreadableFile(f"不支持的文件类型“{suffix or '无扩展名'}”；请使用 .xlsx、.xls 或 .csv 文件。")
    if size == 0:
        raise UnreadableFile("文件是空的（0 字节）；请检查是否选错了文件或保存未完成。")
    if size > limits.max_bytes:
        raise UnreadableFile(
            f"文件有 {size / MEGABYTE:.1f} MB，超过上限 {limits.max_bytes / MEGABYTE:g} MB；请拆成几个文件分别上传。"
        )
    kind = _true_kind(stream, limits)
    if kind != suffix:
        what = f" {kind} 表格" if kind in (".xlsx", ".xls") else kind
        remedy = f"请把扩展名改为 {kind}" if kind in (".xlsx", ".xls") else "请用 Excel 或 WPS 打开后另存为 .xlsx"
        raise UnreadableFile(f"文件的扩展名是 {suffix}，内容却是{what}；{remedy}，再重新上传。")
    return kind.removeprefix(".")


def _true_kind(stream: IO[bytes], limits: Limits) -> str:
    """Return the suffix that the content deserves, or a Chinese phrase for what it is instead."""
    head = stream.read(4096)
    if head.startswith(b"PK\x03\x04"):
        return _kind_of_archive(stream, limits)
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return _kind_of_compound(head + stream.read())
    if head.startswith(b"%PDF"):
        return " PDF 文档"
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:200].lower()
    if start.startswith((b"<html", b"<!doctype", b"<table", b"<meta", b"<?xml", b"<style")):
        return "网页或 XML 文本"
    if b"\x00" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "无法识别的二进制数据"
    return ".csv"


def _kind_of_archive(stream: IO[bytes], limits: Limits) -> str:
    stream.seek(0)
    try:
        with zipfile.ZipFile(stream) as archive:
            entries = archive.infolist()
            check_entries(entries, limits)
            names = {entry.filename for entry in entries}
            declared = b""
            if "[Content_Types].xml" in names:
                declared = archive.open("[Content_Types].xml").read(MEGABYTE).lower()
    except UnreadableFile:
        raise
    except (zipfile.BadZipFile, OSError, ValueError, EOFError, RuntimeError, NotImplementedError, zlib.error):
        raise UnreadableFile(DAMAGED) from None
    if any(name.lower().endswith("vbaproject.bin") for name in names) or b"macroenabled" in declared:
        raise UnreadableFile("文件带有宏，不予接受；请另存为不带宏的 .xlsx 后重新上传。")
    if b"spreadsheetml.sheet.main+xml" in declared or b"spreadsheetml.template.main+xml" in declared:
        return ".xlsx"
    if b"wordprocessingml" in declared:
        return " Word 文档"
    if b"presentationml" in declared:
        return "演示文稿"
    return "压缩包或其他格式"


def _kind_of_compound(data: bytes) -> str:
    """Tell the old binary formats apart by the names of their streams, which are UTF-16."""

    def holds(name: str) -> bool:
        return name.encode("utf-16-le") in data

    if holds("EncryptedPackage"):
        raise UnreadableFile("文件加了密码，无法读取；请取消密码后另存，再重新上传。")
    if holds("WordDocument"):
        return " Word 97-2003 文档"
    if holds("Workbook") or holds("Book"):
        return ".xls"
    return "无法识别的旧版 Office 文件"
