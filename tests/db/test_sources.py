"""Regulations, editions and articles; what is kept back when an edition lapses, and how it comes free, on both databases."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from core.accounts.actors import SYSTEM, Actor
from core.accounts.permissions import Role
from core.audit.models import AuditEntry
from core.errors import BadInput, Conflict, Forbidden
from exam.schedule.queries import unended_exams_of_papers
from question_bank.demonstration.loading import load_demonstration
from question_bank.items import service as items
from question_bank.items.drafts import CitationDraft
from question_bank.items.models import Item, SourceCitation, SourceVerification
from question_bank.items.queries import Filters, citations_of, list_items
from question_bank.items.tasks import _lapsed
from question_bank.papers.blueprints import create_blueprint
from question_bank.papers.drafts import DemandDraft, SectionDraft
from question_bank.papers.models import Blueprint
from question_bank.papers.queries import holdings
from question_bank.papers.service import deviations, draw_paper
from question_bank.sources import service
from question_bank.sources.models import Regulation, RegulationArticle, RegulationEdition
from question_bank.sources.queries import citing_counts, citing_items, citing_papers, is_quarantined
from tests.support.bank import CITATION, published, single
from tests.support.results import make_world

LAPSED = date(2026, 11, 1)
SECTIONS = [SectionDraft("单项选择题", "single_choice", (DemandDraft(1),), 200, "all_or_nothing")]


@pytest.fixture
def author(cast):
    return cast.actor("author")


@pytest.fixture
def reviewer(cast):
    return cast.actor("reviewer")


@pytest.fixture
def item(session, cast, clock):
    return published(session, cast, clock, single(citations=(CITATION,)), verified=True)


def edition_of(session, label="2018-12-29修订"):
    return session.scalars(select(RegulationEdition).where(RegulationEdition.label == label)).one()


def lapse(session, actor, clock, *, state="revised", successor="2026-10-01修订", label="2018-12-29修订"):
    return service.mark_lapsed(session, actor, clock, edition_of(session, label), state, LAPSED, "修订决定", successor)


def drawable(session):
    return holdings(session).of("single_choice", DemandDraft(1))


def newest(session, label="2026-10-01修订"):
    return [edition_of(session, label).id]


def test_what_citations_name_becomes_one_record_each(session, clock, author):
    for citation in (
        CITATION,
        CitationDraft("《中华人民共和国公务员法》", "2018-12-29修订 ", "第六条", "任人唯贤"),
        CITATION,
    ):
        items.create_item(session, author, clock, single(f"{citation.article}（　　）。", citations=(citation,)))
    items.create_item(session, author, clock, single("只有名称（　　）。", citations=(CitationDraft("干部任用条例"),)))
    assert session.scalars(select(Regulation.name).order_by(Regulation.id)).all() == [
        "中华人民共和国公务员法", "干部任用条例",
    ]  # fmt: skip
    assert session.scalars(select(RegulationEdition.label).order_by(RegulationEdition.id)).all() == [
        "2018-12-29修订",
        "",
    ]
    assert session.scalars(select(RegulationArticle.label).order_by(RegulationArticle.id)).all() == [
        "第五条", "第六条", "",
    ]  # fmt: skip
    first = session.scalars(select(SourceCitation).order_by(SourceCitation.id)).first()
    assert (first.regulation, first.edition, first.article) == ("中华人民共和国公务员法", "2018-12-29修订", "第五条")


def test_a_lapsed_edition_keeps_back_what_cites_it_with_one_audit_entry(session, clock, reviewer, item):
    other = drawable(session)
    assert (other.real, other.demonstration) == (1, 1)
    assert lapse(session, reviewer, clock) == 1
    assert is_quarantined(session, item.current_version_id)
    assert (drawable(session).real, drawable(session).demonstration) == (0, 0)
    session.flush()
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "edition_lapsed")).one()
    assert entry.details["count"] == 1
    assert len(entry.details["digest"]) == 64
    assert session.get_one(Item, item.id).state == "published"
    assert citing_counts(session, newest(session, "2018-12-29修订")) == {edition_of(session).id: (1, 1)}


def test_no_kind_of_paper_can_be_drawn_from_items_in_quarantine(session, cast, clock, reviewer, item):
    organizer = cast.actor("organizer")
    blueprint = create_blueprint(session, organizer, clock, "细目表", SECTIONS)
    paper = draw_paper(session, organizer, clock, blueprint, "卷")
    lapse(session, reviewer, clock)
    for demonstration in (False, True):
        with pytest.raises(Conflict, match="缺 1 题"):
            draw_paper(session, organizer, clock, blueprint, "卷", demonstration=demonstration)
    assert deviations(session, paper.id) == []
    assert citing_papers(session, edition_of(session).id) == [(paper, 1)]


def test_a_second_marking_of_the_same_edition_is_refused(session, clock, reviewer, item):
    lapse(session, reviewer, clock)
    with pytest.raises(Conflict, match="已不是“现行有效”"):
        lapse(session, reviewer, clock, successor="")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"state": "in_force"}, "已修订"),
        ({"successor": "2018-12-29修订"}, "与本版本相同"),
    ],
)
def test_a_faulty_marking_is_refused_and_nothing_changes(session, clock, reviewer, item, changes, sentence):
    with pytest.raises(BadInput, match=sentence):
        lapse(session, reviewer, clock, **changes)
    with pytest.raises(BadInput, match="请写明依据"):
        service.mark_lapsed(session, reviewer, clock, edition_of(session), "revised", LAPSED, " ")
    assert not is_quarantined(session, item.current_version_id)


def test_an_end_before_the_beginning_is_refused(session, clock, reviewer):
    edition = service.add_edition(session, reviewer, clock, "条例", "2020版", date(2026, 12, 1))
    with pytest.raises(BadInput, match="晚于施行日期 2026-12-01"):
        service.mark_lapsed(session, reviewer, clock, edition, "repealed", LAPSED, "决定")


def test_the_quarantine_is_lifted_by_another_person_who_compared_it_with_the_edition_in_force(
    session, clock, author, reviewer, item
):
    version = item.current_version_id
    lapse(session, reviewer, clock)
    with pytest.raises(Forbidden):
        items.verify_source(session, author, clock, item, version, "公报", newest(session))
    with pytest.raises(Conflict, match="现行版本刚刚有变化"):
        items.verify_source(session, reviewer, clock, item, version, "公报")
    items.verify_source(session, reviewer, clock, item, version, "公报 2026 年第 5 号", newest(session))
    assert not is_quarantined(session, version)
    assert drawable(session).real == 1
    last = session.scalars(select(SourceVerification).order_by(SourceVerification.id.desc())).first()
    assert (last.verified_by, last.edition_id) == (reviewer.id, newest(session)[0])
    with pytest.raises(Conflict, match="已经核对过"):
        items.verify_source(session, reviewer, clock, item, version, "公报", newest(session))


def test_a_later_revision_keeps_back_again_what_was_compared_with_the_edition_before(session, clock, reviewer, item):
    version = item.current_version_id
    lapse(session, reviewer, clock)
    items.verify_source(session, reviewer, clock, item, version, "公报", newest(session))
    service.mark_lapsed(
        session,
        reviewer,
        clock,
        edition_of(session, "2026-10-01修订"),
        "revised",
        LAPSED + timedelta(days=9),
        "再修订",
        "2027版",
    )
    assert is_quarantined(session, version)
    items.verify_source(session, reviewer, clock, item, version, "公报", newest(session, "2027版"))
    assert not is_quarantined(session, version)


def test_what_has_no_edition_in_force_cannot_be_verified_but_changed(session, clock, author, reviewer, item):
    lapse(session, reviewer, clock, state="repealed", successor="")
    version = item.current_version_id
    with pytest.raises(BadInput, match="《中华人民共和国公务员法》没有登记现行有效的版本"):
        items.verify_source(session, reviewer, clock, item, version, "公报")
    draft = single(citations=(CitationDraft("新条例", "2026版", "第一条", "原文"),))
    fresh = items.new_version(session, author, clock, item, draft, based_on=version)
    assert not is_quarantined(session, fresh.id)
    assert is_quarantined(session, version)


def test_a_citation_of_a_lapsed_edition_is_in_quarantine_from_the_start(session, cast, clock, reviewer, item):
    lapse(session, reviewer, clock)
    late = published(session, cast, clock, single("新写的（　　）。", citations=(CITATION,)))
    assert is_quarantined(session, late.current_version_id)
    items.verify_source(session, reviewer, clock, late, late.current_version_id, "公报", newest(session))
    assert not is_quarantined(session, late.current_version_id)


def test_an_edition_that_was_marked_by_mistake_frees_what_it_kept_back(session, clock, reviewer, item):
    lapse(session, reviewer, clock, successor="")
    edition = edition_of(session)
    with pytest.raises(BadInput):
        service.reinstate(session, reviewer, clock, edition, "")
    service.reinstate(session, reviewer, clock, edition, "看错了文号")
    assert not is_quarantined(session, item.current_version_id)
    assert edition.valid_to is None
    with pytest.raises(Conflict):
        service.reinstate(session, reviewer, clock, edition, "再一次")


def test_an_edition_is_recorded_once_and_completed_when_a_citation_named_it_first(session, clock, author, item):
    known = edition_of(session)
    completed = service.add_edition(
        session, author, clock, "中华人民共和国公务员法", "2018-12-29修订", date(2019, 6, 1)
    )
    assert (completed.id, completed.valid_from) == (known.id, date(2019, 6, 1))
    with pytest.raises(Conflict, match="已经登记过"):
        service.add_edition(session, author, clock, "《中华人民共和国公务员法》", "2018-12-29修订", date(2019, 6, 1))
    with pytest.raises(BadInput, match="版本"):
        service.add_edition(session, author, clock, "条例", " ")


def test_the_text_of_an_article_is_recorded_and_bettered(session, clock, author, item):
    edition = edition_of(session)
    first = service.record_article(session, author, clock, edition, "第五条", "旧文")
    again = service.record_article(session, author, clock, edition, "第五条", "第五条　公务员的管理……")
    assert (again.id, again.text) == (first.id, "第五条　公务员的管理……")
    with pytest.raises(BadInput):
        service.record_article(session, author, clock, edition, "第五条", " ")


def test_the_list_and_the_first_page_name_what_is_kept_back(session, clock, reviewer, item):
    assert [row.source for row in list_items(session, Filters(), 1).rows] == ["verified"]
    lapse(session, reviewer, clock)
    assert [row.source for row in list_items(session, Filters(verified="lapsed"), 1).rows] == ["lapsed"]
    assert _lapsed(session) == 1
    assert [one.number for one in citing_items(session, edition_of(session).id)] == [item.number]


def test_the_demonstration_stays_unverified_and_is_kept_back_as_well(session, cast, clock):
    summary = load_demonstration(session, SYSTEM, clock)
    assert session.scalars(select(SourceVerification)).first() is None
    assert session.scalars(select(Regulation.name).order_by(Regulation.name)).all() == [
        "中华人民共和国公务员法", "中华人民共和国公职人员政务处分法",
    ]  # fmt: skip
    reviewer = Actor("account", cast.accounts["reviewer"].id, frozenset({Role.REVIEWER}))
    assert lapse(session, reviewer, clock) == 95
    blueprint = session.get_one(Blueprint, 1)
    with pytest.raises(Conflict):
        draw_paper(session, reviewer, clock, blueprint, "卷", demonstration=True)
    assert all(deviations(session, paper) == [] for paper in summary.papers.values())


def test_exams_that_have_not_ended_are_told_by_their_papers(session, cast, clock):
    world = make_world(session, cast, clock)
    session.flush()
    uses = unended_exams_of_papers(session, clock, [world.paper.id])
    clock.stop_at(clock.now() + timedelta(days=400))
    assert unended_exams_of_papers(session, clock, [world.paper.id]) == []
    assert all(use.paper_id == world.paper.id for use in uses)
    clock.stop_at(clock.now() - timedelta(days=500))
    (use, *_more) = unended_exams_of_papers(session, clock, [world.paper.id])
    assert use.exam_id == world.exam_id


def test_a_new_version_keeps_its_citations_as_records(session, clock, author, item):
    fresh = items.new_version(
        session, author, clock, item, single(citations=(CITATION,)), based_on=item.current_version_id
    )
    (citation,) = citations_of(session, fresh.id)
    assert citation.article_id == citations_of(session, fresh.id)[0].place.id
    assert session.scalars(select(RegulationArticle.id)).all() == [citation.article_id]
