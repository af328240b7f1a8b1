"""Items from GIFT files. Which type a question is follows Moodle's own importer, which decides by the marks in the braces."""

import re
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

from core.archives import UnreadableFile
from question_bank.formats import moodle_items as build
from question_bank.formats.carried import regrouped
from question_bank.formats.gift_syntax import Question, questions, unescaped
from question_bank.formats.moodle_items import Answer, Doubts, NotRead
from question_bank.formats.moodle_ordering import note_gift, ordering
from question_bank.formats.moodle_text import Rich, category_name, rich_text, share
from question_bank.formats.report import ImportedItem, Problem, Report, Severity, sentence_parts
from question_bank.formats.text_files import read_text

_MOST_SHOWN = 2_000
FORMATS = ("html", "moodle", "plain", "markdown")
_FORMAT = re.compile(rf"\[({'|'.join(FORMATS)})\]")
_WEIGHT = re.compile(r"%(-?[0-9]{1,3}(?:\.[0-9]*)?)%")
# > how many are shown, how they are chosen, laid out, graded and numbered; the texts follow, one a line.
_ORDERING = re.compile(
    r">[ \t]*(?:[0-9]+|[A-Z][A-Z_0-9]{2,}|[a-z]{3,4})?(?:[ \t]+(?:[0-9]+|[A-Z][A-Z_0-9]{2,}|[VH]|abc|ABCD|iii|123|none))*[ \t]*(?=\n|$)"
)
_TRUTH = {"T": True, "TRUE": True, "F": False, "FALSE": False}


def read_items(source: Path | str | bytes, filename: str) -> Report:
    """Return everything that a GIFT file says; `line N` is the line of a stem. Never raises for what is in the file."""
    report = Report("gift")
    try:
        text = read_text(source)
    except UnreadableFile as refusal:
        return Report.unreadable("gift", *sentence_parts(refusal.message))
    for question in questions(text):
        doubts = Doubts(f"line {question.line}")
        for doubt in question.doubts:
            doubts.add(doubt.column, cast(Severity, doubt.severity), doubt.reason, doubt.mend)
        if all(doubt.severity == "warning" for doubt in question.doubts):
            try:
                report.items.append(_item(question, doubts))
            except NotRead as problem:
                doubts.add(problem.column, "error", problem.reason, problem.mend)
        if any(problem.severity == "error" for problem in doubts.found):
            report.unfinished.extend(_unfinished(question, doubts.ref))
        report.problems.extend(doubts.found)
    report.items[:] = regrouped(report.items)
    if not report.items and not report.problems:
        report.problems.append(Problem("file", "", "error", "文件里没有试题", "检查是否选错了文件"))
    return report


def _unfinished(question: Question, ref: str) -> tuple[ImportedItem, ...]:
    stem = text_of(question.stem[:_MOST_SHOWN], "moodle").plain
    marked = (question.answers or "").replace("=", "~")
    parts = _parts(marked, "~")[: build.MOST_OPTIONS] if "~" in marked else []
    options = [_answer(part[:_MOST_SHOWN], build.NONE, "moodle").text.plain for part in parts]
    return build.unfinished(ref, stem, [option for option in options if option])


def _item(question: Question, doubts: Doubts) -> ImportedItem:
    stem, text_format = _with_format(question.stem, "moodle")
    rich = rich_text(stem, text_format)
    if "@@PLUGINFILE@@" in stem:
        doubts.add(
            "题干", "warning", "题中引用的图片不在 GIFT 文件里，没有导入", "改用 Moodle XML 格式导出，或导入后补上图片"
        )
    content = _content(question, text_format, doubts)
    category = category_name(question.category)
    item = ImportedItem(
        ref=doubts.ref,
        stem=rich.plain,
        html=rich.html,
        title=question.title,
        rationale=text_of(question.feedback, text_format).plain,
        knowledge_points=(category,) if category else (),
        tags=question.tags,
        idnumber=question.idnumber,
        **content,
    )
    return build.finished(item, doubts)


def _content(question: Question, text_format: str, doubts: Doubts) -> dict[str, Any]:
    answers = question.answers
    if answers is None:
        return {"type": "description", "scorable": False}
    if not answers:
        return {"type": "essay", "scorable": False}
    if answers.startswith("#"):
        return _numeric(answers[1:], text_format, doubts)
    if answers.startswith(">"):
        return _ordering(answers, text_format, doubts)
    if "~" in answers:
        return _choice(answers, text_format, doubts)
    if "=" in answers and "->" in answers:
        return _matching(answers, text_format)
    word, _, feedback = answers.partition("#")
    if word.strip().upper() in _TRUTH:
        if word.strip() not in _TRUTH:
            doubts.add("答案", "warning", f"“{word.strip()}”按判断题读取，Moodle 只认大写", "改写为 TRUE 或 FALSE")
        wrong, _, right = feedback.partition("#")
        return _truth(
            _TRUTH[word.strip().upper()], text_of(right, text_format).plain, text_of(wrong, text_format).plain
        )
    return build.blank([_answer(part, build.WHOLE, text_format) for part in _parts(answers, "=")], False, doubts)


def _truth(truth: bool, right: str, wrong: str) -> dict[str, Any]:
    return build.truth(truth, right if truth else wrong, wrong if truth else right)


def _choice(answers: str, text_format: str, doubts: Doubts) -> dict[str, Any]:
    single = "=" in answers
    parts = _parts(answers.replace("=", "~="), "~")
    if not answers.startswith(("~", "=")):
        doubts.add("选项", "warning", "第一个选项前面没有 ~ 或 =，按错误选项读取", "在每个选项前写上 ~ 或 =")
    if len(parts) > build.MOST_OPTIONS:
        raise NotRead("选项", f"有 {len(parts)} 个选项，最多 {build.MOST_OPTIONS} 个", "减少选项或拆成几题")
    read = []
    for part in parts:
        marked = part.startswith("=")
        read.append(_answer(part.removeprefix("="), build.WHOLE if marked else build.NONE, text_format))
    return build.choice(single, read, doubts)


def _matching(answers: str, text_format: str) -> dict[str, Any]:
    pairs = []
    for part in _parts(answers, "="):
        left, arrow, right = part.partition("->")
        if not arrow:
            raise NotRead("答案", f"“{unescaped(part)[:30]}”里没有 ->", "每一项写作 =左边 -> 右边")
        pairs.append((text_of(left, text_format).plain, text_of(right, "plain").plain))
        if len(pairs) > build.MOST_ACCEPTED:
            raise NotRead("答案", f"多于 {build.MOST_ACCEPTED} 对", "拆成几题")
    return build.matching(pairs)


def _ordering(answers: str, text_format: str, doubts: Doubts) -> dict[str, Any]:
    head = _ORDERING.match(answers)
    lines = [line for line in answers[head.end() if head else 1 :].split("\n") if line.strip()]
    if len(lines) > build.MOST_OPTIONS:
        raise NotRead("选项", f"有 {len(lines)} 个要排序的项目，最多 {build.MOST_OPTIONS} 个", "减少项目")
    content = ordering([text_of(line, text_format) for line in lines])
    note_gift(head[0][1:] if head else "", len(lines), doubts)
    return content


def _numeric(answers: str, text_format: str, doubts: Doubts) -> dict[str, Any]:
    answers, tilde, otherwise = answers.partition("~")
    read = [_number(part, text_format) for part in _parts(answers, "=")[: build.MOST_ACCEPTED + 1]]
    if tilde:
        given, _, feedback = otherwise.partition("#")
        if given.strip():
            reason = f"~ 后面的“{unescaped(given)[:30]}”不是反馈，没有读取"
            doubts.add("答案", "warning", reason, "数值题的每个答案前写 =")
        read.append(Answer(Rich("*"), build.NONE, text_of(feedback, text_format).plain))
    return build.numeric(read, doubts)


def _number(part: str, text_format: str) -> Answer:
    answer = _answer(part, build.WHOLE, "plain")
    text, _, tolerance = answer.text.plain.partition(":")
    said = text_of(part.partition("#")[2], text_format).plain
    return Answer(Rich(text.strip()), answer.share, said, True, tolerance.strip() or "0")


def _answer(part: str, preset: Decimal, text_format: str) -> Answer:
    """Return an answer from `%50%text#feedback`, where the weight and the feedback may be missing."""
    part = part.strip()
    weight = _WEIGHT.match(part)
    stated = share(weight[1]) if weight else None
    text, _, feedback = part[weight.end() if weight else 0 :].partition("#")
    return Answer(
        text_of(text, text_format),
        preset if stated is None else stated,
        text_of(feedback, text_format).plain,
        stated is not None,
    )


def _parts(answers: str, mark: str) -> list[str]:
    parts = answers.split(mark)
    return parts if parts[0].strip() else parts[1:]


def text_of(text: str, preset: str) -> Rich:
    """Return an escaped text that may name its text format; `preset` is the format where it does not."""
    meant, text_format = _with_format(text, preset)
    return rich_text(meant, text_format)


def _with_format(text: str, preset: str) -> tuple[str, str]:
    bare = text.strip()
    named = _FORMAT.match(bare)
    return unescaped(bare[named.end() if named else 0 :]), named[1] if named else preset
