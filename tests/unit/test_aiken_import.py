"""Aiken as it is defined, as people write it, and files meant to do harm."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from question_bank.formats.aiken import read_items
from question_bank.formats.detection import looks_like_aiken, looks_like_gift

STRICT = "题干\nA) 甲\nB. 乙\nANSWER: B\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_strict_aiken_is_read_without_a_problem_in_every_encoding(encoding: str, ends: str) -> None:
    report = read_items((STRICT * 2).replace("\n", ends).encode(encoding), "a.txt")
    assert report.problems == []
    assert [(item.ref, item.type, item.stem, item.key) for item in report.items] == [
        ("line 1", "single_choice", "题干", ("B",)),
        ("line 5", "single_choice", "题干", ("B",)),
    ]
    assert [option.text for option in report.items[0].options] == ["甲", "乙"]


@pytest.mark.parametrize(
    "text",
    [
        "题干\na) 甲\nb) 乙\nANSWER: B",
        "题干\nA、甲\nB、乙\nANSWER: B",
        "题干\nＡ．甲\nＢ．乙\nＡＮＳＷＥＲ: B".replace("ＡＮＳＷＥＲ", "ANSWER"),
        "题干\n(A) 甲\n(B) 乙\nANSWER: B",
        "题干\nA)甲\nB)乙\nANSWER: B",
        "题干\nA) 甲\nB) 乙\nAnswer：b",
        "题干\nA) 甲\nB) 乙\n答案：B",
        "题干\nA) 甲\nB) 乙\nANSWER: B. 乙",
    ],
)
def test_a_loose_way_of_writing_is_read_with_one_warning(text: str) -> None:
    report = read_items(text.encode(), "a.txt")
    assert [problem.severity for problem in report.problems] == ["warning"]
    assert [(item.key, [o.text for o in item.options]) for item in report.items] == [(("B",), ["甲", "乙"])]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("题干\nA) 甲\nANSWER: A", "只有 1 个选项"),
        ("题干\nA) 甲\nB) 乙\nANSWER:", "不在选项"),
        ("题干\nA) 甲\nB) 乙\nANSWER: C", "不在选项"),
        ("题干\nA) 甲\nB) 乙\n", "没有 ANSWER 行"),
        ("题干", "没有选项和 ANSWER 行"),
        ("ANSWER: A", "前面没有题目"),
        ("甲\nA) 一\nB) 二\n乙\nA) 三\nB) 四\nANSWER: A", "重复"),
        (b"\xff\xfe\x00", "编码"),
        (b"a\x00b", "空字节"),
        ("", "空的"),
        ("公务员\n考核\n".encode() + "机关".encode("gb18030"), "第 3 行"),
    ],
)
def test_what_cannot_be_read_is_an_error_with_a_way_to_mend_it(text: str | bytes, words: str) -> None:
    report = read_items(text if isinstance(text, bytes) else text.encode(), "a.txt")
    assert report.items == []
    assert [problem.severity for problem in report.problems] == ["error"]
    assert words in report.problems[0].reason


@given(
    st.lists(st.sampled_from(["题干", "A) 甲", "B) 乙", "c. 丙", "ANSWER: A", "answer：", "", "解析：略"]), max_size=14)
)
def test_no_line_vanishes_without_a_word(lines: list[str]) -> None:
    report = read_items("\n".join(lines).encode(), "a.txt")
    if any(lines):
        assert report.items or report.problems
    answers = sum(line.lower().startswith("answer") for line in lines)
    assert len(report.items) + len(report.errors) >= answers


@pytest.mark.parametrize(
    "text",
    ["题" * 10_000_000, "A) 甲\n" * 100_000, "题干\n" + "A) 甲\n" * 100_000, "ANSWER: A\n" * 50_000, "题\n\n" * 50_000, "答案 " * 1_000_000],
    ids=range(6),
)  # fmt: skip
def test_a_hostile_file_ends_quickly_with_a_sentence(text: str) -> None:
    begun = time.process_time()
    looks_like_aiken(text), looks_like_gift(text)
    report = read_items(text.encode(), "a.txt")
    assert time.process_time() - begun < 10
    assert report.errors


def test_the_formats_of_text_files_are_told_apart_by_what_they_say() -> None:
    assert looks_like_aiken(STRICT)
    assert not looks_like_gift(STRICT)
    assert looks_like_gift("::题::干{=甲 ~乙}")
    assert looks_like_gift("题干{T}")
    assert not looks_like_gift("1. 题干（ ）\nA. 甲 B. 乙\n答案：A")
    assert not looks_like_aiken("1. 题干（ ）\nA. 甲\nB. 乙\n答案：A")
