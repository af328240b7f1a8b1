"""Each question type of Moodle XML that we hold: one function that returns the stem and what the item's type needs."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from lxml import etree

from question_bank.formats import cloze
from question_bank.formats import moodle_items as build
from question_bank.formats.html_text import tidy
from question_bank.formats.moodle_items import Answer, Doubts, NotRead
from question_bank.formats.moodle_ordering import note_marking, ordering
from question_bank.formats.moodle_text import Rich, number, rich_text, share
from question_bank.formats.moodle_xml_texts import Texts, words
from question_bank.item_types.fill_blank import BLANK

Read = tuple[Rich, dict[str, Any]]
Reader = Callable[[etree._Element, Texts, Doubts], Read]

_PLACE = re.compile(r"\[\[([0-9]{1,3})\]\]")


def _stem(question: etree._Element, texts: Texts) -> Rich:
    rich = texts.rich(question.find("questiontext"))
    # Files of Moodle 1 stand beside the text.
    name, data = words(question, "image"), question.find("image_base64")
    if name and data is not None and (data.text or "").strip():
        file = etree.Element("questiontext")
        etree.SubElement(file, "file", name=name.replace("/", "_")).text = data.text
        html = f'{rich.html or rich.plain} <img src="@@PLUGINFILE@@/{name.replace("/", "_")}">'
        return texts.with_files(Rich(rich.plain, html), file)
    return rich


def _share(answer: etree._Element, doubts: Doubts) -> Decimal:
    stated = answer.get("fraction")
    found = share(stated) if stated else build.NONE
    if found is None or abs(found) > 1:
        doubts.add(
            "答案", "warning", f"得分比例“{tidy(stated or '')[:20]}”不对，按 0 读取", "改为 -100 到 100 之间的数"
        )
        return build.NONE
    return found


def _answers(question: etree._Element, texts: Texts, doubts: Doubts, rich: bool) -> list[Answer]:
    """Return the answers; their texts are plain unless `rich`."""
    found: list[Answer] = []
    for answer in question.iterchildren("answer"):
        if len(found) > build.MOST_ACCEPTED:
            break
        text = texts.rich(answer) if rich else Rich(tidy(texts.source(answer)[0]))
        found.append(
            Answer(
                text,
                _share(answer, doubts),
                texts.said("feedback", answer),
                True,
                words(answer, "tolerance", "0") or "0",
                words(answer, "tolerancetype", "2"),
            )
        )
    return found


def _choice(question: etree._Element, texts: Texts, doubts: Doubts) -> Read:
    # Every right answer of the all-or-nothing add-on has the whole share: nothing is to be added up.
    several = words(question, "single", "true") in ("false", "0", "")
    single = not several or question.get("type") == "multichoiceset"
    stem = _stem(question, texts)
    count = sum(1 for _ in question.iterchildren("answer"))
    if count > build.MOST_OPTIONS:
        raise NotRead("选项", f"有 {count} 个选项，最多 {build.MOST_OPTIONS} 个", "减少选项或拆成几题")
    return stem, build.choice(single, _answers(question, texts, doubts, rich=True), doubts)


def _all_or_nothing(question: etree._Element, texts: Texts, doubts: Doubts) -> Read:
    """The add-on that marks several answers as a whole: which are right is stated, shares are not."""
    stem, content = _choice(question, texts, doubts)
    options = tuple(replace(option, fraction=None) for option in content["options"])
    return stem, {**content, "type": "multiple_choice", "options": options}


def _truth(question: etree._Element, texts: Texts, doubts: Doubts) -> Read:
    answers = _answers(question, texts, doubts, rich=False)
    by_text = {answer.text.plain.lower(): answer for answer in answers}
    if not {"true", "false"} & set(by_text):
        if len(answers) != 2:
            raise NotRead(
                "答案", f"判断题有 {len(answers)} 个答案，应为 true 和 false 两个", "在 Moodle 里改正后再导出"
            )
        shown = "、".join(answer.text.plain[:10] for answer in answers)
        doubts.add(
            "答案", "warning", f"判断题的答案写作“{shown}”，按先正确、后错误读取", "核对答案，改写为 true 和 false"
        )
        by_text = {"true": answers[0], "false": answers[1]}
    right, wrong = by_text.get("true"), by_text.get("false")
    is_true = right.share == 1 if right else wrong is not None and wrong.share != 1
    if right and wrong and {right.share, wrong.share} != {build.WHOLE, build.NONE}:
        doubts.add("答案", "warning", "判断题的得分比例不是一个 100、一个 0", "核对答案")
    said = [answer.feedback if answer else "" for answer in (right, wrong)]
    return _stem(question, texts), build.truth(is_true, *said)


def _short_answer(question: etree._Element, texts: Texts, doubts: Doubts) -> Read:
    case_sensitive = words(question, "usecase", "0") in ("1", "true")
    return _stem(question, texts), build.blank(_answers(question, texts, doubts, rich=False), case_sensitive, doubts)


def _numerical(question: etree._Element, texts: Texts, doubts: Doubts) -> Read:
    units = [
        f"{tidy(words(unit, 'unit_name'))[:20]}（×{tidy(words(unit, 'multiplier', '1'))[:12]}）"
        for unit in list(question.iterfind("units/unit"))[:10]
    ]
    if units:
        graded = "，单位也计分" if words(question, "unitgradingtype", "0") not in ("0", "") else ""
        reason = f"单位没有导入：{'、'.join(units)}{graded}；只比较数值"
        doubts.add("答案", "warning", reason, "在题干里写明用什么单位")
    return _stem(question, texts), build.numeric(_answers(question, texts, doubts, rich=False), doubts)


def _matching(question: etree._Element, texts: Texts, doubts: Doubts) -> Read:
    stem = _stem(question, texts)
    pairs = []
    for pair in question.iterchildren("subquestion"):
        left = rich_text(*texts.source(pair))
        if pair.find("file") is not None or "<img" in left.html:
            doubts.add("选项", "warning", "连线题左边的图片没有导入", "改用文字，或导入后手工补入")
        right = pair.find("answer")
        formatted = right is not None and right.get("format") is not None
        pairs.append(
            (left.plain, rich_text(*texts.source(right)).plain if formatted else tidy(words(pair, "answer/text")))
        )
        if len(pairs) > build.MOST_ACCEPTED:
            break
    return stem, build.matching(pairs)


def _essay(question: etree._Element, texts: Texts, doubts: Doubts) -> Read:
    if number(words(question, "attachments", "0")) not in (None, Decimal(0)):
        doubts.add("", "warning", "这道题允许上传附件，附件的设置没有导入", "核对是否可以只用文字作答")
    return _stem(question, texts), {"type": "essay", "scorable": False}


def _description(question: etree._Element, texts: Texts, doubts: Doubts) -> Read:
    return _stem(question, texts), {"type": "description", "scorable": False}


def _cloze(question: etree._Element, texts: Texts, doubts: Doubts) -> Read:
    element = question.find("questiontext")
    stem, content = cloze.content(*texts.source(element), doubts)
    return texts.with_files(stem, element), content


def _ordering(question: etree._Element, texts: Texts, doubts: Doubts) -> Read:
    stem = _stem(question, texts)
    answers = list(question.iterchildren("answer"))
    if len(answers) > build.MOST_OPTIONS:
        raise NotRead("选项", f"有 {len(answers)} 个要排序的项目，最多 {build.MOST_OPTIONS} 个", "减少项目")
    places = [number(answer.get("fraction") or "") for answer in answers]
    if None not in places and len(set(places)) == len(places):
        answers = [answer for _, answer in sorted(zip(places, answers, strict=True), key=lambda pair: pair[0] or 0)]
    content = ordering([texts.rich(answer) for answer in answers])
    select = words(question, "selecttype") or words(question, "logical")
    count = number(words(question, "selectcount") or words(question, "studentsee") or "6")
    note_marking(words(question, "gradingtype"), select, int(count or 0), len(answers), doubts)
    return stem, content


def _gaps(question: etree._Element, texts: Texts, doubts: Doubts) -> Read:
    """Words to be chosen for gaps, from lists or by dragging: one gap is a single choice, several are pairs of gap and word."""
    element = question.find("questiontext")
    text, text_format = texts.source(element)
    stem = texts.with_files(rich_text(_PLACE.sub(BLANK, text), text_format), element)
    boxes = [*question.iterchildren("selectoption"), *question.iterchildren("dragbox")]
    held = [(rich_text(*texts.source(box)).plain, words(box, "group", "1")) for box in boxes[: 2 * build.MOST_ACCEPTED]]
    gaps = [int(place) for place in _PLACE.findall(text)]
    if not gaps or any(not 1 <= gap <= len(held) for gap in gaps):
        raise NotRead("题干", "题干里的空 [[n]] 与选项对不上", "在 Moodle 里改正后再导出")
    if len(gaps) == 1:
        return stem, _single_gap(held, gaps[0] - 1, doubts)
    right = [held[gap - 1][0] for gap in gaps]
    pairs = [(f"第 {place} 空", word) for place, word in enumerate(right, 1)]
    if len({group for _word, group in held}) > 1:
        doubts.add("选项", "warning", "各空的选项分成几组，导入后合成一组", "核对干扰项")
    return stem, build.matching([*pairs, *(("", word) for word, _group in held)])


def _single_gap(held: list[tuple[str, str]], right: int, doubts: Doubts) -> dict[str, Any]:
    answers = [
        Answer(Rich(word), build.WHOLE if place == right else build.NONE, stated=False)
        for place, (word, group) in enumerate(held)
        if group == held[right][1]
    ]
    return build.choice(True, answers, doubts)


READERS: Mapping[str, Reader] = {
    "multichoice": _choice,
    "multichoiceset": _all_or_nothing,
    "truefalse": _truth,
    "shortanswer": _short_answer,
    "numerical": _numerical,
    "matching": _matching,
    "match": _matching,
    "essay": _essay,
    "description": _description,
    "cloze": _cloze,
    "multianswer": _cloze,
    "ordering": _ordering,
    "gapselect": _gaps,
    "ddwtos": _gaps,
    "ddmatch": _matching,
}
