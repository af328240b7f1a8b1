"""Ordering parallel forms: frozen, solved by the job in a process of its own, proved without a solver."""

from datetime import timedelta
from fractions import Fraction

import pytest
from sqlalchemy import select, update

from core.audit.models import AuditEntry
from core.errors import BadInput, NotFound
from core.jobs.worker import Job
from question_bank.delivery import deliver
from question_bank.enemies.service import set_apart
from question_bank.items.drafts import Draft
from question_bank.items.models import Item, ItemVersion
from question_bank.papers.blueprints import create_blueprint
from question_bank.papers.drafts import DemandDraft, SectionDraft
from question_bank.papers.exposure import Rest, note_sat
from question_bank.papers.models import Paper, PaperSlot
from question_bank.papers.service import deviations
from question_bank.parallel import jobs
from question_bank.parallel.models import FormSet
from question_bank.parallel.queries import form_set, papers_of
from question_bank.parallel.service import Wish, order_forms, proof
from question_bank.printing.documents import key_pdf
from tests.support.bank import knowledge_point, published, single, true_false
from tests.unit.test_item_types import SOUND

SECTIONS = (
    SectionDraft(
        "单项选择题", "single_choice", (DemandDraft(1, None, "易"), DemandDraft(1, None, "难")), 200, "all_or_nothing"
    ),
    SectionDraft("判断题", "true_false", (DemandDraft(2),), 100, "all_or_nothing"),
)
WISH = Wish("素质能力测试", 2, Fraction(1), seed="公开抽签")


@pytest.fixture
def organizer(cast):
    return cast.actor("organizer")


@pytest.fixture
def plan(session, cast, clock, organizer):
    law = knowledge_point(session, "1", "公务员法")
    for number in range(5):
        difficulty = "易" if number % 2 else "难"
        published(
            session,
            cast,
            clock,
            single(f"单选第 {number} 题（　　）。", difficulty=difficulty, knowledge_point_id=law.id),
        )
        published(session, cast, clock, true_false(f"判断第 {number} 题。"))
    return create_blueprint(session, organizer, clock, "细目表", SECTIONS)


@pytest.fixture
def solved(session, clock, organizer, monkeypatch):
    """Orders and runs the job as the worker does, on this session."""
    monkeypatch.setattr(Job, "progress", lambda *_told: None)
    monkeypatch.setattr(Job, "write", lambda job: job.session)

    def order(plan, wish=WISH):
        ordered = order_forms(session, organizer, clock, plan, wish, "/bank/forms")
        jobs.run(Job(session, clock, organizer, {"form_set_id": ordered.id}, ordered.run_id))
        return form_set(session, ordered.id)

    return order


def test_an_order_becomes_papers_that_are_equally_hard_and_proved(session, organizer, plan, solved):
    ordered = solved(plan)
    assert (ordered.state, ordered.outcome["solver"]["status"], ordered.outcome["conflicts"]) == (
        "solved",
        "optimal",
        [],
    )
    papers = papers_of(session, ordered.id)
    assert [(form, paper.form, paper.title, paper.total_hundredths) for form, paper in papers.items()] == [
        ("A", "A", "素质能力测试", 600),
        ("B", "B", "素质能力测试", 600),
    ]
    assert papers["A"].code.endswith("A")
    assert papers["A"].digest != papers["B"].digest
    versions = [
        set(session.scalars(select(PaperSlot.version_id).where(PaperSlot.paper_id == paper.id)))
        for paper in papers.values()
    ]
    assert len(versions[0]) == 4
    assert not versions[0] & versions[1]
    assert ordered.outcome["report"]["spread"] == "0.0000"
    assert proof(session, ordered) == []
    assert all(deviations(session, paper.id) == [] for paper in papers.values())
    assert [section.title for section in deliver(session, papers["B"].id).sections] == ["单项选择题", "判断题"]
    actions = session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert actions[-4:] == ["forms_ordered", "paper_drawn", "paper_drawn", "forms_made"]


def test_forms_hold_cases_of_the_points_that_the_section_asks_for(session, cast, clock, organizer, solved):
    content, key = SOUND["case"]
    heavier = {**content, "parts": [{**part, "points_hundredths": 300} for part in content["parts"]]}
    for number in range(3):
        for one in (content, heavier):
            worth = sum(part["points_hundredths"] for part in one["parts"])
            published(session, cast, clock, Draft("case", {**one, "stem": f"案例 {number}·{worth}"}, key, worth, ""))
    worth = sum(part["points_hundredths"] for part in content["parts"])
    sections = [SectionDraft("案例题", "case", (DemandDraft(1),), worth, "by_parts")]
    ordered = solved(create_blueprint(session, organizer, clock, "案例", sections))
    assert (ordered.state, len(ordered.request["items"])) == ("solved", 2)
    for paper in papers_of(session, ordered.id).values():
        (section,) = deliver(session, paper.id).sections
        assert [slot.points_hundredths for slot in section.slots] == [worth]
        assert paper.total_hundredths == worth
        assert key_pdf(session, paper.id).startswith(b"%PDF-")
    assert [one["points_hundredths"] for one in ordered.outcome["report"]["forms"]] == [worth, worth]


def test_the_same_order_gives_the_same_forms_and_a_finished_one_is_left_alone(session, clock, organizer, plan, solved):
    first, second = solved(plan), solved(plan)
    assert (first.solution, first.request_digest) == (second.solution, second.request_digest)
    jobs.run(Job(session, clock, organizer, {"form_set_id": first.id}, first.run_id))
    assert len(session.scalars(select(Paper)).all()) == 4


def test_what_was_tampered_with_is_found(session, plan, solved):
    ordered = solved(plan)
    session.execute(update(FormSet).values(outcome={**ordered.outcome, "report": {}}))
    session.refresh(ordered)
    assert proof(session, ordered) == ["保存的等值报告与重算的结果不一致。"]
    one, other = session.scalars(select(PaperSlot).where(PaperSlot.slot == 3).order_by(PaperSlot.paper_id))
    one.version_id = other.version_id
    session.flush()
    assert "A 卷的试题与求解结果不一致。" in proof(session, ordered)
    session.execute(update(FormSet).values(request={**ordered.request, "overlap": 4}))
    session.refresh(ordered)
    assert proof(session, ordered)[0] == "保存的条件与下单时的摘要不一致。"


def test_a_bank_that_holds_too_little_writes_no_paper_and_says_what_it_lacks(session, plan, solved):
    ordered = solved(plan, Wish("卷", 3, Fraction(1)))
    assert ordered.state == "infeasible"
    assert ordered.outcome["conflicts"][0] == (
        "补充试题：“一、单项选择题·易”每份要 1 题，3 份共 3 题，题库中可用的有 2 题，至少还缺 1 题。"
    )
    assert session.scalars(select(Paper)).all() == []


def test_enemies_stand_apart_and_tired_items_rest(session, cast, clock, plan, solved):
    versions = session.scalars(
        select(ItemVersion).where(ItemVersion.type == "true_false").order_by(ItemVersion.id)
    ).all()
    first, second, tired = versions[:3]
    one, other = (session.get_one(Item, version.item_id) for version in (first, second))
    set_apart(session, cast.actor("author"), clock, one, [other.number], "互相提示")
    note_sat(session, {tired.id: 9}, clock.now())
    wish = Wish("卷", 2, Fraction(1), rest=Rest(5, clock.now() + timedelta(days=1)))
    ordered = solved(plan, wish)
    assert ordered.request["apart"] == [[first.id, second.id]]
    assert [one[0] for one in ordered.request["items"] if one[5]] == [tired.id]
    assert ordered.state == "solved"
    for paper in papers_of(session, ordered.id).values():
        held = set(session.scalars(select(PaperSlot.version_id).where(PaperSlot.paper_id == paper.id)))
        assert tired.id not in held
        assert len(held & {first.id, second.id}) < 2


@pytest.mark.parametrize(
    ("wish", "sentence"),
    [
        (Wish("", 2, Fraction(1)), "试卷标题应为"),
        (Wish("卷", 1, Fraction(1)), "平行卷应为 2 到 6 份"),
        (Wish("卷", 2, Fraction(21)), "允许差应为 0 到 0.20"),
        (Wish("卷", 2, Fraction(1), target=Fraction(100)), "目标平均难度应在"),
        (Wish("卷", 2, Fraction(1), overlap=5), "允许相同的题数"),
        (Wish("卷", 2, Fraction(1), seed="长" * 61), "种子最多 60"),
    ],
)
def test_a_faulty_order_is_refused_in_one_sentence(session, clock, organizer, plan, wish, sentence):
    with pytest.raises(BadInput, match=sentence):
        order_forms(session, organizer, clock, plan, wish, "/bank/forms")


def test_an_unknown_set_is_not_found(session):
    with pytest.raises(NotFound):
        form_set(session, 404)
