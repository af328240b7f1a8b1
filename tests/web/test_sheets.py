"""Sheets as files: exact marks, whole pages, nothing before its time."""

import io
import re
import subprocess
import zipfile
from decimal import Decimal

import pytest
from openpyxl import load_workbook
from sqlalchemy import select, update

from core.audit.models import AuditEntry
from core.clock import clock as the_clock
from core.jobs.models import JobRun
from core.jobs.worker import registry_of, run_next
from exam.identities import identities_of_exam
from grading.interview import room
from grading.interview.service import close_panel
from grading.outcomes.decisions import Meeting, Recorded, check_decisions, record_decisions
from grading.outcomes.presets import PRESETS
from grading.outcomes.queries import current_proposals
from grading.outcomes.service import compute_proposals, record_previous_failures, set_rules
from grading.scoring.models import PaperScore
from grading.sheets.model import Column, Document, Line, Sheet, Stamp
from grading.sheets.printing import write_pdf
from grading.sheets.xlsx import write_xlsx
from tests.support.results import database, interviewed, scored_world

STAMP = Stamp("2026-11-23 12:00:00", "ab" * 32, "某市委组织部")


@pytest.fixture
def world(app, cast, clock):
    return scored_world(app, cast, clock)


@pytest.fixture
def finished(app, cast, clock, world):
    """Paper, interview and proposals: 90.00 qualified; 52.50 deferred; 47.50, again, cancelled; absent; leave."""
    organizer = cast.actor("organizer")
    with database(app) as session:
        world.session = session
        stage = interviewed(world)
        stage.call(4)
        room.mark_absent(session, stage.actor("timekeeper"), clock, stage.panel_id, stage.turn(4).id, "三次叫号未到")
        close_panel(session, organizer, clock, stage.panel_id)
        set_rules(session, organizer, clock, world.exam_id, PRESETS["default"], "", 0)
        again = world.candidates[2].id
        record_previous_failures(session, organizer, clock, world.exam_id, again, 1, "2025 年成绩册")
        everybody = identities_of_exam(session, organizer, clock, world.exam_id, "test")
        compute_proposals(session, organizer, clock, world.exam_id, everybody)
    return world


def text(answer):
    return answer.get_data(as_text=True)


def make(app, window, world, name):
    """Order a file on the page, run the job, download it."""
    answer = window.post(f"/exams/{world.exam_id}/sheets/{name}")
    assert answer.status_code == 302, text(answer)
    with app.app_context():
        assert run_next(registry_of(app), the_clock)
    page = text(window.get(answer.location))
    assert "下载文件" in page
    return window.get(re.search(r'href="(/jobs/\d+/file)"', page).group(1))


def rows_of(data, key):
    """The rows under the heading that begins with ``key``, as dictionaries by column."""
    sheet = load_workbook(io.BytesIO(data)).active
    rows = list(sheet.iter_rows(values_only=True))
    top = next(number for number, row in enumerate(rows) if row[0] == key)
    body = []
    for row in rows[top + 1 :]:
        if row[1] is None:
            break
        body.append(dict(zip(rows[top], row, strict=True)))
    return body


def words_of(pdf):
    return subprocess.run(
        ["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True
    ).stdout.decode()


def test_the_score_book_has_real_numbers_with_two_decimals(app, browser, world):
    answer = make(app, browser("organizer"), world, "papers.xlsx")
    assert (
        "成绩册.xlsx" in answer.headers["Content-Disposition"] or "filename*" in answer.headers["Content-Disposition"]
    )
    rows = rows_of(answer.data, "序号")
    assert [(row["姓名"], row["笔试得分"], row["备注"]) for row in rows] == [
        ("甲一", 10, None),
        ("乙二", 5.5, None),
        ("丙三", 0, None),
        ("丁四", None, "缺考"),
        ("戊五", None, "请假缓考"),
    ]
    sheet = load_workbook(io.BytesIO(answer.data)).active
    marks = [cell for row in sheet.iter_rows() for cell in row if cell.value == 5.5]
    assert [(cell.number_format, cell.data_type) for cell in marks] == [("0.00", "n")]


def test_the_interview_summary_shows_totals_extremes_mean_and_absence(app, browser, finished):
    rows = rows_of(make(app, browser("organizer"), finished, "interviews.xlsx").data, "抽签号")
    first = rows[0]
    assert [first[f"考官{seat}"] for seat in range(1, 8)] == [70, 80, 80, 90, 90, 80, 60]
    assert (first["去掉最高"], first["去掉最低"], first["面试成绩"]) == (90, 60, 80)
    assert "÷5 = 80.00" in first["计算过程"]
    assert (rows[3]["姓名"], rows[3]["面试成绩"]) == ("丁四", None)
    assert "面试缺考" in rows[3]["备注"]


def test_the_deferral_sheet_lists_proposals_and_only_checked_decisions(app, browser, cast, clock, finished):
    def sheet():
        return rows_of(make(app, browser("organizer"), finished, "handling.xlsx").data, "序号")

    assert [(row["姓名"], row["综合"], row["处理建议"], row["会议决定"]) for row in sheet()] == [
        ("乙二", 52.5, "暂缓", None),
        ("丙三", 47.5, "取消", None),
        ("丁四", None, "暂缓", None),
    ]
    meeting = Meeting("市委常委会会议", the_clock.now().date(), "条例第十二条", "常纪〔2026〕18 号")
    second = finished.candidates[1].id
    with database(app) as session:
        proposal = current_proposals(session, finished.exam_id)[second]
        (row,) = record_decisions(
            session, cast.actor("decision_recorder"), clock, finished.exam_id, meeting,
            [Recorded(second, proposal.id, 0, "deferral")], meeting.held_on,
        )  # fmt: skip
        decision = row.id
    assert sheet()[0]["会议决定"] is None
    with database(app) as session:
        checker = cast.actor("decision_checker")
        check_decisions(session, checker, clock, finished.exam_id, [decision], confirm=True, comment="")
    decided = sheet()[0]
    assert decided["会议决定"] == "暂缓提拔"
    assert "常纪〔2026〕18 号" in decided["会议、日期、纪要编号"]


def test_the_ranking_puts_the_best_first_and_the_unranked_last(app, browser, finished):
    rows = rows_of(make(app, browser("organizer"), finished, "ranking.xlsx").data, "名次")
    assert [(row["名次"], row["姓名"], row["综合"]) for row in rows] == [
        (1, "甲一", 90),
        (2, "乙二", 52.5),
        (3, "丙三", 47.5),
        (None, "丁四", None),
        (None, "戊五", None),
    ]


def test_the_printed_sheet_has_page_numbers_signatures_and_its_digest(app, browser, finished):
    words = words_of(make(app, browser("organizer"), finished, "handling.pdf").data)
    for wanted in (
        "第 1 页 共 1 页",
        "制表人（签字）",
        "校验码（SHA-256）",
        "审计链头",
        "生成时间 2026-11-23 12:00:00",
    ):
        assert wanted.replace(" ", "") in words.replace(" ", "")
    assert "52.50" in words
    workbook = make(app, browser("organizer"), finished, "handling.xlsx").data
    cells = [cell for row in load_workbook(io.BytesIO(workbook)).active.iter_rows(values_only=True) for cell in row]
    digest = next(str(cell) for cell in cells if str(cell).startswith("校验码")).split("：")[1]
    assert digest in words


def test_everything_that_can_be_made_comes_in_one_archive(app, browser, world):
    answer = make(app, browser("organizer"), world, "all.zip")
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        assert archive.namelist() == ["成绩册.xlsx", "成绩册.pdf"]
        assert archive.read("成绩册.pdf").startswith(b"%PDF-")


def test_single_interview_scores_are_refused_until_the_panel_is_closed(app, browser, world):
    with database(app) as session:
        world.session = session
        interviewed(world)
    window = browser("organizer")
    page = text(window.get(f"/exams/{world.exam_id}/sheets"))
    assert "考官组“第一考官组”尚未结束" in page
    refused = window.post(f"/exams/{world.exam_id}/sheets/interviews.xlsx")
    assert refused.status_code == 409
    assert "尚未结束" in text(refused)
    with database(app) as session:
        assert not session.scalars(select(JobRun)).all()


def test_outdated_proposals_are_not_printed(app, browser, finished):
    with database(app) as session:
        # A mark that was corrected after the proposals were computed.
        session.execute(
            update(PaperScore.__table__).where(PaperScore.blind_number == "E1-002").values(total_hundredths=900)
        )
    refused = browser("organizer").post(f"/exams/{finished.exam_id}/sheets/handling.pdf")
    assert refused.status_code == 409
    assert "1 人的处理建议有待更新" in text(refused)


def test_making_a_sheet_is_recorded_with_its_digest(app, browser, world):
    make(app, browser("organizer"), world, "papers.xlsx")
    with database(app) as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "sheets_made")).one()
        purposes = session.scalars(select(AuditEntry.details).where(AuditEntry.action == "identities_read")).all()
    assert len(entry.details["sheets"]["papers"]) == 64
    assert "sheets" in {details["purpose"] for details in purposes}


def test_sheets_belong_to_those_who_may_read_results(app, browser, world):
    url = f"/exams/{world.exam_id}/sheets"
    for name in ("author", "examiner", "invigilator", "stranger"):
        assert browser(name).get(url).status_code == 403
        assert browser(name).post(f"{url}/papers.xlsx").status_code == 403
    assert browser().get(url).status_code == 302
    window = browser("organizer")
    assert window.client.post(f"{url}/papers.xlsx").status_code == 400
    for path in (f"{url}/nothing.xlsx", f"{url}/papers.zip", f"{url}/all.pdf", "/exams/4040/sheets/papers.xlsx"):
        assert window.post(path).status_code == 404
    mine = make(app, window, world, "papers.xlsx")
    assert mine.status_code == 200
    with database(app) as session:
        run = session.scalars(select(JobRun.id)).one()
    assert browser("second_organizer").get(f"/jobs/{run}/file").status_code == 404


def test_the_command_writes_every_sheet_and_prints_their_names(app, tmp_path, finished):
    result = app.test_cli_runner().invoke(args=["exam", "sheets", "E1", "--output", str(tmp_path / "out")])
    assert result.exit_code == 0, result.stderr
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == sorted(
        f"{name}.{kind}"
        for name in ("成绩册", "面试成绩汇总表", "暂缓建议表", "综合成绩排名表")
        for kind in ("xlsx", "pdf")
    )
    assert [line.rsplit("/", 1)[-1] for line in result.stdout.splitlines()][:2] == ["成绩册.xlsx", "成绩册.pdf"]


def test_the_command_tells_what_is_still_missing_and_which_exam_it_does_not_know(app, tmp_path, world):
    result = app.test_cli_runner().invoke(
        args=["exam", "sheets", str(world.exam_id), "--output", str(tmp_path / "out")]
    )
    assert result.exit_code == 1
    assert "暂缓建议表没有生成：还没有设定结果规则" in result.stderr
    assert "成绩册.xlsx" in result.stdout
    unknown = app.test_cli_runner().invoke(args=["exam", "sheets", "NONE", "--output", str(tmp_path / "out")])
    assert unknown.exit_code == 2
    assert "没有代码或编号为“NONE”的考试" in unknown.stderr


def test_the_grade_command_scores_once(app, cast, clock):
    world = scored_world(app, cast, clock)
    result = app.test_cli_runner().invoke(args=["exam", "grade", world.exam.code])
    assert (result.exit_code, result.stdout) == (0, "")
    assert "本次评分 0 份，共已评分 3 份" in result.stderr


def _sheet(rows, detail=""):
    columns = (Column("序号", "center"), Column("姓名", "wrap", 20, 40), Column("得分", "mark"))
    lines = tuple(Line((number, f"考生{number}", Decimal(number % 100) / 4), detail) for number in range(1, rows + 1))
    return Document("papers", "成绩册", (Sheet("成绩册", "成绩册", columns, lines, signatures=("制表人",)),))


def test_a_long_sheet_is_printed_whole_with_running_page_numbers(sqlite_app):
    with sqlite_app.app_context():
        words = words_of(write_pdf(_sheet(450, "一行计算过程"), STAMP, "2026-11-23T12:00:00+08:00"))
    assert [int(found) for found in re.findall(r"考生(\d+)", words)] == list(range(1, 451))
    pages = re.findall(r"第\s*(\d+)\s*页\s*共\s*(\d+)\s*页", words)
    assert [int(page) for page, _whole in pages] == list(range(1, len(pages) + 1))
    assert {int(whole) for _page, whole in pages} == {len(pages)}
    assert words.count("制表人") == 1


def test_the_same_data_have_the_same_digest_and_other_data_another():
    assert _sheet(3).digest == _sheet(3).digest
    assert _sheet(3).digest != _sheet(4).digest


def test_names_are_never_formulas_and_long_texts_stay_within_a_cell():
    columns = (Column("姓名"), Column("备注", "wrap"))
    lines = (Line(("=HYPERLINK(1)", "+1")), Line(("@x", "长" * 40_000)))
    book = write_xlsx(Document("papers", "成绩册", (Sheet("a/b:c", "成绩册", columns, lines),)), STAMP)
    sheet = load_workbook(io.BytesIO(book)).active
    cells = {cell.value: cell.data_type for row in sheet.iter_rows() for cell in row if cell.value}
    assert (cells["=HYPERLINK(1)"], cells["+1"], cells["@x"]) == ("s", "s", "s")
    assert max(len(str(value)) for value in cells) == 32_767
