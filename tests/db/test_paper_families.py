"""Families: pools and a seed frozen and committed to, from which each sitting's own paper follows."""

import hashlib
import hmac

import pytest
from sqlalchemy import select, update

from core.audit.models import AuditEntry
from core.errors import Conflict
from question_bank.delivery import canonical_response, deliver, paper_source, paper_summary
from question_bank.items.models import ItemVersion
from question_bank.key_books import key_book
from question_bank.papers import rules
from question_bank.papers.blueprints import create_blueprint
from question_bank.papers.drafts import DemandDraft, SectionDraft
from question_bank.papers.models import Paper, PaperSlot
from question_bank.papers.service import deviations, draw_paper, paper_digest, tell_seed
from tests.support.bank import options, published, single, true_false

SECTIONS = (
    SectionDraft("单项选择题", "single_choice", (DemandDraft(2, None, "易"), DemandDraft(1)), 200, "all_or_nothing"),
    SectionDraft("判断题", "true_false", (DemandDraft(2),), 100, "all_or_nothing"),
)


@pytest.fixture
def organizer(cast):
    return cast.actor("organizer")


@pytest.fixture
def family(session, cast, clock, organizer):
    for number in range(8):
        content = {"stem": f"单选第 {number} 题（　　）。", "options": options("甲", "乙", "丙", "丁")}
        draft = single(
            content=content, key={"key": ["B"]}, difficulty="易" if number % 2 else "难", rationale="机密CANARY"
        )
        published(session, cast, clock, draft)
        published(session, cast, clock, true_false(f"判断第 {number} 题。"))
    plan = create_blueprint(session, organizer, clock, "细目表", SECTIONS)
    return draw_paper(session, organizer, clock, plan, "小测", seed="种子", per_candidate=True)


def test_a_family_commits_to_its_seed_and_writes_no_place(session, family):
    assert family.seed_digest == hashlib.sha256("种子".encode()).hexdigest()
    assert session.scalars(select(PaperSlot)).all() == []
    assert (family.total_hundredths, paper_summary(session, family.id).items) == (800, 5)
    assert deviations(session, family.id) == []


def test_each_sitting_has_a_paper_of_its_own_and_always_the_same(session, family):
    papers = {number: deliver(session, family.id, number) for number in (1, 2, 3)}
    assert deliver(session, family.id, 2) == papers[2]
    assert papers[1].sections != papers[2].sections != papers[3].sections
    for paper in papers.values():
        assert paper.digest == family.digest
        assert [slot.slot for section in paper.sections for slot in section.slots] == ["1", "2", "3", "4", "5"]
        stems = [slot.content["stem"] for section in paper.sections for slot in section.slots]
        assert len(set(stems)) == 5
        assert [section.points_text for section in paper.sections] == [
            "共 3 题，每题 2 分，共 6 分",
            "共 2 题，每题 1 分，共 2 分",
        ]
    assert "CANARY" not in repr(papers)


def stems_by(session, ids):
    return [session.get_one(ItemVersion, one).content["stem"] for one in ids]


def test_a_paper_follows_from_the_seed_alone(session, family):
    own = hmac.new("种子".encode(), b"7", hashlib.sha256).hexdigest()
    assert rules.personal_seed("种子", 7) == own
    by_hand = sorted(family.pool[-1], key=lambda one: hashlib.sha256(f"{own}/{one}".encode()).digest())[:2]
    stems = [slot.content["stem"] for slot in deliver(session, family.id, 7).sections[1].slots]
    assert stems == stems_by(session, by_hand)


def test_a_family_frozen_by_an_earlier_release_keeps_its_papers_and_its_digest(session, family):
    family.derivation = rules.BY_HMAC
    family.digest = paper_digest(session, family)
    session.flush()
    own = rules.personal_seed("种子", 7).encode()
    by_hand = sorted(family.pool[-1], key=lambda one: hmac.new(own, str(one).encode(), hashlib.sha256).digest())[:2]
    stems = [slot.content["stem"] for slot in deliver(session, family.id, 7).sections[1].slots]
    assert stems == stems_by(session, by_hand)
    assert deviations(session, family.id) == []


def test_keys_follow_the_letters_of_each_sitting(session, family):
    book = key_book(session, family.id)
    letters = set()
    for number in range(1, 20):
        keys = book.of(number)
        for slot in deliver(session, family.id, number).sections[0].slots:
            shown = {option["label"]: option["text"] for option in slot.content["options"]}
            assert [shown[letter] for letter in keys[slot.slot].key] == ["乙"]
            letters.update(keys[slot.slot].key)
    assert len(letters) > 1


def test_responses_are_checked_alike_on_the_page_and_at_a_save(session, family):
    source = paper_source(session, family.id)
    slots = source.answerable(5)
    for section in source.paper(5).sections:
        for slot in section.slots:
            response = ["D"] if slot.type == "single_choice" else ["true"]
            assert slots[slot.slot].type == slot.type
            assert canonical_response(slots[slot.slot], response) == canonical_response(slot, response) == response


def test_a_family_that_cannot_be_drawn_is_refused_before_anybody_sits(session, clock, organizer, family):
    sections = [SectionDraft("单选", "single_choice", (DemandDraft(9),), 100, "all_or_nothing")]
    plan = create_blueprint(session, organizer, clock, "太大", sections)
    with pytest.raises(Conflict, match="缺 1 题"):
        draw_paper(session, organizer, clock, plan, "卷", per_candidate=True)


def test_what_was_tampered_with_is_found(session, family):
    version = session.get_one(ItemVersion, family.pool[0][0])
    version.content = {**version.content, "stem": "改了（　　）。"}
    session.flush()
    assert deviations(session, family.id) == ["试卷现在的内容与冻结时的摘要不一致。"]
    session.execute(update(Paper).values(seed="另一个"))
    session.expire_all()
    assert len(deviations(session, family.id)) == 2


def test_a_seed_is_told_once_and_on_record(session, clock, organizer, family):
    tell_seed(session, organizer, clock, family.id)
    with pytest.raises(Conflict):
        tell_seed(session, organizer, clock, family.id)
    session.refresh(family)
    assert family.seed_told_at == clock.now()
    assert session.scalars(select(AuditEntry.action).order_by(AuditEntry.id.desc())).first() == "paper_seed_told"
