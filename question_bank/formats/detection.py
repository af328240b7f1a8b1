"""Which format a file is in, by its name and, where the name does not tell (.txt, .xml), by what it says."""

import re
from pathlib import Path

from core.archives import UnreadableFile
from question_bank.formats.qti.detection import looks_like_qti
from question_bank.formats.text_files import read_text

_BY_SUFFIX = {
    ".xlsx": "excel",
    ".xls": "excel",
    ".xlsm": "excel",
    ".xlsb": "excel",
    ".csv": "excel",
    ".docx": "word",
    ".docm": "word",
    ".doc": "word",
    ".txt": "text",
    ".gift": "gift",
    ".aiken": "aiken",
    ".xml": "moodle-xml",
    ".zip": "qti",
}
_GIFT = re.compile(r"^[ \t]*(?:::.*?::|\$CATEGORY:)|(?<!\\)\{\s*(?:[=~#>]|T(?:RUE)?\b|F(?:ALSE)?\b|\})", re.MULTILINE)
_AIKEN_ANSWER = re.compile(r"^[ \t]*ANSWER[ \t]*[:：][ \t]*[A-Z]", re.IGNORECASE | re.MULTILINE)
_AIKEN_OPTION = re.compile(r"^[ \t]*A[).]", re.IGNORECASE | re.MULTILINE)
# 答案： is never written in an Aiken file; a bank of ours may say "Answer: A" once.
_CHINESE_KEY = re.compile(r"答案\s*[:：】)）\]]")


def format_by_name(filename: str) -> str:
    """Return the format that the suffix names, `auto` when it names none."""
    return _BY_SUFFIX.get(Path(filename).suffix.lower(), "auto")


def format_by_content(source: Path | str | bytes, filename: str) -> str:
    """Return the format of a file, `auto` when neither its name nor its content tells."""
    named = format_by_name(filename)
    if named == "text":
        return _of_text(source)
    if named == "moodle-xml":
        return "qti" if looks_like_qti(source) else named
    return _of_unnamed(source, filename) if named == "auto" else named


def looks_like_gift(text: str) -> bool:
    """Whether a text holds what only GIFT has: answers in braces that open with a mark, titles in double colons, a category."""
    return "}" in text and _GIFT.search(text) is not None


def looks_like_aiken(text: str) -> bool:
    """Whether a text holds lines `ANSWER: B` and options `A)` or `A.`, and no Chinese mark of a key."""
    marks = _AIKEN_ANSWER.search(text) is not None and _AIKEN_OPTION.search(text) is not None
    return marks and _CHINESE_KEY.search(text) is None


def _of_unnamed(source: Path | str | bytes, filename: str) -> str:
    """A file without a suffix, or with one such as .md: a text by what it says, a document by its archive."""
    if Path(filename).suffix.lower() not in ("", ".md", ".text"):
        return "auto"
    start = source[:200_000] if isinstance(source, bytes) else _beginning(source)
    if start.startswith(b"PK\x03\x04"):
        return "word" if b"word/" in start else "excel" if b"xl/" in start else "auto"
    found = _of_text(source)
    return "auto" if found == "text" and b"\0" in start and not start.startswith((b"\xff\xfe", b"\xfe\xff")) else found


def _beginning(source: Path | str) -> bytes:
    with Path(source).open("rb") as stream:
        return stream.read(200_000)


def _of_text(source: Path | str | bytes) -> str:
    try:
        text = read_text(source)
    except UnreadableFile:
        return "text"
    return "gift" if looks_like_gift(text) else "aiken" if looks_like_aiken(text) else "text"
