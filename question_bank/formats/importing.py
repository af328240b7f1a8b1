"""The dry run of an import: files in, reports out, no database. Behind `script/manage bank import` and the upload page.

The file is read in a process of its own, with bounds on memory and time.
"""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from core.archives import UnreadableFile
from core.bounded import Bounds, opened, run_bounded
from question_bank.formats.key_files import holds_keys, partner_of
from question_bank.formats.reading import FORMATS, format_of
from question_bank.formats.report import Problem, Report, sentence_parts
from question_bank.formats.transport import receive
from question_bank.item_types.registry import ITEM_TYPES

_READING = Bounds()
_GARBLED = "读取这个文件的程序没有给出完整的结果，什么也没有导入；请用原来的程序另存后重试，仍不行请把文件交给管理员。"


class UnknownFormat(ValueError):
    """A format name that does not exist; the message is one Chinese sentence."""


def import_report(source: Path | str | bytes | IO[bytes], filename: str, format_name: str = "auto") -> Report:
    """Return the report of one file. `source` is a path, the bytes or a file, which is closed; `filename` is the name that the person gave it.

    Never raises for what is in the file. Raises UnknownFormat for a format that does not exist.
    """
    if format_name not in FORMATS:
        raise UnknownFormat(f"没有“{format_name}”这种格式，可用：{'、'.join(FORMATS)}。")
    try:
        with (
            opened(source) as stream,
            run_bounded("question_bank.formats.reading", stream, [filename, format_name], _READING) as told,
        ):
            return receive(told)
    except UnreadableFile as refusal:
        return Report.unreadable(format_of(filename, format_name), *sentence_parts(refusal.message))
    except ValueError:
        return Report.unreadable(format_of(filename, format_name), *sentence_parts(_GARBLED))


def import_reports(files: Sequence[tuple[Path | str | bytes, str]], format_name: str = "auto") -> list[Report]:
    """Return the reports of several files, each given as source and name, in their order.

    A file that holds nothing but keys gives them to the document that its name resembles most, otherwise to the nearest
    one before it (after it, where none stands before); its own report is empty then.
    """
    reports = [import_report(source, name, format_name) for source, name in files]
    names = [name for _source, name in files]
    owners = {at: partner_of(at, names, reports) for at in range(len(files)) if holds_keys(reports[at])}
    for number in {owner for owner in owners.values() if owner is not None}:
        own = [at for at, owner in owners.items() if owner == number]
        reports[number] = _with_keys([files[at] for at in (number, *own)], format_name)
        for at in own:
            reports[at] = Report(reports[at].format)
    return reports


def import_with_keys(document: tuple[bytes, str], keys: tuple[bytes, str]) -> Report:
    """Return the report of a document, given as content and name, whose keys another file holds.

    Where the other file holds none, or the first is no document, the report says so and has no items.
    """
    report = import_report(*document)
    if report.format not in ("word", "text"):
        reason = "答案文件只能与 Word 或文本格式的试题文件一起使用，没有读取任何试题"
        return Report.unreadable(report.format, reason, "其他格式请把答案写在试题里")
    if not holds_keys(import_report(*keys)):
        reason = f"“{keys[1][:60]}”里没有按题号写的答案，没有读取任何试题"
        return Report.unreadable(report.format, reason, "请选择只有题号和答案的文件，或只上传试题文件")
    return _with_keys([document, keys], "auto")


def _with_keys(files: Sequence[tuple[Path | str | bytes, str]], format_name: str) -> Report:
    """Read a document and its files of keys, all in one process."""
    contents = [source if isinstance(source, bytes) else Path(source).read_bytes() for source, _name in files]
    names = [name for _source, name in files]
    sizes = [word for content, name in zip(contents, names, strict=True) for word in (str(len(content)), name)]
    try:
        with (
            opened(b"".join(contents)) as stream,
            run_bounded("question_bank.formats.reading", stream, [names[0], format_name, *sizes], _READING) as told,
        ):
            return receive(told)
    except UnreadableFile as refusal:
        return Report.unreadable(format_of(names[0], format_name), *sentence_parts(refusal.message))
    except ValueError:
        return Report.unreadable(format_of(names[0], format_name), *sentence_parts(_GARBLED))


def main(files: Sequence[str | Path], format_name: str, as_json: bool, stdout: IO[str], stderr: IO[str]) -> int:
    """Run the dry run and print it. Returns 0 when all is well, 1 when problems were reported, 2 for wrong usage."""
    reports = read_files(files, format_name, stderr)
    return 2 if reports is None else tell(reports, [str(file) for file in files], as_json, stdout)


def read_files(files: Sequence[str | Path], format_name: str, stderr: IO[str]) -> list[Report] | None:
    """Return the reports of several files, in their order; None after a sentence about wrong usage."""
    paths = [Path(file) for file in files]
    missing = [path for path in paths if not path.is_file()]
    if not paths:
        stderr.write("没有给出文件；用法：bank import 文件… [--format auto|excel|…] [--json]\n")
        return None
    if missing:
        stderr.write(f"文件不存在：{'、'.join(map(str, missing))}；请检查路径。\n")
        return None
    try:
        return import_reports([(path, path.name) for path in paths], format_name)
    except UnknownFormat as error:
        stderr.write(f"{error}\n")
        return None


def tell(reports: Sequence[Report], names: Sequence[str], as_json: bool, stdout: IO[str]) -> int:
    """Print the reports of the files so named. Returns 0 when all is well, 1 when problems were reported."""
    if as_json:
        stdout.write(as_published(reports, names) + "\n")
    else:
        for name, report in zip(names, reports, strict=True):
            stdout.write(readable(report, Path(name).name))
    return 1 if any(report.problems for report in reports) else 0


def as_published(reports: Sequence[Report], names: Sequence[str]) -> str:
    """Return the JSON that other programs read: one object for one file, a list with `file` for several."""
    documents = [{"file": name} | report.as_json() for name, report in zip(names, reports, strict=True)]
    if len(documents) == 1:
        return json.dumps(reports[0].as_json(), ensure_ascii=False, indent=2)
    return json.dumps(documents, ensure_ascii=False, indent=2)


def readable(report: Report, name: str) -> str:
    """Return the report for a person, in Chinese, one problem a line."""
    errors = len(report.errors)
    lines = [
        f"{name}：读出 {len(report.items)} 题，错误 {errors} 处，提醒 {len(report.problems) - errors} 处，"
        f"重复 {len(report.duplicates)} 处。"
    ]
    counts = Counter(_chinese(item.type) for item in report.items)
    order = [*(item_type.chinese for item_type in ITEM_TYPES.values()), *counts]
    if report.items:
        lines.append("  " + "，".join(f"{name} {counts[name]} 题" for name in dict.fromkeys(order) if counts[name]))
    lines.extend(_readable_problem(problem) for problem in report.problems)
    for duplicate in report.duplicates:
        degree = "相同" if duplicate.similarity == 1 else f"相似度 {duplicate.similarity:.2f}"
        lines.append(f"  重复 {readable_ref(duplicate.ref)}与{readable_ref(duplicate.of)}{degree}")
    return "\n".join(lines) + "\n"


def readable_ref(ref: str) -> str:
    """Return a place such as `row 12` in Chinese: 第 12 行."""
    kind, _, rest = ref.partition(" ")
    number, _, sheet = rest.partition(" ")
    if kind in ("row", "line") and number:
        return f"第 {number} 行" + (f"{sheet}" if sheet else "")
    if kind == "question" and number:
        return f"第 {number} 题"
    if kind == "paragraph" and number:
        return f"第 {number} 段"
    return "整个文件" if ref == "file" else ref


def _chinese(item_type: str) -> str:
    return ITEM_TYPES[item_type].chinese if item_type in ITEM_TYPES else item_type


def _readable_problem(problem: Problem) -> str:
    degree = "错误" if problem.severity == "error" else "提醒"
    column = f"“{problem.column}”" if problem.column else ""
    mend = f"；{problem.mend}" if problem.mend else ""
    return f"  {degree} {readable_ref(problem.ref)}{column}：{problem.reason}{mend}。"
