"""Bringing a roster: dry run, confirmation, undo, the list with its export, leave and tickets; and the command line."""

import io
import json
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy import func, select

from core.audit.models import AuditEntry
from core.database import transaction
from exam.schedule.models import Candidate
from exam.sittings.models import Sitting
from tests.support.exams import make_candidates, make_exam, make_published_exam, make_session

DATA = Path(__file__).resolve().parents[1] / "data" / "roster"


@pytest.fixture
def exam(app, cast, clock):
    """A planned exam with a morning and an afternoon session and nobody on the roster."""
    with app.app_context(), transaction("write") as session:
        actor = cast.actor("organizer")
        made = make_exam(session, actor, clock)
        rows = [make_session(session, actor, clock, made, name=name) for name in ("上午场", "下午场")]
        return {"id": made.id, "sessions": [row.id for row in rows], "url": f"/exams/{made.id}/roster"}


@pytest.fixture
def published(app, cast, clock):
    with app.app_context(), transaction("write") as session:
        made, row, people = make_published_exam(session, cast.actor("organizer"), clock)
        return {
            "id": made.id,
            "session": row.id,
            "people": [person.id for person in people],
            "url": f"/exams/{made.id}/roster",
        }


def upload(window, url, name, data=None, **fields):
    content = (DATA / name).read_bytes() if data is None else data
    values = {"file": (io.BytesIO(content), name), "session_id": "0", **fields}
    return window.post(f"{url}/import", values, content_type="multipart/form-data")


def text_of(answer):
    return answer.get_data(as_text=True)


def how_many(app, table=Candidate):
    with app.app_context(), transaction("read") as session:
        return session.scalar(select(func.count()).select_from(table))


def test_a_clean_roster_is_shown_confirmed_and_written_once(app, cast, browser, exam):
    window = browser("organizer")
    answer = upload(window, exam["url"], "roster.xlsx")
    assert answer.status_code == 302
    review = text_of(window.get(answer.location))
    assert "导入 12 名考生" in review
    assert "将新建考场" in review
    assert how_many(app) == 0
    done = window.post(answer.location)
    assert done.status_code == 302
    assert how_many(app) == 12
    assert "撤销这次导入" in text_of(window.get(done.location))
    again = window.post(answer.location)
    assert again.status_code == 422
    assert "已过期" in text_of(again)
    assert how_many(app) == 12


def test_identity_numbers_are_masked_on_every_page_and_sealed_in_the_table(app, cast, browser, exam):
    window = browser("organizer")
    answer = upload(window, exam["url"], "roster.xlsx")
    whole = "110101197501110"
    review = text_of(window.get(answer.location))
    assert whole not in review
    assert "110101********" in review
    window.post(answer.location)
    assert whole not in text_of(window.get(exam["url"]))
    with app.app_context(), transaction("read") as session:
        person = session.scalars(select(Candidate).order_by(Candidate.id)).first()
    assert whole not in person.identity_sealed
    assert person.identity_masked.startswith("110101********")


def test_problems_come_first_and_nothing_can_be_confirmed(app, cast, browser, exam):
    window = browser("organizer")
    answer = upload(window, exam["url"], "roster_with_problems.xlsx", session_id=str(exam["sessions"][0]))
    review = text_of(window.get(answer.location))
    assert "名单有 3 处错误，不能导入" in review
    for sentence in ("没有姓名", "准考证号与第 2 行重复", "准考证号格式不对"):
        assert sentence in review
    assert review.index("没有姓名") < review.index("读懂的考生")
    refused = window.post(answer.location)
    assert refused.status_code == 422
    assert "没有写入任何内容" in text_of(refused)
    assert how_many(app) == 0


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("not_a_spreadsheet.xlsx", None, "PDF"),
        ("名单.csv", "甲,乙\n丙,丁\n".encode(), "没有找到表头"),
        ("名单.csv", "姓名,单位\n王建国,市财政局\n".encode(), "没有“准考证号”这一列"),
        ("damaged_numbers.xlsx", None, "已丢失"),
    ],
)
def test_a_wrong_file_is_one_clear_sentence_and_writes_nothing(app, cast, browser, exam, name, data, sentence):
    window = browser("organizer")
    answer = upload(window, exam["url"], name, data, session_id=str(exam["sessions"][0]))
    assert sentence in text_of(window.get(answer.location))
    assert window.post(answer.location).status_code == 422
    assert how_many(app) == 0


def test_no_file_is_said_beside_the_field(cast, browser, exam):
    answer = browser("organizer").post(f"{exam['url']}/import", {"session_id": "0"})
    assert answer.status_code == 422
    assert "请选择名单文件" in text_of(answer)


def test_a_number_on_the_roster_already_is_a_problem(app, cast, browser, exam):
    window = browser("organizer")
    window.post(upload(window, exam["url"], "roster.xlsx").location)
    again = upload(window, exam["url"], "roster.xlsx")
    assert "准考证号已在这场考试的名单里" in text_of(window.get(again.location))
    assert window.post(again.location).status_code == 422
    assert how_many(app) == 12


def test_numbers_are_generated_where_the_organizer_wants_them(app, cast, browser, exam):
    window = browser("organizer")
    data = "姓名,单位\n王建国,市财政局\n李秀英,市统计局\n".encode()
    answer = upload(window, exam["url"], "名单.csv", data, generate="y", session_id=str(exam["sessions"][1]))
    assert "（系统编排）" in text_of(window.get(answer.location))
    window.post(answer.location)
    with app.app_context(), transaction("read") as session:
        rows = session.scalars(select(Candidate).order_by(Candidate.id)).all()
    assert [row.admission_number[-4:] for row in rows] == ["0001", "0002"]
    assert {row.session_id for row in rows} == {exam["sessions"][1]}


def test_an_import_is_undone_as_a_whole(app, cast, browser, exam):
    window = browser("organizer")
    done = window.post(upload(window, exam["url"], "roster.xlsx").location)
    stamp = done.location.rpartition("=")[2]
    assert window.post(f"{exam['url']}/undo", {"imported": stamp}).status_code == 302
    assert how_many(app) == 0
    assert window.post(f"{exam['url']}/undo", {"imported": "x"}).status_code == 422


def test_another_organizers_upload_cannot_be_confirmed(app, cast, browser, exam):
    answer = upload(browser("organizer"), exam["url"], "roster.xlsx")
    assert browser("second_organizer").post(answer.location).status_code == 422
    assert how_many(app) == 0


def test_a_supplement_after_publication_creates_sittings(app, cast, browser, published):
    window = browser("organizer")
    data = "姓名,准考证号\n钱进,LATE-01\n".encode()
    window.post(upload(window, published["url"], "补报.csv", data).location)
    assert how_many(app, Sitting) == 4


def test_the_template_is_an_empty_roster_that_names_the_sessions(cast, browser, exam):
    answer = browser("organizer").get(f"{exam['url']}/template.xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).active
    cells = [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value]
    assert "姓名" in cells
    assert "身份证号" in cells
    rules = [str(rule.formula1) for rule in sheet.data_validations.dataValidation]
    assert rules == ['"上午场,下午场"']


def test_the_list_is_searched_filtered_and_exported_masked(app, cast, browser, exam):
    window = browser("organizer")
    window.post(upload(window, exam["url"], "roster.xlsx").location)
    assert "共 <strong" in text_of(window.get(exam["url"]))
    found = text_of(window.get(f"{exam['url']}?q=李秀英"))
    assert "李秀英" in found
    assert "王建国" not in found
    assert "没有符合条件的考生" in text_of(window.get(f"{exam['url']}?q=无此人"))
    answer = window.get(f"{exam['url']}/export.xlsx?session={exam['sessions'][1]}")
    rows = list(openpyxl.load_workbook(io.BytesIO(answer.data)).active.iter_rows(values_only=True))
    assert len(rows) == 2 + 4
    assert all("********" in row[4] for row in rows[2:])
    with app.app_context(), transaction("read") as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "roster_exported")).one()
    assert entry.details["count"] == 4


ONE = {"name": "钱进", "unit": "=HYPERLINK(1)", "post": "科长", "number": "X-0001", "seat": "", "extra_minutes": "15"}


def test_one_candidate_is_added_under_the_same_checks(app, cast, browser, exam):
    window = browser("organizer")
    place = f"{exam['sessions'][0]}:"
    wrong = window.post(f"{exam['url']}/new", {**ONE, "place": place, "identity": "123"})
    assert wrong.status_code == 422
    assert "应为 18 位" in text_of(wrong)
    assert 'value="钱进"' in text_of(wrong)
    assert window.post(f"{exam['url']}/new", {**ONE, "place": place, "identity": ""}).status_code == 302
    twice = window.post(f"{exam['url']}/new", {**ONE, "place": place, "identity": ""})
    assert "已在这场考试的名单里" in text_of(twice)
    assert how_many(app) == 1


def test_a_candidate_is_changed_and_what_was_typed_stays_on_refusal(app, cast, browser, published):
    window = browser("organizer")
    url = f"{published['url']}/{published['people'][0]}"
    page = text_of(window.get(url))
    assert "第 1 次签发" in page
    values = {
        "name": "王建国",
        "unit": "新单位",
        "post": "",
        "place": f"{published['session']}:",
        "extra_minutes": "20",
    }
    assert window.post(url, {**values, "seat": "9"}).status_code == 422
    assert window.post(url, {**values, "seat": ""}).status_code == 302
    with app.app_context(), transaction("read") as session:
        person = session.get_one(Candidate, published["people"][0])
        sitting = session.scalars(select(Sitting).where(Sitting.candidate_id == person.id)).one()
    assert (person.unit, person.extra_seconds, sitting.extra_seconds) == ("新单位", 1200, 1200)


def test_leave_is_recorded_with_its_basis_and_withdrawn(cast, browser, published):
    window = browser("organizer")
    url = f"{published['url']}/{published['people'][0]}"
    words = {"basis": "因公出差", "approved_by": "张部长", "approved_on": "2026-11-20"}
    assert window.post(f"{url}/leave", {**words, "approved_on": "2026-12-01"}).status_code == 422
    assert window.post(f"{url}/leave", {**words, "basis": ""}).status_code == 422
    assert window.post(f"{url}/leave", words).status_code == 302
    assert "请假缓考" in text_of(window.get(published["url"]))
    assert window.post(f"{url}/leave", {**words, "basis": "行程取消"}).status_code == 302
    page = text_of(window.get(url))
    assert "行程取消" in page
    assert "因公出差" in page


def test_a_new_ticket_voids_the_old_one(app, cast, browser, published):
    window = browser("organizer")
    url = f"{published['url']}/{published['people'][0]}"
    assert "立即作废" in text_of(window.get(f"{url}/reissue"))
    window.post(f"{url}/reissue")
    assert "第 2 次签发" in text_of(window.get(url))


def test_nobody_leaves_the_roster_after_publication(app, cast, browser, published):
    window = browser("organizer")
    answer = window.post(f"{published['url']}/{published['people'][0]}/remove")
    assert answer.status_code == 409
    assert "不能移出名单" in text_of(answer)


def test_somebody_leaves_the_roster_of_a_planned_exam_after_one_question(app, cast, browser, exam):
    window = browser("organizer")
    place = f"{exam['sessions'][0]}:"
    window.post(f"{exam['url']}/new", {**ONE, "place": place, "identity": ""})
    with app.app_context(), transaction("read") as session:
        person = session.scalars(select(Candidate.id)).one()
    assert "会被删除" in text_of(window.get(f"{exam['url']}/{person}/remove"))
    assert window.post(f"{exam['url']}/{person}/remove").status_code == 302
    assert how_many(app) == 0


PATHS = ("", "/import", "/template.xlsx", "/export.xlsx", "/new", "/{person}", "/{person}/leave", "/{person}/reissue")


@pytest.mark.parametrize("path", PATHS)
def test_the_roster_is_for_organizers_alone(cast, browser, published, path):
    url = published["url"] + path.format(person=published["people"][0])
    assert browser("second_organizer").get(url).status_code == 200
    for name in ("stranger", "invigilator", "supervisor"):
        assert browser(name).get(url).status_code == 403
    assert browser().get(url).status_code == 302


@pytest.mark.parametrize(
    "path", ["/import", "/import/" + "0" * 64, "/undo", "/new", "/{person}", "/{person}/leave", "/{person}/reissue"]
)
def test_acts_on_the_roster_need_the_token_and_the_right(cast, browser, published, path):
    url = published["url"] + path.format(person=published["people"][0])
    assert browser("organizer").client.post(url).status_code == 400
    assert browser("invigilator").post(url).status_code == 403


def run(app, *arguments):
    return app.test_cli_runner().invoke(args=["roster", "import", *arguments])


def test_the_command_checks_without_writing_and_imports_with_commit(app, cast, exam):
    checked = run(app, "KS-1", str(DATA / "roster.xlsx"), "--json")
    assert checked.exit_code == 0
    report = json.loads(checked.stdout)
    assert (report["rows"], report["ready"], report["imported"], report["problems"]) == (12, 12, 0, [])
    assert how_many(app) == 0
    done = run(app, "KS-1", str(DATA / "roster.xlsx"), "--commit", "--json")
    assert json.loads(done.stdout)["imported"] == 12
    assert how_many(app) == 12


def test_the_command_reports_problems_and_writes_nothing(app, cast, exam):
    answer = run(app, "KS-1", str(DATA / "roster_with_problems.xlsx"), "--commit", "--json", "--session", "上午场")
    assert answer.exit_code == 1
    problems = json.loads(answer.stdout)["problems"]
    assert {problem["ref"] for problem in problems} == {"row 3", "row 4", "row 5"}
    assert set(problems[0]) == {"ref", "column", "severity", "reason", "mend"}
    assert "没有写入任何内容" in answer.stderr
    assert how_many(app) == 0


def test_an_unreadable_file_is_the_same_report_with_one_problem(app, cast, exam):
    answer = run(app, "KS-1", str(DATA / "not_a_spreadsheet.xlsx"), "--json")
    assert answer.exit_code == 1
    assert [problem["ref"] for problem in json.loads(answer.stdout)["problems"]] == ["file"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("NO-SUCH", str(DATA / "roster.xlsx")), "没有代码或编号为“NO-SUCH”的考试"),
        (("KS-1", "/nowhere/roster.xlsx"), "没有文件"),
        (("KS-1", str(DATA / "roster.xlsx"), "--session", "晚场"), "没有名为“晚场”的场次"),
    ],
)
def test_an_unknown_exam_file_or_session_is_one_sentence_and_wrong_usage(app, cast, exam, arguments, sentence):
    answer = run(app, *arguments)
    assert answer.exit_code == 2
    assert sentence in answer.stderr
    assert answer.stdout == ""


def test_an_exam_without_sessions_cannot_take_a_roster(app, cast, browser, clock):
    with app.app_context(), transaction("write") as session:
        bare = make_exam(session, cast.actor("organizer"), clock, code="KS-2")
    assert "请先安排场次" in text_of(browser("organizer").get(f"/exams/{bare.id}/roster/import"))
    answer = run(app, "KS-2", str(DATA / "roster.xlsx"))
    assert answer.exit_code == 1
    assert "还没有场次" in answer.stderr


def test_thousands_are_imported_in_one_go(app, cast, exam, clock):
    rows = "".join(f"考生{number},第{number % 40}单位,N{number:05d}\n" for number in range(4000))
    path = Path(app.extensions["settings"].instance) / "many.csv"
    path.write_text("姓名,单位,准考证号\n" + rows)
    answer = run(app, "KS-1", str(path), "--commit", "--session", "上午场")
    assert answer.exit_code == 0, answer.stderr
    assert how_many(app) == 4000


def test_the_list_of_thousands_is_paged(app, cast, browser, exam, clock):
    with app.app_context(), transaction("write") as session:
        actor = cast.actor("organizer")
        big = make_exam(session, actor, clock, code="KS-3")
        row = make_session(session, actor, clock, big)
        make_candidates(session, clock, big, row, count=120)
    page = text_of(browser("organizer").get(f"/exams/{big.id}/roster?page=3"))
    assert "第 3 页，共 3 页" in page
