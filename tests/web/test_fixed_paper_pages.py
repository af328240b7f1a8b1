"""Composing a paper by hand in the browser, without a script: for organizers alone, no key near, nothing typed lost."""

import pytest
from sqlalchemy import select

from core.clock import clock as the_clock
from core.database import transaction
from question_bank.enemies.service import set_apart
from question_bank.fixed_papers.models import FixedDraft
from question_bank.fixed_papers.service import create_draft
from question_bank.papers.models import Paper, PaperSlot
from tests.support.bank import CITATION, multiple, published, single


@pytest.fixture(autouse=True)
def bank(app, cast, clock):
    """Version ids by name: three single choices (one and two are enemies), a multiple choice, one not verified."""
    with app.app_context(), transaction("write") as session:
        made = {
            "one": published(session, cast, clock, single("第一道（　　）。", rationale="机密CANARY")),
            "two": published(session, cast, clock, single("第二道（　　）。", difficulty="难")),
            "three": published(session, cast, clock, single("第三道（　　）。")),
            "multiple": published(session, cast, clock, multiple()),
            "citing": published(session, cast, clock, single("引用的（　　）。", citations=(CITATION,))),
        }
        set_apart(session, cast.actor("author"), clock, made["one"], [made["two"].number], "互相泄露")
        return {name: item.current_version_id for name, item in made.items()}


@pytest.fixture
def draft_id(app, cast, bank):
    with app.app_context(), transaction("write") as session:
        return create_draft(session, cast.actor("organizer"), the_clock, "现成的卷", demonstration=False).id


@pytest.fixture
def read(app):
    def reading(statement):
        with app.app_context(), transaction("read") as session:
            return session.scalars(statement).all()

    return reading


@pytest.fixture
def held(read):
    """The version ids of the sections of the only draft."""
    return lambda: [section["versions"] for section in read(select(FixedDraft))[0].sections]


def form(revision, *versions, **changes):
    return {
        "title": "素质能力测试",
        "revision": str(revision),
        "sections-0-type": "single_choice",
        "sections-0-title": "单项选择题",
        "sections-0-points": "2.5",
        "sections-0-policy": "single_choice:all_or_nothing",
        "sections-0-versions": " ".join(map(str, versions)),
    } | changes


PAGES = [
    "",
    "/new",
    "/{id}",
    "/{id}/sections/1/items",
    "/{id}/preview",
    "/{id}/sections/1/drop",
    "/{id}/delete",
]
ACTS = ["/new", "/{id}", "/{id}/sections/1/items", "/{id}/freeze", "/{id}/sections/1/drop", "/{id}/delete"]


@pytest.mark.parametrize("url", PAGES)
def test_each_page_opens_for_organizers_alone(browser, draft_id, url):
    address = "/bank/fixed-papers" + url.format(id=draft_id)
    page = browser("organizer").get(address)
    assert page.status_code == 200
    assert "CANARY" not in page.get_data(as_text=True)
    for name in ("author", "reviewer", "invigilator", "stranger"):
        assert browser(name).get(address).status_code == 403, name
    assert browser().get(address).status_code == 302


@pytest.mark.parametrize("url", ACTS)
def test_an_act_is_refused_to_others_and_without_its_token(browser, draft_id, bank, read, url):
    address = "/bank/fixed-papers" + url.format(id=draft_id)
    data = form(1, bank["one"]) | {"version": str(bank["one"])}
    for name in ("author", "reviewer", "stranger"):
        assert browser(name).post(address, data).status_code == 403
    assert browser("organizer").client.post(address, data=data).status_code == 400
    assert read(select(FixedDraft.revision)) == [1]
    assert read(select(Paper.id)) == []


def test_a_section_with_items_goes_only_after_its_page_has_named_them(browser, draft_id, bank, held):
    organizer = browser("organizer")
    url = f"/bank/fixed-papers/{draft_id}"
    asked = organizer.post(url, form(1, bank["one"], bank["three"], act="drop-0")).headers["Location"]
    assert asked == f"{url}/sections/1/drop"
    assert held() == [[bank["one"], bank["three"]]]
    page = organizer.get(asked).get_data(as_text=True)
    for words in ("第 一 部分“单项选择题”连同选入的 2 题", "第一道（　　）。", "第三道（　　）。"):
        assert words in page
    stale = organizer.post(asked, {"revision": "1"})
    assert (stale.status_code, held()) == (409, [[bank["one"], bank["three"]]])
    assert "刚刚被别人修改" in stale.get_data(as_text=True)
    assert organizer.post(asked, {"revision": "2"}).headers["Location"] == url
    assert held() == []
    assert organizer.get(asked).status_code == 404


def test_a_draft_is_deleted_after_its_page_has_said_what_is_lost(browser, draft_id, read):
    organizer = browser("organizer")
    url = f"/bank/fixed-papers/{draft_id}/delete"
    assert "不能恢复" in organizer.get(url).get_data(as_text=True)
    assert organizer.post(url, {"revision": "7"}).status_code == 409
    assert organizer.post(url, {"revision": "1"}).headers["Location"] == "/bank/fixed-papers"
    assert read(select(FixedDraft.id)) == []
    assert "草稿“现成的卷”已删除" in organizer.get("/bank/fixed-papers").get_data(as_text=True)
    assert organizer.get(url).status_code == 404


def test_the_draft_of_a_frozen_paper_is_neither_deleted_nor_shortened(browser, draft_id, bank, read):
    organizer = browser("organizer")
    organizer.post(f"/bank/fixed-papers/{draft_id}", form(1, bank["one"]))
    organizer.post(f"/bank/fixed-papers/{draft_id}/freeze", {"revision": "2"})
    for url in ("delete", "sections/1/drop"):
        for answer in (
            organizer.get(f"/bank/fixed-papers/{draft_id}/{url}"),
            organizer.post(f"/bank/fixed-papers/{draft_id}/{url}", {"revision": "3"}),
        ):
            assert answer.status_code == 409
            assert "已经冻结" in answer.get_data(as_text=True)
    assert read(select(FixedDraft.id)) == [draft_id]


def test_unknown_drafts_and_sections_are_not_found(browser, draft_id):
    organizer = browser("organizer")
    for url in (
        "9",
        "9/preview",
        "9/sections/1/items",
        f"{draft_id}/sections/2/items",
        f"{draft_id}/sections/0/items",
        "9/delete",
        f"{draft_id}/sections/2/drop",
    ):
        assert organizer.get(f"/bank/fixed-papers/{url}").status_code == 404, url
    assert organizer.post("/bank/fixed-papers/9/freeze").status_code == 404


def test_a_paper_is_composed_previewed_and_frozen_without_a_script(browser, bank, read, held):
    organizer = browser("organizer")
    begun = organizer.post("/bank/fixed-papers/new", {"title": "素质能力测试"})
    url = begun.headers["Location"]
    choosing = organizer.post(url, form(1, act="choose-0")).headers["Location"]
    assert choosing == f"{url}/sections/1/items"
    for name, revision in (("three", 2), ("one", 3)):
        answer = organizer.post(choosing, {"revision": str(revision), "version": str(bank[name]), "then": "stay"})
        assert answer.status_code == 302, answer.get_data(as_text=True)
    page = organizer.get(url).get_data(as_text=True)
    assert "共 2 题，总分 5.00 分" in page
    assert "现在还不能冻结" not in page
    organizer.post(url, form(4, *held()[0], act="up-0-1"))
    assert held() == [[bank["one"], bank["three"]]]
    preview = organizer.get(f"{url}/preview").get_data(as_text=True)
    assert preview.index("第一道") < preview.index("第三道")
    frozen = organizer.post(f"{url}/freeze", {"revision": "5"})
    shown = organizer.get(frozen.headers["Location"]).get_data(as_text=True)
    assert "题目和次序由组卷人选定" in shown
    assert read(select(PaperSlot.version_id).order_by(PaperSlot.slot)) == [bank["one"], bank["three"]]
    assert organizer.get(url).headers["Location"] == frozen.headers["Location"]
    assert "已冻结" in organizer.get("/bank/fixed-papers?q=素质").get_data(as_text=True)


@pytest.mark.parametrize(
    ("act", "left"),
    [
        ("up-0-1", [["three", "one"]]),
        ("down-0-0", [["three", "one"]]),
        ("up-0-0", [["one", "three"]]),
        ("down-0-1", [["one", "three"]]),
        ("out-0-0", [["three"]]),
        ("more", [["one", "three"], []]),
        ("drop-0", [["one", "three"]]),  # asked first
        ("drop-7", [["one", "three"]]),
        ("up-0-99", [["one", "three"]]),
        ("explode", [["one", "three"]]),
    ],
)
def test_each_button_saves_what_was_typed_and_does_its_part(browser, draft_id, bank, read, held, act, left):
    answer = browser("organizer").post(f"/bank/fixed-papers/{draft_id}", form(1, bank["one"], bank["three"], act=act))
    assert answer.status_code == 302, answer.get_data(as_text=True)
    assert held() == [[bank[name] for name in names] for names in left]
    assert read(select(FixedDraft.title)) == ["素质能力测试"]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"title": " "}, "请填写试卷标题"),
        ({"sections-0-points": "两"}, "每题分值"),
        ({"sections-0-points": "100.5"}, "每题分值应大于 0"),
        ({"sections-0-points": "0.001"}, "每题分值应大于 0"),
        ({"sections-0-policy": "fill_blank:by_parts"}, "计分规则不适用于单选题"),
        ({"sections-0-type": "description"}, ""),
        ({"sections-0-versions": "999999"}, "题库里没有"),
    ],
)
def test_faulty_input_comes_back_with_its_sentence_and_what_was_typed(browser, draft_id, read, changes, sentence):
    data = form(1, **({"sections-0-title": "打好的标题"} | changes))
    answer = browser("organizer").post(f"/bank/fixed-papers/{draft_id}", data)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert sentence in page
    assert "打好的标题" in page
    assert read(select(FixedDraft.revision)) == [1]


def test_of_two_organizers_the_later_is_told_and_loses_nothing_typed(browser, draft_id, bank, read, held):
    url = f"/bank/fixed-papers/{draft_id}"
    first, second = browser("organizer"), browser("second_organizer")
    assert first.post(url, form(1, bank["one"])).status_code == 302
    late = second.post(url, form(1, bank["three"], title="后改的名"))
    page = late.get_data(as_text=True)
    assert late.status_code == 409
    assert "后改的名" in page
    assert "第三道" in page
    assert "刚刚被别人修改" in page
    adding = second.post(f"{url}/sections/1/items", {"revision": "1", "version": str(bank["three"])})
    assert adding.status_code == 409
    assert f'value="{bank["three"]}" checked' in adding.get_data(as_text=True)
    assert second.post(f"{url}/freeze", {"revision": "1"}).status_code == 409
    assert held() == [[bank["one"]]]
    assert read(select(FixedDraft.title)) == ["素质能力测试"]


def test_the_list_to_choose_from_is_searched_and_says_why_an_item_cannot_be_chosen(browser, draft_id, bank):
    organizer = browser("organizer")
    organizer.post(f"/bank/fixed-papers/{draft_id}", form(1, bank["one"]))
    url = f"/bank/fixed-papers/{draft_id}/sections/1/items"
    page = organizer.get(url).get_data(as_text=True)
    assert "已经选为第 1 题" in page
    assert "互斥，不能同卷" in page
    assert "引用的" not in page
    assert "公务员的考核方式" not in page
    assert "是多选题，不能放在单选题的部分" in organizer.get(f"{url}?type=").get_data(as_text=True)
    hard = organizer.get(f"{url}?difficulty=难").get_data(as_text=True)
    assert "第二道" in hard
    assert "第三道" not in hard
    assert "没有符合条件的试题" in organizer.get(f"{url}?q=没有这样的题").get_data(as_text=True)
    for hostile in ("type=x", "knowledge_point=x", "difficulty=x", "page=x", "q=%00"):
        assert organizer.get(f"{url}?{hostile}").status_code in (200, 422), hostile


def test_what_may_not_stand_on_the_paper_is_refused_and_what_was_ticked_stays(browser, draft_id, bank, held):
    organizer = browser("organizer")
    organizer.post(f"/bank/fixed-papers/{draft_id}", form(1, bank["one"]))
    url = f"/bank/fixed-papers/{draft_id}/sections/1/items"
    for name, sentence in (
        ("two", "互斥"),
        ("multiple", "是多选题"),
        ("citing", "只能用于演示卷"),
        ("one", "已经选为第 1 题"),
    ):
        answer = organizer.post(url, {"revision": "2", "version": [str(bank["three"]), str(bank[name])]})
        page = answer.get_data(as_text=True)
        assert answer.status_code == 409, name
        assert sentence in page
        assert f'value="{bank["three"]}" checked' in page
    for nothing in ({}, {"version": "x"}, {"version": "9" * 30}, {"version": "999999"}):
        assert organizer.post(url, {"revision": "2"} | nothing).status_code == 422
    assert held() == [[bank["one"]]]


def test_an_unfinished_paper_is_not_frozen_and_a_frozen_one_not_twice(browser, draft_id, bank, read):
    organizer = browser("organizer")
    url = f"/bank/fixed-papers/{draft_id}"
    unfinished = organizer.post(f"{url}/freeze", {"revision": "1"})
    assert unfinished.status_code == 409
    assert "还没有选题" in unfinished.get_data(as_text=True)
    organizer.post(url, form(1, bank["one"]))
    assert organizer.post(f"{url}/freeze", {"revision": "2"}).status_code == 302
    assert organizer.post(f"{url}/freeze", {"revision": "2"}).status_code == 409
    assert organizer.post(url, form(3, bank["one"])).status_code == 409
    assert len(read(select(Paper.id))) == 1
