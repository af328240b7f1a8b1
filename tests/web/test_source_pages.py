"""The pages of regulations: who may look, who may mark, what is said of items, papers and exams."""

import pytest
from sqlalchemy import select

from core.clock import clock as the_clock
from core.database import transaction
from question_bank.items.models import SourceVerification
from question_bank.papers.blueprints import create_blueprint
from question_bank.papers.drafts import DemandDraft, SectionDraft
from question_bank.papers.service import draw_paper
from question_bank.sources.models import RegulationArticle, RegulationEdition
from tests.support.bank import CITATION, published, single

pytestmark = pytest.mark.usefixtures("cast")
LAPSE = {"state": "revised", "valid_to": "2026-11-01", "reason": "主席令第 1 号", "successor": "2026-10-01修订"}


@pytest.fixture
def made(app, cast, clock):
    def make(function, *arguments, **options):
        with app.app_context(), transaction("write") as session:
            return function(session, *arguments, **options)

    return make


@pytest.fixture
def read(app):
    def reading(statement):
        with app.app_context(), transaction("read") as session:
            return session.scalars(statement).all()

    return reading


@pytest.fixture
def item_id(made, cast):
    return made(lambda s: published(s, cast, the_clock, single(citations=(CITATION,)), verified=True).id)


@pytest.fixture
def edition_id(item_id, read):
    return read(select(RegulationEdition.id))[0]


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("/bank/sources", {"author", "reviewer"}),
        ("/bank/sources/editions/{id}", {"author", "reviewer"}),
        ("/bank/sources/editions/new", {"author", "reviewer"}),
        ("/bank/sources/editions/{id}/articles/new", {"author", "reviewer"}),
        ("/bank/sources/editions/{id}/lapse", {"reviewer"}),
        ("/bank/sources/editions/{id}/reinstatement", {"reviewer"}),
    ],
)
def test_each_page_opens_for_its_roles_alone(browser, edition_id, url, allowed):
    for name in ("author", "reviewer", "organizer", "stranger"):
        answer = browser(name).get(url.format(id=edition_id))
        assert answer.status_code == (200 if name in allowed else 403), (name, url)
    assert browser().get(url.format(id=edition_id)).status_code == 302
    if "{id}" in url:
        assert browser("reviewer").get(url.format(id=999)).status_code == 404


@pytest.mark.parametrize(
    ("url", "colleague"),
    [("lapse", "author"), ("reinstatement", "author"), ("articles/new", "organizer")],
)
def test_an_act_is_refused_to_others_and_without_its_token(browser, edition_id, read, url, colleague):
    address = f"/bank/sources/editions/{edition_id}/{url}"
    for name in (colleague, "stranger"):
        assert browser(name).post(address, LAPSE).status_code == 403
    assert browser("reviewer").client.post(address, data=LAPSE).status_code == 400
    assert read(select(RegulationEdition.state)) == ["in_force"]


def test_an_edition_lapses_its_items_are_kept_back_and_come_free_by_a_named_comparison(
    browser, item_id, edition_id, read
):
    reviewer = browser("reviewer")
    asked = reviewer.get(f"/bank/sources/editions/{edition_id}/lapse").get_data(as_text=True)
    assert "1 道已发布试题立即隔离" in asked
    done = reviewer.post(f"/bank/sources/editions/{edition_id}/lapse", LAPSE)
    assert done.status_code == 302
    page = reviewer.get(done.headers["Location"]).get_data(as_text=True)
    assert "有 1 道已发布试题因这个版本失效而隔离" in page
    assert "已隔离" in page
    assert "试题已隔离：由审题员与现行版本重新核对之前" in reviewer.get(f"/bank/items/{item_id}").get_data(as_text=True)
    assert "所引法规已修订或废止的试题" in reviewer.get("/").get_data(as_text=True)
    listed = reviewer.get("/bank/items?source=lapsed").get_data(as_text=True)
    assert "依据已失效" in listed
    fresh = read(select(RegulationEdition.id).where(RegulationEdition.label == "2026-10-01修订"))[0]
    text = {"label": "第五条", "text": "公务员的管理，坚持公开、平等、竞争、择优的原则。"}
    assert reviewer.post(f"/bank/sources/editions/{fresh}/articles/new", text).status_code == 302
    asked = reviewer.get(f"/bank/items/{item_id}/verification").get_data(as_text=True)
    assert text["text"] in asked
    assert f'name="edition" value="{fresh}"' in asked
    version = read(select(SourceVerification.version_id))[0]
    form = {"version": str(version), "compared_with": "公报 2026 年第 5 号"}
    assert reviewer.post(f"/bank/items/{item_id}/verification", form).status_code == 409
    assert reviewer.post(f"/bank/items/{item_id}/verification", form | {"edition": str(fresh)}).status_code == 302
    page = reviewer.get(f"/bank/items/{item_id}").get_data(as_text=True)
    assert "依据已核对" in page
    assert "试题已隔离" not in page
    assert "可以使用" in reviewer.get(f"/bank/sources/editions/{edition_id}").get_data(as_text=True)


def test_the_papers_that_hold_what_was_kept_back_are_named(browser, made, cast, edition_id):
    def draw(session):
        organizer = cast.actor("organizer")
        sections = [SectionDraft("单项选择题", "single_choice", (DemandDraft(1),), 200, "all_or_nothing")]
        blueprint = create_blueprint(session, organizer, the_clock, "细目表", sections)
        return draw_paper(session, organizer, the_clock, blueprint, "素质能力测试").code

    code = made(draw)
    page = browser("reviewer").get(f"/bank/sources/editions/{edition_id}").get_data(as_text=True)
    assert code in page
    assert "素质能力测试" in page


@pytest.mark.parametrize("missing", ["state", "valid_to", "reason"])
def test_a_marking_that_lacks_something_comes_back_with_what_was_typed(browser, edition_id, read, missing):
    answer = browser("reviewer").post(f"/bank/sources/editions/{edition_id}/lapse", LAPSE | {missing: ""})
    assert answer.status_code == 422
    assert "2026-10-01修订" in answer.get_data(as_text=True)
    assert read(select(RegulationEdition.state)) == ["in_force"]


def test_a_marking_by_mistake_is_taken_back_with_its_reason(browser, edition_id, read):
    reviewer = browser("reviewer")
    reviewer.post(f"/bank/sources/editions/{edition_id}/lapse", LAPSE | {"successor": ""})
    page = reviewer.get(f"/bank/sources/editions/{edition_id}").get_data(as_text=True)
    assert "没有登记现行版本" in page
    url = f"/bank/sources/editions/{edition_id}/reinstatement"
    assert reviewer.post(url, {"reason": ""}).status_code == 422
    assert reviewer.post(url, {"reason": "看错了"}).status_code == 302
    assert read(select(RegulationEdition.state)) == ["in_force"]
    assert reviewer.post(url, {"reason": "再来"}).status_code == 409


def test_an_edition_and_an_article_are_recorded_and_the_list_finds_them(browser, read):
    author = browser("author")
    fields = {"name": "《党政领导干部选拔任用工作条例》", "label": "2019-03-03修订", "valid_from": "2019-03-03"}
    done = author.post("/bank/sources/editions/new", fields)
    assert done.status_code == 302
    again = author.post("/bank/sources/editions/new", fields)
    assert again.status_code == 409
    assert "已经登记过" in again.get_data(as_text=True)
    assert author.post("/bank/sources/editions/new", fields | {"valid_from": "昨天"}).status_code == 422
    assert author.post(done.headers["Location"] + "/articles/new", {"label": "第一条", "text": ""}).status_code == 422
    assert (
        author.post(done.headers["Location"] + "/articles/new", {"label": "第一条", "text": "为了……"}).status_code
        == 302
    )
    assert read(select(RegulationArticle.text)) == ["为了……"]
    assert "党政领导干部选拔任用工作条例" in author.get("/bank/sources?q=选拔任用").get_data(as_text=True)
    assert "没有符合条件的法规" in author.get("/bank/sources?q=没有的").get_data(as_text=True)
    assert "没有符合条件的法规" in author.get("/bank/sources?state=repealed").get_data(as_text=True)
