"""A mark such as （2分） in a stem that another system wrote moves to the points, out of the plain text and out of the rich one."""

from typing import Any

import pytest

from question_bank.formats import gift, moodle_xml
from question_bank.formats.points_in_stems import take_points
from question_bank.formats.qti.items import read_items
from question_bank.formats.report import ImportedItem
from question_bank.formats.texts import take_points_mark_above
from tests.support.qti import SCORE, as_qti_3, item_xml, response, template

CHOICES = '<simpleChoice identifier="A">甲</simpleChoice><simpleChoice identifier="B">乙</simpleChoice>'


def choice(prompt: str, name: str = "RESPONSE") -> str:
    return f'<choiceInteraction responseIdentifier="{name}" maxChoices="1"><prompt>{prompt}</prompt>{CHOICES}</choiceInteraction>'


def qti(body: str, outcomes: str = SCORE, declarations: str = "") -> dict[str, Any]:
    declared = declarations or response(correct=("A",))
    data = item_xml(declared, body, template("match_correct"), outcomes=outcomes)
    report = read_items(data, "a.xml").as_json()
    assert read_items(as_qti_3(data), "a.xml").as_json() == report
    return report


def maximum(points: str) -> str:
    stated = f'cardinality="single" baseType="float"><defaultValue><value>{points}</value></defaultValue>'
    return f'{SCORE}<outcomeDeclaration identifier="MAXSCORE" {stated}</outcomeDeclaration>'


@pytest.mark.parametrize(
    ("prompt", "stem", "html", "points"),
    [
        ("首都是（　）。（2分）", "首都是（　）。", "", "2.00"),
        ("（本题1.5分）首都是（　）。", "首都是（　）。", "", "1.50"),
        ("<b>首都</b>是（　）。【3分】", "首都是（　）。", "<div><b>首都</b>是（　）。</div>", "3.00"),
        ("满 10 分（含 10 分）的", "满 10 分（含 10 分）的", "", None),
    ],
)
def test_a_mark_in_a_qti_item_is_its_points(prompt: str, stem: str, html: str, points: str | None) -> None:
    report = qti(choice(prompt))
    (item,) = report["items"]
    assert (item["stem"], item.get("html", ""), item["points"]) == (stem, html, points)
    assert report["problems"] == []


@pytest.mark.parametrize(("stated", "points", "told"), [("2", "2.00", 0), ("1", "2.00", 1), ("3", "3.00", 1)])
def test_points_that_a_qti_item_states_otherwise_are_told(stated: str, points: str, told: int) -> None:
    report = qti(choice("首都是（　）。（2分）"), maximum(stated))
    assert (report["items"][0]["points"], len(report["problems"])) == (points, told)
    assert all(problem["column"] == "分值" for problem in report["problems"])


TWO = response(correct=("A",), identifier="R1") + response(correct=("B",), identifier="R2")


def test_marks_of_the_parts_are_the_points_of_the_parts() -> None:
    report = qti(f"<p>材料</p>{choice('一（2分）', 'R1')}{choice('二（3分）', 'R2')}", declarations=TWO)
    (item,) = report["items"]
    assert [(part["stem"], part["points"]) for part in item["parts"]] == [("一", "2.00"), ("二", "3.00")]
    assert report["problems"] == []


def test_points_of_a_qti_case_are_divided_among_parts_that_state_none() -> None:
    report = qti(f"<p>材料</p>{choice('一', 'R1')}{choice('二（3分）', 'R2')}", maximum("4"), TWO)
    (item,) = report["items"]
    assert (item["points"], [part["points"] for part in item["parts"]]) == ("4.00", ["1.00", "3.00"])
    (problem,) = report["problems"]
    assert "整题 4 分平均分给没有写的小题" in problem["reason"]


@pytest.mark.parametrize(
    ("html", "rest"),
    [
        ("<p>首都是<b>哪里</b>？（2分）</p>", "<p>首都是<b>哪里</b>？</p>"),
        ("<p>（2分）首都是<b>哪里</b>？</p>", "<p>首都是<b>哪里</b>？</p>"),
        ("<p>首都是<b>哪里</b>？<span>（2分）</span></p>", "<p>首都是<b>哪里</b>？<span></span></p>"),
        ("<p>首都是哪里？</p><p>(2分)&nbsp;</p>", ""),
    ],
)
def test_a_mark_leaves_the_rich_text_of_moodle_as_well(html: str, rest: str) -> None:
    answers = '<answer fraction="100"><text>甲</text></answer><answer fraction="0"><text>乙</text></answer>'
    text = f'<questiontext format="html"><text><![CDATA[{html}]]></text></questiontext>'
    document = f'<quiz><question type="multichoice">{text}<single>true</single>{answers}</question></quiz>'
    (item,) = moodle_xml.read_items(document.encode(), "a.xml").items
    assert (item.stem, item.html, item.points_hundredths) == ("首都是哪里？", rest, 200)
    escaped = html.replace("=", "\\=")
    (item,) = gift.read_items(f"[html]{escaped}{{=甲 ~乙}}".encode(), "a.gift").items
    assert (item.stem, item.html, item.points_hundredths) == ("首都是哪里？", rest, 200)


def test_points_with_halves_are_told_as_people_write_them() -> None:
    item = ImportedItem("", "essay", "写。（2.5分）", points_hundredths=350)
    read, doubt = take_points(item, preset=True)
    assert (read.stem, read.points_hundredths) == ("写。", 350)
    assert doubt == "题干里写着 2.5 分，文件另写着 3.5 分，按后者读取"


@pytest.mark.parametrize(
    ("stem", "rest", "points"),
    [
        ("阅读材料，回答问题。（10分）\n某局有三个科室。", "阅读材料，回答问题。\n某局有三个科室。", 10),
        ("某局有三个科室，如下表（10分）：\n甲", "某局有三个科室，如下表（10分）：\n甲", None),
        (
            "材料如下。\n各科室人数见表。（8分）\n\ufdd00\ufdd1\n完",
            "材料如下。\n各科室人数见表。\n\ufdd00\ufdd1\n完",
            8,
        ),
        ("材料如下。\n甲局（8分）\n乙局", "材料如下。\n甲局（8分）\n乙局", None),
        ("甲（2分）\n乙（3分）\n丙", "甲（2分）\n乙（3分）\n丙", None),
        ("（4分）\n甲\n乙", "甲\n乙", 4),
    ],
)
def test_a_mark_above_the_material_of_a_stem_is_points(stem, rest, points):
    assert take_points_mark_above(stem) == (rest, points)
