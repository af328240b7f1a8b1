"""Reading one file in whichever format it is. Runs in a process of its own (core.bounded): see formats/importing.py.

A reader is a module with `read_items(source, filename) -> Report`, which never raises for what is in the file. It is
imported only when a file needs it: most of the time of a small import would otherwise be spent on other formats.
"""

from importlib import import_module
from pathlib import Path
from typing import IO

from question_bank.formats.detection import format_by_content, format_by_name
from question_bank.formats.repeats import note_repeats
from question_bank.formats.report import Report
from question_bank.formats.transport import send

FORMATS = ("auto", "excel", "word", "text", "aiken", "gift", "moodle-xml", "qti")
_READERS = {
    "excel": "question_bank.formats.excel",
    "aiken": "question_bank.formats.aiken",
    "gift": "question_bank.formats.gift",
    "moodle-xml": "question_bank.formats.moodle_xml",
    "qti": "question_bank.formats.qti.items",
}
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
        note_repeats(report)
        return report
    if chosen == "auto":
        suffix = Path(filename).suffix.lower()
        reason = f"不支持的文件类型“{suffix or '无扩展名'}”"
        mend = "请使用 .xlsx、.xls、.csv、.gift、.txt（Aiken、GIFT）、.xml（Moodle XML、QTI）或 .zip（QTI）文件"
        return Report.unreadable(chosen, reason, mend)
    return Report.unreadable(chosen, f"此格式尚未支持：{chosen}", "请把试题整理到 Excel 模板（.xlsx）后导入")


def main(path: str, arguments: list[str], output: IO[bytes]) -> None:
    """Write the report of the file at `path`; the arguments are its name and the format."""
    filename, format_name = arguments
    send(read_report(path, filename, format_name), output)
