"""Ordering parallel forms in the browser: for organizers alone; the report, or what the bank lacks."""

import pytest
from sqlalchemy import select

from core.clock import clock as the_clock
from core.database import transaction
from core.jobs.models import JobRun
from core.jobs.worker import registry_of, run_next
from question_bank.papers.blueprints import create_blueprint
from question_bank.papers.drafts import DemandDraft, SectionDraft
from question_bank.papers.models import Paper
from question_bank.parallel.models import FormSet
from tests.support.bank import published, single

ORDER = {"title": "素质能力测试", "forms": "2", "bound": "0.01", "overlap": "0", "target": ""}


@pytest.fixture
def plan_id(app, cast, clock):
    with app.app_context(), transaction("write") as session:
        for number in range(4):
            published(session, cast, clock, single(f"第 {number} 题（　　）。", rationale="机密解析CANARY"))
        sections = [SectionDraft("单项选择题", "single_choice", (DemandDraft(2),), 200, "all_or_nothing")]
        return create_blueprint(session, cast.actor("organizer"), the_clock, "细目表", sections).id


def text_of(answer):
    return answer.get_data(as_text=True)


def rows(app, statement):
    with app.app_context(), transaction("read") as session:
        return session.scalars(statement).all()


def ordered(app, window, plan_id, **changes):
    """Order forms and run the job; the page of the set."""
    answer = window.post(f"/bank/blueprints/{plan_id}/forms", ORDER | changes)
    assert answer.status_code == 302, text_of(answer)
    with app.app_context():
        assert run_next(registry_of(app), the_clock)
    (number,) = rows(app, select(FormSet.id))
    return text_of(window.get(f"/bank/forms/{number}"))


def test_an_order_leads_to_papers_with_their_equivalence(app, browser, plan_id):
    organizer = browser("organizer")
    page = ordered(app, organizer, plan_id)
    papers = rows(app, select(Paper).order_by(Paper.id))
    assert [paper.form for paper in papers] == ["A", "B"]
    for words in ("已核对", "已证明最优", "（实际 0.0000）", *(paper.code for paper in papers)):
        assert words in page, words
    assert "CANARY" not in page
    listed = text_of(organizer.get("/bank/forms"))
    assert "已组成" in listed
    assert papers[1].code in listed
    assert rows(app, select(JobRun.state)) == ["done"]


def test_bounds_on_spread_and_knowledge_points_are_kept_and_shown(app, browser, plan_id):
    page = ordered(app, browser("organizer"), plan_id, deviation="0.05", points_apart="0")
    (made,) = rows(app, select(FormSet.request))
    assert (made["deviation"], made["points_apart"]) == ("5", 0)
    for words in ("0.0500（实际 0.0000）", "0（实际 0）", "已核对"):
        assert words in page, words


def test_an_order_that_cannot_be_met_says_what_would_have_to_give(app, browser, plan_id):
    page = ordered(app, browser("organizer"), plan_id, forms="3")
    assert "组不成平行卷" in page
    assert "至少还缺 2 题" in page
    assert "允许任意两份卷最多有 1 题相同（现在是 0 题）" in page
    assert rows(app, select(Paper.id)) == []


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"title": ""}, "请填写试卷标题"),
        ({"forms": "7"}, "平行卷应为 2 到 6 份"),
        ({"deviation": "0.3"}, "难度标准差的允许差应为 0 到 0.20"),
        ({"points_apart": "-1"}, "应为 0 到 500 的整数，或留空不限"),
        ({"bound": "0.3"}, "允许差应为 0 到 0.20"),
        ({"bound": "很小"}, "不是数字"),
        ({"bound": "0.00001"}, "最多写四位小数"),
        ({"target": "1.5"}, "目标平均难度应在 0 和 1 之间"),
        ({"overlap": "3"}, "允许相同的题数应为 0 到全卷题数"),
    ],
)
def test_a_faulty_order_comes_back_with_its_sentence(app, browser, plan_id, changes, sentence):
    answer = browser("organizer").post(f"/bank/blueprints/{plan_id}/forms", ORDER | changes)
    assert answer.status_code in (422, 400)
    assert sentence in text_of(answer)
    assert rows(app, select(FormSet.id)) == []


@pytest.mark.parametrize("url", ["/bank/forms", "/bank/blueprints/{plan}/forms", "/bank/forms/{set}"])
def test_each_page_opens_for_organizers_alone(app, browser, plan_id, url):
    ordered(app, browser("organizer"), plan_id)
    address = url.format(plan=plan_id, set=rows(app, select(FormSet.id))[0])
    assert browser("organizer").get(address).status_code == 200
    for name in ("author", "reviewer", "invigilator", "stranger"):
        assert browser(name).get(address).status_code == 403, name
    assert browser().get(address).status_code == 302


def test_an_order_is_refused_to_others_and_without_its_token(app, browser, plan_id):
    address = f"/bank/blueprints/{plan_id}/forms"
    for name in ("author", "reviewer", "stranger"):
        assert browser(name).post(address, ORDER).status_code == 403
    assert browser("organizer").client.post(address, data=ORDER).status_code == 400
    assert browser("organizer").post("/bank/blueprints/404/forms", ORDER).status_code == 404
    assert browser("organizer").get("/bank/forms/404").status_code == 404
    assert rows(app, select(FormSet.id)) == []
