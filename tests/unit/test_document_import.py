"""Items from Word documents and plain text: what each real file gives, what is said about each doubt, what is refused."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings

from core.archives import UnreadableFile
from question_bank.formats.documents import KeyFile, read_document
from question_bank.formats.importing import import_report, import_reports, readable_ref
from question_bank.formats.layout import read_layout
from question_bank.formats.layout_lines import Line
from question_bank.formats.layout_sources import source_of
from question_bank.formats.report import KEYS_ALONE, ImportedItem, Report
from question_bank.formats.table_heads import MissingHead, missing_head
from question_bank.formats.word_file import lines_of_word
from tests.support.layouts import Item, Layout, banks, layouts, written

BANK = Path(__file__).parents[1] / "data" / "bank" / "documents"
EXPECTED = sorted((BANK / "expected").glob("*.json"))


def read(text: str) -> Report:
    return read_document("text", text.encode(), "a.txt")


def only_item(text: str) -> ImportedItem:
    report = read(text)
    assert report.problems == []
    (item,) = report.items
    return item


def reader_of(name: str) -> str:
    return "word" if name.endswith(".docx") else "text"


@pytest.mark.parametrize("expected", EXPECTED, ids=lambda path: path.stem)
def test_each_file_gives_exactly_its_items_and_problems(expected: Path) -> None:
    told = json.loads(expected.read_text(encoding="utf-8"))
    report = read_document(reader_of(told["file"]), BANK / told["file"], told["file"]).as_json()
    assert len(report["items"]) == len(told["items"])
    for item, wanted in zip(report["items"], told["items"], strict=True):
        assert item == wanted
    assert report["problems"] == told["problems"]


def test_there_are_at_least_a_dozen_layouts() -> None:
    assert len(EXPECTED) >= 15


def test_keys_in_a_second_file_go_to_the_items_of_the_first() -> None:
    names = ("second_file_questions.txt", "second_file_answers.docx")
    for order in (names, names[::-1]):
        reports = dict(zip(order, import_reports([(BANK / name, name) for name in order]), strict=True))
        assert [item.key for item in reports[names[0]].items] == [
            ("A",),
            ("B",),
            ("true",),
            ("false",),
            (("平时考核",), ("专项考核",)),
        ]
        assert reports[names[0]].problems == []
        assert (reports[names[1]].items, reports[names[1]].problems) == ([], [])
    alone = import_report(BANK / names[1], names[1])
    assert [problem.reason for problem in alone.problems] == [KEYS_ALONE]


def test_keys_may_stand_in_a_workbook_with_a_sheet_for_each_type() -> None:
    book = openpyxl.Workbook()
    for title, keys in (("单选题", "AB"), ("判断题", "√×")):
        sheet = book.create_sheet(title)
        sheet.append(("题号", "答案"))
        for number, key in enumerate(keys, 1):
            sheet.append((number, key))
    del book["Sheet"]
    stream = io.BytesIO()
    book.save(stream)
    items = "一、单选题\n1. 一（ ）\nA.甲 B.乙\n2. 二（ ）\nA.甲 B.乙\n二、判断题\n1. 三\n2. 四\n"
    document, keys_alone = import_reports([(items.encode(), "题.txt"), (stream.getvalue(), "答案.xlsx")])
    assert [item.key for item in document.items] == [("A",), ("B",), ("true",), ("false",)]
    assert (document.problems, keys_alone.items, keys_alone.problems) == ([], [], [])


@pytest.mark.parametrize("keys", ["1. A、B\n2. B\n", "1-2：AB B\n", "1．ＡＢ\n2．Ｂ\n"])
def test_a_file_of_items_with_an_option_a_line_is_no_file_of_keys(keys: str) -> None:
    items = "1. 第一题（ ）\nA. 甲\nB. 乙\nC. 丙\n2. 第二题（ ）\nA. 甲\nB. 乙\n"
    first, second = import_reports([(items.encode(), "题.txt"), (f"参考答案\n{keys}".encode(), "答案.txt")])
    assert [item.key for item in first.items] == [("A", "B"), ("B",)]
    assert (first.problems, second.problems) == ([], [])
    assert [problem.reason for problem in read(items).problems] == ["没有答案", "没有答案"]


def test_a_stem_that_ends_in_the_word_of_a_type_is_no_heading() -> None:
    report = read("1. 将下列步骤排序\nA. 立案\nB. 调查\n答案：B\n2、对此作出判断（2分）\nA. 对的\nB. 错的\n答案：A\n")
    assert [(item.stem, item.key) for item in report.items] == [("将下列步骤排序", ("B",)), ("对此作出判断", ("A",))]
    assert report.problems == []


def test_marks_of_fields_may_be_spaced_out() -> None:
    item = only_item("1. 题（ ）\nA. 甲\nB. 乙\n答  案：B\n解　　析：略\n【难 度】易\n")
    assert (item.key, item.rationale, item.difficulty) == (("B",), "略", "易")


def test_an_order_is_read_from_a_text() -> None:
    item = only_item("1. [排序题] 办案的步骤\nA. 立案\nB. 调查\nC. 决定\n答案：B→A→C\n")
    assert (item.type, item.key, len(item.options)) == ("ordering", ("B", "A", "C"), 3)
    (problem,) = read("1. [排序题] 办案的步骤\nA. 立案\nB. 调查\n答案：AA\n").problems
    assert (problem.column, problem.reason) == ("答案", "看不懂顺序“AA”")


def test_keys_of_a_second_file_that_fit_no_item_are_named_with_their_place() -> None:
    keys = KeyFile("text", "参考答案\n1.A\n2.B\n".encode(), "答案.txt")
    report = read_document("text", "一、单选题\n1. 题（ ）\nA.甲 B.乙\n".encode(), "题.txt", [keys])
    assert [item.key for item in report.items] == [("A",)]
    assert [problem.reason for problem in report.problems] == [
        "答案文件 答案.txt 第 3 行：答案里有第 2 题，试题里没有找到这一题"
    ]


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(banks, layouts)
def test_any_bank_in_any_layout_gives_back_the_same_items(
    bank: tuple[tuple[str, list[Item]], ...], layout: Layout
) -> None:
    text = written(bank, layout)
    report = read_layout([Line(f"line {n}", line) for n, line in enumerate(text.split("\n"), 1)], "text")
    wanted = [item for _kind, entries in bank for item in entries]
    assert [(item.type, bare(item.stem)) for item in report.items] == [(item.type, bare(item.stem)) for item in wanted]
    for item, meant in zip(report.items, wanted, strict=True):
        assert [option.text for option in item.options] == meant.options
        assert [list(key) if isinstance(key, tuple) else key for key in item.key] == meant.key
        if layout.keys in ("after", "inside"):
            assert (item.rationale, item.difficulty) == (meant.rationale, meant.difficulty)
            assert item.knowledge_points == ((meant.knowledge,) if meant.knowledge else ())
            assert (item.source.article if item.source else "") == (f"第{meant.article}条" if meant.article else "")
    assert [problem for problem in report.problems if "页码" not in problem.reason] == []


def bare(stem: str) -> str:
    """A stem without its brackets and blanks, which are written in many ways."""
    for mark in ("（　）", "（  ）", "（　　）", "(  )", "____", "@"):
        stem = stem.replace(mark, "")
    return "".join(stem.split())


@pytest.mark.parametrize(
    "keys",
    [
        "1-5 ABCDA",
        "1—5：ABCDA",
        "1～5. A B C D A",
        "1-3 ABC 4-5 DA",
        "1.A 2.B 3.C 4.D 5.A",
        "1、A；2、B；3、C；4、D；5、A",
        "1A 2B 3C 4D 5A",
        "１．Ａ　２．Ｂ　３．Ｃ　４．Ｄ　５．Ａ",
        "(1)A (2)B (3)C (4)D (5)A",
        "1-5\nABC\nDA",
        "1. A\n2. B\n3. C\n4. D\n5. A",
        "1.【答案】A\n2.【答案】B\n3.【答案】C\n4.【答案】D\n5.【答案】A",
        "第1题：A\n第2题：B\n第3题：C\n第4题：D\n第5题：A",
        "题号\t1\t2\t3\t4\t5\n答案\tA\tB\tC\tD\tA",
        "1 2 3 4 5\nA B C D A",
    ],
)
def test_a_list_of_keys_is_read_however_it_is_written(keys: str) -> None:
    items = "".join(f"{n}. 题{n}（ ）\nA.甲 B.乙 C.丙 D.丁\n" for n in range(1, 6))
    report = read(f"一、单选题\n{items}参考答案\n{keys}\n")
    assert [item.key for item in report.items] == [("A",), ("B",), ("C",), ("D",), ("A",)]
    assert report.problems == []


def test_a_list_of_keys_that_does_not_add_up_is_refused_by_name() -> None:
    report = read("一、单选题\n1. 题（ ）\nA.甲 B.乙\n2. 题二（ ）\nA.甲 B.乙\n参考答案\n1-2 ABA\n")
    assert report.items == []
    assert ("line 7", "error") in [(problem.ref, problem.severity) for problem in report.problems]
    assert any("应有 2 个答案" in problem.reason for problem in report.problems)


@pytest.mark.parametrize(
    "options",
    [
        "A.甲 B.乙 C.丙",
        "A、甲\nB、乙\nC、丙",
        "Ａ．甲　　Ｂ．乙　　Ｃ．丙",
        "(A)甲(B)乙(C)丙",
        "（A）甲\t（B）乙\n（C）丙",
        "a. 甲\nb. 乙\nc. 丙",
        "A：甲\nB：乙\nC：丙",
        "A甲\nB乙\nC丙",
        "A 甲  B 乙  C 丙",
        "A.甲\tC.丙\nB.乙",
        "○A.甲\n○B.乙\n○C.丙",
        "[A] 甲 [B] 乙 [C] 丙",
        "A.甲B.乙C.丙",
    ],
)
def test_options_are_told_apart_however_they_are_marked(options: str) -> None:
    item = only_item(f"1. 题（ ）\n{options}\n答案：B\n")
    assert [(option.label, option.text) for option in item.options] == [("A", "甲"), ("B", "乙"), ("C", "丙")]
    assert item.key == ("B",)


@pytest.mark.parametrize(
    "number",
    ["1. ", "1、", "１．", "(1) ", "（1）", "①", "第1题 ", "第一题：", "1) ", "1.", "1\t", "【1】", "Q1. ", "⒈"],
)
def test_an_item_is_recognised_by_any_usual_number(number: str) -> None:
    assert only_item(f"{number}题干（ ）\nA.甲 B.乙\n答案：A\n").stem == "题干（ ）"


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("答案：B", ("B",)),
        ("【答案】B", ("B",)),
        ("[答案] B", ("B",)),
        ("正确答案：B", ("B",)),
        ("标准答案:B", ("B",)),
        ("参考答案：Ｂ。", ("B",)),
        ("答案 B", ("B",)),
        ("答案B", ("B",)),
        ("（答案：B）", ("B",)),
        ("【答案：B】", ("B",)),
        ("B", ("B",)),
        ("（B）", ("B",)),
        ("答：B", ("B",)),
        ("答案：AB", ("A", "B")),
        ("答案：A、B", ("A", "B")),
        ("答案：A B", ("A", "B")),
        ("答案：乙", ("B",)),
    ],
)
def test_a_key_behind_the_options_is_read_however_it_is_written(line: str, key: tuple[str, ...]) -> None:
    report = read(f"1. 题（ ）\nA.甲 B.乙 C.丙\n{line}\n")
    assert [item.key for item in report.items] == [key]
    assert [item.type for item in report.items] == ["single_choice" if len(key) == 1 else "multiple_choice"]


@pytest.mark.parametrize("stem", ["选（B）。", "选（ B ）。", "选(B)。", "选【B】。", "选____B____。", "选（Ｂ）。"])
def test_a_key_inside_the_stem_becomes_a_blank_bracket(stem: str) -> None:
    item = only_item(f"1. {stem}\nA.甲 B.乙\n")
    assert (item.stem, item.key) == ("选（　）。", ("B",))


@pytest.mark.parametrize(
    ("truth", "key"),
    [("正确", "true"), ("对", "true"), ("√", "true"), ("T", "true"), ("错误", "false"), ("×", "false"), ("F", "false")],
)
@pytest.mark.parametrize("layout", ["{stem}（{truth}）", "{stem}\n答案：{truth}", "{stem} 【答案】{truth}"])
def test_true_and_false_are_read_in_and_behind_the_stem(truth: str, key: str, layout: str) -> None:
    item = only_item("一、判断题\n1. " + layout.format(stem="公务员应当忠于宪法。", truth=truth) + "\n")
    assert (item.type, item.key) == ("true_false", (key,))
    assert item.stem.startswith("公务员应当忠于宪法。")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("《公务员法》第十三条", ("公务员法", "", "第十三条", "")),
        ("《中华人民共和国公务员法》（2018年修订）第十三条第二款", ("中华人民共和国公务员法", "2018年修订", "第十三条第二款", "")),
        ("公务员法第13条", ("公务员法", "", "第13条", "")),
        ("《条例》第二条：“公务员是指……”", ("条例", "", "第二条", "公务员是指……")),
        ("《条例》", ("条例", "", "", "")),
        ("党内文件", ("党内文件", "", "", "")),
    ],
)  # fmt: skip
def test_a_citation_is_taken_apart(text: str, parts: tuple[str, ...]) -> None:
    source = source_of(text)
    assert source is not None
    assert (source.regulation, source.edition, source.article, source.quotation) == parts


def test_points_stand_in_the_heading_in_the_tag_or_in_the_stem() -> None:
    report = read(
        "一、单选题（每题2分，共6分）\n1. 甲（ ）\nA.一 B.二\n答案：A\n2. 乙（ ）（3分）\nA.一 B.二\n答案：A\n"
        "3. [单选题，1.5分] 丙（ ）\nA.一 B.二\n答案：A\n二、填空题（每空1分）\n1. ____和____\n答案：一、二\n"
        "三、论述题（共2题，共30分）\n1. 丁\n答：略\n2. 戊\n答：略\n"
    )
    assert [item.points_hundredths for item in report.items] == [200, 300, 150, 200, 1500, 1500]
    assert report.items[1].stem == "乙（ ）"


def test_a_material_for_several_items_is_a_case() -> None:
    report = read(
        "根据以下材料，回答1-2题。\n某县开展考核。\n1. 甲（ ）\nA.一 B.二\n答案：A\n2. 乙（ ）\nA.一 B.二\n答案：AB\n"
        "3. 丙（ ）\nA.一 B.二\n答案：B\n"
    )
    assert [(item.type, len(item.parts)) for item in report.items] == [("case", 2), ("single_choice", 0)]
    assert [(part.type, part.key) for part in report.items[0].parts] == [
        ("single_choice", ("A",)),
        ("multiple_choice", ("A", "B")),
    ]


def test_every_line_belongs_to_something_or_is_named() -> None:
    report = read("一、单选题\n1. 甲（ ）\nA.一 B.二\n答案：A\n\n页脚的话没有归属\n")
    assert [(problem.ref, problem.severity) for problem in report.problems] == [("line 6", "warning")]
    assert "页脚的话没有归属" in report.problems[0].reason


def test_what_an_item_with_an_error_says_is_kept_for_a_person_to_complete() -> None:
    report = read("一、单选题（每题2分）\n1. 甲（ ）\nA.一 B.二\n解析：略\n2. 乙（ ）\nA.一 B.二\n答案：C\n")
    assert report.items == []
    assert [(item.ref, item.type, len(item.options), item.points_hundredths) for item in report.unfinished] == [
        ("line 2", "single_choice", 2, 200),
        ("line 5", "single_choice", 2, 200),
    ]


def test_radicals_and_unseen_characters_are_mended() -> None:
    report = read("1. ⻛险\u200b面前（ ）\nA.⼀\x07 B.⼆\n答案：A\n")
    assert report.items[0].stem == "风险面前（ ）"
    assert [option.text for option in report.items[0].options] == ["一", "二"]
    assert ["控制字符" in problem.reason for problem in report.problems] == [True]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_text_says_the_same_in_every_encoding(encoding: str, end: str) -> None:
    data = f"1. 题（ ）{end}A. 甲{end}B. 乙{end}答案：A{end}".encode(encoding)
    report = read_document("text", data, "a.txt")
    assert [(item.ref, item.stem, item.key) for item in report.items] == [("line 1", "题（ ）", ("A",))]


def docx_of(document: str, **others: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", document)
        for name, data in others.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml"), data)
    return stream.getvalue()


W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
BODY = f"<w:document {W}><w:body>{{}}</w:body></w:document>"


@pytest.mark.parametrize(
    ("data", "name", "words"),
    [
        (b"", "a.docx", "空的"),
        (b"PK\x03\x04 cut off", "a.docx", "已损坏"),
        (b"x", "a.docm", "带宏"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "a.doc", "旧版 Word"),
        (b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "a.docx", "加了密码"),
        (b"{\\rtf1 ...}", "a.doc", "RTF"),
        (b"<html><body>", "a.doc", "网页"),
        (b"plain", "a.docx", "与扩展名不符"),
        (
            docx_of(BODY.format(""), word__vbaProject_bin=b"x").replace(b"vbaProject_bin", b"vbaProject.bin"),
            "a.docx",
            "宏",
        ),
        (docx_of("<!DOCTYPE x [<!ENTITY a 'b'>]><x/>"), "a.docx", "DOCTYPE"),
        (docx_of("<w:document"), "a.docx", "不是合法的 XML"),
        (docx_of(f"<w:document {W}/>"), "a.docx", "没有正文"),
        (docx_of(BODY.format("")), "a.docx", "空的"),
        (docx_of(BODY.format("<w:p/>" * 3)), "a.docx", "空的"),
        (docx_of(BODY.format("<w:tbl><w:tr><w:tc>" * 60 + "</w:tc></w:tr></w:tbl>" * 60)), "a.docx", "嵌套过深"),
    ],
    ids=[f"case {number}" for number in range(15)],
)
def test_a_document_that_cannot_be_read_is_refused_in_one_sentence(data: bytes, name: str, words: str) -> None:
    report = read_document("word", data, name)
    assert report.items == []
    (problem,) = report.problems
    assert problem.severity == "error"
    assert words in problem.reason + problem.mend
    assert problem.mend


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "空的"),
        (b"PK\x03\x04...", "压缩格式"),
        (b"%PDF-1.7", "PDF"),
        (b"\xd0\xcf\x11\xe0abc", "旧版"),
        (b"\x00\x01\x02\x03 binary", "文本"),
        ("1. 公务员\n".encode() * 30 + "机关考核".encode("gb18030") + b"\n", "第 31 行"),
        ("没有试题的一段话。\n".encode(), "没有找到试题"),
    ],
    ids=[f"case {number}" for number in range(7)],
)
def test_a_file_that_is_no_text_or_no_bank_is_refused_in_one_sentence(data: bytes, words: str) -> None:
    report = read_document("text", data, "a.txt")
    assert report.items == []
    assert len(report.errors) == 1
    assert words in report.errors[0].reason
    assert report.errors[0].mend


@pytest.mark.parametrize(
    "line",
    [
        "（" * 5000,
        "A." * 5000,
        "1-" * 5000,
        "____ " * 4000,
        " " * 15000 + "x",
        "答案：" * 4000,
        "《" * 5000,
        "1.A " * 3000,
    ],
    ids=[f"line {number}" for number in range(8)],
)
def test_a_hostile_line_takes_no_longer_than_its_length(line: str) -> None:
    report = read(f"一、单选题\n1. {line}\n{line}\nA.甲 B.乙\n答案：{line}\n")
    assert isinstance(report.as_json()["problems"], list)


def test_ten_thousand_options_and_endless_lines_are_named_not_kept() -> None:
    many: Any = read("1. 题（ ）\n" + "A. 甲\n" * 10_000 + "答案：A\n")
    assert many.items == []
    assert len(many.errors) == 1
    long = read("1. 题（ ）\n" + "字" * 30_000 + "\nA.甲 B.乙\n答案：A\n")
    assert "超过上限" in long.errors[0].reason
    endless = read("甲\n" * 200_001)
    assert "超过上限 200000 行" in endless.errors[0].reason


def test_paragraphs_are_counted_as_word_counts_them_and_text_boxes_are_not() -> None:
    cell = "<w:tbl><w:tr><w:tc><w:p/><w:p/></w:tc></w:tr></w:tbl>"
    run = "<w:r><w:t>{}</w:t></w:r>"
    box = f"<w:r><w:pict><w:txbxContent><w:p>{run.format('框')}</w:p></w:txbxContent></w:pict></w:r>"
    body = f"<w:p/>{cell}<w:p>{run.format('甲')}{box}</w:p><w:p>{run.format('乙')}</w:p>"
    found = lines_of_word(docx_of(BODY.format(body)), "a.docx")
    assert [(line.ref, line.text) for line in found.lines if line.text] == [
        ("paragraph 4", "甲"),
        ("paragraph 4", "框"),
        ("paragraph 5", "乙"),
    ]


def test_a_bomb_inside_a_document_is_not_unpacked() -> None:
    with pytest.raises(UnreadableFile, match="压缩"):
        lines_of_word(docx_of(BODY.format(" " * 60_000_000)), "a.docx")


def test_places_are_told_in_chinese() -> None:
    assert [readable_ref(ref) for ref in ("line 3", "paragraph 31", "row 12", "file")] == [
        "第 3 行",
        "第 31 段",
        "第 12 行",
        "整个文件",
    ]


def test_parts_of_a_paper_with_roman_numbers_are_headings_and_state_points() -> None:
    report = read(
        "第Ⅰ部分　单项选择题（本大题共2小题，每小题2分，共4分）\n1．甲是（　）。\nA．一　B．二\n答案：A\n2．乙是（　）。\nA．一　B．二\n"
        "答案：B\n第II部分　判断题（每题1分）\n3．丙。\n答案：正确\n"
    )
    assert report.problems == []
    assert [(item.type, item.points_hundredths, item.rationale) for item in report.items] == [
        ("single_choice", 200, ""),
        ("single_choice", 200, ""),
        ("true_false", 100, ""),
    ]


@pytest.mark.parametrize("said", ["正确答案是 C。", "答案为C", "标准答案应选：C", "答案是C."])
def test_a_key_that_is_told_in_a_sentence_is_a_key(said: str) -> None:
    item = only_item(f"1. 不属于处分的是（　）。\nA. 警告\nB. 记过\nC. 诫勉\n{said}\n")
    assert (item.key, [option.text for option in item.options]) == (("C",), ["警告", "记过", "诫勉"])


def test_a_sentence_about_answers_stays_in_its_stem() -> None:
    item = only_item("1. 关于考核，\n正确答案是唯一的说法（　）。\nA. 对 B. 错\n答案：A\n")
    assert "正确答案是唯一的说法" in item.stem


def test_what_corrects_a_wrong_statement_is_told_to_nobody_who_answers_it() -> None:
    item = only_item("一、判断改错题\n1、公务员可以领取兼职报酬。（×）\n改正：不得领取报酬。\n")
    assert (item.stem, item.key, item.rationale) == ("公务员可以领取兼职报酬。（　）", ("false",), "不得领取报酬。")


def test_a_difficulty_in_brackets_behind_the_type_is_no_part_of_the_stem() -> None:
    item = only_item("[单选题][易] 施行日期是\n[A]2019年6月1日\n[B]2006年1月1日\n[答案]A\n")
    assert (item.stem, item.difficulty, item.type) == ("施行日期是", "易", "single_choice")


@pytest.mark.parametrize(
    ("rows", "columns"),
    [
        ([("1", "公务员实行回避制度。", "√"), ("2", "公务员可以经商。", "×")], "题号 题干 答案"),
        ([("9、", "选（ ）A.甲 B.乙 C.丙", "C"), ("10、", "再选（ ）A.甲 B.乙", "AB")], "题号 题干 答案"),
        (
            [("1", "判断", "公务员实行回避制度。", "对"), ("2", "单选", "选哪一个 A.甲 B.乙", "A")],
            "题号 题型 题干 答案",
        ),
        ([("1", "下列正确的是", "A.甲\nB.乙", "A"), ("2", "下列错误的是", "A.甲 B.乙", "B")], "题号 题干 选项 答案"),
        ([("1", "下列正确的是", "甲", "乙", "A"), ("2", "下列说法都对", "", "", "对")], "题号 题干 选项A 选项B 答案"),
        ([("1", "考核分为____和定期考核", "专项考核"), ("2", "处分期为____个月", "24")], "题号 题干 答案"),
        (
            [
                ("1", "公务员实行回避。", "√"),
                ("2", "公务员可以经商。", "×"),
                ("二、单选题", "", ""),
                ("1", "选（ ）A.甲 B.乙", "A"),
            ],
            "题号 题干 答案",
        ),
        ([("1", "公务员实行回避制度。", "√"), ("2", "公务员可以经商。", "")], "题号 题干 答案"),
    ],
)
def test_the_columns_of_a_table_that_nobody_named_are_known_where_every_row_fits(
    rows: list[tuple[str, ...]], columns: str
) -> None:
    head = missing_head(rows)
    assert head == MissingHead(tuple(columns.split()))


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([("1", "张三本年度表现", "A"), ("2", "李四本年度表现", "B")], "没有相应的选项"),
        (
            [("1", "公务员实行回避制度。", "√"), ("2", "公务员可以经商。", "第五十九条")],
            "第 2 题的最后一列“第五十九条”不像答案",
        ),
        ([("1", "考勤", "√"), ("2", "述职", "×")], "第 1 题的题干只有“考勤”"),
        (
            [("1", "下列正确的是", "甲", "", "丙", "A"), ("2", "下列错误的是", "甲", "乙", "丙", "B")],
            "不是从 A 起连续的",
        ),
        (
            [("本表由人事处填写", "", ""), ("1", "公务员实行回避制度。", "√"), ("2", "公务员可以经商。", "×")],
            "单独占一行",
        ),
    ],
)
def test_a_table_whose_columns_are_not_certain_is_refused_once(rows: list[tuple[str, ...]], words: str) -> None:
    head = missing_head(rows)
    assert head is not None
    assert head.columns == ()
    assert words in head.doubt


@pytest.mark.parametrize(
    "rows",
    [
        [("1", "甲单位", "85"), ("2", "乙单位", "90")],
        [("甲", "公务员实行回避制度。", "√"), ("乙", "公务员可以经商。", "×")],
        [("1", "公务员实行回避制度。", "√")],
        [("1", "A"), ("2", "B")],
        [("1", "2", "3"), ("A", "B", "C")],
        [("1", "公务员实行回避制度。", "√"), ("2", "公务员可以经商。")],
    ],
)
def test_a_table_of_other_things_stays_what_it_is(rows: list[tuple[str, ...]]) -> None:
    assert missing_head(rows) is None
