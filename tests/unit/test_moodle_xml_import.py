"""Moodle XML: what single constructs mean, every doubt at its question, and files meant to do harm."""

import json
import time
from decimal import Decimal
from html import escape
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from question_bank.formats.moodle_xml import read_items
from question_bank.formats.report import ImportedItem, Report

ONE = '<answer fraction="100"><text>甲</text></answer>'
TWO = '<answer fraction="100"><text>甲</text></answer><answer fraction="0"><text>乙</text></answer>'


def read(*questions: str) -> Report:
    return read_items(f"<quiz>{''.join(questions)}</quiz>".encode(), "a.xml")


def question(kind: str, inside: str, stem: str = "题干", text_format: str = "html") -> str:
    text = f'<questiontext format="{text_format}"><text>{escape(stem)}</text></questiontext>'
    return f'<question type="{kind}"><name><text>标题</text></name>{text}{inside}</question>'


def one(kind: str, inside: str, stem: str = "题干", text_format: str = "html") -> ImportedItem:
    report = read(question(kind, inside, stem, text_format))
    assert report.problems == []
    return report.items[0]


def keys(item: ImportedItem) -> Any:
    return item.as_json()["key"]


@pytest.mark.parametrize(
    ("stem", "text_format", "plain", "html"),
    [
        ("<p>a &lt; b</p>", "html", "a < b", ""),
        ("<p>甲<b>乙</b></p>", "html", "甲乙", "<p>甲<b>乙</b></p>"),
        ("a < b <b>", "plain_text", "a < b <b>", ""),
        ("**甲**", "markdown", "甲", "<p><strong>甲</strong></p>"),
        ("甲\n乙", "moodle_auto_format", "甲\n乙", ""),
        ("甲\n<b>乙</b>", "moodle_auto_format", "甲\n乙", "甲<br>\n<b>乙</b>"),
        ("$$x<y$$", "plain_text", "\\(x<y\\)", ""),
        ("_____ 起施行", "html", "____ 起施行", ""),
    ],
)
def test_each_text_format_gives_plain_text_and_html_where_it_says_more(
    stem: str, text_format: str, plain: str, html: str
) -> None:
    item = one("description", "", stem, text_format)
    assert (item.stem, item.html) == (plain, html)


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_the_encoding_that_the_file_declares_is_used(encoding: str) -> None:
    data = f'<?xml version="1.0" encoding="{encoding}"?><quiz>{question("essay", "", "公务员")}</quiz>'.encode(encoding)
    assert [item.stem for item in read_items(data, "a.xml").items] == ["公务员"]
    assert read_items(b"\n " + data, "a.xml").errors == [] or encoding == "utf-16"


def test_the_place_counts_every_question_element_categories_among_them() -> None:
    category = '<question type="category"><category><text>$course$/top/甲</text></category></question>'
    report = read(category, question("multichoice", TWO), category, question("random", ""), question("essay", ""))
    assert [item.ref for item in report.items] == ["question 2", "question 5"]
    assert [problem.ref for problem in report.problems] == ["question 4"]
    assert {item.knowledge_points for item in report.items} == {("甲",)}


@pytest.mark.parametrize(("single", "kind"), [("true", "single_choice"), ("1", "single_choice"), ("false", "multiple_choice"), ("0", "multiple_choice")])  # fmt: skip
def test_single_decides_between_one_answer_and_several(single: str, kind: str) -> None:
    assert one("multichoice", f"<single>{single}</single>{TWO}").type == kind


def test_the_all_or_nothing_add_on_is_a_multiple_choice_without_shares() -> None:
    item = one("multichoiceset", f"<single>false</single>{TWO}{ONE.replace('甲', '丙')}")
    assert (item.type, keys(item)) == ("multiple_choice", ["A", "C"])
    assert {option.fraction for option in item.options} == {None}


def test_percentages_become_exact_shares() -> None:
    answers = "".join(
        f'<answer fraction="{percent}"><text>{percent}</text></answer>' for percent in ("100", "33.33333", "-12.5", "0")
    )
    (item,) = read(question("multichoice", answers)).items
    assert [option.as_json()["fraction"] for option in item.options] == ["1.00", "0.3333333", "-0.125", "0.00"]
    assert keys(item) == ["A"]


@pytest.mark.parametrize(
    ("answer", "low", "high"),
    [
        ("<text>5</text><tolerance>0</tolerance>", "5", "5"),
        ("<text>3.14</text><tolerance>0.005</tolerance>", "3.135", "3.145"),
        ("<text>-2</text><tolerance>0.5</tolerance>", "-2.5", "-1.5"),
        ("<text>200</text><tolerance>0.05</tolerance><tolerancetype>1</tolerancetype>", "190", "210"),
        ("<text>1,5</text>", "1.5", "1.5"),
        ("<text>2e3</text><tolerance>1</tolerance>", "1999", "2001"),
    ],
)
def test_tolerances_are_bounds_that_both_count(answer: str, low: str, high: str) -> None:
    item = one("numerical", f'<answer fraction="100">{answer}</answer>')
    assert keys(item) == [{"low": low, "high": high, "fraction": "1.00"}]


@pytest.mark.parametrize(
    ("text", "usecase", "key"),
    [
        ("甲", "0", "甲"),
        ("甲*", "0", {"text": "甲*", "fraction": "1.00", "case_sensitive": False, "pattern": True}),
        ("甲\\*", "0", "甲*"),
        ("甲", "1", {"text": "甲", "fraction": "1.00", "case_sensitive": True, "pattern": False}),
    ],
)
def test_a_star_stands_for_anything_unless_escaped_and_case_counts_where_said(
    text: str, usecase: str, key: Any
) -> None:
    item = one("shortanswer", f'<usecase>{usecase}</usecase><answer fraction="100"><text>{text}</text></answer>')
    assert keys(item) == [[key]]


def test_points_penalty_and_hints_are_kept() -> None:
    inside = f"<defaultgrade>2.5</defaultgrade><penalty>0.3333333</penalty><hint><text>一</text></hint><hint><text>二</text></hint>{TWO}"
    item = one("multichoice", inside)
    assert (item.points_hundredths, item.penalty) == (250, Decimal("0.3333333"))
    assert item.feedback == (("hint 1", "一"), ("hint 2", "二"))


def test_a_points_mark_moves_from_the_stem() -> None:
    assert one("multichoice", TWO, "题干（2分）").points_hundredths == 200
    report = read(question("multichoice", f"<defaultgrade>3</defaultgrade>{TWO}", "题干（2分）"))
    assert (report.items[0].stem, report.items[0].points_hundredths) == ("题干", 300)
    assert "2 分" in report.problems[0].reason


@pytest.mark.parametrize(
    ("questions", "severity", "words"),
    [
        (question("calculated", TWO), "error", "calculated"),
        (question("stack", TWO), "error", "stack"),
        (question("", TWO), "error", "没有写明题型"),
        (question("multichoice", TWO, ""), "error", "题干是空的"),
        (question("multichoice", ONE), "error", "只有 1 个选项"),
        (question("shortanswer", ""), "error", "没有答案"),
        (question("numerical", '<answer fraction="100"><text>甲</text></answer>'), "error", "不是数字"),
        (question("numerical", '<answer fraction="100"><text>1</text><tolerance>x</tolerance></answer>'), "error", "不是数字"),
        (question("numerical", '<answer fraction="100"><text>1e9999999</text></answer>'), "error", "不是数字"),
        (question("truefalse", ""), "error", "判断题有 0 个答案"),
        (question("matching", ""), "error", "没有可以相配"),
        (question("gapselect", "", "[[1]]"), "error", "对不上"),
        (question("ordering", ONE), "error", "1 个要排序"),
        (question("cloze", "", "{1:SHORTANSWER:=甲"), "error", "右花括号"),
        (question("multichoice", TWO.replace("100", "0")), "warning", "没有正确选项"),
        (question("multichoice", TWO.replace("100", "60")), "warning", "没有得满分"),
        (question("multichoice", TWO.replace("100", "很多") + TWO), "warning", "得分比例"),
        (question("multichoice", f"<defaultgrade>很多</defaultgrade>{TWO}"), "warning", "分值“很多”"),
        (question("multichoice", f"<hidden>1</hidden>{TWO}"), "warning", "已隐藏"),
        (question("truefalse", TWO), "warning", "按先正确"),
    ],
)  # fmt: skip
def test_every_doubt_is_named_at_its_question(questions: str, severity: str, words: str) -> None:
    report = read(questions)
    assert [(problem.ref, problem.severity) for problem in report.problems] == [("question 1", severity)]
    assert words in report.problems[0].reason
    assert report.problems[0].mend
    assert len(report.items) == (severity == "warning")


def test_what_a_question_with_errors_says_is_kept_for_a_person_to_complete() -> None:
    report = read(
        question("calculatedmulti", TWO, "{a} 加 {b}"), question("multichoice", ONE), question("random", "", "")
    )
    kept = [(item.ref, item.type, item.stem, [option.text for option in item.options]) for item in report.unfinished]
    assert (
        kept == [("question 2", "single_choice", "题干", ["甲"]), ("question 1", "fill_blank", "{a} 加 {b}", [])][::-1]
    )


BOMB = '<?xml version="1.0"?><!DOCTYPE q [<!ENTITY a "aaaaaaaaaa">' + "".join(
    f'<!ENTITY {name} "{"&" + before + ";"}{"&" + before + ";"}">' for before, name in zip("abcdefgh", "bcdefghi", strict=True)
) + "]><quiz>&i;</quiz>"  # fmt: skip


@pytest.mark.parametrize(
    "data",
    [
        BOMB.encode(),
        b'<!DOCTYPE quiz [<!ENTITY x SYSTEM "file:///etc/passwd">]><quiz>&x;</quiz>',
        b"<quiz>" + b"<a>" * 100_000,
        b"<quiz>" + b"<a>" * 10_000 + b"</a>" * 10_000 + b"</quiz>",
        b"<quiz><question>",
        b"<quiz/>",
        b"",
        b"<html></html>",
        b"\x00" * 1000,
        b'<quiz><question type="multichoice">' + b"<answer/>" * 300_000 + b"</question></quiz>",
        ("<quiz>" + question("cloze", "", "{1:SA:=" + "~a" * 100_000)[:-11] + "</question></quiz>").encode(),
        ("<quiz>" + question("cloze", "", "{1:SA:=a}" * 20_000) + "</quiz>").encode(),
        ("<quiz>" + question("cloze", "", "{1:SA:" * 200_000) + "</quiz>").encode(),
        ("<quiz>" + question("essay", "", "<p>" * 1_000_000) + "</quiz>").encode(),
        ("<quiz>" + question("matching", "<subquestion/>" * 200_000) + "</quiz>").encode(),
        ("<quiz>" + question("gapselect", "<selectoption/>" * 200_000, "[[1]]" * 50_000) + "</quiz>").encode(),
        ("<quiz>" + question("essay", "", "@@PLUGINFILE@@/" * 200_000) + "</quiz>").encode(),
    ],
    ids=range(17),
)
def test_a_hostile_file_ends_quickly_with_a_sentence(data: bytes) -> None:
    begun = time.process_time()
    report = read_items(data, "a.xml")
    assert time.process_time() - begun < 10
    assert report.items == []
    assert report.errors
    assert "passwd" not in json.dumps(report.as_json())


NAMES = st.sampled_from(
    ["question", "text", "answer", "questiontext", "file", "subquestion", "selectoption", "tolerance", "tags", "hint"]
)
KINDS = st.sampled_from(
    ["multichoice", "truefalse", "shortanswer", "numerical", "matching", "essay", "cloze", "ordering", "gapselect"]
)
WORDS = st.sampled_from(
    ["", "甲", "3", "true", "{1:SA:=甲~%5%乙}", "{1:NM:=x}", "[[1]]", "100", "<b>", "*", "1e5"]
).map(escape)


@settings(max_examples=150)
@given(
    KINDS, st.recursive(WORDS, lambda inner: st.builds(lambda name, parts: f'<{name} fraction="100">{"".join(parts)}</{name}>', NAMES, st.lists(inner, max_size=4)), max_leaves=12)
)  # fmt: skip
def test_any_elements_give_an_item_or_a_problem(kind: str, inside: str) -> None:
    report = read(
        f'<question type="{kind}"><questiontext><text>题 {{1:SA:=甲}} [[1]]</text></questiontext>{inside}</question>'
    )
    json.dumps(report.as_json(), ensure_ascii=False).encode()
    assert report.items or report.errors


def test_a_category_of_old_moodle_stands_without_a_text_of_its_own() -> None:
    category = '<question type="category"><category>$course$/旧题库</category></question>'
    assert read(category, question("shortanswer", ONE)).items[0].knowledge_points == ("旧题库",)
