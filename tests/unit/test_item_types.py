"""Item types: what they accept, what they refuse, and the canonical form of a response."""

from typing import Any

import pytest

from question_bank.item_types.base import BadResponse
from question_bank.item_types.registry import ITEM_TYPES, UnknownItemType, item_type
from question_bank.item_types.texts import MAX_STEM

OPTIONS = [{"label": "A", "text": "甲"}, {"label": "B", "text": "乙"}, {"label": "C", "text": "丙"}]
CHOICE = {"stem": "选哪个？", "options": OPTIONS}
BLANKS = {"stem": "甲____乙____", "blanks": 2}
STATEMENT = {"stem": "天是蓝的。"}
MATCHING = {
    "stem": "配对。",
    "left": [{"label": "1", "text": "甲"}, {"label": "2", "text": "乙"}],
    "right": [{"label": "A", "text": "阴木"}, {"label": "B", "text": "阳木"}, {"label": "C", "text": "阳火"}],
}
CASE = {
    "stem": "材料。",
    "parts": [
        {"type": "single_choice", "points_hundredths": 100, "content": CHOICE},
        {"type": "short_answer", "points_hundredths": 250, "content": STATEMENT},
        {"type": "matching", "points_hundredths": 50, "content": MATCHING},
    ],
}

SOUND: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "single_choice": (CHOICE, {"key": ["B"]}),
    "multiple_choice": (CHOICE, {"key": ["A", "C"]}),
    "true_false": (STATEMENT, {"key": ["false"]}),
    "fill_blank": (BLANKS, {"key": [["一", "壹"], ["二"]], "order_free": True}),
    "numeric": (STATEMENT, {"key": [{"low": "11.5", "high": "12.5"}, {"low": "10", "high": "14", "fraction": "0.5"}]}),
    "matching": (MATCHING, {"key": [["1", "B"], ["2", "A"]]}),
    "ordering": (CHOICE, {"key": ["C", "A", "B"]}),
    "short_answer": (STATEMENT, {"key": []}),
    "essay": (STATEMENT, {"key": []}),
    "description": (STATEMENT, {"key": []}),
    "case": (CASE, {"key": [{"key": ["B"], "rationale": "因为乙。"}, {"key": []}, {"key": [["1", "B"], ["2", "A"]]}]}),
}


def messages(name: str, content: dict[str, Any], key: dict[str, Any]) -> str:
    return "\n".join(str(fault) for fault in item_type(name).validate(content, key))


@pytest.mark.parametrize("name", ITEM_TYPES)
def test_a_sound_item_of_every_type_has_no_faults(name: str) -> None:
    assert item_type(name).validate(*SOUND[name]) == []


def test_an_unknown_type_is_named_in_the_error() -> None:
    with pytest.raises(UnknownItemType, match="hotspot"):
        item_type("hotspot")


@pytest.mark.parametrize(
    ("name", "content", "key", "expected"),
    [
        ("single_choice", CHOICE, {"key": []}, "没有答案"),
        ("single_choice", CHOICE, {"key": ["A", "B"]}, "只能有一个答案"),
        ("single_choice", CHOICE, {"key": ["E"]}, "答案 E 不在选项 A、B、C 之中"),
        ("single_choice", {"stem": " ", "options": OPTIONS}, {"key": ["A"]}, "题干是空的"),
        ("single_choice", {"stem": "题", "options": OPTIONS[:1]}, {"key": ["A"]}, "只有 1 个选项"),
        ("single_choice", {"stem": "题", "options": [*OPTIONS, OPTIONS[0]]}, {"key": ["A"]}, "选项的字母有重复"),
        (
            "single_choice",
            {"stem": "题", "options": [{"label": c, "text": c} for c in map(str, range(10_000))]},
            {"key": ["1"]},
            "最多 26 个",
        ),
        ("multiple_choice", CHOICE, {"key": ["A", "A"]}, "重复的字母"),
        ("multiple_choice", CHOICE, {"key": ["A"]}, "只有一个答案"),
        ("true_false", STATEMENT, {"key": []}, "只能是“正确”或“错误”"),
        ("true_false", STATEMENT, {"key": ["maybe"]}, "答案的格式不正确"),
        ("fill_blank", BLANKS, {"key": [["一"]]}, "有 2 个空，却有 1 组答案"),
        ("fill_blank", BLANKS, {"key": [["一"], []]}, "第 2 空没有答案"),
        ("fill_blank", {"stem": "没有空", "blanks": 1}, {"key": [["一"]]}, "题干里有 0 个空"),
        ("fill_blank", {"stem": "没有空", "blanks": 0}, {"key": []}, "1 到 50 个空"),
        ("true_false", {"stem": "字" * (MAX_STEM + 1)}, {"key": ["true"]}, "超过上限"),
        ("true_false", {"stem": "控制\x00字符"}, {"key": ["true"]}, "控制字符"),
        ("single_choice", CHOICE, {"key": ["A"], "fractions": {"A": "2"}}, "得分比例“2”不对"),
        ("single_choice", CHOICE, {"key": ["A"], "fractions": {"F": "1"}}, "答案 F 不在选项"),
        ("fill_blank", BLANKS, {"key": [["一"], [{"text": "二", "fraction": "一半"}]]}, "得分比例不对"),
        ("numeric", STATEMENT, {"key": []}, "没有答案"),
        ("numeric", STATEMENT, {"key": [{"low": "3", "high": "2"}]}, "下限 3 大于上限 2"),
        ("numeric", STATEMENT, {"key": [{"low": "三", "high": "4"}]}, "第 1 个范围不是数字"),
        ("numeric", STATEMENT, {"key": [{"low": "1", "high": "2", "fraction": "0"}]}, "没有一个范围得分"),
        ("matching", MATCHING, {"key": [["1", "B"]]}, "左边第 2 项“乙”没有对应的右项"),
        ("matching", MATCHING, {"key": [["1", "B"], ["1", "A"], ["2", "A"]]}, "左边第 1 项“甲”有两个以上右项"),
        ("matching", MATCHING, {"key": [["1", "B"], ["2", "D"]]}, "不存在的配对"),
        ("matching", MATCHING | {"left": MATCHING["left"][:1]}, {"key": [["1", "B"]]}, "左边应有 2 到 26 项"),
        ("ordering", CHOICE, {"key": ["A", "B"]}, "答案应把 A、B、C 各写一次"),
        ("essay", STATEMENT, {"key": ["A"]}, "不能自动评分"),
        ("description", STATEMENT, {"key": ["A"]}, "不能有答案"),
        ("case", CASE | {"parts": []}, {"key": []}, "1 到 20 道小题"),
        ("case", CASE, {"key": [{"key": ["B"]}]}, "3 道小题，却有 1 组答案"),
        ("case", CASE, {"key": [{"key": ["Z"]}, {"key": []}, {"key": [["1", "B"], ["2", "A"]]}]}, "第 1 小题：答案 Z"),
        (
            "case",
            CASE | {"parts": [{"type": "case", "points_hundredths": 100, "content": CASE}]},
            {"key": [{"key": []}]},
            "不能作为小题",
        ),
        (
            "case",
            CASE | {"parts": [{"type": "essay", "points_hundredths": 0, "content": STATEMENT}]},
            {"key": [{"key": []}]},
            "第 1 小题：分值应大于 0",
        ),
    ],
)
def test_each_fault_is_named_in_chinese(name: str, content: dict[str, Any], key: dict[str, Any], expected: str) -> None:
    assert expected in messages(name, content, key)


def test_content_with_an_unknown_name_or_another_kind_of_value_is_refused() -> None:
    assert "试题内容的格式不正确：secret" in messages("true_false", {"stem": "题", "secret": 1}, {"key": ["true"]})
    assert "试题内容的格式不正确：blanks" in messages("fill_blank", {"stem": "____", "blanks": "1"}, {"key": [["一"]]})


def test_two_options_that_say_the_same_are_only_a_warning() -> None:
    content = {"stem": "题", "options": [*OPTIONS, {"label": "D", "text": "甲"}]}
    (fault,) = item_type("single_choice").validate(content, {"key": ["B"]})
    assert (fault.severity, fault.field) == ("warning", "options")


@pytest.mark.parametrize(
    ("name", "content", "response", "canonical"),
    [
        ("single_choice", CHOICE, ["B"], ["B"]),
        ("single_choice", CHOICE, ["B", "B"], ["B"]),
        ("single_choice", CHOICE, [], []),
        ("multiple_choice", CHOICE, ["C", "A", "C"], ["A", "C"]),
        ("true_false", STATEMENT, ["true"], ["true"]),
        ("true_false", STATEMENT, [], []),
        ("fill_blank", BLANKS, ["", " 二 "], ["", " 二 "]),
        ("fill_blank", BLANKS, [], []),
        ("numeric", STATEMENT, [" １，２３４.50"], [" １，２３４.50"]),
        ("numeric", STATEMENT, ["−3e-2"], ["−3e-2"]),
        ("matching", MATCHING, [["2", "A"], ["1", "C"]], [["1", "C"], ["2", "A"]]),
        ("matching", MATCHING, [["2", "A"]], [["2", "A"]]),
        ("matching", MATCHING, [], []),
        ("ordering", CHOICE, ["C", "A", "B"], ["C", "A", "B"]),
        ("essay", STATEMENT, ["第一段\n第二段"], ["第一段\n第二段"]),
        ("short_answer", STATEMENT, [""], []),
        ("case", CASE, [["B"], [], [["2", "C"], ["1", "A"]]], [["B"], [], [["1", "A"], ["2", "C"]]]),
        ("case", CASE, [[], [], []], []),
        ("case", CASE, [], []),
        ("description", STATEMENT, [], []),
    ],
)
def test_a_response_is_kept_in_its_canonical_form(
    name: str, content: dict[str, Any], response: list[Any], canonical: list[Any]
) -> None:
    assert item_type(name).check_response(content, response) == canonical


@pytest.mark.parametrize(
    ("name", "content", "response"),
    [
        ("single_choice", CHOICE, ["A", "B"]),
        ("single_choice", CHOICE, ["D"]),
        ("single_choice", CHOICE, ["a"]),
        ("single_choice", CHOICE, "A"),
        ("single_choice", CHOICE, None),
        ("single_choice", CHOICE, {"A": 1}),
        ("multiple_choice", CHOICE, [["A"]]),
        ("multiple_choice", CHOICE, [1]),
        ("multiple_choice", CHOICE, ["A"] * 10_000),
        ("true_false", STATEMENT, ["true", "false"]),
        ("true_false", STATEMENT, [True]),
        ("true_false", STATEMENT, "true"),
        ("fill_blank", BLANKS, ["一"]),
        ("fill_blank", BLANKS, ["一", 2]),
        ("fill_blank", BLANKS, ["一", "字" * 501]),
        ("fill_blank", BLANKS, ["一", "\ud800"]),
        ("fill_blank", BLANKS, ["一", "\x00"]),
        ("numeric", STATEMENT, ["12,5"]),
        ("numeric", STATEMENT, ["8²"]),
        ("numeric", STATEMENT, ["1/2"]),
        ("numeric", STATEMENT, ["12.5 米"]),
        ("numeric", STATEMENT, ["1e999"]),
        ("numeric", STATEMENT, [12.5]),
        ("numeric", STATEMENT, ["nan"]),
        ("numeric", STATEMENT, ["1", "2"]),
        ("numeric", STATEMENT, ["."]),
        ("matching", MATCHING, [["1", "A"], ["1", "B"]]),
        ("matching", MATCHING, [["3", "A"]]),
        ("matching", MATCHING, [["1", "Z"]]),
        ("matching", MATCHING, ["1A"]),
        ("matching", MATCHING, [[["1"], "A"]]),
        ("ordering", CHOICE, ["A", "B"]),
        ("ordering", CHOICE, ["A", "B", "B"]),
        ("ordering", CHOICE, [["A"], "B", "C"]),
        ("essay", STATEMENT, ["字" * 10_001]),
        ("short_answer", STATEMENT, ["字" * 2_001]),
        ("essay", STATEMENT, ["\ud800"]),
        ("essay", STATEMENT, [3]),
        ("description", STATEMENT, ["x"]),
        ("case", CASE, [["B"], []]),
        ("case", CASE, [["Z"], [], []]),
        ("case", CASE, "B"),
    ],
)
def test_a_response_that_does_not_fit_is_refused(name: str, content: dict[str, Any], response: object) -> None:
    with pytest.raises(BadResponse):
        item_type(name).check_response(content, response)


def test_plain_text_holds_the_stem_and_every_option() -> None:
    assert item_type("single_choice").plain_text(CHOICE) == "选哪个？\nA. 甲\nB. 乙\nC. 丙"
    assert item_type("fill_blank").plain_text(BLANKS) == "甲____乙____"
    assert item_type("case").plain_text(CASE).count("甲") == 2


def test_the_points_of_a_case_are_the_sum_of_its_parts_and_a_description_has_none() -> None:
    assert list(item_type("case").points_faults(CASE, 400)) == []
    assert "之和 4 分与本题分值 5 分不符" in str(list(item_type("case").points_faults(CASE, 500)))
    assert list(item_type("description").points_faults(STATEMENT, 0)) == []
    assert list(item_type("description").points_faults(STATEMENT, 100))


def test_only_what_a_machine_can_mark_is_scorable() -> None:
    scorable = {name for name in ITEM_TYPES if item_type(name).scorable(SOUND[name][0])}
    assert set(ITEM_TYPES) - scorable == {"short_answer", "essay", "case"}
    assert item_type("case").scorable(CASE | {"parts": [CASE["parts"][0], CASE["parts"][2]]})


def test_what_moves_on_a_paper_is_shown_under_new_letters_and_the_key_follows() -> None:
    content, key = SOUND["matching"]
    order = ["C", "A", "B"]
    shown = item_type("matching").displayed(content, order)
    assert [side["text"] for side in shown["right"]] == ["阳火", "阴木", "阳木"]
    assert [side["label"] for side in shown["right"]] == ["A", "B", "C"]
    assert item_type("matching").displayed_key(content, key, order)["key"] == [["1", "C"], ["2", "B"]]
    assert item_type("ordering").displayed_key(*SOUND["ordering"], order)["key"] == ["A", "B", "C"]
    weighted = {"key": ["B"], "fractions": {"B": "1", "C": "0.5"}}
    assert item_type("single_choice").displayed_key(CHOICE, weighted, order) == {
        "key": ["C"],
        "fractions": {"C": "1", "A": "0.5"},
    }


def test_each_part_of_a_case_moves_by_itself() -> None:
    case, (content, key) = item_type("case"), SOUND["case"]
    assert case.movable(content) == ("1/A", "1/B", "1/C", "3/A", "3/B", "3/C")
    order = ["3/C", "1/B", "3/A", "1/C", "1/A", "3/B"]
    shown = case.displayed(content, order)
    assert [option["text"] for option in shown["parts"][0]["content"]["options"]] == ["乙", "丙", "甲"]
    assert [side["text"] for side in shown["parts"][2]["content"]["right"]] == ["阳火", "阴木", "阳木"]
    keys = case.displayed_key(content, key, order)["key"]
    assert [own["key"] for own in keys] == [["A"], [], [["1", "C"], ["2", "B"]]]


@pytest.mark.parametrize("name", ITEM_TYPES)
def test_every_type_says_what_it_is_and_what_its_key_is(name: str) -> None:
    kind = item_type(name)
    assert kind.chinese
    assert kind.policies
    assert kind.instructions(next(iter(kind.policies))) or name == "description"
    assert kind.key_text(*SOUND[name]) or name == "description"
