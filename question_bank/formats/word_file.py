"""Opening Word documents (.docx): what they show as lines, with the place of each paragraph.

`paragraph N` is the N-th paragraph (`w:p`) of the body in document order, counted from 1: empty ones count, and so does
each paragraph in each cell of a table, row by row. Text boxes do not count; their lines bear the number of the paragraph
that they are anchored in. A line break inside a paragraph begins another line of the same number.
"""

from pathlib import Path

from lxml import etree

from core.archives import ArchiveLimits, UnreadableFile, unpack
from core.xml import parse_xml
from question_bank.formats.word_body import Body, DocumentLines
from question_bank.formats.word_numbering import Numbering

LIMITS = ArchiveLimits(max_entries=5_000)
_STRICT = (
    (
        b"http://purl.oclc.org/ooxml/wordprocessingml/main",
        b"http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    ),
    (b"http://purl.oclc.org/ooxml/officeDocument/math", b"http://schemas.openxmlformats.org/officeDocument/2006/math"),
    (
        b"http://purl.oclc.org/ooxml/officeDocument/relationships",
        b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    ),
    (b"http://purl.oclc.org/ooxml/drawingml/main", b"http://schemas.openxmlformats.org/drawingml/2006/main"),
)
_SAVE_AS = "请用 Word 或 WPS 打开，另存为 .docx 后重新导入。"


def lines_of_word(source: Path | str | bytes, filename: str) -> DocumentLines:
    """Return the lines of a document, its tables of items, its pictures and what was doubtful. Raises UnreadableFile."""
    data = source if isinstance(source, bytes) else Path(source).read_bytes()
    _refuse_others(data, filename)
    files = unpack(data, LIMITS)
    if any(name.lower().endswith("vbaproject.bin") for name in files):
        raise UnreadableFile("文件带有宏，出于安全不予读取；请用 Word 或 WPS 另存为不带宏的 .docx 后重新导入。")
    main = _main_part(files)
    if main is None:
        raise UnreadableFile(_what_it_is(files) + _SAVE_AS)
    folder = main.rpartition("/")[0]
    document = _part(files, main)
    numbering = Numbering(_maybe(files, f"{folder}/numbering.xml"), _maybe(files, f"{folder}/styles.xml"))
    body = document.find("{*}body")
    if body is None:
        raise UnreadableFile("文档里没有正文，无法读取；" + _SAVE_AS)
    return Body(numbering, _targets(files, main), files).read(body)


def _refuse_others(data: bytes, filename: str) -> None:
    suffix = Path(filename).suffix.lower()
    if not data:
        raise UnreadableFile("文件是空的；请检查是否选错了文件。")
    if suffix == ".docm":
        raise UnreadableFile("带宏的 Word 文件（.docm）不予读取；请另存为 .docx 后重新导入。")
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise UnreadableFile("文件加了密码，无法读取；请取消密码后另存，再重新导入。")
        raise UnreadableFile("这是旧版 Word 文件（.doc），不能直接读取；" + _SAVE_AS)
    if data.startswith(b"{\\rtf"):
        raise UnreadableFile("这是 RTF 文件，不能直接读取；" + _SAVE_AS)
    if data.lstrip()[:200].lower().startswith((b"<html", b"<!doctype html", b"mime-version")):
        raise UnreadableFile("这是网页文件，只是用了 Word 的扩展名；" + _SAVE_AS)
    if not data.startswith(b"PK"):
        raise UnreadableFile("文件的内容不是 Word 文档（.docx），与扩展名不符；" + _SAVE_AS)


def _main_part(files: dict[str, bytes]) -> str | None:
    relations = _maybe(files, "_rels/.rels")
    if relations is not None:
        for relation in relations:
            if str(relation.get("Type", "")).endswith("/officeDocument"):
                name = str(relation.get("Target", "")).lstrip("/")
                # A workbook has an office document too.
                if name in files and not name.startswith(("xl/", "ppt/")):
                    return name
    return "word/document.xml" if "word/document.xml" in files else None


def _what_it_is(files: dict[str, bytes]) -> str:
    if any(name.startswith("xl/") for name in files):
        return "这是 Excel 工作簿，不是 Word 文档；请把扩展名改为 .xlsx 后导入，或"
    if any(name.startswith("ppt/") for name in files):
        return "这是演示文稿，不是 Word 文档；"
    return "压缩包里没有 Word 文档；"


def _part(files: dict[str, bytes], name: str) -> etree._Element:
    data = files[name]
    for strict, usual in _STRICT:
        data = data.replace(strict, usual)
    return parse_xml(data, f"Word 文档内部的 {name} ")


def _maybe(files: dict[str, bytes], name: str) -> etree._Element | None:
    return _part(files, name) if name in files else None


def _targets(files: dict[str, bytes], main: str) -> dict[str, str]:
    """Return the parts that the document refers to by their identifiers; addresses outside it are left out."""
    folder, _, name = main.rpartition("/")
    relations = _maybe(files, f"{folder}/_rels/{name}.rels")
    found: dict[str, str] = {}
    for relation in [] if relations is None else relations:
        if relation.get("TargetMode") != "External":
            target = str(relation.get("Target", ""))
            path = target.lstrip("/") if target.startswith("/") else f"{folder}/{target}"
            found[str(relation.get("Id", ""))] = path
    return found
