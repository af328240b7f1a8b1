"""How words look in a Word document: kept where it says something, dropped where it is the paper's manner or marks the key."""

from io import BytesIO
from typing import Any

import docx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from question_bank.formats.layout_circled import circled_options
from question_bank.formats.layout_material import is_material_table
from question_bank.formats.read_back import differences
from question_bank.formats.report import ImportedItem, ImportedMedia, ImportedOption, Report
from question_bank.formats.word import read_items
from question_bank.formats.word_rich import as_read
from question_bank.formats.word_writing import write_items
from tests.support.pictures import png

OPTIONS = tuple(ImportedOption(label, text) for label, text in zip("ABC", ("10%", "20%", "30%"), strict=True))


def document(*paragraphs: list[tuple[str, str]]) -> Report:
    """Read a document whose paragraphs are runs of words with how each looks."""
    made = docx.Document()
    for runs in paragraphs:
        paragraph = made.add_paragraph()
        for text, look in runs:
            run: Any = paragraph.add_run(text)
            run.bold, run.underline, run.italic = (look == name or None for name in ("bold", "underline", "italic"))
    stream = BytesIO()
    made.save(stream)
    return read_items(stream.getvalue(), "题.docx")


def test_a_look_that_covers_all_of_a_stem_or_marks_the_right_option_is_not_kept() -> None:
    report = document(
        [("1. 考核的方式有（　）。（2分）", "bold")],
        [("A. 平时考核", "underline")],
        [("B. ", ""), ("抽签", "bold")],
        [("答案：A", "")],
    )
    (item,) = report.items
    assert (item.html, [option.html for option in item.options], item.key) == ("", ["", ""], ("A",))


def test_the_same_words_elsewhere_are_left_as_they_are() -> None:
    report = document(
        [("1. 不同的是，", ""), ("不", "bold"), ("予考核的是（　）。", "")], [("A. 不是  B. 是", "")], [("答案：A", "")]
    )
    assert report.items[0].html == "<p>不同的是，<strong>不</strong>予考核的是（　）。</p>"
    assert [option.html for option in report.items[0].options] == ["", ""]


def test_what_looks_like_html_is_text() -> None:
    report = document(
        [("1. <b>粗</b>的是", ""), ("最&多", "italic"), ("（　）。", "")], [("A. 甲 B. 乙", "")], [("答案：A", "")]
    )
    assert report.items[0].html == "<p>&lt;b&gt;粗&lt;/b&gt;的是<i>最&amp;多</i>（　）。</p>"


@pytest.mark.parametrize(
    ("rows", "material"),
    [
        ([["单位", "优秀", "称职"], ["甲局", "3", "20"]], True),
        ([["姓名", "得分"], ["甲", "90"], ["乙", "80"]], True),
        ([["姓名", "", "单位", ""], ["职务", "", "得分", ""]], False),
        ([["年份", "人数"], ["2024", "106"]], True),
        ([["题号", "一", "二", "总分"], ["得分", "", "", ""]], False),
        ([["题号", "1", "2"], ["答案", "A", "B"]], False),
        ([["A. 甲", "B. 乙"], ["C. 丙", "D. 丁"]], False),
        ([["1. 下列（　）", "答案：A"], ["2. 下列（　）", "答案：B"]], False),
        ([["年份", "人数"]], False),
        ([["甲", "对"], ["乙", "错"]], False),
    ],
)
def test_which_tables_belong_to_a_stem(rows: list[list[str]], material: bool) -> None:
    assert is_material_table(rows) == material


@pytest.mark.parametrize(
    ("stem", "keys", "found"),
    [
        ("下列正确的是（　）。\n①甲\n②乙", ["②"], ("下列正确的是（　）。", ["甲", "乙"])),
        ("下列正确的是（　）。①甲；②乙；③丙", ["①、③"], None),  # the first stands in the sentence
        ("下列正确的是（　）。 ①甲；②乙；③丙", ["①、③"], ("下列正确的是（　）。", ["甲", "乙", "丙"])),
        ("下列正确的是（　）。\n①甲\n③乙", ["①"], None),
        ("下列正确的是（　）。\n①甲\n②乙", ["③"], None),
        ("下列正确的是（　）。\n①甲\n②乙", ["A"], None),
        ("下列正确的是（　）。\n①甲\n②乙", [], None),
    ],
)
def test_circled_numbers_are_options_where_the_key_names_them(stem: str, keys: list[str], found: Any) -> None:
    assert circled_options(stem, keys) == found


CASE = ImportedItem(
    "Q2", "case", "阅读材料。\n年份\t人数\n2024\t106\n以上为考核情况。", points_hundredths=700, scorable=False, difficulty="中",
    knowledge_points=("考核",), html=(
        "<p>阅读<strong>材料</strong>。</p><table><tbody><tr><td>年份</td><td>人数</td></tr><tr><td>2024</td><td>106</td></tr>"
        "</tbody></table><p>以上为考核情况。</p>"
    ), parts=(
        ImportedItem("", "single_choice", "比例不得超过（　）。", OPTIONS[:2], ("B",), 100, "见规定。"),
        ImportedItem("", "multiple_choice", "可能的有（　）。", OPTIONS, ("A", "B"), 200),
        ImportedItem("", "true_false", "可以兼职。", key=("false",), points_hundredths=100),
        ImportedItem("", "fill_blank", "考核分为____和____。", key=(("平时",), ("定期",)), points_hundredths=200),
        ImportedItem("", "short_answer", "试述理由。", points_hundredths=100, scorable=False, rationale="要点：公平。"),
    ),
)  # fmt: skip


def test_a_case_with_a_table_in_its_material_goes_out_and_comes_back_whole() -> None:
    data, problems = write_items([CASE])
    assert problems == []
    (back,) = read_items(data, "题.docx").items
    assert differences(CASE, back) == []


def test_a_picture_comes_back_under_its_name_with_its_description() -> None:
    item = ImportedItem(
        "Q1", "true_false", "看图形判断。", key=("true",), points_hundredths=100, media=(ImportedMedia("图 &1.png", png()),),
        html='<p>看<img src="图 &amp;1.png" alt="图形">判断。</p>',
    )  # fmt: skip
    data, problems = write_items([item])
    assert problems == []
    (back,) = read_items(data, "题.docx").items
    assert (back.media, back.html) == (item.media, item.html)


def test_a_picture_that_word_cannot_show_is_named() -> None:
    item = ImportedItem(
        "Q1", "true_false", "看图。", key=("true",), media=(ImportedMedia("a.webp", b"RIFF0000WEBP"),), html='<p>看图。<img src="a.webp" alt=""></p>',
    )  # fmt: skip
    data, problems = write_items([item])
    assert [problem.severity for problem in problems] == ["warning"]
    assert "图片" in problems[0].reason
    assert len(read_items(data, "题.docx").items) == 1


LOOK = st.sampled_from(["", "", "strong", "i", "em", "u", "s"])
RUNS = st.lists(
    st.tuples(st.text("公务员法考核平时定期甲乙丙丁", min_size=2, max_size=6), LOOK), min_size=2, max_size=6
)


@settings(max_examples=40, deadline=None)
@given(RUNS)
def test_words_that_look_otherwise_come_back_looking_so_or_are_named(runs: list[tuple[str, str]]) -> None:
    stem = "".join(text for text, _look in runs)
    html = "<p>" + "".join(f"<{look}>{text}</{look}>" if look else text for text, look in runs) + "</p>"
    item = ImportedItem("Q1", "true_false", stem, key=("true",), points_hundredths=100, html=html)
    data, problems = write_items([item])
    (back,) = read_items(data, "题.docx").items
    assert back.stem == stem
    assert as_read(back.html) == as_read(html) or any("题干的格式" in problem.reason for problem in problems)


def test_bold_options_are_the_key_where_no_other_is_written() -> None:
    options = [[("A. 警告", "bold")], [("B. 劝诫", "")], [("C. ", ""), ("记过", "bold")]]
    (item,) = document([("1. 处分有（　）。", "")], *options).items
    assert item.key == ("A", "C")
    (item,) = document([("1. 处分有（　）。", "")], *options, [("答案：A", "")]).items
    assert item.key == ("A",)
    report = document([("1. 处分有（　）。", "")], *([(text, "bold")] for text in ("A. 甲", "B. 乙")))
    assert [problem.reason for problem in report.errors] == ["没有答案"]


def test_a_comment_that_is_not_read_is_named() -> None:
    made = docx.Document()
    for text in ("1. 处分有（　）。", "A. 警告", "B. 劝诫", "答案：A"):
        paragraph = made.add_paragraph(text)
    made.add_comment(paragraph.runs, text="B 也对")
    stream = BytesIO()
    made.save(stream)
    report = read_items(stream.getvalue(), "题.docx")
    assert [(problem.ref, problem.reason) for problem in report.problems] == [("paragraph 4", "批注没有导入")]
