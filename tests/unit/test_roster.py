"""Reading rosters as people bring them: every problem has its row, its column, its reason and its mend."""

import csv
import io
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.spreadsheet_writing import Column, write_sheet
from core.spreadsheets import read_sheet
from exam.candidates.roster import Known, Wishes, read_roster
from exam.candidates.rules import check_digit, identity_fault, is_admission_number

DATA = Path(__file__).resolve().parents[1] / "data" / "roster"
TODAY = date(2026, 11, 23)
NO_WISHES = Wishes()
KNOWN = Known(today=TODAY, sessions={"上午场": 1, "下午场": 2}, rooms={1: ("第一考场",)})
ONE = Known(today=TODAY, sessions={"上午场": 1})


def identity(body: str) -> str:
    return body + check_digit(body)


ID_1, ID_2 = identity("11010119900307001"), identity("11010119851212002")


def sheet_of(*rows: tuple[str, ...]):
    """The rows as a CSV file that was read back."""
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return read_sheet(text.getvalue().encode(), "名单.csv")


HEAD = ("姓名", "单位", "职务", "准考证号", "身份证号")


def roster_of(*rows, known=ONE, wishes=NO_WISHES, head=HEAD):
    return read_roster(sheet_of(head, *rows), known, wishes)


def only_problem(roster):
    (problem,) = roster.problems
    return problem


def test_a_clean_roster_is_understood_row_by_row():
    roster = roster_of(
        ("王建国", "市财政局", "副局长", "26110001", ID_1), ("李 秀英", "市统计局", "科长", "26110002", "")
    )
    assert roster.may_be_imported
    assert [entry.name for entry in roster.entries] == ["王建国", "李秀英"]
    assert roster.entries[0].identity == ID_1
    assert roster.entries[0].session_id == 1


def test_columns_may_stand_in_any_order_under_other_names_below_a_title():
    sheet = sheet_of(
        ("2026 年参加测试人员名单",),
        ("序号", "考号", "工作单位", "考生姓名", "公民身份号码", "现任职务"),
        ("1", "26110001", "市财政局", "王建国", ID_1.lower(), "副局长"),
    )
    roster = read_roster(sheet, ONE, Wishes())
    assert roster.may_be_imported
    entry = roster.entries[0]
    assert (entry.number, entry.name, entry.unit, entry.post, entry.identity) == (
        "26110001",
        "王建国",
        "市财政局",
        "副局长",
        ID_1,
    )
    assert roster.ignored_columns == ("序号",)


def test_full_width_digits_are_read_as_digits():
    assert roster_of(("王建国", "", "", "２６１１０００１", "")).entries[0].number == "26110001"


def test_a_file_without_a_header_is_refused_with_the_way_to_mend_it():
    problem = only_problem(read_roster(sheet_of(("甲", "乙"), ("丙", "丁")), ONE, Wishes()))
    assert "没有找到表头" in problem.reason
    assert "模板" in problem.mend


def test_a_missing_number_column_is_one_problem_unless_numbers_are_generated():
    head, row = ("姓名", "单位"), ("王建国", "市财政局")
    problem = only_problem(roster_of(row, head=head))
    assert problem.column == "准考证号"
    assert roster_of(row, head=head, wishes=Wishes(generate_numbers=True)).may_be_imported


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        (("", "市财政局", "", "26110009", ""), "姓名", "没有姓名"),
        (("王建国", "", "", "", ""), "准考证号", "没有准考证号"),
        (("王建国", "", "", "26/1", ""), "准考证号", "格式不对"),
        (("王建国", "", "", "26110009", "110101199003070000"), "身份证号", "校验码不符"),
        (("王建国", "", "", "26110009", "11010119900307"), "身份证号", "应为 18 位"),
        (("王建国", "", "", "26110009", "110101900307001"), "身份证号", "15 位旧号码"),
        (("王建国", "", "", "26110009", identity("11010119901307001")), "身份证号", "出生日期"),
        (("王" * 65, "", "", "26110009", ""), "姓名", "超过 64 个字"),
    ],
)
def test_what_is_wrong_in_a_row_is_said_with_row_and_column(row, column, reason):
    problem = only_problem(roster_of(("李秀英", "市统计局", "", "26110001", ""), row))
    assert (problem.row, problem.column, problem.severity) == (3, column, "error")
    assert reason in problem.reason
    assert problem.mend


def test_one_error_keeps_the_whole_roster_out():
    roster = roster_of(("李秀英", "", "", "26110001", ""), ("", "", "", "26110002", ""))
    assert not roster.may_be_imported
    assert (len(roster.entries), roster.faulty_rows) == (1, 1)


def test_a_duplicate_number_in_the_file_names_the_row_above():
    problem = only_problem(roster_of(("王建国", "", "", "26110001", ""), ("李秀英", "", "", "26110001", "")))
    assert problem.row == 3
    assert problem.reason == "准考证号与第 2 行重复"
    assert problem.duplicate


def test_a_number_that_the_exam_has_already_is_an_error():
    known = Known(today=TODAY, sessions={"上午场": 1}, numbers=frozenset({"26110001"}))
    assert "已在这场考试的名单里" in only_problem(roster_of(("王建国", "", "", "26110001", ""), known=known)).reason


def test_the_same_person_twice_is_an_error_by_identity_number_and_a_warning_by_name():
    by_identity = roster_of(("王建国", "", "", "26110001", ID_1), ("王建军", "", "", "26110002", ID_1))
    assert "身份证号与第 2 行相同" in only_problem(by_identity).reason
    by_name = roster_of(("王建国", "市财政局", "", "26110001", ""), ("王建国", "市财政局", "", "26110002", ""))
    assert only_problem(by_name).severity == "warning"
    assert by_name.may_be_imported


def test_no_problem_repeats_an_identity_number():
    wrong = "110101199003070000"
    roster = roster_of(("王建国", "", "", "26110001", wrong), ("李秀英", "", "", "26110002", ID_1 + "9"))
    for problem in roster.problems:
        assert wrong not in str(problem.as_json()) + problem.value
        assert ID_1 not in str(problem.as_json()) + problem.value


PLACED = (*HEAD, "场次", "考场", "座位号", "加时(分钟)")


def test_places_are_read_and_new_rooms_named():
    roster = roster_of(
        ("王建国", "", "", "26110001", "", "上午场", "第一考场", "1", "15"),
        ("李秀英", "", "", "26110002", "", "下午场", "第二考场", "1", ""),
        known=KNOWN,
        head=PLACED,
    )
    assert roster.may_be_imported
    assert roster.new_rooms == ((2, "第二考场"),)
    assert [entry.extra_seconds for entry in roster.entries] == [900, 0]


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        (("王建国", "", "", "26110001", "", "晚场", "", "", ""), "场次", "没有这个场次"),
        (("王建国", "", "", "26110001", "", "", "", "", ""), "场次", "没有写场次"),
        (("王建国", "", "", "26110001", "", "上午场", "", "3", ""), "座位号", "有座位号而没有考场"),
        (("王建国", "", "", "26110001", "", "上午场", "", "", "很久"), "加时(分钟)", "不是合理的分钟数"),
        (("王建国", "", "", "26110001", "", "上午场", "", "", "500"), "加时(分钟)", "不是合理的分钟数"),
    ],
)
def test_a_place_that_does_not_exist_is_said(row, column, reason):
    problem = only_problem(roster_of(row, known=KNOWN, head=PLACED))
    assert problem.column == column
    assert reason in problem.reason


def test_two_people_on_one_seat_are_an_error():
    rows = [(name, "", "", f"2611000{n}", "", "上午场", "第一考场", "7", "") for n, name in ((1, "甲某"), (2, "乙某"))]
    assert "同一座位" in only_problem(roster_of(*rows, known=KNOWN, head=PLACED)).reason


def test_rows_without_a_session_take_the_one_that_was_chosen():
    roster = roster_of(("王建国", "", "", "26110001", ""), known=KNOWN, wishes=Wishes(session_id=2))
    assert roster.entries[0].session_id == 2


def test_a_number_that_the_spreadsheet_damaged_is_an_error_in_its_own_words():
    roster = read_roster(read_sheet(DATA / "damaged_numbers.xlsx", "damaged_numbers.xlsx"), ONE, Wishes())
    assert any(problem.column == "身份证号" and "丢失" in problem.reason for problem in roster.errors)
    assert not roster.may_be_imported


def test_a_roster_from_excel_is_read_whole():
    roster = read_roster(read_sheet(DATA / "roster.xlsx", "roster.xlsx"), KNOWN, Wishes())
    assert roster.problems == ()
    assert len(roster.entries) == 12
    assert {entry.session_id for entry in roster.entries} == {1, 2}


def test_a_roster_in_the_encoding_of_old_windows_is_read():
    roster = read_roster(read_sheet(DATA / "roster_gb18030.csv", "roster_gb18030.csv"), ONE, Wishes())
    assert [entry.name for entry in roster.entries] == ["王建国", "李秀英", "赵䶮"]


def test_an_empty_roster_says_what_to_do():
    assert "没有任何考生" in only_problem(roster_of()).reason


def test_the_check_digit_is_the_standards_own_example():
    # GB 11643-1999, the example of its appendix.
    assert check_digit("11010519491231002") == "X"
    assert identity_fault("11010519491231002X", TODAY) == ""


@given(st.text("0123456789", min_size=17, max_size=17), st.integers(0, 16), st.integers(1, 9))
def test_one_changed_digit_is_always_noticed(body, place, shift):
    number = body + check_digit(body)
    changed = number[:place] + str((int(number[place]) + shift) % 10) + number[place + 1 :]
    assert check_digit(changed[:17]) != changed[17]


def test_admission_numbers_are_letters_digits_and_inner_hyphens():
    assert all(is_admission_number(number) for number in ("26110001", "A-01", "2026-01-0001"))
    assert not any(is_admission_number(number) for number in ("", "123", "-123", "12 34", "甲0001", "1" * 33, "1234-"))


def test_the_template_that_we_hand_out_is_read_without_a_problem():
    stream = io.BytesIO()
    columns = [Column(title, 18) for title in PLACED]
    row = ("王建国", "市财政局", "副局长", "26110001", ID_1, "上午场", "第一考场", "1", "15")
    write_sheet(stream, "名单", columns, [row], "考生名单", ["说明"])
    roster = read_roster(read_sheet(stream.getvalue(), "模板.xlsx"), KNOWN, Wishes())
    assert roster.problems == ()
    assert len(roster.entries) == 1
