"""What goes out as a workbook is read back first: every type comes back, or is said not to."""

from question_bank.formats.excel import read_items
from question_bank.formats.excel_export import write_items
from question_bank.formats.read_back import differences
from question_bank.formats.report import ImportedItem, ImportedOption

OPTIONS = tuple(ImportedOption(label, text) for label, text in zip("ABC", ("甲", "乙", "丙"), strict=True))
EVERY = (
    ImportedItem("Q1", "single_choice", "第一题（　）。", OPTIONS, ("B",), 200),
    ImportedItem("Q2", "case", "阅读材料。", key=(), points_hundredths=300, parts=(
        ImportedItem("", "true_false", "其一。", key=("true",), points_hundredths=100),
        ImportedItem("", "single_choice", "其二（　）。", OPTIONS, ("A",), 200),
    )),
    ImportedItem("Q3", "fill_blank", "分为____和____。", key=(("平时",), ("定期", "年度")), points_hundredths=200, order_free=True),
    ImportedItem("Q4", "essay", "论述。", points_hundredths=1000, rationale="要点：一、二。", scorable=False),
    ImportedItem("Q5", "true_false", "末题。", key=("false",), points_hundredths=100),
)  # fmt: skip


def test_every_item_stands_where_it_is_looked_for_behind_a_case_with_parts() -> None:
    data, problems = write_items(EVERY)
    refused = {problem.ref for problem in problems if problem.severity == "error"}
    back = read_items(data, "试题.xlsx").items
    assert refused == set(), problems
    assert [item.type for item in back] == [item.type for item in EVERY]
    for item, again in zip(EVERY, back, strict=True):
        if item.ref not in {problem.ref for problem in problems}:
            assert differences(item, again) == []


def test_what_a_cell_cannot_hold_is_left_out_by_name_and_the_rest_is_written() -> None:
    long = ImportedItem("Q9", "true_false", "长" * 33_000, key=("true",), points_hundredths=100)
    data, problems = write_items([EVERY[0], long, EVERY[4]])
    assert [(problem.ref, problem.severity) for problem in problems] == [("Q9", "error")]
    assert [item.stem for item in read_items(data, "试题.xlsx").items] == ["第一题（　）。", "末题。"]


def test_nothing_is_a_workbook_with_headings_alone() -> None:
    data, problems = write_items([])
    assert (problems, read_items(data, "试题.xlsx").items) == ([], [])
