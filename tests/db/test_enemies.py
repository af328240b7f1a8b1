"""Items that must not meet on a paper, and how often items were sat, on both databases."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from core.accounts.actors import SYSTEM
from core.audit.models import AuditEntry
from core.errors import BadInput, Conflict
from grading.scoring.jobs import score_waiting
from question_bank.enemies.models import EnemyItem
from question_bank.enemies.queries import enemies_among, group_of
from question_bank.enemies.service import let_together, set_apart
from question_bank.items.queries import Filters, list_items
from question_bank.papers.blueprints import create_blueprint
from question_bank.papers.drafts import DemandDraft, SectionDraft
from question_bank.papers.exposure import Rest, exposures_of, note_sat
from question_bank.papers.models import PaperSlot
from question_bank.papers.queries import Availability, holdings
from question_bank.papers.service import deviations, draw_paper, paper_digest
from tests.support.bank import published, single
from tests.support.results import make_world

SECTIONS = [SectionDraft("单项选择题", "single_choice", (DemandDraft(3),), 200, "all_or_nothing")]


@pytest.fixture
def items(session, cast, clock):
    return [published(session, cast, clock, single(f"第 {number} 道（　　）。")) for number in range(5)]


@pytest.fixture
def author(cast):
    return cast.actor("author")


@pytest.fixture
def blueprint(session, clock, cast):
    return create_blueprint(session, cast.actor("organizer"), clock, "互斥", SECTIONS)


def numbers(*items):
    return [item.number for item in items]


def taken(session, paper):
    return set(session.scalars(select(PaperSlot.version_id).where(PaperSlot.paper_id == paper.id)))


def test_a_pair_is_set_apart_and_named_on_both_pages(session, clock, author, items):
    set_apart(session, author, clock, items[0], numbers(items[1]), " 题干说出了另一题的答案 ")
    group = group_of(session, items[0].id)
    assert group.reason == "题干说出了另一题的答案"
    assert [enemy.number for enemy in group.others] == [items[1].number]
    assert [enemy.number for enemy in group_of(session, items[1].id).others] == [items[0].number]
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "enemies_set")).one()
    assert entry.details["items"] == [items[0].id, items[1].id]


def test_groups_that_come_to_share_an_item_become_one(session, clock, author, items):
    set_apart(session, author, clock, items[0], numbers(items[1]), "甲")
    set_apart(session, author, clock, items[2], numbers(items[3]), "乙")
    set_apart(session, author, clock, items[1], numbers(items[2]))
    group = group_of(session, items[3].id)
    assert len(group.others) == 3
    assert group.reason == "甲；乙"


def test_an_item_is_let_out_and_nobody_stays_alone_in_a_group(session, clock, author, items):
    set_apart(session, author, clock, items[0], numbers(items[1], items[2]))
    let_together(session, author, clock, items[0])
    assert group_of(session, items[0].id) is None
    assert len(group_of(session, items[1].id).others) == 1
    let_together(session, author, clock, items[2])
    assert session.scalars(select(EnemyItem)).all() == []
    with pytest.raises(Conflict, match="没有互斥的试题"):
        let_together(session, author, clock, items[2])


@pytest.mark.parametrize(("wanted", "sentence"), [(["Q999999"], "没有编号为 Q999999 的试题"), ([], "至少一道别的试题")])
def test_unknown_numbers_and_no_others_are_refused(session, clock, author, items, wanted, sentence):
    with pytest.raises(BadInput, match=sentence):
        set_apart(session, author, clock, items[0], wanted)
    with pytest.raises(BadInput, match="至少一道别的试题"):
        set_apart(session, author, clock, items[0], numbers(items[0]))
    assert session.scalars(select(EnemyItem)).all() == []


def test_a_draw_takes_one_of_enemies_and_can_be_replayed_after_they_were_reconciled(
    session, clock, author, items, blueprint, cast
):
    set_apart(session, author, clock, items[0], numbers(items[1], items[2]))
    enemies = {item.current_version_id for item in items[:3]}
    for seed in "abcdef":
        paper = draw_paper(session, cast.actor("organizer"), clock, blueprint, "卷", seed=seed)
        assert len(taken(session, paper) & enemies) == 1
    let_together(session, author, clock, items[0])
    assert deviations(session, paper.id) == []
    paper.apart = []
    assert paper_digest(session, paper) != paper.digest


def test_what_the_bank_holds_counts_enemies_once_and_a_draw_says_what_is_lacking(
    session, clock, author, items, blueprint, cast
):
    held = holdings(session)
    assert held.of("single_choice", DemandDraft(3)).real == 5
    assert held.shortfalls(SECTIONS, {}) == []
    set_apart(session, author, clock, items[0], numbers(*items[1:4]))
    held = holdings(session)
    assert held.of("single_choice", DemandDraft(3)) == Availability(2, 2)
    (short,) = held.shortfalls(SECTIONS, {})
    assert (short.asked, short.held) == (3, 2)
    with pytest.raises(Conflict, match="另有 3 题与其中的题互斥"):
        draw_paper(session, cast.actor("organizer"), clock, blueprint, "卷")


def test_versions_of_items_without_enemies_are_in_no_group(session, clock, author, items):
    set_apart(session, author, clock, items[0], numbers(items[1]))
    versions = [item.current_version_id for item in items]
    assert enemies_among(session, versions) == [versions[:2]]
    assert enemies_among(session, versions[1:]) == []


def test_scoring_counts_how_often_every_version_was_sat_and_a_second_run_counts_nothing(session, cast, clock):
    world = make_world(session, cast, clock)
    session.commit()
    score_waiting(SYSTEM, clock)
    score_waiting(SYSTEM, clock, again=True)
    versions = [key.version_id for key in world.keys.values()]
    found = exposures_of(session, versions)
    assert {version: sittings for version, (sittings, _at) in found.items()} == dict.fromkeys(versions, 3)


def test_the_list_shows_and_sorts_by_use(session, clock, items):
    first, second = (item.current_version_id for item in items[:2])
    note_sat(session, {first: 3, second: 10}, clock.now())
    note_sat(session, {first: 4}, clock.now() - timedelta(days=40))
    note_sat(session, {second: 0}, clock.now() + timedelta(days=1))

    def listed(sort):
        return [row.version.id for row in list_items(session, Filters(sort=sort), 1).rows]

    assert exposures_of(session, [first])[first] == (7, clock.now())
    assert listed("-sittings")[:2] == [second, first]
    assert listed("-last_sat")[:2] == [second, first]
    assert listed("sittings")[-1] == second
    row = list_items(session, Filters(sort="-sittings"), 1).rows[0]
    assert (row.sittings, row.last_sat_at) == (10, clock.now() + timedelta(days=1))


def test_a_draw_lets_tired_items_rest(session, clock, items, blueprint, cast):
    versions = [item.current_version_id for item in items]
    note_sat(session, {versions[0]: 4000, versions[1]: 12}, clock.now() - timedelta(days=30))

    def pool(rest):
        return draw_paper(session, cast.actor("organizer"), clock, blueprint, "卷", rest=rest).pool[0]

    assert pool(Rest()) == versions
    assert pool(Rest(sittings=4000)) == versions[1:]
    assert pool(Rest(since=clock.now() - timedelta(days=31))) == versions[2:]
    note_sat(session, {versions[2]: 1}, clock.now())
    with pytest.raises(Conflict, match="缺 1 题"):
        pool(Rest(sittings=1))
