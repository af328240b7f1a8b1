"""Reading one file in whichever format it is. Runs in a process of its own (core.bounded): see formats/importing.py.

A reader is a module with `read_items(source, filename) -> Report`, which never raises for what is in the file. It is
imported only when a file needs it: most of the time of a small import would otherwise be spent on other formats.
"""

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import IO

from question_bank.formats.detection import format_by_content, format_by_name
from question_bank.formats.repeats import note_repeats
from question_bank.formats.report import KEYS_ALONE, TOGETHER, Report
from question_bank.formats.transport import send

FORMATS = ("auto", "excel", "word", "text", "aiken", "gift", "moodle-xml", "qti")
_READERS = {
    "excel": "question_bank.formats.excel",
    "word": "question_bank.formats.word",
    "text": "question_bank.formats.text",
    "aiken": "question_bank.formats.aiken",
    "gift": "question_bank.formats.gift",
    "moodle-xml": "question_bank.formats.moodle_xml",
    "qti": "question_bank.formats.qti.items",
}
MOST_ITEMS = 20_000
_DOCUMENTS = "question_bank.formats.documents"
_SUFFIXES = {
    "excel": (".xlsx", ".xls", ".csv"),
    "word": (".docx",),
    "text": (".txt",),
    "aiken": (".aiken", ".txt"),
    "gift": (".gift", ".txt"),
    "moodle-xml": (".xml",),
    "qti": (".zip", ".xml"),
}


def accepted_suffixes() -> tuple[str, ...]:
    """Return the suffixes of the files that can be read, for choosing one."""
    return tuple(dict.fromkeys(suffix for name in _READERS for suffix in _SUFFIXES[name]))


def format_of(filename: str, format_name: str) -> str:
    """Return the format of a file by its name where none was given; `auto` when the name does not tell."""
    return format_by_name(filename) if format_name == "auto" else format_name


def read_report(source: Path | str | bytes, filename: str, format_name: str) -> Report:
    """Return the report of one file, with what repeats what. Never raises for what is in the file."""
    chosen = format_by_content(source, filename) if format_name == "auto" else format_name
    if chosen in _READERS:
        report: Report = import_module(_READERS[chosen]).read_items(source, filename)
        if chosen == "excel" and not report.items:
            documents = import_module(_DOCUMENTS)
            if documents.holds_keys(source, filename):
                return Report.unreadable(chosen, KEYS_ALONE, TOGETHER)
        return _bounded(report)
    if chosen == "auto":
        suffix = Path(filename).suffix.lower()
        reason = f"不支持的文件类型“{suffix or '无扩展名'}”"
        return Report.unreadable(chosen, reason, f"请使用 {'、'.join(accepted_suffixes())} 文件")
    return Report.unreadable(chosen, f"此格式尚未支持：{chosen}", "请把试题整理到 Excel 模板（.xlsx）后导入")


def read_with_keys(contents: Sequence[bytes], filenames: Sequence[str], format_name: str) -> Report:
    """Return the report of the first file, a document, with the keys that the others hold."""
    formats = [format_of(name, format_name if format_name in ("word", "text") else "auto") for name in filenames]
    documents = import_module(_DOCUMENTS)
    others = zip(formats[1:], contents[1:], filenames[1:], strict=True)
    report: Report = documents.read_document(
        formats[0], contents[0], filenames[0], [documents.KeyFile(*other) for other in others]
    )
    return _bounded(report)


def _bounded(report: Report) -> Report:
    """The report with what repeats what, unless it holds more than can be reviewed and taken at once."""
    held = len(report.items) + len(report.unfinished)
    if held > MOST_ITEMS:
        reason = f"文件里有 {held} 题，一次最多读取 {MOST_ITEMS} 题"
        return Report.unreadable(report.format, reason, "请把文件分成几个，分别导入")
    note_repeats(report)
    return report


def main(path: str, arguments: list[str], output: IO[bytes]) -> None:
    """Write the report of the file at `path`; the arguments are its name and the format.

    Where more arguments follow, they are pairs of size and name, and the file holds the contents of several end to end:
    a document and its files of keys.
    """
    filename, format_name, *more = arguments
    if not more:
        return send(read_report(path, filename, format_name), output)
    sizes = [int(size) for size in more[::2]]
    with Path(path).open("rb") as stream:
        contents = [stream.read(size) for size in sizes]
    return send(read_with_keys(contents, [filename, *more[3::2]], format_name), output)
