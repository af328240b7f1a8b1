"""Whatever is in a file: a report or one sentence, soon; never an exception, and nothing that a review could stumble over."""

import io
import json
import time

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from question_bank.formats import reading
from question_bank.formats.detection import format_by_name
from question_bank.formats.importing import as_published, import_report, readable
from question_bank.formats.reading import FORMATS, accepted_suffixes, read_report
from question_bank.formats.report import Report
from question_bank.formats.transport import receive, send
from question_bank.items.reviewing import draft_of
from tests.support.hostile import good_files, hostile_files

GOOD = good_files()
# Reading a workbook starts a process; its parser is fuzzed by fewer examples.
TEXTUAL = [name for name in GOOD if format_by_name(name) != "excel"]
TOKENS = [
    *"{}=~#%:\\|_()[]<>&;\"'\n\t \x00\x0b\x85\ufeff",
    *("（", "）", "【", "】", "：", "、", "．", "①", "一、", "____", "√", "×", "⻛"),
    *("答案：", "【答案】AB", "参考答案", "解析：", "难度：易", "知识点：", "依据：", "1-5 ABCDE", "A.", "B．", "(C)", "（2分）", "[多选]"),
    *("ANSWER: A", "$CATEGORY: a/b", "::标题::", "%50%", "=%0%", "->", "TRUE", "#1:0.1", "=#", "####", "[html]", "// "),
    *("<quiz>", "</quiz>", "<question type='cloze'>", "<text>", "<![CDATA[", "]]>", "{1:MC:=甲~乙}", "&amp;", "&#0;"),
    *("<assessmentItem>", "<responseProcessing>", "<qti-choice-interaction>", "<mapEntry mapKey='A' mappedValue='1e9'/>"),
]  # fmt: skip


def check(report: Report) -> None:
    """A report that everything behind it can work with."""
    assert receive(io.BytesIO(_sent(report))) == report
    json.loads(as_published([report], ["文件"]))
    assert readable(report, "文件")
    for problem in report.problems:
        assert problem.ref
        assert problem.reason
        assert problem.severity in ("error", "warning")
        assert "Traceback" not in problem.reason
    assert report.items or report.problems or report.unfinished
    for item in (*report.items, *report.unfinished):
        assert item.ref
        draft_of(item).faults()


def _sent(report: Report) -> bytes:
    stream = io.BytesIO()
    send(report, stream)
    return stream.getvalue()


HOSTILE = dict(hostile_files())
BY_KIND = sorted({name.split(" ")[0].split(".")[0] for name in HOSTILE})
# Through the bounded process as the pages and the command line go; the others are read here, where they cost nothing.
BOUNDED = ["bomb.xlsx", "bomb.zip", "entities.docx", "entities quiz.xml", "deep quiz.xml", "braces.gift", "zeros.txt"]


@pytest.mark.parametrize("kind", BY_KIND)
def test_a_hostile_file_gets_an_answer_in_time(kind: str) -> None:
    for name, data in HOSTILE.items():
        if name.split(" ")[0].split(".")[0] == kind:
            before = time.process_time()
            check(read_report(data, name, "auto"))
            spent = time.process_time() - before
            assert spent < 10, f"{name}: {spent:.1f} s of processor time"


@pytest.mark.parametrize("name", BOUNDED)
def test_a_hostile_file_gets_an_answer_from_the_bounded_process(name: str) -> None:
    report = import_report(HOSTILE[name], name)
    check(report)
    assert report.errors
    assert not any("程序没有料到" in problem.reason for problem in report.problems), "a fault of ours"


@st.composite
def mutations(draw: st.DrawFn, names: list[str]) -> tuple[str, bytes]:
    """A good file with something cut, doubled, moved or put in."""
    name = draw(st.sampled_from(names))
    data = GOOD[name]
    for _ in range(draw(st.integers(1, 4))):
        start, end = sorted((draw(st.integers(0, len(data))), draw(st.integers(0, len(data)))))
        end = min(end, start + draw(st.sampled_from([0, 1, 10, 200])))
        other = draw(
            st.one_of(
                st.just(b""),
                st.just(data[start:end] * 3),
                st.sampled_from(TOKENS).map(lambda token: token.encode("utf-8", "surrogatepass")),
                st.binary(max_size=8),
            )
        )
        data = data[:start] + other + data[end:]
    return name, data


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(mutations(TEXTUAL))
def test_a_damaged_file_is_read_as_far_as_it_goes(file: tuple[str, bytes]) -> None:
    check(read_report(file[1], file[0], "auto"))


@settings(max_examples=10, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(mutations([name for name in GOOD if name not in TEXTUAL]))
def test_a_damaged_workbook_is_read_as_far_as_it_goes(file: tuple[str, bytes]) -> None:
    check(read_report(file[1], file[0], "auto"))


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.sampled_from(TOKENS) | st.text(st.characters(exclude_categories=["Cs"]), max_size=6), max_size=30),
    st.sampled_from([name for name in FORMATS if name not in ("auto", "excel")]),
)
@example(["甲 {#1e999999999:1}"], "gift")
@example(["\x85", "甲{=乙 ~丙}"], "gift")
@example(["一、单选题\n", "①\n", "甲"], "text")
def test_any_text_is_read_by_every_reader_of_texts(tokens: list[str], format_name: str) -> None:
    check(read_report("".join(tokens).encode(), "文件", format_name))


@settings(max_examples=60)
@given(
    st.binary(max_size=300),
    st.sampled_from([*(s for s in accepted_suffixes() if s not in (".xlsx", ".xls", ".csv")), ".docx", ".pdf", ""]),
)
def test_any_bytes_under_any_name_get_an_answer(data: bytes, suffix: str) -> None:
    check(read_report(data, f"文件{suffix}", "auto"))


def test_a_file_with_more_items_than_can_be_reviewed_is_refused_with_their_number(monkeypatch):
    monkeypatch.setattr(reading, "MOST_ITEMS", 2)
    text = "".join(f"::{n}:: 第{n}题对吗？ {{T}}\n\n" for n in range(3))
    report = reading.read_report(text.encode(), "many.gift", "auto")
    assert report.items == []
    (problem,) = report.problems
    assert problem.reason == "文件里有 3 题，一次最多读取 2 题"
    monkeypatch.setattr(reading, "MOST_ITEMS", 3)
    assert len(reading.read_report(text.encode(), "many.gift", "auto").items) == 3
