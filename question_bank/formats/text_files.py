"""Opening text files as people save them: UTF-8 and UTF-16, with and without a byte order mark, GB18030."""

import codecs
from pathlib import Path

from core.archives import MEGABYTE, UnreadableFile

MAX_BYTES = 20 * MEGABYTE
_OTHERS = (
    (b"PK\x03\x04", "压缩格式的文件（Word、Excel 或压缩包）"),
    (b"\xd0\xcf\x11\xe0", "旧版的 Word 或 Excel 文件"),
    (b"%PDF", "PDF 文件"),
    (b"{\\rtf", "RTF 文件"),
    (b"\x89PNG", "图片"),
    (b"\xff\xd8\xff", "图片"),
)


def read_text(source: Path | str | bytes) -> str:
    """Return the text of a file with its line ends as `\\n`.

    Raises UnreadableFile for an empty or binary file, one larger than MAX_BYTES, and one whose lines are in different encodings.
    """
    data = source if isinstance(source, bytes) else _contents(Path(source))
    if not data.strip():
        raise UnreadableFile("文件是空的；请检查是否选错了文件或保存未完成。")
    if len(data) > MAX_BYTES:
        raise UnreadableFile(f"文本文件超过上限 {MAX_BYTES // MEGABYTE} MB；请拆成几个文件分别上传。")
    text = _decoded(data)
    if "\0" in text:
        raise UnreadableFile("文件不是文本（含有空字节）；请在原来的程序里另存为纯文本后重新上传。")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _contents(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(MAX_BYTES + 1)


def _decoded(data: bytes) -> str:
    for signature, what in _OTHERS:
        if data.startswith(signature):
            raise UnreadableFile(f"这是{what}，不是纯文本；请改回原来的扩展名，或另存为纯文本（.txt）后重新上传。")
    unmarked = _utf_16_without_mark(data)
    if unmarked:
        data = unmarked + data
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            return data.decode("utf-16")
        except UnicodeDecodeError:
            raise UnreadableFile("文件的文字编码不完整；请另存为 UTF-8 编码后重新上传。") from None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        bad_line = data.count(b"\n", 0, error.start) + 1
    # A file in GB18030 has hardly a line of Chinese that is UTF-8 as well; where most are, one line was pasted in.
    lines = data.split(b"\n")
    in_utf8 = [line for line in lines if _is_utf8(line)]
    if sum(not line.isascii() for line in in_utf8) <= len(lines) - len(in_utf8):
        try:
            return data.decode("gb18030")
        except UnicodeDecodeError as error:
            bad_line = data.count(b"\n", 0, error.start) + 1
    raise UnreadableFile(f"第 {bad_line} 行的文字编码与其他行不一致或已损坏；请改正该行，另存为 UTF-8 编码后重新上传。")


def _utf_16_without_mark(data: bytes) -> bytes:
    """Return the mark that a text in UTF-16 lacks: line ends, digits and letters leave every other byte zero."""
    start = data[:4000]
    even, odd = start[::2].count(0), start[1::2].count(0)
    if len(data) % 2 or even + odd < 2 or data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return b""
    if odd > 3 * even:
        return codecs.BOM_UTF16_LE
    return codecs.BOM_UTF16_BE if even > 3 * odd else b""


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
