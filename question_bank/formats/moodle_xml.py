"""Items from Moodle XML. `question N` counts all ``<question>`` elements of the file from 1, categories among them, so that the
place can be found by counting. Types that we do not hold are errors at their place; nothing is left out in silence."""

from decimal import ROUND_HALF_UP, Decimal
from itertools import islice
from pathlib import Path

from lxml import etree

from core.archives import UnreadableFile
from core.xml import parse_xml
from question_bank.formats import moodle_items as build
from question_bank.formats import moodle_xml_types as types
from question_bank.formats.carried import regrouped
from question_bank.formats.html_text import tidy
from question_bank.formats.moodle_items import Doubts, NotRead
from question_bank.formats.moodle_text import category_name, number, rich_text, two_places
from question_bank.formats.moodle_xml_texts import Texts, words
from question_bank.formats.report import ImportedItem, Problem, Report, sentence_parts

# Occasions of the combined feedback, and the elements that hold it.
COMBINED = (
    ("correct", "correctfeedback"),
    ("partially correct", "partiallycorrectfeedback"),
    ("incorrect", "incorrectfeedback"),
)
# What a person would do with a question of a type that we do not hold.
_NOT_HELD = {
    "calculated": "带变量的计算题",
    "calculatedsimple": "带变量的计算题",
    "calculatedmulti": "带变量的选择题",
    "ddimageortext": "在图片上拖放",
    "ddmarker": "在图片上标记",
    "random": "随机抽题的占位",
    "randomsamatch": "随机配对题",
    "missingtype": "原系统也不认识的题型",
}


def read_items(source: Path | str | bytes, filename: str) -> Report:
    """Return everything that a Moodle XML file says. Never raises for what is in the file."""
    try:
        data = source if isinstance(source, bytes) else Path(source).read_bytes()
        # Some programs leave an empty line in front of the XML declaration, where none may stand.
        root = parse_xml(data.lstrip(b" \t\r\n"))
        if root.tag != "quiz":
            shown = tidy(str(etree.QName(root).localname))[:40]
            raise UnreadableFile(
                f"文件的最外层是 <{shown}>，不是 Moodle XML 的 <quiz>；请在 Moodle 题库里导出为“Moodle XML 格式”。"
            )
    except UnreadableFile as refusal:
        return Report.unreadable("moodle-xml", *sentence_parts(refusal.message))
    report = Report("moodle-xml")
    category = ""
    for position, question in enumerate(root.iterchildren("question"), 1):
        if question.get("type") == "category":
            category = category_name(tidy(words(question, "category/text") or words(question, "category")))
            continue
        doubts = Doubts(f"question {position}")
        try:
            report.items.append(_item(question, category, doubts))
        except NotRead as problem:
            doubts.add(problem.column, "error", problem.reason, problem.mend)
            report.unfinished.extend(_unfinished(question, doubts.ref))
        report.problems.extend(doubts.found)
    report.items[:] = regrouped(report.items)
    if not report.items and not report.problems:
        report.problems.append(Problem("file", "", "error", "文件里没有试题", "检查是否选错了文件，或导出的类别是空的"))
    return report


def _item(question: etree._Element, category: str, doubts: Doubts) -> ImportedItem:
    kind = (question.get("type") or "").strip()
    reader = types.READERS.get(kind)
    if reader is None:
        known = f"（{_NOT_HELD[kind]}）" if kind in _NOT_HELD else ""
        reason = f"Moodle 题型“{tidy(kind)[:40]}”{known}不支持，没有读取" if kind else "没有写明题型，没有读取"
        raise NotRead("题型", reason, "在 Moodle 里改为支持的题型后再导出，或手工录入")
    texts = Texts(question, doubts)
    stem, content = reader(question, texts, doubts)
    _note_hidden(question, doubts)
    content.setdefault("points_hundredths", _points(question, content["type"], doubts))
    feedback = (*content.pop("feedback", ()), *_combined(question, texts))
    item = ImportedItem(
        ref=doubts.ref,
        stem=stem.plain,
        html=stem.html,
        title=" ".join(tidy(words(question, "name/text")).split()),
        rationale=texts.said("generalfeedback"),
        knowledge_points=(category,) if category else (),
        tags=_tags(question),
        idnumber=tidy(words(question, "idnumber")),
        penalty=_penalty(question),
        feedback=feedback,
        media=texts.media,
        **content,
    )
    return build.finished(item, doubts)


def _unfinished(question: etree._Element, ref: str) -> tuple[ImportedItem, ...]:
    try:
        texts = Texts(question, Doubts(ref))
        stem = rich_text(*texts.source(question.find("questiontext"))).plain
        answers = islice(question.iterchildren("answer"), build.MOST_OPTIONS)
        options = [rich_text(*texts.source(answer)).plain for answer in answers if "choice" in question.get("type", "")]
    except NotRead:
        return ()
    kept = [option for option in options if option]
    return build.unfinished(ref, stem, kept, "true_false" if question.get("type") == "truefalse" else "")


def _points(question: etree._Element, item_type: str, doubts: Doubts) -> int | None:
    stated = words(question, "defaultgrade")
    points = number(stated)
    if item_type == "description" or not stated:
        return None
    if points is None or not 0 < points <= 1000:
        doubts.add("分值", "warning", f"分值“{tidy(stated)[:20]}”不能用，没有读取", "填写大于 0、不超过 1000 的分值")
        return None
    hundredths = points * 100
    rounded = int(hundredths.quantize(Decimal(1), ROUND_HALF_UP))
    if hundredths != rounded:
        doubts.add(
            "分值", "warning", f"分值 {stated[:20]} 超过两位小数，按 {Decimal(rounded) / 100:f} 读取", "核对分值"
        )
    return rounded or None


def _penalty(question: etree._Element) -> Decimal | None:
    stated = number(words(question, "penalty"))
    return None if stated is None else two_places(stated)


def _note_hidden(question: etree._Element, doubts: Doubts) -> None:
    if words(question, "hidden") in ("1", "true"):
        doubts.add("", "warning", "这道题在 Moodle 里已隐藏（停用的旧题）", "核对是否还要导入")


def _tags(question: etree._Element) -> tuple[str, ...]:
    found = [tidy(words(tag, "text")) for tag in (*question.iterfind("tags/tag"), *question.iterfind("coursetags/tag"))]
    return tuple(dict.fromkeys(filter(None, found)))


def _combined(question: etree._Element, texts: Texts) -> tuple[tuple[str, str], ...]:
    said = [(when, texts.said(path)) for when, path in COMBINED]
    hints = (texts.said(".", hint) or texts.said("hintcontent", hint) for hint in question.iterfind("hint"))
    said.extend((f"hint {place}", text) for place, text in enumerate(hints, 1))
    said.extend((when, texts.said(when)) for when in ("graderinfo", "responsetemplate"))
    return tuple((when, text) for when, text in said if text)
