"""Where Moodle marks otherwise than we do, the import says so; where it deals out shares by a rule of its own, so do we.

The rules stand in Moodle's question/type/ordering, question/type/multichoice/question.php (grade_response) and
question/type/multianswer/questiontype.php (qtype_multianswer_extract_question).
"""

import pytest

from question_bank.formats import gift, moodle_xml
from question_bank.formats.report import Report


def ordering(settings: str, items: int = 4) -> Report:
    answers = "".join(f'<answer fraction="{n}"><text>第{n}步</text></answer>' for n in range(1, items + 1))
    text = '<questiontext format="html"><text>排序</text></questiontext>'
    return moodle_xml.read_items(
        f'<quiz><question type="ordering">{text}{settings}{answers}</question></quiz>'.encode(), ""
    )


def rule(grading: str, select: str = "ALL", count: int = 0) -> str:
    return f"<selecttype>{select}</selecttype><selectcount>{count}</selectcount><gradingtype>{grading}</gradingtype>"


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        (rule("ALL_OR_NOTHING"), []),
        (rule("ABSOLUTE_POSITION"), ["按放对位置的项数给分"]),
        (rule("RELATIVE_NEXT_INCLUDE_LAST"), ["末项也算"]),
        (rule("LONGEST_ORDERED_SUBSET"), ["先后正确的最多项数"]),
        (rule(""), ["按相邻两项的先后给分"]),
        (rule("ALL_OR_NOTHING", "RANDOM", 3), ["随机的 3 项来排，本系统用全部 4 项"]),
        (rule("ALL_OR_NOTHING", "CONTIGUOUS", 2), ["连续的 2 项"]),
        (rule("ALL_OR_NOTHING", "RANDOM", 9), []),
        ("<logical>0</logical><studentsee>2</studentsee><gradingtype>ALL_OR_NOTHING</gradingtype>", []),
    ],
)
def test_an_ordering_that_moodle_marks_by_another_rule_is_told(settings: str, told: list[str]) -> None:
    report = ordering(settings)
    assert report.items[0].key == ("A", "B", "C", "D")
    assert len(report.problems) == len(told)
    assert all(words in problem.reason for words, problem in zip(told, report.problems, strict=True))


def test_an_ordering_without_a_selection_shows_six_of_its_items_in_moodle() -> None:
    (problem,) = ordering("<gradingtype>ALL_OR_NOTHING</gradingtype>", 8).problems
    assert "随机的 6 项" in problem.reason


@pytest.mark.parametrize(
    ("head", "told"),
    [
        (">3 ALL VERTICAL ALL_OR_NOTHING SHOW none", []),
        (">3 ALL VERTICAL ABSOLUTE_POSITION", ["按放对位置的项数给分"]),
        (">3 ALL VERTICAL", ["按相邻两项的先后给分"]),
        (">2 RANDOM HORIZONTAL ALL_OR_NOTHING", ["随机的 2 项"]),
        (">2 CONTIGUOUS H RELATIVE", ["按相邻两项", "连续的 2 项"]),
        (">1 REL V ALL_OR_NOTHING", []),
        (">" + "9" * 5000, ["按相邻两项"]),
    ],
)
def test_an_ordering_of_gift_is_told_alike(head: str, told: list[str]) -> None:
    report = gift.read_items(f"排序{{{head}\n甲\n乙\n丙\n}}".encode(), "a.gift")
    assert report.items[0].key == ("A", "B", "C")
    assert len(report.problems) == len(told)
    assert all(words in problem.reason for words, problem in zip(told, report.problems, strict=True))


def test_a_single_choice_that_takes_marks_away_is_told() -> None:
    (item,) = (report := gift.read_items("首都？{=北京 ~%-50%上海 ~广州}".encode(), "a.gift")).items
    assert [option.fraction for option in item.options] == [1, -0.5, 0]
    (problem,) = report.problems
    assert "可得负分" in problem.reason
    assert "-0.50" in problem.reason


@pytest.mark.parametrize(
    ("gap", "shares", "key"),
    [
        ("=甲~=乙~丙", ["0.50", "0.50", "-0.50"], "AB"),
        ("=甲~=乙~=丙~丁", ["0.3333333", "0.3333333", "0.3333333", "-0.3333333"], "ABC"),
        ("%50%甲~%50%乙~丙", ["0.50", "0.50", "0.00"], "AB"),
        ("%30%甲~%10%乙~%-100%丙", ["0.75", "0.25", "-1.00"], "AB"),
        ("%33.33333%甲~%33.33333%乙~%33.33333%丙", ["0.3333333"] * 3, "ABC"),
        ("%12,5%甲~%87,5%乙", ["0.125", "0.875"], "AB"),
    ],
)
def test_what_is_right_in_a_gap_for_several_choices_adds_up_to_one(gap: str, shares: list[str], key: str) -> None:
    text = f'<questiontext format="html"><text>选 {{1:MR:{gap}}}</text></questiontext>'
    report = moodle_xml.read_items(f'<quiz><question type="cloze">{text}</question></quiz>'.encode(), "a.xml")
    assert report.problems == []
    (part,) = report.items[0].parts
    assert [str(option.fraction) for option in part.options] == shares
    assert part.key == tuple(key)


@pytest.mark.parametrize(
    ("answer", "kept"), [("a  b", "a  b"), ("a&nbsp;&nbsp;b", "a  b"), ("a\n   b", "a b"), ("<b>a</b>  b", "a b")]
)
def test_runs_of_spaces_in_the_answers_of_a_cloze_are_kept(answer: str, kept: str) -> None:
    text = f'<questiontext format="html"><text><![CDATA[写 {{1:SA:={answer}}}]]></text></questiontext>'
    (item,) = moodle_xml.read_items(f'<quiz><question type="cloze">{text}</question></quiz>'.encode(), "a.xml").items
    assert item.key == ((kept,),)
