"""What people write into single cells: types, options, keys, points. Pure; raises CellError with reason and mend."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from core.exact import NotAMark, parse_mark
from question_bank.formats.report import ImportedOption
from question_bank.formats.texts import half_width
from question_bank.item_types.fill_blank import accepted_text, read_accepted

_TYPE_WORDS = {
    "single_choice": "单选 单项选择 单项 单选择 单项单选 single singlechoice single_choice",
    "multiple_choice": "多选 多项选择 多项 不定项 不定项选择 多选择 multiple multiplechoice multiple_choice",
    "true_false": "判断 是非 对错 判断正误 判断对错 正误判断 truefalse true/false true_false t/f",
    "fill_blank": "填空 填充 fill fillblank fillintheblank fill_blank",
    "numeric": "数值 数字 数值填空 numeric numerical",
    "matching": "匹配 配对 连线 matching match",
    "ordering": "排序 顺序 ordering order",
    "short_answer": "简答 问答 名词解释 shortanswer short_answer",
    "essay": "论述 论述写作 论述与写作 写作 作文 公文写作 essay",
    "case": "案例 案例分析 材料 材料分析 case",
    "description": "说明文字 说明 description",
}
TYPES = {word: name for name, words in _TYPE_WORDS.items() for word in words.split()}
# Types that exist and that are not held yet: the row is reported, not guessed at.
NOT_HELD = ("计算", "主观", "综合", "操作")

_TRUE = frozenset(["正确", "对", "√", "✓", "✔", "☑", "t", "true", "y", "yes", "是", "1", "v", "真"])
_FALSE = frozenset(
    [
        "错误",
        "错",
        "×",
        "✗",
        "✘",
        "✕",
        "❌",
        "☒",
        "╳",
        "x",
        "f",
        "false",
        "n",
        "no",
        "否",
        "0",
        "不正确",
        "不对",
        "非",
        "假",
    ]
)
_KEY_PREFIX = re.compile(r"^(?:正确|标准|参考)?答案\s*[:：]\s*")
_KEY_SEPARATORS = re.compile(r"[\s,;|、/，；.。和与+&]+")
_FIRST_OPTION = re.compile(r"(?<![A-Za-zＡ-Ｚ0-9.])(?:[(（]\s*[AＡ]\s*[)）]|[AＡ]\s*[.、．:：)）])")
_LETTERS = re.compile(r"[A-Z]+")
_LABELLED = re.compile(r"^([A-Z])\s*[.、:)]\s*(.+)$", re.DOTALL)
_BETWEEN_BLANKS = ";；|｜\n"
_BETWEEN_VARIANTS = "/／"
_ESCAPED = re.compile(r"\\([;；|｜/／{}\\或])")
# 蓬勃生机（或：生机活力）: another way to write the same.
_OR_ELSE = re.compile(r"([^()（）]+)[(（]\s*或(?:者|写作|写|填|答)?\s*[:：]?\s*([^()（）]+)[)）]\s*")


class CellError(ValueError):
    """A cell that cannot be understood: why, how to mend it, and which field it is."""

    def __init__(self, reason: str, mend: str, field: str = "key") -> None:
        super().__init__(reason)
        self.reason = reason
        self.mend = mend
        self.field = field


@dataclass(frozen=True, slots=True)
class Key:
    """An understood key; `doubts` are pairs of reason and mend for what had to be guessed.

    `distractors` of a matching; `options` where the cell says more of them than the other columns; `answer` is what people
    who mark should look for.
    """

    value: tuple[Any, ...]
    doubts: tuple[tuple[str, str], ...] = ()
    distractors: tuple[str, ...] = ()
    options: tuple[ImportedOption, ...] | None = None
    answer: str = ""


def without_prefix(text: str) -> str:
    """Return a key without 答案： before it."""
    return _KEY_PREFIX.sub("", text.strip())


def item_type_of(text: str) -> str | None:
    """Return the type that a word such as 单选题 or [多选] names, None for an empty or unknown word.

    Raises CellError for a type that is known and not held.
    """
    word = re.sub(r"[\s\[\]()【】<>:、.]", "", half_width(text)).lower()
    word = re.sub(r"^[一二三四五六七八九十]+(?=.)", "", word)
    found = TYPES.get(word) or TYPES.get(word.removesuffix("题")) or TYPES.get(word.removesuffix("试题"))
    if found is None and any(name in word for name in NOT_HELD):
        raise CellError(f"此题型尚未支持：{text}", "改为模板列出的题型之一，例如数值题或简答题")
    return found


def truth_of(text: str) -> str | None:
    """Return `"true"` or `"false"` for 正确, √, T, 错, × and the like; None for anything else."""
    word = _KEY_PREFIX.sub("", half_width(text)).strip(" .。()[]【】").lower()
    return "true" if word in _TRUE else "false" if word in _FALSE else None


def truth_key(text: str, options: tuple[ImportedOption, ...]) -> Key:
    """Return the key of a true/false item. A or B stands for an option that says 正确 or 错误. Raises CellError."""
    truth = truth_of(text)
    if truth is not None:
        return Key((truth,))
    letter = _KEY_PREFIX.sub("", half_width(text)).upper()
    for option in options:
        said = truth_of(option.text)
        if option.label == letter and said is not None:
            return Key((said,))
    if letter in ("A", "B") and not options:
        truth = "true" if letter == "A" else "false"
        said = "正确" if letter == "A" else "错误"
        return Key((truth,), ((f"判断题的答案写作“{text}”，按“{said}”读取", "核对后改写为“正确”或“错误”"),))
    raise CellError(f"看不懂判断题的答案“{_short(text)}”", "改为“正确”或“错误”（也可用 对/错、√/×、T/F）")


def label_key(text: str, options: tuple[ImportedOption, ...]) -> Key:
    """Return the labels that a key such as `ABC`, `A,B` or `A、C` names, in order and unique. Raises CellError."""
    word = _KEY_PREFIX.sub("", half_width(text))
    for option in options:
        # A key that repeats the text of an option; before letters, because an option may read "AB".
        labelled = _LABELLED.match(word)
        said = labelled[2] if labelled and labelled[1] == option.label else word
        if said == half_width(option.text) and not _LETTERS.fullmatch(said):
            doubt = (f"答案写的是选项内容，按选项 {option.label} 读取", f"核对后把答案改为字母 {option.label}")
            return Key((option.label,), () if said != word else (doubt,))
    joined = _KEY_SEPARATORS.sub("", word.replace("选项", "")).strip("()[]【】").upper()
    doubts: list[tuple[str, str]] = []
    if joined.isascii() and joined.isdigit() and "0" not in joined:
        letters = "".join(chr(64 + int(digit)) for digit in joined)
        doubts.append((f"答案写作数字“{text}”，按字母 {letters} 读取", "核对后把答案改为选项字母"))
        joined = letters
    if not _LETTERS.fullmatch(joined):
        raise CellError(f"看不懂答案“{_short(text)}”", "填写正确选项的字母，例如 A 或 ABC")
    labels = tuple(sorted(set(joined)))
    if len(labels) < len(joined):
        doubts.append((f"答案“{_short(text)}”里有重复的字母，只算一次", "核对答案，删去重复的字母"))
    return Key(labels, tuple(doubts))


def blank_key(text: str, blanks: int) -> Key:
    """Return the accepted texts of each blank: blanks divided by `;` or `|` or lines, variants of one by `/` or as 甲（或乙）.

    A backslash before one of these marks keeps it as part of the text. Raises CellError when a blank has no answer.
    """
    word = _KEY_PREFIX.sub("", text.strip())
    parts = _split(word, _BETWEEN_BLANKS)
    doubts: list[tuple[str, str]] = []
    if len(parts) < blanks and len(parts) == 1:
        for mark, pattern in (("、", r"、"), ("，", r"[,，]"), ("空格", r"[\s\u3000]+")):
            if len(guess := re.split(pattern, word)) == blanks:
                parts = guess
                doubts.append((f"{blanks} 个空的答案以“{mark}”分隔", "核对后改用分号（；）分隔各空的答案"))
                break
    accepted = tuple(
        _distinct(read_accepted(raw, _unescaped) for raw in _variants(part) if raw.strip()) for part in parts
    )
    if not all(accepted):
        missing = next(number for number, texts in enumerate(accepted, 1) if not texts)
        raise CellError(f"第 {missing} 空没有答案", "为每个空填写答案，各空之间用分号（；）分隔")
    return Key(accepted, tuple(doubts))


def _variants(part: str) -> Iterator[str]:
    for raw in _split(part, _BETWEEN_VARIANTS):
        other = _OR_ELSE.fullmatch(raw)
        yield from other.groups() if other else (raw,)


def one_blank_key(text: str) -> Key:
    """Return the accepted texts of the only blank; variants divided by a stroke (`十八|18`) are taken for what they are."""
    word = _KEY_PREFIX.sub("", text.strip())
    variants = _split(word, "|｜")
    if len(variants) == 1 or answers_in(word) != len(variants):
        return blank_key(text, 1)
    doubt = (f"只有 1 个空，答案“{_short(text)}”按几种写法读取", "核对后改用“/”分隔同一个空的几种写法")
    return Key(blank_key("/".join(variants), 1).value, (doubt,))


def answers_in(text: str) -> int:
    """Return for how many blanks a key is written."""
    return len(_split(_KEY_PREFIX.sub("", text.strip()), _BETWEEN_BLANKS))


def _split(text: str, separators: str) -> list[str]:
    parts = [""]
    characters = iter(text)
    for character in characters:
        if character == "\\":
            parts[-1] += character + next(characters, "")
        elif character in separators:
            parts.append("")
        else:
            parts[-1] += character
    # A separator after the last answer is a habit, not one more blank.
    while len(parts) > 1 and not parts[-1].strip():
        parts.pop()
    return parts


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(r"\1", text.strip())


def _distinct(entries: Iterable[Any]) -> tuple[Any, ...]:
    found: list[Any] = []
    for entry in entries:
        if entry and entry not in found:
            found.append(entry)
    return tuple(found)


def blank_key_text(key: tuple[tuple[Any, ...], ...]) -> str:
    """Return the text that blank_key reads as this key."""
    return "；".join("/".join(accepted_text(entry, escaped) for entry in accepted) for accepted in key)


def escaped(text: str) -> str:
    """Return an answer with backslashes before the characters that would divide it."""
    return re.sub(r"([;；|｜/／{}\\]|(?<=[(（])或)", r"\\\1", text)


def options_in_one_cell(text: str) -> tuple[ImportedOption, ...]:
    """Return the options of a cell such as `A.甲 B.乙`, one per line, or `甲|乙` (labelled in order)."""
    labelled = _labelled_options(text)
    if labelled:
        return labelled
    for separator in ("\n", "|", "｜", "；", ";"):
        parts = [part.strip() for part in text.split(separator)]
        if len(parts) > 1:
            return tuple(ImportedOption(letter(number), part) for number, part in enumerate(filter(None, parts)))
    return (ImportedOption("A", text.strip()),) if text.strip() else ()


def options_in_stem(stem: str) -> tuple[str, tuple[ImportedOption, ...]]:
    """Return a stem without the options that follow it in the same cell, and those options; at least two, from A on."""
    for start in list(_FIRST_OPTION.finditer(stem))[:-4:-1]:  # the last A begins them: the stem may name letters, too
        options = _labelled_options(stem[start.start() :])
        if len(options) > 1 and all(option.text for option in options) and stem[: start.start()].strip():
            return stem[: start.start()].rstrip(), options
    return stem, ()


def _labelled_options(text: str) -> tuple[ImportedOption, ...]:
    starts: list[tuple[int, int]] = []
    position = 0
    for number in range(26):
        match = _option_mark(letter(number), text, position)
        if match is None or (number == 0 and text[: match.start()].strip()):
            break
        starts.append((match.start(), match.end()))
        position = match.end()
    ends = [*(start for start, _ in starts[1:]), len(text)][: len(starts)]
    return tuple(
        ImportedOption(letter(number), text[start:end].strip(" \t\n\u3000|｜;；"))
        for number, ((_, start), end) in enumerate(zip(starts, ends, strict=True))
    )


def _option_mark(label: str, text: str, position: int) -> re.Match[str] | None:
    """Find the mark of an option: at a boundary first, glued to the text before it only if there is none."""
    either = f"[{label}{chr(ord(label) + 0xFEE0)}]"
    mark = rf"(?:[(（]\s*{either}\s*[)）]\s*[.、．:：]?|{either}\s*[.、．:：)）])\s*"
    for pattern in (rf"(?:^|(?<=[\s|｜;；，。])){mark}", rf"(?<![A-Za-z]){mark}"):
        match = re.compile(pattern).search(text, position)
        if match:
            return match
    return None


def without_own_labels(options: tuple[ImportedOption, ...]) -> tuple[ImportedOption, ...]:
    """Return the options without a leading `A.` of their own, where every one of them carries it."""
    rests = [_LABELLED.match(half_width(option.text)) for option in options]
    if not options or any(m is None or m[1] != o.label for m, o in zip(rests, options, strict=True)):
        return options
    return tuple(
        ImportedOption(option.label, re.sub(r"^.\s*[.、．:：)）]\s*", "", option.text.strip(), count=1))
        for option in options
    )


def letter(number: int) -> str:
    """Return the label of an option counted from 0: A, B … Z."""
    return chr(65 + number)


def points_of(text: str) -> int:
    """Return points in hundredths for `2`, `2分` or `1.5`. Raises CellError."""
    word = half_width(text).removesuffix("分").strip()
    try:
        points = parse_mark(word, "分值")
    except NotAMark:
        raise CellError(f"分值“{_short(text)}”不是数字", "填写数字，例如 2 或 1.5") from None
    return hundredths(points, text)


def hundredths(points: Fraction, text: str) -> int:
    """Return exact points as hundredths. Raises CellError when they are not above 0, too many, or finer than 0.01."""
    if not 0 < points <= 1000:
        raise CellError(f"分值“{_short(text)}”不在 0 到 1000 之间", "填写大于 0、不超过 1000 的分值")
    if (points * 100).denominator != 1:
        raise CellError(f"分值“{_short(text)}”超过两位小数", "最多保留两位小数")
    return int(points * 100)


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= 30 else flat[:30] + "…"
