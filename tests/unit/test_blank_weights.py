"""Blanks that are not worth the same: read from a cloze, marked exactly, written again."""

from fractions import Fraction

import pytest

from grading.scoring.marking import Question
from grading.scoring.scorers.fill_blank import KeyProblem, mark_blanks
from question_bank.formats.exporting import WRITERS, write_items
from question_bank.formats.read_back import differences
from question_bank.formats.reading import read_report
from question_bank.formats.report import ImportedItem
from question_bank.item_types.fields import FieldProblem, Fields
from question_bank.item_types.fill_blank import FillBlank, weights_of

KEY = (("甲",), ("乙",), ("丙",))
ITEM = ImportedItem("", "fill_blank", "一____二____三____。", key=KEY, points_hundredths=600, weights=(1, 2, 3))
CONTENT = {"stem": ITEM.stem, "blanks": 3}


@pytest.mark.parametrize(
    ("answers", "policy", "hundredths"),
    [
        (["甲", "乙", "丙"], "proportional", 600),
        (["", "乙", ""], "proportional", 200),
        (["错", "乙", "丙"], "proportional", 500),
        (["甲", "乙", "错"], "all_or_nothing", 0),
    ],
)
def test_each_blank_earns_its_own_points(answers, policy, hundredths):
    marked = mark_blanks(Question("fill_blank", policy, Fraction(6), KEY, weights=(1, 2, 3)), answers)
    assert marked.score_hundredths == hundredths
    assert policy != "proportional" or "各空按 1:2:3 给分" in marked.arithmetic


def test_a_third_is_rounded_once():
    question = Question("fill_blank", "proportional", Fraction(1), KEY[:2], weights=(1, 2))
    assert mark_blanks(question, ["甲", ""]).score_hundredths == 33
    assert mark_blanks(question, ["", "乙"]).score_hundredths == 67


def test_weights_that_do_not_fit_the_blanks_are_no_key():
    with pytest.raises(KeyProblem):
        mark_blanks(Question("fill_blank", "proportional", Fraction(1), KEY, weights=(1, 2)), ["甲"])


@pytest.mark.parametrize("format_name", ["moodle-xml", "qti"])
def test_weights_go_out_and_come_back(format_name):
    data, problems = write_items(format_name, [ITEM])
    assert problems == []
    (back,) = read_report(data, f"a{WRITERS[format_name].suffix}", format_name).items
    assert differences(ITEM, back) == []


def test_a_format_without_weights_says_so():
    _data, problems = write_items("excel", [ITEM])
    assert "各空的分值" in problems[0].reason


@pytest.mark.parametrize(
    ("numbers", "weights"), [([2, 4], (1, 2)), ([3, 3], ()), ([5], ()), ([], ()), ([0, 2], (0, 1)), ([3, 1], (3, 1))]
)
def test_weights_are_as_small_as_they_can_be_and_none_where_all_are_the_same(numbers, weights):
    assert weights_of(numbers) == weights


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ({"weights": [1, 2]}, "有 3 个空，却有 2 个分值之比"),
        ({"weights": [0, 0, 0]}, "不能都是 0"),
        ({"weights": [1, 2, -1]}, "0 到 9999"),
        ({"weights": [1, 2, 3], "order_free": True}, "不分先后"),
    ],
)
def test_weights_that_cannot_be_are_named(key, told):
    faults = FillBlank().validate(CONTENT, {"key": [list(one) for one in KEY]} | key)
    assert any(told in fault.message for fault in faults)


def test_an_author_writes_weights_and_finds_them_again():
    kind = FillBlank()
    fields = {"blanks": ["甲\n乙\n丙"], "weights": ["2：4：6"]}
    content, key = kind.written(ITEM.stem, Fields(fields))
    assert key["weights"] == [1, 2, 3]
    assert kind.fields(content, key)["weights"] == ["1:2:3"]
    assert "1:2:3" in kind.key_text(content, key)
    with pytest.raises(FieldProblem):
        kind.written(ITEM.stem, Fields(fields | {"weights": ["一:二:三"]}))
