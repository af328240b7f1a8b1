"""The organizer's pages of written scores: who may see them, what they show, what they keep back."""

import io

import pytest
from openpyxl import load_workbook
from sqlalchemy import select, update

from core.audit.models import AuditEntry
from core.jobs.models import JobRun
from exam.schedule.models import ExamSession
from exam.sittings.models import Sitting
from grading.scoring import jobs
from question_bank.papers.models import PaperSlot
from tests.support.results import database, make_world, score, scored_world


@pytest.fixture
def world(app, cast, clock):
    return scored_world(app, cast, clock)


def text(answer):
    return answer.get_data(as_text=True)


def rows(answer):
    return text(answer).split("<tbody>")[1].split("</tbody>")[0]


def test_the_list_shows_totals_and_why_there_is_none(browser, world):
    window = browser("organizer")
    page = text(window.get(f"/exams/{world.exam_id}/scores"))
    for words in ("甲一", "10.00", "5.50", "0.00", "缺考", "请假缓考", '<strong class="num">5</strong> 名考生'):
        assert words in page


def test_the_list_searches_filters_and_sorts(browser, world):
    window, url = browser("organizer"), f"/exams/{world.exam_id}/scores"
    assert "乙二" in rows(window.get(f"{url}?q=乙"))
    assert "甲一" not in rows(window.get(f"{url}?q=乙"))
    assert "丁四" in rows(window.get(f"{url}?state=absent"))
    assert "甲一" not in rows(window.get(f"{url}?state=absent"))
    listed = rows(window.get(f"{url}?sort=total"))
    assert listed.index("丙三") < listed.index("乙二") < listed.index("甲一") < listed.index("丁四")
    assert "没有符合条件的考生" in text(window.get(f"{url}?q=nobody"))


def test_the_export_holds_the_filtered_rows_with_marks_as_numbers(app, browser, world):
    answer = browser("organizer").get(f"/exams/{world.exam_id}/scores/export.xlsx?state=scored&sort=-total")
    sheet = load_workbook(io.BytesIO(answer.data)).active
    values = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=3)]
    assert [(row[1], row[7], row[8]) for row in values] == [("甲一", 10, 10), ("乙二", 5.5, 10), ("丙三", 0, 10)]
    with database(app) as session:
        actions = session.scalars(select(AuditEntry.action)).all()
    assert {"scores_exported", "identities_read"} <= set(actions)


def test_one_candidates_paper_is_explained_item_by_item(browser, world):
    page = text(browser("organizer").get(f"/exams/{world.exam_id}/scores/{world.candidates[1].id}"))
    assert "1/2 × 3.00 = 1.50" in page
    assert "5.50" in page
    assert "与考生回执的校验码一致" in page


@pytest.mark.parametrize("longer", [{"extra_seconds": 7200}, {"state": "paused"}, {"state": "open"}])
def test_keys_stay_hidden_while_one_candidate_may_still_write(app, browser, world, longer):
    window, url = browser("organizer"), f"/exams/{world.exam_id}/scores/{world.candidates[0].id}"
    assert "计分过程暂不显示" not in text(window.get(url))
    with database(app) as session:
        session.execute(update(Sitting).where(Sitting.candidate_id == world.candidates[2].id).values(**longer))
    assert "计分过程暂不显示" in text(window.get(url))


def test_keys_stay_hidden_until_the_last_window_with_this_paper_has_ended(app, browser, clock, world):
    later = clock.now().replace(hour=9)
    with database(app) as session:
        session.execute(update(ExamSession).where(ExamSession.id == world.own.id).values(ends_at=later))
    page = text(browser("organizer").get(f"/exams/{world.exam_id}/scores/{world.candidates[1].id}"))
    assert "计分过程暂不显示" in page
    assert "标准答案" not in page
    assert "1.50" in page


@pytest.mark.parametrize("path", ["/results", "/exams/{id}/scores", "/exams/{id}/scores/export.xlsx"])
def test_colleagues_are_refused_and_strangers_sent_to_the_door(browser, world, path):
    url = path.format(id=world.exam_id)
    for name in ("organizer", "decision_recorder", "decision_checker"):
        assert browser(name).get(url).status_code == 200
    for name in ("author", "examiner", "invigilator", "system_admin", "stranger"):
        assert browser(name).get(url).status_code == 403
    assert browser().get(url).status_code == 302


def test_unknown_exams_and_foreign_candidates_do_not_exist(app, browser, cast, clock, world):
    with database(app) as session:
        other = make_world(session, cast, clock, code="E2")
    window = browser("organizer")
    assert window.get("/exams/4040/scores").status_code == 404
    assert window.get(f"/exams/{other.exam_id}/scores/{world.candidates[0].id}").status_code == 404
    assert window.get(f"/exams/{world.exam_id}/scores/{world.candidates[3].id}").status_code == 404


def test_scoring_is_asked_for_by_the_organizer_alone_and_with_a_token(app, browser, world):
    url = f"/exams/{world.exam_id}/scores/runs"
    assert browser("decision_recorder").post(url).status_code == 403
    window = browser("organizer")
    assert window.client.post(url).status_code == 400
    assert window.post(url).status_code == 302
    with database(app) as session:
        run = session.scalars(select(JobRun).where(JobRun.name == jobs.JOB)).one()
    assert (run.arguments["exam_id"], run.arguments["again"]) == (world.exam_id, True)


def test_a_sitting_that_cannot_be_scored_is_shown_with_its_reason(app, browser, world):
    with database(app) as session:
        world.session = session
        world.close(4, {})
        session.execute(update(PaperSlot).where(PaperSlot.slot == 3).values(policy="none"))
    score(app)
    page = text(browser("organizer").get(f"/exams/{world.exam_id}/scores"))
    assert "评分受阻" in page
    assert "第 3 题" in page
    assert "现在评分" in page
    assert "不能评分的答卷" in text(browser("organizer").get("/"))


def test_the_index_counts_what_is_scored(browser, world):
    page = text(browser("organizer").get("/results"))
    assert "素质能力测试" in page
    assert "3 / 3" in page
