"""Printed papers: made by jobs, the paper for organizers, the key for reviewers alone and on record."""

import re
import subprocess

import pytest
from sqlalchemy import select

from core.audit.models import AuditEntry
from core.clock import clock as the_clock
from core.database import transaction
from core.jobs.worker import registry_of, run_next
from question_bank.delivery import deliver
from question_bank.key_books import key_book
from question_bank.keys import keys_of_paper
from question_bank.papers.blueprints import create_blueprint
from question_bank.papers.drafts import DemandDraft, SectionDraft
from question_bank.papers.models import Blueprint
from question_bank.papers.service import draw_paper
from tests.support.bank import CITATION, fill, multiple, published, single, true_false

SECTIONS = (
    SectionDraft("单项选择题", "single_choice", (DemandDraft(2),), 250, "all_or_nothing"),
    SectionDraft("多项选择题", "multiple_choice", (DemandDraft(1),), 300, "proportional"),
    SectionDraft("判断题", "true_false", (DemandDraft(1),), 100, "all_or_nothing"),
    SectionDraft("填空题", "fill_blank", (DemandDraft(1),), 150, "proportional"),
)


@pytest.fixture
def paper_id(app, cast, clock):
    with app.app_context(), transaction("write") as session:
        for draft in (single("第一题（　　）。"), multiple(rationale="A项、C项符合。"), true_false(), fill()):
            published(session, cast, clock, draft)
        published(session, cast, clock, single("引用的题（　　）。", citations=(CITATION,)), verified=True)
        organizer = cast.actor("organizer")
        plan = create_blueprint(session, organizer, the_clock, "细目表", SECTIONS, 90)
        return draw_paper(session, organizer, the_clock, plan, "素质能力测试", seed="种子").id


def text_of(answer):
    return answer.get_data(as_text=True)


def made(app, window, url, data=None):
    """Order a document, run its job, download it; the text of the PDF."""
    answer = window.post(url, data)
    assert answer.status_code == 302, text_of(answer)
    with app.app_context():
        assert run_next(registry_of(app), the_clock)
    page = text_of(window.get(answer.location))
    assert "下载文件" in page
    file = window.get(re.search(r'href="(/jobs/\d+/file)"', page).group(1))
    assert file.data.startswith(b"%PDF-")
    told = subprocess.run(["pdftotext", "-layout", "-", "-"], input=file.data, capture_output=True, check=True)
    return told.stdout.decode()


def bare(words):
    """Without the spaces that the layout puts between words."""
    return re.sub(r"\s", "", words)


def audit(app, action):
    with app.app_context(), transaction("read") as session:
        return session.scalars(select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.id)).all()


def test_a_paper_is_printed_with_its_sealed_line_score_boxes_and_items(app, browser, paper_id):
    organizer = browser("organizer")
    page = text_of(organizer.get(f"/bank/papers/{paper_id}/print"))
    assert 'value="90"' in page
    told = made(app, organizer, f"/bank/papers/{paper_id}/print", {"sheet": "a4", "sides": "double", "minutes": "90"})
    for words in ("素质能力测试", "准考证号", "考试时间 90 分钟", "满分 10.5 分", "评卷人", "一、单项选择题", "每题 2.5 分",
                  "公务员可以兼任企业职务并领取报酬。（　　）", "四、填空题", "全卷完", "第1页　共1页"):  # fmt: skip
        assert bare(words) in bare(told), words
    assert "解析" not in told
    assert "符合" not in told
    (entry,) = audit(app, "paper_printed")
    assert (entry.object_id, entry.details) == (str(paper_id), {"document": "paper"})


def test_a_paper_for_an_answer_sheet_has_no_score_box_in_its_sections(app, browser, paper_id):
    choice = {"sheet": "a3", "sides": "single", "answer_sheet": "y"}
    told = made(app, browser("organizer"), f"/bank/papers/{paper_id}/print", choice)
    assert "答案一律写在答题卡上" in told
    assert told.count("评卷人") == 1


def test_an_answer_sheet_has_bubbles_for_choices_and_lines_for_blanks(app, browser, paper_id):
    told = made(app, browser("organizer"), f"/bank/papers/{paper_id}/answer-sheet")
    assert re.search(r"1\s+A\s+B\s+C\s+D", told)
    assert re.search(r"4\s+√\s+×", told)
    assert re.search(r"5\.\s+（1）\s+（2）", told)


def test_a_key_is_printed_by_a_reviewer_under_the_letters_of_the_paper_and_recorded(app, browser, paper_id):
    reviewer = browser("reviewer")
    assert "素质能力测试" in text_of(reviewer.get("/bank/keys"))
    told = made(app, reviewer, f"/bank/keys/{paper_id}", {"purpose": "marking"})
    with app.app_context(), transaction("read") as session:
        keys = keys_of_paper(session, paper_id)
    for slot, key in keys.items():
        assert re.search(rf"{slot}\.\s+答案：{re.escape(key.mark)}\s", told), slot
        assert key.item_number in told
    assert keys["5"].mark == "专项考核；定期考核／年度考核（顺序不限）"
    assert bare(keys["3"].rationale) in bare(told)
    assert "依据：《中华人民共和国公务员法》（2018-12-29修订）第五条" in told
    assert audit(app, "paper_key_printed")[0].details == {"purpose": "marking"}
    assert audit(app, "file_downloaded")


@pytest.fixture
def family_id(app, cast, clock, paper_id):
    """A family: of every item there are two, and each sitting gets its own."""
    with app.app_context(), transaction("write") as session:
        for draft in (
            single("第三题（　　）。"),
            multiple("另一题（　　）。"),
            true_false("另一句。"),
            fill("另有____和____。"),
        ):
            published(session, cast, clock, draft)
        plan = session.scalars(select(Blueprint)).one()
        organizer = cast.actor("organizer")
        return draw_paper(session, organizer, the_clock, plan, "逐人测试", seed="种子", per_candidate=True).id


def test_the_paper_of_one_sitting_of_a_family_is_printed_with_its_number_and_its_own_key(app, browser, family_id):
    organizer = browser("organizer")
    with app.app_context(), transaction("read") as session:
        own = {number: deliver(session, family_id, number) for number in (7, 8)}
        keys = key_book(session, family_id).of(7)
    stems = {number: [slot.content["stem"] for slot in one.sections[0].slots] for number, one in own.items()}
    assert stems[7] != stems[8]
    data = {"sheet": "a4", "sides": "double", "number": "7"}
    told = made(app, organizer, f"/bank/papers/{family_id}/print", data)
    assert bare(told).count("应试编号7") == 2  # beside the title and below the page
    assert bare(stems[7][0]) in bare(told)
    card = made(app, organizer, f"/bank/papers/{family_id}/answer-sheet", {"card-number": "7"})
    assert "应试编号7" in bare(card)
    answers = made(app, browser("reviewer"), f"/bank/keys/{family_id}", {"purpose": "marking", "number": "7"})
    for slot, key in keys.items():
        assert re.search(rf"{slot}\.\s+答案：{re.escape(key.mark)}\s", answers), slot
    printed = [entry.details for entry in audit(app, "paper_printed")]
    assert printed == [{"document": "paper", "number": 7}, {"document": "answer_sheet", "number": 7}]
    assert audit(app, "paper_key_printed")[0].details == {"purpose": "marking", "number": 7}


@pytest.mark.parametrize("number", ["", "0", "七", "-1", "9" * 30])
@pytest.mark.parametrize("url", ["/bank/papers/{id}/print", "/bank/papers/{id}/answer-sheet", "/bank/keys/{id}"])
def test_a_copy_of_a_family_is_not_printed_without_the_number_of_a_sitting(browser, family_id, url, number):
    window = browser("reviewer" if "keys" in url else "organizer")
    data = {"sheet": "a4", "sides": "double", "purpose": "marking", "number": number, "card-number": number}
    answer = window.post(url.format(id=family_id), data)
    assert answer.status_code == 422
    assert "请填写应试编号" in text_of(answer)


@pytest.mark.parametrize("url", ["/bank/papers/{id}/print", "/bank/keys", "/bank/keys/{id}"])
def test_each_page_opens_for_its_office_alone(browser, paper_id, url):
    office = "reviewer" if "keys" in url else "organizer"
    address = url.format(id=paper_id)
    assert browser(office).get(address).status_code == 200
    for name in {"author", "reviewer", "organizer", "invigilator", "stranger"} - {office}:
        assert browser(name).get(address).status_code == 403, name


@pytest.mark.parametrize("url", ["/bank/papers/{id}/print", "/bank/papers/{id}/answer-sheet", "/bank/keys/{id}"])
def test_an_order_is_refused_to_others_and_without_its_token(browser, paper_id, url):
    office = "reviewer" if "keys" in url else "organizer"
    address = url.format(id=paper_id)
    for name in {"author", "reviewer", "organizer"} - {office}:
        assert browser(name).post(address).status_code == 403
    assert browser(office).client.post(address).status_code == 400
    assert browser(office).post(address.replace(str(paper_id), "404")).status_code == 404


@pytest.mark.parametrize(
    ("url", "data", "sentence"),
    [
        ("/bank/papers/{id}/print", {"sheet": "a5", "sides": "double"}, "纸张"),
        ("/bank/papers/{id}/print", {"sheet": "a4", "sides": "double", "minutes": "9999"}, "考试时间应为 1 到 600"),
        ("/bank/keys/{id}", {"purpose": "curiosity"}, "用途"),
    ],
)
def test_a_faulty_order_comes_back_with_its_sentence(browser, paper_id, url, data, sentence):
    office = "reviewer" if "keys" in url else "organizer"
    answer = browser(office).post(url.format(id=paper_id), data)
    assert answer.status_code == 422
    assert sentence in text_of(answer)
