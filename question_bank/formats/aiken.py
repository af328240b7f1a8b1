"""Items from Aiken files: a stem, options `A)` or `A.`, a line `ANSWER: B`. What people write beside that is read with a warning.

Strictly (as Moodle reads it): a capital letter, `)` or `.`, a space; `ANSWER:` in capitals with one letter.
"""

import re
from dataclasses import dataclass, field, replace
from pathlib import Path

from core.archives import UnreadableFile
from question_bank.formats import moodle_items as build
from question_bank.formats.carried import unpack
from question_bank.formats.html_text import tidy
from question_bank.formats.moodle_items import Doubts, NotRead
from question_bank.formats.report import ImportedItem, ImportedOption, Problem, Report, sentence_parts
from question_bank.formats.text_files import read_text
from question_bank.formats.texts import half_width

_STRICT_OPTION = re.compile(r"[A-Z][).][ \t]+\S")
_OPTION = re.compile(r"([(（]?)([A-Za-zＡ-Ｚａ-ｚ])[ \t\u3000]*[).、．:：）][ \t\u3000]*(.*)")
_STRICT_ANSWER = re.compile(r"ANSWER:[ \t]*[A-Z]")
_ANSWER = re.compile(r"(?:answer|(?:正确|标准|参考)?答案)[ \t\u3000]*[:：][ \t\u3000]*(.*)", re.IGNORECASE)
_RATIONALE = re.compile(r"(?:解析|feedback|explanation)[ \t]*[:：][ \t]*(.*)", re.IGNORECASE)


@dataclass(slots=True)
class _Question:
    """A question as far as it has been read; `line` is that of the stem."""

    line: int
    stem: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    options: list[list[str]] = field(default_factory=list)
    loose: dict[str, None] = field(default_factory=dict)  # in which ways it is not strict Aiken

    @property
    def next_label(self) -> str:
        return chr(ord(self.labels[-1]) + 1) if self.labels else "A"


def read_items(source: Path | str | bytes, filename: str) -> Report:
    """Return everything that an Aiken file says; `line N` is the line of a stem. Never raises for what is in the file."""
    try:
        text = read_text(source)
    except UnreadableFile as refusal:
        return Report.unreadable("aiken", *sentence_parts(refusal.message))
    reader = _Reader()
    for number, line in enumerate(text.split("\n"), 1):
        reader.line(number, line.strip())
    reader.end()
    if not reader.report.items and not reader.report.problems:
        reader.report.problems.append(Problem("file", "", "error", "文件里没有试题", "检查是否选错了文件"))
    return reader.report


class _Reader:
    """Takes a file line by line."""

    def __init__(self) -> None:
        self.report = Report("aiken")
        self._open: _Question | None = None
        self._after_gap = False  # an empty line stands before this one
        self._answered = False  # the last thing read was the answer of the last item

    def line(self, number: int, text: str) -> None:
        """Take one line, without surrounding space."""
        if not text:
            self._after_gap, self._answered = True, False
            return
        answer, rationale = _ANSWER.match(text), _RATIONALE.match(text)
        if answer is not None:
            self._answer(number, text, half_width(answer[1]))
        elif rationale is not None and self._answered:
            self._rationale(rationale[1])
        elif not self._option(number, text):
            self._words(number, text)
        self._after_gap = False

    def end(self) -> None:
        """The file ends."""
        if self._open is not None:
            self._unfinished(self._open)

    def _option(self, number: int, text: str) -> bool:
        match = _OPTION.match(text)
        if match is None:
            return False
        strict = _STRICT_OPTION.match(text) is not None
        label = half_width(match[2]).upper()
        question = self._open
        if question is None or (not question.stem and not question.options):
            return False
        if label != question.next_label:
            if not strict or not question.labels:
                return False
            question.loose[f"选项字母不连续（{question.next_label} 处是 {label}）"] = None
        if not strict:
            question.loose["选项没有写作大写字母、) 或 . 、空格"] = None
        question.labels.append(label)
        question.options.append([match[3]])
        return True

    def _words(self, number: int, text: str) -> None:
        question = self._open
        if question is not None and self._after_gap and (question.options or question.stem):
            self._unfinished(question)
            question = None
        if question is None:
            self._open = _Question(number, [text])
            self._answered = False
        elif question.options:
            question.options[-1].append(text)
            question.loose["选项占了几行"] = None
        else:
            question.stem.append(text)
            question.loose["题干占了几行"] = None

    def _answer(self, number: int, text: str, given: str) -> None:
        question, self._open = self._open, None
        if question is None:
            self._problem(number, "答案", "这一行答案前面没有题目", "补上题干和选项，或删去这一行")
            return
        if not _STRICT_ANSWER.fullmatch(text):
            question.loose["答案行没有写作 ANSWER: 加一个大写字母"] = None
        doubts = Doubts(f"line {question.line}")
        try:
            self.report.items.append(_item(question, given, doubts))
            self._answered = True
        except NotRead as problem:
            doubts.add(problem.column, "error", problem.reason, problem.mend)
            self._keep(question)
        self.report.problems.extend(doubts.found)

    def _rationale(self, text: str) -> None:
        item = self.report.items[-1]
        said = "\n".join(filter(None, (item.rationale, tidy(text))))
        self.report.items[-1] = unpack(replace(item, rationale=said))

    def _unfinished(self, question: _Question) -> None:
        self._open = None
        missing = "没有 ANSWER 行" if question.options else "没有选项和 ANSWER 行"
        shown = question.stem[0][:30] if question.stem else ""
        self._problem(question.line, "答案", f"“{shown}”{missing}，没有读取", "补上选项和答案；不是题目的文字请删去")
        self._keep(question)

    def _keep(self, question: _Question) -> None:
        """Keep what a question with errors says, for a person to complete."""
        stem = tidy("\n".join(question.stem)[:2_000])
        options = [tidy("\n".join(lines)[:2_000]) for lines in question.options[: build.MOST_OPTIONS]]
        self.report.unfinished.extend(build.unfinished(f"line {question.line}", stem, options, "single_choice"))

    def _problem(self, line: int, column: str, reason: str, mend: str) -> None:
        self.report.problems.append(Problem(f"line {line}", column, "error", reason, mend))


def _item(question: _Question, given: str, doubts: Doubts) -> ImportedItem:
    spelled_out = re.match(r"([A-Za-z])[).、:]", given)
    if spelled_out is not None:
        given = spelled_out[1]
    letters = [letter for letter in given.upper() if not letter.isspace() and letter not in ",，、;；."]
    texts = [tidy("\n".join(lines)) for lines in question.options]
    if len(texts) > build.MOST_OPTIONS:
        raise NotRead("选项", f"有 {len(texts)} 个选项，最多 {build.MOST_OPTIONS} 个", "减少选项或拆成几题")
    if len(texts) < 2:
        raise NotRead("选项", f"只有 {len(texts)} 个选项", "每题至少写两个选项，每行一个，如 A) 甲")
    if len(set(question.labels)) < len(question.labels):
        raise NotRead("选项", "选项的字母有重复，可能漏了上一题的 ANSWER 行", "在每题的选项后面写上 ANSWER 行")
    if not letters or any(letter not in question.labels for letter in letters):
        have = "、".join(question.labels)
        raise NotRead("答案", f"答案“{given[:20]}”不在选项 {have} 之中", "改正答案的字母或补上选项")
    if not all(texts):
        raise NotRead("选项", f"选项 {question.labels[texts.index('')]} 是空的", "补上选项的内容")
    if len(letters) > 1:
        question.loose["Aiken 只有单选题，答案却有几个字母，按多选题读取"] = None
    if question.loose:
        doubts.add("", "warning", f"不是标准的 Aiken 写法：{'；'.join(question.loose)}", "核对读出的内容")
    item = ImportedItem(
        ref=doubts.ref,
        type="multiple_choice" if len(set(letters)) > 1 else "single_choice",
        stem=tidy("\n".join(question.stem)),
        options=tuple(ImportedOption(label, text) for label, text in zip(question.labels, texts, strict=True)),
        key=tuple(sorted(set(letters))),
    )
    return build.finished(item, doubts)
