"""Headings of sections, the types and points that they state, tags before a stem, and what printing adds to a page. Pure."""

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from question_bank.formats.layout_lines import CHINESE, chinese_number

_TYPE_WORDS = {
    "single_choice": "单项选择题 单项选择 单项题 单选题 单选 单选择题 single",
    "multiple_choice": "多项选择题 多项选择 多项题 多选题 多选 多选择题 不定项选择题 不定项选择 不定向选择题 不定项题 不定项 multiple",
    "true_false": "判断题 判断正误题 判断正误 判断对错题 判断对错 判断改错题 正误判断题 正误判断 是非判断题 是非题 是非判断 对错题 辨别正误 判断",
    "fill_blank": "填空题 填充题 填空 填充",
    "short_answer": "简答题 简答 问答题 问答 名词解释题 名词解释 简述题 简要回答题 辨析题 解答题 计算题 思考题 主观题",
    "essay": "论述题 论述 写作题 写作 作文题 作文 公文写作题 公文写作 申论题 文章写作 应用文写作",
    "case": "案例分析题 案例分析 案例题 材料分析题 材料分析 材料题 材料作答题 综合分析题 情景分析题 案例",
    "matching": "匹配题 匹配 连线题 连线 配对题 配伍题",
    "ordering": "排序题 排序 顺序题",
    "choice": "选择题 客观选择题 客观题",
}
TYPE_WORDS = {word: name for name, words in _TYPE_WORDS.items() for word in words.split()}
# Words that a stem may end in, too: 将下列步骤排序.
_ORDINARY = re.compile("判断|排序|匹配|连线|配对|问答|论述|写作|作文|(?:材料|案例)分析|案例|填充")
_TYPE = "|".join(sorted(TYPE_WORDS, key=len, reverse=True))
_ORDINAL = (
    rf"(?:第\s?(?P<part>[{CHINESE}]{{1,4}}|\d{{1,3}}|[IVXⅠ-Ⅻ]{{1,5}})\s?(?P<unit>部分|大题|大部分|章|节|单元|篇|套|卷|编|讲|课)|[(]?(?P<ordinal>[{CHINESE}]{{1,4}})[)]?|"
    r"(?P<roman>[IVXⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩ]{1,5})|(?P<digits>\d{1,2}))"
)
_NUMBERED = re.compile(rf"\s*{_ORDINAL}\s*(?P<mark>[.、:,)]|\s|(?=[(【]))\s*(?P<title>\S.*)?$|\s*第(?:\d+)[套卷]\s*$")
_TYPED = re.compile(rf"\s*(?P<before>[\u4e00-\u9fff]{{0,8}}?)(?P<type>{_TYPE})(?P<rest>.*)$", re.IGNORECASE)
_EXPLAINED = re.compile(
    r"\s*(?:$|[(\[【<].*|[:。,;、]?\s*(?:共|本|每|下列|以下|下面|请|在|满分|根据|答案|要求|计|\d+\s*分|\d+\s*[道小]?题|[-—]+).*|[:。]\s*$|部分.*)"
)
_EACH = re.compile(r"(?:每|各)(?:小)?(?:题|道题|问)?\s*(?:计|得|为)?\s*(\d{1,3}(?:\.\d{1,2})?)\s*分")
_EACH_BLANK = re.compile(r"每(?:个)?空(?:格)?\s*(\d{1,3}(?:\.\d{1,2})?)\s*分")
_COUNT = re.compile(r"(?:共|计|有)?\s*(\d{1,4})\s*[道小个]{0,2}题")
_TOTAL = re.compile(r"(?:共计?|合计|总分|总计|满分|计)?\s*(\d{1,4}(?:\.\d{1,2})?)\s*分")
_TAG_POINTS = r"(?:[\s,;:、]*(?:每题|本题|共)?\s*(?P<points>\d{1,3}(?:\.\d{1,2})?)\s*分)?"
_TAG = rf"[\[【(<〈]\s?(?P<type>{_TYPE})\s?{_TAG_POINTS}\s?[\]】)>〉]"
_TAG_AT_START = re.compile(rf"\s*{_TAG}\s*[:、.]?\s*", re.IGNORECASE)
_WORD_AT_START = re.compile(rf"\s*(?P<type>{_TYPE})\s*[:](?P<points>)\s*", re.IGNORECASE)
# 简答题  简述…: the word of a type and room behind it.
_NAMED = "|".join(
    sorted((word for word in TYPE_WORDS if word.endswith("题") or word == "名词解释"), key=len, reverse=True)
)
_WORD_BEFORE_ROOM = re.compile(rf"\s*(?P<type>{_NAMED})(?P<points>)[ \t]+(?=[\u3400-\u9fff“《\"])")
_TAG_AT_END = re.compile(rf"\s*{_TAG}\s?[*]?(?P<stop>[。.]?)\s*$", re.IGNORECASE)
_PAGE = re.compile(
    r"\s*(?:[-—–~·\s]{0,6}(?:第\s?)?\d{1,4}\s?(?:页|/\s?\d{1,4})?\s?[,，、/]?\s?(?:[(]?\s?共\s?\d{1,4}\s?页\s?[)]?)?[-—–~·\s]{0,6}"
    r"|page\s?\d{1,4}(?:\s?(?:of|/)\s?\d{1,4})?|[-—–_=*·.\s~]{3,}|[(]?以下(?:无正文|空白)[)]?|[(]?(?:转|接)?(?:下|上|背)页[)]?)\s*$",
    re.IGNORECASE,
)
_FORM = re.compile(
    r"\s*(?:(?:姓\s*名|单\s*位|部\s*门|职\s*务|准考证号|考号|得\s*分|评卷人|阅卷人|座位号|日\s*期|成\s*绩|分\s*数)\s*[:_\s\t]*[_\s]*){1,8}$"
)
_SCORES = re.compile(rf"\s*(?:题\s?号|大题|得\s?分|分\s?数|评卷人|阅卷人|核分人)[\s{CHINESE}总分合计得]*$")
_INSTRUCTION = re.compile(
    r"\s*[(\[]?\s*(?:请|要求|注意|说明|提示|本大题|本部分|本题|下列|以下|阅读|根据|结合|按照?|每(?:小|道)?题)"
    r".{0,60}(?:作答|答题|回答|解答|分析|完成|论述|计算|判断|选择|填写|分)[^,;]{0,12}[。.:!]?\s*[)\]]?\s*$"
)
_KEYS = re.compile(
    rf"\s*(?:附件?\d?\s*[:、]?\s*)?(?:[(\[【]\s?)?(?:{_ORDINAL}\s*[.、:,]?\s*)?(?:[\u4e00-\u9fff\w《》]{{0,30}}?)"
    r"(?:参考答案|标准答案|正确答案|试题答案|答案)(?:及|与|和)?(?:参考|试题|答案|详细|评分|标准|解析|要点|详解|说明|汇总|部分|速查|表|一览)*\s?[\]】)]?\s*[:]?\s*$"
)


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading: what a section holds (`type`, "" where it does not say), its number and the points it states.

    `each` and `each_blank` are points of one item and of one blank, `total` and `count` what the whole section has.
    `rest` is what stands behind the title on the same line and is no explanation.
    """

    title: str
    type: str = ""
    ordinal: int = 0
    unit: str = ""
    each: Fraction | None = None
    each_blank: Fraction | None = None
    total: Fraction | None = None
    count: int | None = None
    rest: str = ""


@lru_cache(maxsize=256)
def heading_of(flat: str) -> Heading | None:
    """Return the heading that names a type, such as 一、单项选择题（每题2分，共40分）, None for any other line."""
    if len(flat) > 600:
        return None
    numbered = _NUMBERED.match(flat)
    title = (numbered["title"] if numbered else flat) or ""
    typed = _TYPED.match(title)
    if typed is None or (numbered is None and typed["before"] and typed["rest"].strip()):
        return None
    rest = typed["rest"]
    chinese = numbered is not None and not numbered["digits"]
    inline = ""
    if not _EXPLAINED.match(rest):
        # 论述题：试论…… names its one item on the same line; a plain word before a text does not make a heading.
        if not chinese or not re.match(r"\s*[:\s]", rest):
            return None
        inline = rest.lstrip(": \t")
    elif (numbered is not None and numbered["digits"] and rest.strip() and not re.search(r"分|题", rest)) or (
        typed["before"] and not chinese and _ORDINARY.fullmatch(typed["type"])
    ):
        return None
    ordinal = 0
    if numbered is not None:
        ordinal = _ordinal(numbered)
    return Heading(title.strip(), TYPE_WORDS[typed["type"].lower()], ordinal, "", *_points(rest), inline)


@lru_cache(maxsize=256)
def plain_heading_of(flat: str) -> Heading | None:
    """Return a heading that names no type: 第一章 总则, 一、公务员法. Whether it is one is for the lines below it to say."""
    if len(flat) > 60 or re.search(r"[。?!;]\s*$|_{2,}|[(]\s*[)]", flat):
        return None
    match = _NUMBERED.match(flat)
    if match is None or match["digits"]:
        return None
    if match["part"] is None and match["ordinal"] is None and not match["roman"]:
        return None
    return Heading(flat.strip(), "", _ordinal(match), match["unit"] or "")


def _ordinal(match: re.Match[str]) -> int:
    text = match["part"] or match["ordinal"] or match["digits"] or ""
    return chinese_number(text) if text and not re.match("[IVXⅠ-Ⅻ]", text) else 0


def _points(rest: str) -> tuple[Fraction | None, Fraction | None, Fraction | None, int | None]:
    each, blank, count = _EACH.search(rest), _EACH_BLANK.search(rest), _COUNT.search(rest)
    totals = [
        match
        for match in _TOTAL.finditer(rest)
        if not re.search(r"(?:每|各)[\u4e00-\u9fff]{0,3}\s*$", rest[: match.start()])
    ]
    total = totals[-1] if totals else None
    return (
        Fraction(each[1]) if each else None,
        Fraction(blank[1]) if blank else None,
        Fraction(total[1]) if total else None,
        int(count[1]) if count else None,
    )


def take_tag(text: str, flat: str) -> tuple[str, str, str]:
    """Take a tag such as [多选] or （单选，2分） off either end of a stem: the stem, the type, the points or ""."""
    start = _TAG_AT_START.match(flat) or _WORD_AT_START.match(flat) or _WORD_BEFORE_ROOM.match(flat)
    if start:
        # A survey marks what must be answered by a star at the end.
        return (
            re.sub(r"\s[*]$", "", text[start.end() :].rstrip()),
            TYPE_WORDS[start["type"].lower()],
            start["points"] or "",
        )
    end = _TAG_AT_END.search(flat, max(0, len(flat) - 60))
    if end:
        return text[: end.start()] + end["stop"], TYPE_WORDS[end["type"].lower()], end["points"] or ""
    return text, "", ""


def tag_at_start(flat: str) -> re.Match[str] | None:
    """Return the tag that a line begins with, such as 【单选题】, None for any other line."""
    return _TAG_AT_START.match(flat)


def tag_alone(flat: str) -> tuple[str, str] | None:
    """Return type and points of a line that is nothing but a tag: 【单选题】."""
    match = _TAG_AT_START.fullmatch(flat)
    return (TYPE_WORDS[match["type"].lower()], match["points"] or "") if match else None


def is_page_mark(flat: str) -> bool:
    """Whether a line is what printing adds: 第 1 页 共 5 页, - 3 -, a rule of dashes."""
    return (
        len(flat) <= 120 and _PAGE.match(flat) is not None and bool(re.search(r"页|page|以下|[-—–/_=*·.~]", flat, re.I))
    )


def is_form(flat: str) -> bool:
    """Whether a line is the form at the head of a paper: 姓名：____ 单位：____, or its table of scores."""
    return len(flat) <= 200 and bool(_FORM.match(flat) or _SCORES.match(flat))


def is_instruction(flat: str) -> bool:
    """Whether a line tells how the part below it is to be answered: 请结合所学知识，阅读材料后作答。"""
    return len(flat) <= 80 and _INSTRUCTION.match(flat) is not None


def is_key_title(flat: str) -> bool:
    """Whether a line says that keys follow: 参考答案, 附：标准答案及解析."""
    return len(flat) <= 60 and _KEYS.match(flat) is not None
