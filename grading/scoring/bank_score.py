"""``bank score``: marks responses to the items of import files, without the database."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import IO, Any

from core.exact import excerpt, show_hundredths
from grading.scoring.blanks import KeyProblem
from grading.scoring.qti.marking import mark_all
from grading.scoring.rules import POLICIES, BadResponse, Marked, Question, default_policy, listed, points_of, score
from question_bank.formats.importing import import_report
from question_bank.formats.report import ImportedItem, Report
from question_bank.item_types.registry import item_type

_LARGEST_FILE = 64 * 1024 * 1024


class ResponsesProblem(ValueError):
    """A responses file that cannot be used; one Chinese sentence."""


@dataclass(frozen=True)
class Entry:
    """One line of the responses file: which item of which file, and what was answered."""

    file: str
    ref: str
    response: object


@dataclass(frozen=True)
class Scored:
    """The answer to one entry; ``marked`` is None where it cannot be scored, and then ``reason`` says why."""

    ref: str
    marked: Marked | None
    reason: str = ""

    def as_json(self) -> dict[str, str | None]:
        """``{"ref", "score", "max", "arithmetic"}``, or ``{"ref", "score": null, "reason"}``."""
        if self.marked is None:
            return {"ref": self.ref, "score": None, "reason": self.reason}
        return {
            "ref": self.ref,
            "score": show_hundredths(self.marked.score_hundredths),
            "max": show_hundredths(self.marked.max_hundredths),
            "arithmetic": self.marked.arithmetic,
        }


def main(
    files: Sequence[str], responses: str, policy: str | None, as_json: bool, stdout: IO[str], stderr: IO[str]
) -> int:
    """Score and print: 0 = all scored, 1 = something could not be scored, 2 = wrong usage."""
    wrong = _wrong_usage(files, responses, policy)
    if wrong:
        print(wrong, file=stderr)
        return 2
    try:
        entries = read_responses(Path(responses), files)
    except ResponsesProblem as problem:
        print(f"{Path(responses).name}：{problem}", file=stderr)
        return 1
    reports = {file: import_report(Path(file), Path(file).name) for file in files}
    scored = score_files(entries, reports, policy)
    if as_json:
        print(json.dumps(scored, ensure_ascii=False, indent=2), file=stdout)
    else:
        for one in scored:
            print(_line(one), file=stdout)
    unscored = [one for one in scored if one["score"] is None]
    for one in unscored:
        print(f"{one['ref']}：{one['reason']}", file=stderr)
    return 1 if unscored else 0


def read_responses(path: Path, files: Sequence[str]) -> list[Entry]:
    """Read ``[{"file"?, "ref", "response"}]``; ``file`` may be left out where there is one. Raises ResponsesProblem."""
    document = _load(path)
    if not isinstance(document, list):
        raise ResponsesProblem('内容应为一个列表 [{"ref": …, "response": …}]，请按此格式填写。')
    return [_read_entry(number, entry, files) for number, entry in enumerate(document, 1)]


def score_files(entries: Sequence[Entry], reports: Mapping[str, Report], policy: str | None) -> list[dict[str, Any]]:
    """Score every entry in the order given: a QTI item by its own response processing, any other by a policy."""
    by_file = {
        file: iter(mark_all(Path(file), [(entry.ref, entry.response) for entry in entries if entry.file == file]))
        for file, report in reports.items()
        if report.format == "qti"
    }
    others = iter(score_entries([entry for entry in entries if entry.file not in by_file], reports, policy))
    return [next(by_file[entry.file]) if entry.file in by_file else next(others).as_json() for entry in entries]


def score_entries(entries: Sequence[Entry], reports: Mapping[str, Report], policy: str | None) -> list[Scored]:
    """Score every entry in the order given. ``reports``: the dry run of each file; pure."""
    items = {file: _by_ref(report.items) for file, report in reports.items()}
    return [_score(entry, items[entry.file], reports[entry.file], policy) for entry in entries]


def _wrong_usage(files: Sequence[str], responses: str, policy: str | None) -> str:
    missing = [file for file in (*files, responses) if not Path(file).is_file()]
    if missing:
        return f"文件不存在：{'、'.join(missing)}；请检查路径。"
    if policy is not None and policy not in POLICIES:
        return f"没有名为“{excerpt(policy)}”的计分规则，请从 {'、'.join(POLICIES)} 中选用。"
    if len(set(files)) < len(files):
        return "同一个文件给了两次，请只给一次。"
    return ""


def _load(path: Path) -> object:
    try:
        raw = path.read_bytes() if path.stat().st_size <= _LARGEST_FILE else None
    except OSError:
        raise ResponsesProblem("文件读不出来，请检查文件的读取权限。") from None
    if raw is None:
        raise ResponsesProblem("文件超过 64 MB，请分成几个文件评分。")
    try:
        return json.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise ResponsesProblem("文件不是 UTF-8 文本，请另存为 UTF-8 编码的 JSON 后再试。") from None
    except json.JSONDecodeError as problem:
        raise ResponsesProblem(
            f"第 {problem.lineno} 行第 {problem.colno} 个字符处不是合法的 JSON，请改正后再试。"
        ) from None
    except (ValueError, RecursionError):
        raise ResponsesProblem("不是可以读取的 JSON（数字过长或层次过深），请核对文件。") from None


def _read_entry(number: int, entry: object, files: Sequence[str]) -> Entry:
    where = f"第 {number} 项"
    if not isinstance(entry, Mapping) or not isinstance(entry.get("ref"), str):
        raise ResponsesProblem(f'{where}应写明 "ref"（试题在文件中的位置，例如 "row 2"），请补上。')
    if "response" not in entry:
        raise ResponsesProblem(
            f'{where}（{excerpt(entry["ref"])}）没有 "response"，未作答请写空列表 []（QTI 写 {{}}）。'
        )
    return Entry(_file_of(where, entry.get("file"), files), entry["ref"], entry["response"])


def _file_of(where: str, named: object, files: Sequence[str]) -> str:
    if named is None:
        if len(files) == 1:
            return files[0]
        raise ResponsesProblem(f'给了 {len(files)} 个试题文件，{where}应写明 "file" 是其中哪一个，请补上。')
    if isinstance(named, str):
        fitting = [file for file in files if file == named] or [
            file for file in files if Path(file).name == Path(named).name
        ]
        if len(fitting) == 1:
            return fitting[0]
    raise ResponsesProblem(
        f"{where}的文件“{excerpt(str(named))}”不在命令所给的文件之中，或有重名，请写命令中的文件名。"
    )


def _by_ref(items: Sequence[ImportedItem]) -> dict[str, ImportedItem]:
    """The items by their places, and the parts of cases by theirs where no item stands there."""
    parts = {part.ref: part for item in reversed(items) for part in reversed(_parts(item))}
    return parts | {item.ref: item for item in reversed(items)}


def _score(entry: Entry, items: Mapping[str, ImportedItem], report: Report, policy: str | None) -> Scored:
    item = items.get(entry.ref)
    if item is None:
        return Scored(entry.ref, None, _why_missing(entry.ref, report))
    if not item.scorable:
        return Scored(entry.ref, None, "这道题没有可以自动评分的标准答案，请由阅卷员评分。")
    response = listed(item.type, entry.response)
    if not isinstance(response, list):
        return Scored(entry.ref, None, '作答应为列表，例如选择题 ["A", "C"]，填空题每空一项；请改正。')
    try:
        return Scored(entry.ref, score(_question(item, policy), response))
    except (KeyProblem, BadResponse) as problem:
        return Scored(entry.ref, None, str(problem))


def _question(item: ImportedItem, policy: str | None) -> Question:
    stated = {option.label: Fraction(option.fraction) for option in item.options if option.fraction is not None}
    return Question(
        type=item.type,
        policy=policy or default_policy(item.type),
        points=points_of(_points(item)),
        key=item.key,
        options=[*(option.label for option in item.options), *item.distractors] or None,
        order_free=item.order_free,
        fractions=stated or None,
        parts=tuple(_question(part, policy) for part in _parts(item)),
        weights=item.weights,
    )


def _parts(item: ImportedItem) -> list[ImportedItem]:
    points = item_type(item.type).part_points(item)
    return [replace(part, points_hundredths=own) for part, own in zip(item.parts, points, strict=True)]


def _points(item: ImportedItem) -> int:
    if item.points_hundredths is not None:
        return item.points_hundredths
    return item_type(item.type).default_points(item)


def _why_missing(ref: str, report: Report) -> str:
    # A problem may stand at the place itself or, where the whole file cannot be read, at "file".
    told = [problem for problem in report.errors if problem.ref in (ref, "file")]
    if told:
        reason = told[0].reason + (f"；{told[0].mend}" if told[0].mend else "")
        return f"这道题没有读出：{reason}。"
    return f"文件中没有位置为“{excerpt(ref)}”的试题，请用 bank import --json 核对 ref。"


def _line(one: Mapping[str, Any]) -> str:
    if one["score"] is None:
        return f"{one['ref']}\t—\t{one['reason']}"
    return f"{one['ref']}\t{one['score']}/{one['max'] or '—'}\t{one['arithmetic']}"
