"""The named parts of an item in running text: 答案：B, 【解析】…, （答案：AB）, several of them on one line. Pure."""

import re
from dataclasses import dataclass
from functools import lru_cache

_WORDS = {
    "key": (
        "参考答案 标准答案 正确答案 试题答案 本题答案 答案要点 参考答案要点 答题要点 参考要点 标答 正确选项 答案 答案是 "
        "答案为 答 answer key 答案与要点 参考答案及评分标准 参考答案与评分标准 参考答案及要点 答案及评分标准"
    ),
    "rationale": (
        "答案解析 试题解析 题目解析 本题解析 参考解析 名师解析 解析 详解 解答 解题思路 答案说明 解析说明 分析 点评 "
        "解释 考点解析 思路点拨 改正 订正 explanation"
    ),
    "rubric": "要点 评分标准 评分要点 评分参考 采分点 得分要点 评分细则 赋分标准",
    "difficulty": "难度 难易度 难易程度 难度系数 难度等级 试题难度 题目难度 题目难易度 试题难易度 difficulty",
    "knowledge": "知识点 考点 考查点 考察点 考查知识点 考核知识点 所属知识点 知识模块 考查要点 所属章节 章节 所属模块 所属专题",
    "source": "依据 出处 来源 法规依据 法律依据 政策依据 文件依据 试题依据 命题依据 参考依据 题目出处 试题出处 试题来源 题目来源 法条依据 答案依据 条款",
    "points": "分值 分数 本题分值 试题分值 题目分值",
    "type": "题型 试题类型 题目类型 类型",
    "tags": "标签 关键词 关键字",
    "stem": "题干 题目 试题 试题内容 题目内容 问题描述",
    "options": "选项 备选项 备选答案 试题选项",
    "other": "我的答案 考生答案 学生答案 您的答案 作答 得分 出题人 命题人 审题人",
}
FIELDS = {word: name for name, words in _WORDS.items() for word in words.split()}
COLUMNS = {
    "key": "答案",
    "rationale": "解析",
    "rubric": "评分标准",
    "difficulty": "难度",
    "knowledge": "知识点",
    "source": "依据",
    "points": "分值",
    "type": "题型",
    "tags": "标签",
    "stem": "题干",
    "options": "选项",
    "other": "其他",
}
# 答： and 要点： alone are fields only at the beginning of a line; inside one they are words like any other.
_BEGINNING = "答|要点"
_WORD = "|".join(
    sorted((re.escape(word) for word in FIELDS if word not in _BEGINNING.split("|")), key=len, reverse=True)
)
# ★答案：, ※解析：
_SIGNS = "★☆※◆◇▲△●■◎"
_ORNAMENT = rf"(?:[{_SIGNS}*]{{1,3}}\s?)?"
# 答　案： is spaced out to the width of 知识点：.
_SPACED = "|".join(rf"{word[0]}\s{{1,4}}{word[1]}" for word in FIELDS if len(word) == 2 and not word.isascii())
_AT_START = re.compile(
    rf"\s*{_ORNAMENT}(?:[\[【(<〈「]\s?({_WORD}|{_SPACED}|{_BEGINNING})\s?[\]】)>〉」]\s*[:]?|({_WORD}|{_SPACED}|{_BEGINNING})\s*(?:[:]|\t|(?= {{1,4}}[A-Z√×]+\s*$)|(?=[A-Z√×]{{1,8}}\s*$)))\s*",
    re.IGNORECASE,
)
# 正确答案是 C。 has no colon; what follows is a key and nothing else.
_SAID = re.compile(
    r"\s*(?:正确|标准|参考|本题)?(?:答案|选项)(?:是|为|应为|应选|应该是)\s*[:]?\s*(?=(?:[A-Z]{1,8}|[√×]|正确|错误|[对错])\s*[.。]?\s*$)"
)
_HEADS = "|".join(word for word, name in FIELDS.items() if name in ("key", "rationale", "rubric") and len(word) > 1)
_ALONE = re.compile(rf"\s*({_HEADS})\s*$", re.IGNORECASE)
_WITHIN = re.compile(
    rf"[\[【]\s?({_WORD})\s?[\]】]\s*[:]?\s*|(?:(?<=[\s;。])|(?<=[)）】])|(?=[{_SIGNS}])){_ORNAMENT}({_WORD})\s?[:]\s*",
    re.IGNORECASE,
)
# （答案：B） or 【答案：B】: the bracket holds mark and content.
_ENCLOSED = re.compile(
    rf"[(\[【]\s?({_WORD})\s?[:]\s*([^()\[\]【】]*(?:[(\[][^()\[\]【】]*[)\]][^()\[\]【】]*)?)[)\]】]", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a line: the field it begins (`text` where it is none), its text, the half-width form of the text."""

    field: str
    text: str
    flat: str
    begins: bool = False  # at the beginning of its line


@lru_cache(maxsize=256)
def segments(text: str, flat: str) -> tuple[Segment, ...]:
    """Divide one line at its field marks; a line without any is one segment `text`."""
    marks = sorted(_marks(flat))
    if not marks:
        return (Segment("text", text, flat, True),)
    found = [_segment("text", text, flat, 0, marks[0][0])] if flat[: marks[0][0]].strip() else []
    for number, (start, end, field, stop) in enumerate(marks):
        until = marks[number + 1][0] if number + 1 < len(marks) else len(flat)
        found.append(_segment(field, text, flat, end, min(stop, until), begins=not flat[:start].strip()))
        if stop < until and flat[stop + 1 : until].strip():
            found.append(_segment("text", text, flat, stop + 1, until))
    return tuple(found)


def _segment(field: str, text: str, flat: str, start: int, end: int, begins: bool = False) -> Segment:
    return Segment(field, text[start:end].strip(), flat[start:end].strip(), begins or start == 0)


def _marks(flat: str) -> list[tuple[int, int, str, int]]:
    """Where a mark begins, where its content begins, its field, and where its content ends at the latest."""
    found: list[tuple[int, int, str, int]] = []
    taken = 0
    first = _AT_START.match(flat) or _ALONE.match(flat)
    said = None if first else _SAID.match(flat)
    if first and not _ENCLOSED.match(flat.lstrip()):
        word = next(group for group in first.groups() if group)
        found.append((0, first.end(), FIELDS["".join(word.lower().split())], len(flat)))
        taken = first.end()
    elif said:
        return [(0, said.end(), "key", len(flat))]
    if ":" in flat or "】" in flat or "]" in flat:
        for match in _ENCLOSED.finditer(flat, taken):
            found.append((match.start(), match.start(2), FIELDS[match[1].lower()], match.end(2)))
        enclosed = [(start, stop) for start, _end, _field, stop in found if stop < len(flat)]
        for match in _WITHIN.finditer(flat, taken):
            if any(start <= match.start() < stop for start, stop in enclosed):
                continue
            field = FIELDS[(match[1] or match[2]).lower()]
            # 选项： and 题干： are marks of a line alone; in a sentence they are words.
            if match[1] or field not in ("stem", "options", "type", "other", "tags"):
                found.append((match.start(), match.end(), field, len(flat)))
    return found
