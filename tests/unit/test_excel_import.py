"""Items from spreadsheets: what each real file gives, what is said about each bad row, and the way there and back."""

import io
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.drawing.image import Image

from question_bank.duplicates import Entry, find_duplicates, normal_form
from question_bank.formats.importing import import_report
from question_bank.formats.report import ImportedItem, ImportedSource, Problem, Report
from tests.support.pictures import png

BANK = Path(__file__).parents[1] / "data" / "bank"
HEADER = ("题型", "题干", "选项A", "选项B", "选项C", "选项D", "答案", "分值")


def read(*rows: tuple[Any, ...], header: tuple[str, ...] = HEADER) -> Report:
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in (header, *rows):
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return import_report(stream.getvalue(), "a.xlsx")


def only_item(report: Report) -> ImportedItem:
    assert not report.errors
    (item,) = report.items
    return item


def only_error(report: Report) -> Problem:
    assert not report.items
    (problem,) = report.errors
    assert problem.reason
    assert problem.mend
    return problem


def published(name: str) -> dict[str, Any]:
    document: dict[str, Any] = import_report(BANK / name, name).as_json()
    return document


def test_columns_in_any_order_and_options_in_one_cell_are_understood() -> None:
    report = published("any_order_openpyxl.xlsx")
    assert [(item["ref"], item["type"], item["key"]) for item in report["items"]] == [
        ("row 5", "single_choice", ["C"]),
        ("row 6", "multiple_choice", ["A", "B", "D"]),
        ("row 7", "true_false", ["true"]),
        ("row 8", "fill_blank", [["专项考核"], ["定期考核"]]),
        ("row 9", "single_choice", ["B"]),
        ("row 11", "short_answer", []),
        ("row 13", "single_choice", ["C"]),
        ("row 2 (判断题)", "true_false", ["true"]),
        ("row 3 (判断题)", "true_false", ["true"]),
    ]
    assert [option["text"] for option in report["items"][1]["options"]] == [
        "平时考核",
        "专项考核",
        "随机抽签",
        "定期考核",
    ]
    assert [item["points"] for item in report["items"][:4]] == ["2.00", "3.00", "2.00", "2.50"]
    assert report["items"][2]["stem"] == "公务员的定期考核以平时考核、专项考核为基础。"
    assert report["items"][3]["stem"] == "公务员的考核分为平时考核、____和____等方式。"
    assert report["items"][1]["knowledge_points"] == ["考核", "公务员法"]
    assert [(p["ref"], p["column"], p["severity"]) for p in report["problems"]] == [
        ("row 4", "出题人", "warning"),
        ("row 9", "试题", "warning"),
        ("row 10", "标准答案", "error"),
        ("row 12", "标准答案", "error"),
    ]
    assert report["duplicates"] == [{"ref": "row 13", "of": "row 5", "similarity": "1.00"}]


def test_a_header_of_two_rows_and_the_number_formats_of_excel_are_understood() -> None:
    report = published("two_row_header_openpyxl.xlsx")
    assert [[option["text"] for option in item["options"]] for item in report["items"]] == [
        ["60%", "70%", "80%", "90%"],
        ["12", "3.5", "100", "1000"],
        [],
        ["甲", "乙"],
    ]
    assert [item["key"] for item in report["items"]] == [["A"], ["B"], ["true"], ["A"]]
    assert report["items"][0]["source"] == {
        "regulation": "中华人民共和国公务员法",
        "edition": "2018年修订",
        "article": "第三十六条",
    }
    assert report["items"][3]["stem"] == "=1+1 是文本不是公式"
    assert [(p["ref"], p["column"]) for p in report["problems"]] == [("row 7", "A"), ("row 8", "A")]


def test_a_workbook_without_cell_references_is_read() -> None:
    assert [item["key"] for item in published("inline_strings.xlsx")["items"]] == [["true"], [["2019"]]]


def test_an_excel_97_workbook_is_read_and_its_sheet_name_gives_the_type() -> None:
    report = published("single_choice_97.xls")
    assert [(item["type"], item["key"], item["points"]) for item in report["items"]] == [
        ("single_choice", ["C"], "2.00"),
        ("single_choice", ["C"], "1.50"),
    ]
    assert report["problems"] == []


def test_a_csv_says_the_same_in_gb18030_and_in_utf_8() -> None:
    report = published("gb18030.csv")
    assert report == published("utf8_bom.csv")
    assert [item["key"] for item in report["items"]] == [
        ["C"],
        ["A", "B", "C"],
        ["true"],
        [["2019"], ["6", "六"]],
        ["A"],
    ]
    assert report["items"][3]["rationale"] == '"引号"，与逗号'
    assert report["items"][4]["options"][0]["text"] == "𠮷"
    assert report["problems"] == []


@pytest.mark.parametrize(
    "written",
    [
        "ABC",
        "A,B,C",
        "A;B;C",
        "A|B|C",
        "A、B、C",
        "ＡＢＣ",
        "a b c",
        "答案：ABC",
        "CBA",
        "A，B；C",
        "选项A、选项B、选项C",
    ],
)
def test_a_key_of_several_letters_is_read_however_it_is_divided(written: str) -> None:
    assert only_item(read(("多选", "题", "甲", "乙", "丙", "丁", written))).key == ("A", "B", "C")


@pytest.mark.parametrize("written", ["正确", "对", "√", "T", "t", "TRUE", True, "是", 1, "✓", "（对）", "Ｔ"])
def test_every_way_to_write_true_is_read(written: Any) -> None:
    assert only_item(read(("判断", "题", None, None, None, None, written))).key == ("true",)


@pytest.mark.parametrize("written", ["错误", "错", "×", "F", "FALSE", False, "否", 0, "x", "✗", "不正确"])
def test_every_way_to_write_false_is_read(written: Any) -> None:
    assert only_item(read(("是非题", "题", None, None, None, None, written))).key == ("false",)


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("单选", "single_choice"),
        ("单项选择题", "single_choice"),
        ("[多选]", "multiple_choice"),
        ("不定项选择题", "multiple_choice"),
        ("一、多项选择", "multiple_choice"),
        ("单选题 ", "single_choice"),
    ],
)
def test_types_are_recognised_by_their_common_words(word: str, name: str) -> None:
    assert only_item(read((word, "题", "甲", "乙", None, None, "A"))).type == name


@pytest.mark.parametrize(
    ("stem", "key", "blanks", "accepted"),
    [
        ("甲______乙", "一", "甲____乙", (("一",),)),
        ("甲（　）乙( )丙", "一；二", "甲____乙____丙", (("一",), ("二",))),
        ("甲【】乙", "一/壹", "甲____乙", (("一", "壹"),)),
        ("甲＿＿乙（____）", "一|二", "甲____乙____", (("一",), ("二",))),
        ("见国发（ ）号文，甲__乙", "一", "见国发（ ）号文，甲____乙", (("一",),)),
        ("甲__乙__", "一;二；", "甲____乙____", (("一",), ("二",))),
        ("甲__", r"1\/2/0.5", "甲____", (("1/2", "0.5"),)),
    ],
)
def test_blanks_and_their_answers_are_read(stem: str, key: str, blanks: str, accepted: tuple[Any, ...]) -> None:
    item = only_item(read(("填空题", stem, None, None, None, None, key)))
    assert (item.stem, item.key) == (blanks, accepted)


@pytest.mark.parametrize(
    "cell",
    [
        "A.甲 B.乙 C.丙",
        "A、甲\nB、乙\nC、丙",
        "甲|乙|丙",
        "甲\n乙\n丙",
        "A．甲B．乙C．丙",
        "(A)甲(B)乙(C)丙",
        "Ａ．甲；Ｂ．乙；Ｃ．丙",
    ],
)
def test_options_in_one_cell_are_told_apart(cell: str) -> None:
    report = read(("单选", "题", cell, "B"), header=("题型", "题干", "选项", "答案"))
    assert [(o.label, o.text) for o in only_item(report).options] == [("A", "甲"), ("B", "乙"), ("C", "丙")]


@pytest.mark.parametrize("stem", ["题目（2分）", "（2分）题目", "题目【2 分】", "题目(本题２分)"])
def test_a_points_mark_moves_from_the_stem_to_the_points(stem: str) -> None:
    item = only_item(read(("判断", stem, None, None, None, None, "对")))
    assert (item.stem, item.points_hundredths) == ("题目", 200)


def test_points_in_the_middle_of_a_stem_stay_there() -> None:
    assert (
        only_item(read(("判断", "低于（60分）为不合格", None, None, None, None, "对"))).stem == "低于（60分）为不合格"
    )


def test_an_unknown_type_is_inferred_from_the_key_with_a_warning() -> None:
    report = read(
        ("谜", "一", "甲", "乙", None, None, "A"),
        (None, "二", "甲", "乙", "丙", None, "AC"),
        (None, "三", None, None, None, None, "√"),
        (None, "四____", None, None, None, None, "五"),
    )
    assert [item.type for item in report.items] == ["single_choice", "multiple_choice", "true_false", "fill_blank"]
    assert [(p.ref, p.column, p.severity) for p in report.problems] == [
        (f"row {n}", "题型", "warning") for n in (2, 3, 4, 5)
    ]


def test_headings_between_the_rows_give_type_and_points() -> None:
    report = read(
        ("一、单项选择题（每题2分，共40分）",),
        (None, "一", "甲", "乙", None, None, "A"),
        ("二、判断题",),
        (None, "二", None, None, None, None, "错"),
        ("三、简答题（每题10分）",),
        (None, "三", None, None, None, None, "要点"),
        ("四、计算题",),
        (None, "四", None, None, None, None, "略"),
    )
    assert [(item.type, item.points_hundredths, item.rationale) for item in report.items] == [
        ("single_choice", 200, ""),
        ("true_false", None, ""),
        ("short_answer", 1000, "要点"),
    ]
    assert [(p.ref, p.reason) for p in report.problems] == [("row 9", "此题型尚未支持：计算题")]


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        (("单选题", "题", "甲", "乙", None, None, None), "答案", "没有答案"),
        (("单选题", "题", "甲", "乙", None, None, "C"), "答案", "不在选项"),
        (("单选题", "题", "甲", "乙", None, None, "AB"), "答案", "只能有一个答案"),
        (("单选题", "题", "甲", "乙", None, None, "？"), "答案", "看不懂答案"),
        (("单选题", "题", "甲", None, None, None, "A"), "选项", "只有 1 个选项"),
        (("单选题", None, "甲", "乙", None, None, "A"), "题干", "题干是空的"),
        (("判断题", "题", None, None, None, None, "也许"), "答案", "看不懂判断题的答案"),
        (("填空题", "甲____乙____", None, None, None, None, "一"), "答案", "有 2 个空，却有 1 组答案"),
        (("填空题", "甲乙", None, None, None, None, "一"), "题干", "0 个"),
        (("填空题", "甲____乙____", None, None, None, None, "；二"), "答案", "第 1 空没有答案"),
        (("计算题", "题", None, None, None, None, "略"), "题型", "尚未支持"),
        (("怪题", "题", None, None, None, None, "略"), "题型", "无法从答案推断"),
        ((None, "题", None, None, None, None, None), "答案", "没有写题型，也没有答案"),
        (("判断题", "题", None, None, None, None, "对", "两分"), "分值", "不是数字"),
        (("判断题", "题", None, None, None, None, "对", "-1"), "分值", "不在 0 到 1000 之间"),
        (("判断题", "题", None, None, None, None, "对", 1.555), "分值", "超过两位小数"),
        (("判断题", "字" * 10_001, None, None, None, None, "对"), "题干", "超过上限"),
        (("判断题", "题", None, None, None, None, "对", 12345678901234567), "分值", "末尾几位已丢失"),
    ],
)
def test_a_bad_row_is_named_with_its_column_and_does_not_stop_the_others(
    row: tuple[Any, ...], column: str, words: str
) -> None:
    problem = only_error(read(row))
    assert (problem.ref, problem.column) == ("row 2", column)
    assert words in problem.reason
    both = read(row, ("判断题", "好题", None, None, None, None, "对"))
    assert [item.ref for item in both.items] == ["row 3"]
    assert [p.ref for p in both.errors] == ["row 2"]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (("单选题", "选（ B ）", "甲", "乙", None, None, "B"), "题干里写着答案 B"),
        (("单选题", "选（ A ）", "甲", "乙", None, None, "B"), "与答案列不一致"),
        (("单选题", "选（ B ）", "甲", "乙", None, None, None), "题干里写着答案 B"),
        (("判断题", "对吗（√）", None, None, None, None, None), "题干里写着答案"),
        (("单选题", "选", "甲", "乙", None, None, "乙"), "答案写的是选项内容"),
        (("单选题", "选", "甲", "乙", None, None, 2), "答案写作数字"),
        (("单选题", "选", "甲", None, "丙", None, "A"), "选项 B 是空的"),
        (("单选题", "选", "甲", "甲", "丙", None, "C"), "内容相同"),
        (("多选题", "选", "甲", "乙", "丙", None, "A"), "只有一个答案"),
        (("多选题", "选", "甲", "乙", "丙", None, "AAB"), "重复的字母"),
        (("判断题", "对", "甲", "乙", None, None, "对"), "没有选项"),
        (("判断题", "对", None, None, None, None, "A"), "按“正确”读取"),
        (("填空题", "____和____", None, None, None, None, "一、二"), "以“、”分隔"),
        (("判断题", "对（2分）", None, None, None, None, "对", 3), "与分值列不一致"),
        (("判断题", "控制\x0b字符", None, None, None, None, "对"), "控制字符"),
    ],
)
def test_a_doubtful_row_becomes_an_item_with_a_warning(row: tuple[Any, ...], words: str) -> None:
    cleaned = tuple(value.replace("\x0b", "_x000B_") if isinstance(value, str) else value for value in row)
    report = read(cleaned)
    only_item(report)
    assert words in "".join(problem.reason for problem in report.problems)
    assert "\x0b" not in report.items[0].stem


def test_a_true_false_item_with_its_two_options_takes_the_letter_of_the_right_one() -> None:
    report = read(("判断题", "题", "错误", "正确", None, None, "B"))
    assert (only_item(report).key, report.items[0].options, report.problems) == (("true",), (), [])


def test_the_answers_of_blanks_may_stand_in_columns_of_their_own() -> None:
    report = read(("填空题", "甲____乙____", "一；1", "二/贰"), header=("题型", "题干", "答案1", "答案2"))
    assert (only_item(report).key, report.problems) == ((("一；1",), ("二", "贰")), [])
    lacking = only_error(read(("填空题", "甲____乙____", None, "二"), header=("题型", "题干", "第一空", "第二空")))
    assert "第 1 空没有答案" in lacking.reason


def test_radicals_become_the_ordinary_characters_that_they_look_like() -> None:
    item = only_item(read(("单选题", "⻛险⾯前", "⼀", "⼆", None, None, "A")))
    assert (item.stem, item.options[0].text) == ("风险面前", "一")


def test_nothing_in_the_file_is_lost_without_a_word() -> None:
    report = read(
        ("判断题", None, None, None, None, None, None),
        ("判断题", "题", None, None, None, None, "对", None, "旁注"),
        HEADER,
        header=HEADER,
    )
    assert [(p.ref, p.severity) for p in report.problems] == [("row 3", "warning"), ("row 2", "warning")]
    assert "I 列没有列名" in report.problems[0].reason
    assert "没有题干" in report.problems[1].reason


def test_same_items_with_different_keys_are_pointed_out() -> None:
    report = read(("单选", "选哪个", "甲", "乙", None, None, "A"), ("单选题", "选哪个？", "乙", "甲", None, None, "A"))
    assert [(d.ref, d.of, d.similarity) for d in report.duplicates] == [("row 3", "row 2", Decimal(1))]
    assert "答案却不同" in report.problems[0].reason
    assert len(report.items) == 2


def test_near_duplicates_are_listed_with_their_similarity() -> None:
    stem = "根据公务员法的规定，机关根据公务员工作职责对公务员进行考核时，重点考核公务员的政治素质和工作实绩"
    entries = [Entry("a", stem), Entry("b", stem.replace("工作实绩", "工作业绩")), Entry("c", "别的题目")]
    (match,) = find_duplicates(entries)
    assert (match.ref, match.of) == ("b", "a")
    assert Decimal("0.90") <= match.similarity < 1
    assert [(m.ref, m.of) for m in find_duplicates(entries[2:], [Entry("old", "别的，题目！")])] == [("c", "old")]


def test_signs_that_carry_a_value_tell_items_apart() -> None:
    assert normal_form("温度为-5度") != normal_form("温度为5度")
    assert normal_form("1.5倍") != normal_form("15倍")
    assert normal_form("比例 60 %", ["Ａ类", "B类"]) == normal_form("比例60%。", ["b 类", "a类"])


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"", "a.xlsx"),
        (b"not a workbook", "a.xlsx"),
        (b"x", "a.xlsm"),
        (b"x", "a.docx"),
        (b"x", "a.pdf"),
        ("甲,乙\n1,2\n".encode(), "a.csv"),
        ("题型,答案\n单选,A\n".encode(), "a.csv"),
    ],
)
def test_a_file_that_cannot_be_read_gives_one_error_and_no_items(data: bytes, name: str) -> None:
    report = import_report(data, name)
    assert [p.severity for p in report.problems] == ["error"]
    assert report.items == []
    assert report.problems[0].reason
    assert report.problems[0].mend


def test_a_citation_in_one_cell_is_divided_as_in_a_text() -> None:
    row = ("单选题", "题（ ）", "甲", "乙", "A", "《行政处罚法》（2021年修订）第三条")
    (item,) = read(row, header=("题型", "题干", "选项A", "选项B", "答案", "依据")).items
    assert item.source == ImportedSource("行政处罚法", "2021年修订", "第三条")


def test_an_old_workbook_of_an_office_comes_in_whole() -> None:
    report = published("shown_as_typed_97.xls")
    assert [(item["type"], item["key"]) for item in report["items"]] == [
        ("single_choice", ["A"]),
        ("single_choice", ["C"]),
        ("single_choice", ["D"]),
        ("single_choice", ["B"]),
        ("multiple_choice", ["A", "B", "C"]),
        ("multiple_choice", ["A", "B", "C", "D", "E", "F"]),
        ("multiple_choice", ["A", "B", "C", "D", "E", "F"]),
        ("multiple_choice", ["A", "B", "C"]),
        *(("true_false", [truth]) for truth in ("false", "true", "true", "false", "true", "false")),
        ("fill_blank", [["2018"], ["2019年6月1日"]]),
        ("fill_blank", [["一", "1"]]),
        ("fill_blank", [["8:30"]]),
        ("short_answer", []),
    ]
    assert [option["text"] for option in report["items"][3]["options"]] == ["5%", "10%", "15.5%", "20%"]
    assert [(problem["ref"], problem["reason"]) for problem in report["problems"]] == [
        ("file", "隐藏的工作表“作废”没有导入"),
        ("row 1", "工作表“统计”里没有找到表头行（第 1 行是：题型、数量）"),
        ("row 3", "不认识“出题人”这一列，没有导入"),
        ("row 5", "第 5 行是隐藏的（共 1 行），也读入了"),
        *((f"row {row}", "写了版本、条款或原文，却没有法规名称") for row in (4, 5, 6)),
        ("row 5 (多选题)", "答案写作数字“①②③”，按字母 ABC 读取"),
    ]


def test_answers_of_the_only_blank_divided_by_a_stroke_are_ways_to_write_it() -> None:
    report = read(("填空题", "公务员法共____章。", None, None, None, None, "十八|18", 1))
    assert only_item(report).key == (("十八", "18"),)
    assert [problem.reason for problem in report.problems] == ["只有 1 个空，答案“十八|18”按几种写法读取"]


def test_the_stem_of_a_course_platform_stands_in_its_own_words() -> None:
    header = ("ID", "题目类型", "大题题干", "A", "B", "C", "D", "正确答案")
    report = read(("7", "单选题", "首都是？", "上海", "北京", None, None, "B"), header=header)
    assert only_item(report).stem == "首都是？"
    assert report.problems == []


@pytest.mark.parametrize(
    ("stem", "texts"),
    [
        ("试用期为（ ）年。A.半 B.一 C.二", ["半", "一", "二"]),
        ("试用期为（ ）年。\nA、半\nB、一\nC、二", ["半", "一", "二"]),
        ("试用期为(  )年 （A）半 （B）一 （C）二", ["半", "一", "二"]),
        ("考核A.B两项后，试用期为（ ）年。A．半年 B．一年", ["半年", "一年"]),
    ],
)
def test_options_behind_the_stem_in_one_cell_become_options(stem: str, texts: list[str]) -> None:
    report = read(("单选", stem, "B"), header=("题型", "题目", "答案"))
    item = only_item(report)
    assert ([option.text for option in item.options], item.key) == (texts, ("B",))
    assert "A" not in item.stem.removeprefix("考核A")
    assert [problem.severity for problem in report.problems] == ["warning"]


def test_letters_in_the_stem_of_another_type_are_left_alone() -> None:
    report = read(("判断", "A.B.两类考核都要公示。", "正确"), header=("题型", "题目", "答案"))
    assert only_item(report).stem == "A.B.两类考核都要公示。"


def test_a_type_that_is_merged_over_several_rows_is_that_of_each() -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in (
        ("题型", "题干", "选项A", "选项B", "答案", "分值"),
        ("多选题", "甲", "一", "二", "A", 2),
        (None, "乙", "一", "二", "AB", None),
        (None, "丙", "一", "二", "AB", None),
        ("单选题", "丁", "一", "二", "B", 1),
        (None, None, None, None, None, None),
    ):
        book.active.append(row)
    book.active.merge_cells("A2:A4")
    book.active.merge_cells("F2:F4")
    book.active.merge_cells("A5:A6")
    stream = io.BytesIO()
    book.save(stream)
    report = import_report(stream.getvalue(), "a.xlsx")
    assert [(item.type, item.points_hundredths) for item in report.items] == [
        *[("multiple_choice", 200)] * 3,
        ("single_choice", 100),
    ]
    assert [problem.reason for problem in report.problems] == ["多项选择题只有一个答案"]


def test_a_picture_that_floats_over_a_row_or_fills_a_cell_is_named() -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    shown = '=DISPIMG("ID_0A1B2C",1)'  # a picture inside a cell, as WPS keeps it
    for row in (
        HEADER,
        ("单选题", "看图", "甲", "乙", None, None, "A"),
        ("单选题", "选图", "x", "丙", None, None, "B"),
    ):
        book.active.append(row)
    book.active["C3"].value, book.active["C3"].data_type = shown, "s"
    book.active.add_image(Image(io.BytesIO(png())), "J2")  # beside the columns of the table
    stream = io.BytesIO()
    book.save(stream)
    report = import_report(stream.getvalue(), "a.xlsx")
    assert [(item.stem, [option.text for option in item.options]) for item in report.items] == [
        ("看图", ["甲", "乙"]),
        ("选图", ["[图]", "丙"]),
    ]
    assert [(p.ref, p.severity) for p in report.problems] == [("row 3", "warning"), ("row 2", "warning")]
    assert all("图片" in problem.reason for problem in report.problems)


def test_what_people_write_below_the_last_item_is_no_item() -> None:
    report = read(("判断题", "好题", None, None, None, None, "对"), (None, "以下空白"))
    assert only_item(report).stem == "好题"
    assert [(p.ref, p.severity) for p in report.problems] == [("row 3", "warning")]
    assert "“以下空白”不是试题" in report.problems[0].reason


def test_the_answers_of_blanks_may_stand_where_other_items_have_options() -> None:
    report = read(("填空题", "甲____乙____", "一;二", "三", None, None, None))
    assert only_item(report).key == (("一;二",), ("三",))
    assert [problem.reason for problem in report.problems] == ["答案写在选项列里，依次按各空的答案读取"]
    assert "没有答案" in only_error(read(("填空题", "甲____乙____", "一", None, None, None, None))).reason


def test_empty_curly_brackets_are_blanks_where_the_key_has_as_many_answers() -> None:
    report = read(("填空题", "实行{ }制度和｛｝制度", None, None, None, None, "职务；职级"))
    assert (only_item(report).stem, report.items[0].key) == ("实行____制度和____制度", (("职务",), ("职级",)))
    assert "0 个空" in only_error(read(("填空题", r"\({}^{14}C\)", None, None, None, None, "碳"))).reason


def test_a_sheet_whose_columns_nobody_named_is_read_where_every_row_fits() -> None:
    rows = [("1", "公务员实行回避制度。", None, None, "√"), ("2", "下列属于处分的是", "警告", "诫勉", "A")]
    report = read(*rows[1:], header=rows[0])
    assert [(item.ref, item.type, item.key) for item in report.items] == [
        ("row 1", "true_false", ("true",)),
        ("row 2", "single_choice", ("A",)),
    ]
    doubtful = read(("2", "下列属于处分的是", None, None, "A"), header=rows[0])
    assert "没有找到表头行" in only_error(doubtful).reason


@pytest.mark.parametrize("written", ["生机（或：活力）", "生机/活力", "答案：生机(或者活力)"])
def test_another_way_to_write_an_answer_may_stand_behind_it(written: str) -> None:
    assert only_item(read(("填空题", "焕发新的____", None, None, None, None, written))).key == (("生机", "活力"),)
