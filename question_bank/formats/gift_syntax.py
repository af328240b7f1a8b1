"""The syntax of GIFT: files into questions, escapes, comments. As Moodle's own importer reads it, with every doubt named.

Questions are parted by empty lines; `::title::` in front, answers in the first pair of braces, `//` opens a comment line in which
`[id:…]` and `[tag:…]` may stand, `$CATEGORY:` holds for all questions below it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from question_bank.formats.html_text import tidy

MOST_CHARACTERS = 200_000

# Escaped control characters while the others are looked for: noncharacters, which no text holds.
_ESCAPED = dict(zip(":#={}~n\\", "\ufdd0\ufdd1\ufdd2\ufdd3\ufdd4\ufdd5\ufdd6\ufdd7", strict=True))
_MEANT = str.maketrans({mark: "\n" if sign == "n" else sign for sign, mark in _ESCAPED.items()})
_ESCAPE = re.compile(r"\\([:#={}~n\\])")
_NONCHARACTERS = re.compile("[\ufdd0-\ufdd7]")
_IN_COMMENT = re.compile(r"\[(id|tag):((?:\\\]|[^\]\x00-\x1f])+)\]")


@dataclass(slots=True)
class Doubt:
    """What is not as it should be: which part, how bad, why, and how to mend it."""

    column: str
    severity: str
    reason: str
    mend: str


@dataclass(slots=True)
class Question:
    """One question, still escaped. `line` is that of the stem; `answers` None where there are no braces (a description).

    `gap` is set where text follows the answers: the stem then holds a gap in their place.
    """

    line: int
    stem: str = ""
    title: str = ""
    answers: str | None = None
    feedback: str = ""
    category: str = ""
    idnumber: str = ""
    tags: tuple[str, ...] = ()
    gap: bool = False
    doubts: list[Doubt] = field(default_factory=list)


@dataclass(slots=True)
class _Block:
    """Lines without an empty one between them: number of the first, comments apart, the others with comments as empty lines."""

    line: int
    lines: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


def unescaped(text: str) -> str:
    """Return a part of a question as it was meant, without surrounding space."""
    return text.strip().translate(_MEANT).strip()


def questions(text: str) -> Iterator[Question]:
    """Yield the questions of a file in order. What cannot be divided has a doubt of severity `error` and no answers."""
    category = ""
    text = _ESCAPE.sub(lambda match: _ESCAPED[match[1]], _NONCHARACTERS.sub("", text))
    for block in _whole_blocks(text):
        if block.text.lstrip().startswith("$CATEGORY:"):
            category = _take_category(block)
        if block.text.strip():
            question = _question(block)
            question.category = category
            yield question


def _whole_blocks(text: str) -> Iterator[_Block]:
    """Yield blocks, joined where an empty line stands between braces, divided where one is missing between questions."""
    waiting: _Block | None = None
    for block in _blocks(text):
        first = _first_brace(block.text)
        if waiting is not None and first == "}":
            waiting.lines += ["", *block.lines]
            waiting.comments += block.comments
            waiting.doubts.append(
                Doubt("答案", "warning", "答案的花括号里有空行，Moodle 会把它当作两题", "删去花括号里的空行")
            )
            yield from _divided(waiting)
            waiting = None
            continue
        if waiting is not None:
            if first == "" and not block.text.startswith("::"):
                waiting.lines += ["", *block.lines]
                continue
            yield from _divided(waiting)
            waiting = None
        if "{" in block.text and "}" not in block.text:
            waiting = block
        else:
            yield from _divided(block)
    if waiting is not None:
        yield from _divided(waiting)


def _first_brace(text: str) -> str:
    opening, closing = text.find("{"), text.find("}")
    if opening < 0 and closing < 0:
        return ""
    return "{" if closing < 0 or 0 <= opening < closing else "}"


def _blocks(text: str) -> Iterator[_Block]:
    block = _Block(0)
    for number, line in enumerate(text.split("\n"), 1):
        bare = line.strip()
        if not bare:
            if block.lines:
                yield block
            block = _Block(0)
            continue
        block.line = block.line or number
        if bare.startswith("//"):
            block.comments.append(bare)
            block.lines.append("")
        else:
            block.lines.append(line)
    if block.lines:
        yield block


_TITLE_ALONE = re.compile(r"\n(?=[ \t]*::(?:[^:\n\\]|\\.){1,250}::)")

_CATEGORY_ALONE = re.compile(r"\n(?=[ \t]*\$CATEGORY:)")


def _divided(block: _Block) -> Iterator[_Block]:
    """Yield the block, cut behind every line that ends the answers of one question while a later one opens answers anew,
    and before a title or a category that follows a text."""
    text, place, line = block.text, 0, block.line
    comments, doubts = block.comments, block.doubts
    while True:
        opening, closing = text.find("{", place), text.find("}", place)
        titled = _TITLE_ALONE.search(text, place, len(text) if opening < 0 else opening)
        again = text.find("{", closing + 1) if 0 <= opening < closing else -1
        cut = text.find("\n", closing, again) if again >= 0 else -1
        above = text[place : titled.start()].strip() if titled else ""
        if titled and above and not above.startswith("$CATEGORY:"):
            cut = titled.start()  # a text without answers, and the title of the next question right below it
        category = _CATEGORY_ALONE.search(text, place)
        if category and text[place : category.start()].strip() and not opening < category.start() < closing:
            cut = category.start() if cut < 0 else min(cut, category.start())
        if cut < 0:
            yield _Block(line, text[place:].split("\n"), comments, doubts)
            return
        yield _Block(line, text[place:cut].split("\n"), comments, doubts)
        line += text.count("\n", place, cut) + 1
        place = cut + 1
        comments = []
        doubts = [Doubt("题干", "warning", "与上一题之间没有空行，按两题读取", "在两题之间加一个空行")]


def _take_category(block: _Block) -> str:
    """Take the line of the category out of its block and return the category."""
    at = next(number for number, line in enumerate(block.lines) if line.strip())
    category = unescaped(block.lines[at].strip().removeprefix("$CATEGORY:"))
    rest = block.lines[at + 1 :]
    if any(line.strip() for line in rest):
        block.doubts.append(
            Doubt("知识点", "warning", "$CATEGORY 行后面没有空行，按下一题另起读取", "在 $CATEGORY 行后面加一个空行")
        )
    block.line += at + 1
    block.lines[:] = rest
    return category


def _question(block: _Block) -> Question:
    text = block.text
    start = len(text) - len(text.lstrip())
    question = Question(block.line, doubts=block.doubts)
    question.idnumber, question.tags = _from_comments(block.comments)
    if text.startswith("::", start):
        end = text.find("::", start + 2)
        if end >= 0:
            question.title = " ".join(tidy(unescaped(text[start + 2 : end])).split())
            start = end + 2
    body = text[start:]
    start += len(body) - len(body.lstrip())
    question.line += text.count("\n", 0, start)
    body = body.strip()
    if len(text) > MOST_CHARACTERS:
        question.stem = body[:60]
        reason = f"这一题有 {len(text)} 个字，没有读取"
        question.doubts.append(Doubt("题干", "error", reason, "检查是否漏了空行或右花括号，拆成几题"))
        return question
    return _with_answers(question, body)


def _with_answers(question: Question, body: str) -> Question:
    opening, closing = body.find("{"), body.find("}")
    question.stem = body
    if opening < 0 and closing < 0:
        if re.search(r"｛\s*[=~#＝～＃]|｛\s*｝", body):
            reason = "答案的花括号是全角的，Moodle 不认，没有读取"
            question.doubts.append(Doubt("答案", "error", reason, "把 ｛ ｝ ＝ ～ 改为半角的 { } = ~"))
        return question
    if opening < 0 or closing < opening:
        what = "右" if closing < 0 else "左"
        reason = f"花括号不成对，缺少{what}花括号"
        question.doubts.append(Doubt("答案", "error", reason, "补全花括号；题中本来就有的花括号写作 \\{ 和 \\}"))
        return question
    if "{" in body[closing:] or "{" in body[opening + 1 : closing] or "}" in body[closing + 1 :]:
        reason = "题中有几处花括号，分不清哪一处是答案"
        question.doubts.append(Doubt("答案", "error", reason, "题干、公式里的花括号写作 \\{ 和 \\}，两题之间加空行"))
        return question
    before, answers, after = body[:opening], body[opening + 1 : closing], body[closing + 1 :]
    at = answers.rfind("####")
    if at >= 0:
        question.feedback, answers = answers[at + 4 :], answers[:at]
    question.answers = answers.strip()
    question.gap = bool(after.strip())
    question.stem = f"{before}____{after}" if question.gap else before
    return question


def _from_comments(comments: list[str]) -> tuple[str, tuple[str, ...]]:
    found = [
        (kind, value.replace("\\]", "]").translate(_MEANT).strip())
        for kind, value in _IN_COMMENT.findall("\n".join(comments))
    ]
    numbers = [value for kind, value in found if kind == "id"]
    return (numbers[0] if numbers else ""), tuple(
        dict.fromkeys(value for kind, value in found if kind == "tag" and value)
    )
