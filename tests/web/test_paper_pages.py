"""Blueprints and papers in the browser: for organizers alone, and no key anywhere near them."""

import re

import pytest
from sqlalchemy import select

from core.clock import clock as the_clock
from core.database import transaction
from question_bank.papers.blueprints import create_blueprint
from question_bank.papers.drafts import DemandDraft, SectionDraft
from question_bank.papers.models import Blueprint, BlueprintDemand, BlueprintSection, Paper, PaperSlot
from question_bank.papers.service import draw_paper
from tests.support.bank import CITATION, fill, multiple, published, single

FORM = {
    "name": "年度测试",
    "duration": "90",
    "sections-0-type": "single_choice",
    "sections-0-title": "单项选择题",
    "sections-0-rows-0-any_difficulty": "2",
    "sections-0-rows-0-easy": "1",
    "sections-0-points": "2.5",
    "sections-0-policy": "all_or_nothing",
    "sections-1-type": "",
    "sections-2-type": "fill_blank",
    "sections-2-rows-0-any_difficulty": "1",
    "sections-2-points": "3",
    "sections-2-policy": "fill_blank:proportional",
}


@pytest.fixture(autouse=True)
def bank(app, cast, clock):
    """Two single choices, one multiple choice that cites without verification, one fill in the blank."""
    with app.app_context(), transaction("write") as session:
        published(session, cast, clock, single("一（　　）。", rationale="机密解析CANARY"))
        published(session, cast, clock, single("二（　　）。", rationale="机密解析CANARY"))
        published(session, cast, clock, multiple(citations=(CITATION,)))
        published(session, cast, clock, fill(key={"key": [["机密答案CANARY"], ["乙"]], "order_free": False}))


@pytest.fixture
def blueprint_id(app, cast, bank):
    sections = [SectionDraft("单项选择题", "single_choice", (DemandDraft(2),), 200, "all_or_nothing")]
    with app.app_context(), transaction("write") as session:
        return create_blueprint(session, cast.actor("organizer"), the_clock, "现成的表", sections).id


@pytest.fixture
def paper_id(app, cast, blueprint_id):
    with app.app_context(), transaction("write") as session:
        blueprint = session.get_one(Blueprint, blueprint_id)
        return draw_paper(session, cast.actor("organizer"), the_clock, blueprint, "素质能力测试").id


@pytest.fixture
def read(app):
    def reading(statement):
        with app.app_context(), transaction("read") as session:
            return session.scalars(statement).all()

    return reading


PAGES = [
    "/bank/blueprints",
    "/bank/blueprints/new",
    "/bank/blueprints/{blueprint}",
    "/bank/blueprints/{blueprint}/edit",
    "/bank/blueprints/{blueprint}/draw",
    "/bank/papers",
    "/bank/papers/{paper}",
    "/bank/papers/{paper}/preview",
]


@pytest.mark.parametrize("url", PAGES)
def test_each_page_opens_for_organizers_alone(browser, blueprint_id, paper_id, url):
    address = url.format(blueprint=blueprint_id, paper=paper_id)
    page = browser("organizer").get(address)
    assert page.status_code == 200
    assert "CANARY" not in page.get_data(as_text=True)
    for name in ("author", "reviewer", "invigilator", "stranger"):
        assert browser(name).get(address).status_code == 403, name
    assert browser().get(address).status_code == 302


@pytest.mark.parametrize("url", ["/bank/blueprints/new", "/bank/blueprints/{id}/edit", "/bank/blueprints/{id}/draw"])
def test_an_act_is_refused_to_others_and_without_its_token(browser, blueprint_id, read, url):
    address = url.format(id=blueprint_id)
    for name in ("author", "reviewer", "stranger"):
        assert browser(name).post(address, FORM | {"title": "卷"}).status_code == 403
    assert browser("organizer").client.post(address, data=FORM | {"title": "卷"}).status_code == 400
    assert read(select(Blueprint.name)) == ["现成的表"]
    assert read(select(Paper.id)) == []


def test_unknown_blueprints_and_papers_are_not_found(browser):
    organizer = browser("organizer")
    for url in (
        "/bank/blueprints/9",
        "/bank/blueprints/9/edit",
        "/bank/blueprints/9/draw",
        "/bank/papers/9",
        "/bank/papers/9/preview",
    ):
        assert organizer.get(url).status_code == 404, url


def test_a_blueprint_is_written_and_empty_rows_are_left_out(browser, read):
    answer = browser("organizer").post("/bank/blueprints/new", FORM)
    assert answer.status_code == 302, answer.get_data(as_text=True)
    sections = read(select(BlueprintSection).order_by(BlueprintSection.position))
    assert [(s.position, s.title, s.points_hundredths, s.policy) for s in sections] == [
        (1, "单项选择题", 250, "all_or_nothing"),
        (2, "填空题", 300, "proportional"),
    ]
    demands = read(select(BlueprintDemand).order_by(BlueprintDemand.section_id, BlueprintDemand.position))
    assert [(row.count, row.knowledge_point_id, row.difficulty) for row in demands] == [
        (2, None, ""),
        (1, None, "易"),
        (1, None, ""),
    ]
    assert read(select(Blueprint.duration_minutes)) == [90]


def test_looking_at_what_the_bank_holds_saves_nothing(browser, read):
    data = FORM | {"check": "1", "sections-1-type": "multiple_choice", "sections-1-rows-0-any_difficulty": "1", "sections-1-points": "1",
                   "sections-1-policy": "proportional"}  # fmt: skip
    answer = browser("organizer").post("/bank/blueprints/new", data)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert 'id="sections-0-rows-0-any_difficulty-held">有 2 题<' in page
    assert "有 0 题（另 1 题仅供演示）" in page
    assert "“一、单项选择题”、“一、单项选择题·易”合计要 3 题，题库中符合条件的只有 2 题，缺 1 题" in page
    assert "“二、多选题”要 1 题，题库中符合条件的只有 0 题，缺 1 题" in page
    assert "共 5 题，总分 11.50 分" in page
    assert read(select(Blueprint.id)) == []


def test_the_script_of_the_page_is_told_what_the_bank_holds_for_half_a_form(browser, read):
    data = {"sections-0-type": "single_choice", "sections-0-points": "两", "sections-0-rows-0-easy": "3",
            "sections-1-type": "fill_blank", "sections-1-rows-0-hard": "一"}  # fmt: skip
    answer = browser("organizer").post("/bank/blueprints/held", data)
    told = answer.get_json()
    assert told["cells"]["sections-0-rows-0-easy"] == {"text": "有 2 题", "short": True}
    assert told["cells"]["sections-0-rows-0-hard"] == {"text": "有 0 题", "short": False}
    assert told["total"] == "共 3 题，总分 0.00 分"
    assert told["conflicts"] == ["“一、单选题·易”要 3 题，题库中符合条件的只有 2 题，缺 1 题。"]
    for name in ("author", "stranger"):
        assert browser(name).post("/bank/blueprints/held", data).status_code == 403
    assert browser("organizer").client.post("/bank/blueprints/held", data=data).status_code == 400


def test_without_a_script_a_row_or_a_section_more_is_asked_from_the_server(browser, read):
    organizer = browser("organizer")
    row = organizer.post("/bank/blueprints/new", FORM | {"more": "sections-0-rows"})
    assert row.status_code == 200
    assert 'name="sections-0-rows-1-easy"' in row.get_data(as_text=True)
    section = organizer.post("/bank/blueprints/new", FORM | {"more": "sections"}).get_data(as_text=True)
    assert 'name="sections-3-rows-0-easy"' in section
    assert read(select(Blueprint.id)) == []


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": " "}, "请填写名称"),
        ({"sections-0-rows-0-any_difficulty": "501"}, "题数应为 1 到 500"),
        ({"sections-0-rows-0-any_difficulty": "", "sections-0-rows-0-easy": ""}, "请至少填写一个题数"),
        ({"duration": "两小时"}, "考试时间应为 1 到 600"),
        ({"sections-0-rows-0-any_difficulty": "二"}, "题数应为 1 到 500"),
        ({"sections-0-points": ""}, "每题分值是空的"),
        ({"sections-0-policy": "fill_blank:proportional"}, "计分规则不适用于单选题"),
        ({"sections-0-type": "", "sections-2-type": ""}, "至少要有一个部分"),
    ],
)
def test_a_faulty_blueprint_comes_back_with_its_sentence_and_what_was_typed(browser, read, changes, sentence):
    answer = browser("organizer").post("/bank/blueprints/new", FORM | {"sections-0-title": "打好的标题"} | changes)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert sentence in page
    assert "打好的标题" in page
    assert read(select(Blueprint.id)) == []


def test_a_blueprint_changed_meanwhile_is_refused_with_what_was_typed(browser, blueprint_id, read):
    organizer, other = browser("organizer"), browser("second_organizer")
    assert 'name="revision" type="hidden" value="1"' in organizer.get(f"/bank/blueprints/{blueprint_id}/edit").get_data(
        as_text=True
    )
    assert other.post(f"/bank/blueprints/{blueprint_id}/edit", FORM | {"revision": "1"}).status_code == 302
    late = organizer.post(f"/bank/blueprints/{blueprint_id}/edit", FORM | {"revision": "1", "name": "后改的名"})
    assert late.status_code == 409
    assert "后改的名" in late.get_data(as_text=True)
    assert read(select(Blueprint.name)) == ["年度测试"]


def test_a_paper_is_drawn_and_shown_with_its_proof(browser, blueprint_id, read):
    organizer = browser("organizer")
    answer = organizer.post(f"/bank/blueprints/{blueprint_id}/draw", {"title": "素质能力测试", "seed": "公开抽签"})
    assert answer.status_code == 302, answer.get_data(as_text=True)
    page = organizer.get(answer.headers["Location"]).get_data(as_text=True)
    (paper,) = read(select(Paper))
    assert paper.digest in page
    assert "公开抽签" in page
    assert "抽题可以重放" in page
    assert re.findall(r'tabular">([\d–]+)</td>', page) == ["1–2"]
    preview = organizer.get(f"/bank/papers/{paper.id}/preview").get_data(as_text=True)
    assert "一、单项选择题" in preview
    assert len(read(select(PaperSlot.slot))) == 2


def test_a_paper_asking_for_more_items_than_the_bank_holds_is_refused_in_one_sentence(browser, blueprint_id, read):
    organizer = browser("organizer")
    data = {**FORM, "revision": "1", "sections-0-rows-0-any_difficulty": "30", "sections-0-rows-0-easy": ""}
    assert organizer.post(f"/bank/blueprints/{blueprint_id}/edit", data).status_code == 302
    answer = organizer.post(f"/bank/blueprints/{blueprint_id}/draw", {"title": "打好的卷名"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "“一、单项选择题”要 30 题，题库中符合条件的只有 2 题，缺 28 题" in page
    assert "打好的卷名" in page
    assert read(select(Paper.id)) == []


def test_the_lists_are_searched_and_say_what_to_do_when_empty(browser, paper_id):
    organizer = browser("organizer")
    assert "素质能力测试" in organizer.get("/bank/papers?q=素质&kind=real").get_data(as_text=True)
    assert "没有符合条件的试卷" in organizer.get("/bank/papers?kind=demonstration").get_data(as_text=True)
    assert "没有符合条件的细目表" in organizer.get("/bank/blueprints?q=没有").get_data(as_text=True)


def test_items_that_were_used_often_or_lately_stay_out_when_the_form_says_so(browser, blueprint_id, read):
    organizer = browser("organizer")
    url = f"/bank/blueprints/{blueprint_id}/draw"
    for wrong in ("0", "很多"):
        answer = organizer.post(url, {"title": "卷", "most_sittings": wrong})
        assert answer.status_code == 422
        assert "卷" in answer.get_data(as_text=True)
    assert organizer.post(url, {"title": "卷", "most_sittings": "1", "rest_days": "30"}).status_code == 302


def test_a_family_is_frozen_with_its_commitment_and_tells_its_seed_when_asked(browser, blueprint_id, read):
    organizer = browser("organizer")
    data = {"title": "素质能力测试", "seed": "不到时候不公布", "per_candidate": "y"}
    answer = organizer.post(f"/bank/blueprints/{blueprint_id}/draw", data)
    assert answer.status_code == 302, answer.get_data(as_text=True)
    (paper,) = read(select(Paper))
    page = organizer.get(answer.headers["Location"]).get_data(as_text=True)
    assert paper.seed_digest in page
    assert "不到时候不公布" not in page
    assert "应试编号 7" in organizer.get(f"/bank/papers/{paper.id}/preview?number=7").get_data(as_text=True)
    for url in (f"/bank/papers/{paper.id}/print", f"/bank/papers/{paper.id}/answer-sheet"):
        refused = organizer.post(url)
        assert refused.status_code == 422
        assert "请填写应试编号" in refused.get_data(as_text=True)
    assert "应试编号" in browser("reviewer").get(f"/bank/keys/{paper.id}").get_data(as_text=True)
    told = f"/bank/papers/{paper.id}/seed"
    assert browser("author").post(told).status_code == 403
    assert organizer.client.post(told).status_code == 400
    assert organizer.post(told).status_code == 302
    assert "不到时候不公布" in organizer.get(f"/bank/papers/{paper.id}").get_data(as_text=True)
    assert organizer.post(told).status_code == 409
    assert organizer.post("/bank/papers/404/seed").status_code == 404
