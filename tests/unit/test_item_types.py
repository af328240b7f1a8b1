"""Item types: what they accept, what they refuse, and the canonical form of a response."""

from typing import Any

import pytest

from question_bank.item_types.base import MAX_STEM, BadResponse
from question_bank.item_types.registry import ITEM_TYPES, UnknownItemType, item_type

OPTIONS = [{"label": "A", "text": "甲"}, {"label": "B", "text": "乙"}, {"label": "C", "text": "丙"}]
CHOICE = {"stem": "选哪个？", "options": OPTIONS}
BLANKS = {"stem": "甲____乙____", "blanks": 2}
STATEMENT = {"stem": "天是蓝的。"}

SOUND: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "single_choice": (CHOICE, {"key": ["B"]}),
    "multiple_choice": (CHOICE, {"key": ["A", "C"]}),
    "true_false": (STATEMENT, {"key": ["false"]}),
    "fill_blank": (BLANKS, {"key": [["一", "壹"], ["二"]], "order_free": True}),
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
    ],
)
def test_a_response_is_kept_in_its_canonical_form(
    name: str, content: dict[str, Any], response: list[str], canonical: list[str]
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
    ],
)
def test_a_response_that_does_not_fit_is_refused(name: str, content: dict[str, Any], response: object) -> None:
    with pytest.raises(BadResponse):
        item_type(name).check_response(content, response)


def test_plain_text_holds_the_stem_and_every_option() -> None:
    assert item_type("single_choice").plain_text(CHOICE) == "选哪个？\nA. 甲\nB. 乙\nC. 丙"
    assert item_type("fill_blank").plain_text(BLANKS) == "甲____乙____"
