"""GIFT as Moodle reads it, what people write beside it, and files meant to do harm."""

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from question_bank.formats.detection import looks_like_aiken, looks_like_gift
from question_bank.formats.gift import read_items
from question_bank.formats.report import ImportedItem, Report


def read(text: str) -> Report:
    return read_items(text.encode(), "a.gift")


def one(text: str) -> ImportedItem:
    report = read(text)
    assert report.problems == []
    assert len(report.items) == 1
    return report.items[0]


def keys(item: ImportedItem) -> Any:
    return item.as_json()["key"]


@pytest.mark.parametrize(
    ("answers", "kind", "key"),
    [
        ("=a", "fill_blank", [["a"]]),
        ("a", "fill_blank", [["a"]]),
        ("=a =b", "fill_blank", [["a", "b"]]),
        ("=a ~b", "single_choice", ["A"]),
        ("~a =b =c", "single_choice", ["B", "C"]),
        ("~%50%a ~%50%b ~c", "multiple_choice", ["A", "B"]),
        ("~%100%a ~b", "multiple_choice", ["A"]),
        ("T", "true_false", ["true"]),
        ("FALSE", "true_false", ["false"]),
        ("=TRUE", "fill_blank", [["TRUE"]]),
        ("=a->b =c->d", "matching", [["a", "b"], ["c", "d"]]),
        ("#5", "numeric", [{"low": "5", "high": "5", "fraction": "1.00"}]),
        ("#-1.50:0.25", "numeric", [{"low": "-1.75", "high": "-1.25", "fraction": "1.00"}]),
        ("#-5..-1", "numeric", [{"low": "-5", "high": "-1", "fraction": "1.00"}]),
        ("#=1e3 =%5%2,5", "numeric", [{"low": "1000", "high": "1000", "fraction": "1.00"}, {"low": "2.5", "high": "2.5", "fraction": "0.05"}]),
        ("", "essay", []),
        (">2 ALL VERTICAL ALL_OR_NOTHING\na\nb", "ordering", ["A", "B"]),
    ],
)  # fmt: skip
def test_the_marks_in_the_braces_decide_the_type(answers: str, kind: str, key: Any) -> None:
    item = one(f"题干{{{answers}}}")
    assert (item.type, keys(item)) == (kind, key)


def test_text_without_braces_is_a_description_and_text_behind_them_leaves_a_gap() -> None:
    assert one("只有文字").type == "description"
    assert one("甲{T}").stem == "甲"
    assert one("甲{=a ~b}乙。").stem == "甲____乙。"


def test_a_comment_line_is_no_text_and_may_carry_a_number_and_tags() -> None:
    item = one("// question: 1 [id:A\\]1] [tag:一] [tag:二]\n题干\n// 注释 {=x}\n{T}")
    assert (item.stem, item.idnumber, item.tags, item.ref) == ("题干", "A]1", ("一", "二"), "line 2")


@pytest.mark.parametrize(
    ("text", "line"),
    [("\n\n::标题::题干{T}", 3), ("::标题::\n题干{T}", 2), ("// 注\n::标题::\n\t题干{T}", 3), ("$CATEGORY: 甲\n\n题干{T}", 3)],
)  # fmt: skip
def test_the_place_of_an_item_is_the_line_of_its_stem(text: str, line: int) -> None:
    assert one(text).ref == f"line {line}"


def test_a_category_holds_for_everything_below_it() -> None:
    items = read("甲{T}\n\n$CATEGORY: $course$/top/法规/考核\n\n乙{T}\n\n丙{T}\n\n$CATEGORY: top\n\n丁{T}").items
    assert [item.knowledge_points for item in items] == [(), ("法规/考核",), ("法规/考核",), ()]


@pytest.mark.parametrize(
    ("text", "severity", "words"),
    [
        ("题干{=a ~b", "error", "缺少右花括号"),
        ("题干=a ~b}", "error", "缺少左花括号"),
        ("若 $$\\frac{1}{2}$$ 则{=a ~b}", "error", "几处花括号"),
        ("题干｛＝甲 ～乙｝", "error", "全角"),
        ("{=a ~b}", "error", "题干是空的"),
        ("题干{#甲}", "error", "不是数字"),
        ("题干{#}", "error", "没有数值答案"),
        ("题干{=a->b =c}", "error", "没有 ->"),
        ("题干{=a-> =c->d}", "error", "没有相配的内容"),
        ("题干{~a}", "error", "只有 1 个选项"),
        ("题干{>a}", "error", "1 个要排序的项目"),
        ("题干{~a ~b}", "warning", "没有正确选项"),
        ("题干{a ~b =c}", "warning", "第一个选项前面没有"),
        ("题干{~%50%a ~%20%b ~c}", "warning", "相加是 0.70"),
        ("题干{=a ~ ~b}", "warning", "空的选项"),
        ("题干{true}", "warning", "只认大写"),
        ("题干{\n=a\n\n~b\n}", "warning", "空行"),
        ("甲{=a ~b}\n乙{T}", "warning", "没有空行"),
        ("题干{#=3 ~%50%4}", "warning", "没有读取"),
        ("看图<img src='@@PLUGINFILE@@/a.png'>{T}", "warning", "图片"),
    ],
)
def test_every_doubt_is_named_at_its_line(text: str, severity: str, words: str) -> None:
    report = read(text)
    assert [problem.severity for problem in report.problems] == [severity]
    assert words in report.problems[0].reason
    assert report.problems[0].mend
    assert len(report.items) == (0 if severity == "error" else text.count("T}") or 1) + ("乙{T}" in text)


@pytest.mark.parametrize("above", ["甲{T}", "甲", "::题::甲{\n=a\n~b\n}"])
def test_a_category_right_below_a_question_begins_another_part(above: str) -> None:
    report = read(f"{above}\n$CATEGORY: 二\n\n乙{{F}}")
    assert [(item.stem, item.knowledge_points) for item in report.items] == [("甲", ()), ("乙", ("二",))]
    assert {problem.severity for problem in report.problems} <= {"warning"}


def test_what_cannot_be_read_leaves_the_others_alone() -> None:
    report = read("甲{=a ~b}\n\n乙{=a ~b\n\n::丙::丙{T}\n\n丁{F}")
    assert [item.stem for item in report.items] == ["甲", "丙", "丁"]
    assert [problem.ref for problem in report.errors] == ["line 3"]


def test_what_a_question_with_errors_says_is_kept_for_a_person_to_complete() -> None:
    report = read("甲{~a}\n\n乙{=a ~b\n\n{=a ~b}\n\n丙{#x}")
    kept = [(item.ref, item.type, item.stem, [option.text for option in item.options]) for item in report.unfinished]
    assert kept == [
        ("line 1", "single_choice", "甲", ["a"]),
        ("line 3", "fill_blank", "乙{=a ~b", []),
        ("line 7", "fill_blank", "丙", []),
    ]


@given(st.text(alphabet="{}=~#%5->:\\n/ \n\t甲a.$T", max_size=120))
def test_any_text_gives_items_or_problems_and_nothing_else(text: str) -> None:
    report = read(text)
    json.dumps(report.as_json(), ensure_ascii=False).encode()
    if text.strip():
        assert report.items or report.problems
    assert all(problem.ref == "file" or problem.ref.startswith("line ") for problem in report.problems)


@pytest.mark.parametrize(
    "text",
    [
        "题" * 10_000_000,
        "{" * 5_000_000,
        "{}" * 2_500_000,
        "题{" + "~a" * 10_000 + "}",
        "题{" + "=a" * 10_000 + "}",
        "题{#" + "=1" * 10_000 + "}",
        "题{" + "=a->b" * 10_000 + "}",
        "题{=a ~b}\n" * 20_000,
        "题{=a\n\n" * 50_000,
        "\n" * 1_000_000 + "题{T}",
        "::" * 2_000_000,
        "\\" * 2_000_000,
        "$CATEGORY:" * 300_000,
        "//[tag:" * 500_000,
        "{ " * 1_000_000,
    ],
    ids=range(15),
)
def test_a_hostile_file_ends_quickly_with_a_sentence(text: str) -> None:
    begun = time.process_time()
    looks_like_gift(text), looks_like_aiken(text)
    report = read(text)
    assert time.process_time() - begun < 10
    assert report.items or report.problems


def test_a_title_right_below_a_text_without_answers_begins_the_next_question() -> None:
    report = read("::说明:: 阅读下文。\n第二行。\n::多:: 义务有{=a ~b}\n")
    assert [(item.ref, item.type, item.stem) for item in report.items] == [
        ("line 1", "description", "阅读下文。\n第二行。"),
        ("line 3", "single_choice", "义务有"),
    ]
    assert [(problem.ref, problem.severity) for problem in report.problems] == [("line 3", "warning")]
