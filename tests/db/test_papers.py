"""Papers: what may be drawn, what is frozen, what goes out by which door."""

import dataclasses

import pytest
from sqlalchemy import select, update

from core.audit.models import AuditEntry
from core.errors import BadInput, Conflict, NotFound
from question_bank.delivery import BadResponse, canonical_response, deliver, frozen_papers, paper_summary
from question_bank.items import service as items
from question_bank.items.models import Item, ItemVersion
from question_bank.keys import keys_of_paper
from question_bank.papers.blueprints import change_blueprint, create_blueprint
from question_bank.papers.drafts import DemandDraft, SectionDraft
from question_bank.papers.models import Paper, PaperSlot
from question_bank.papers.queries import eligible_versions, holdings, sections_of
from question_bank.papers.service import deviations, draw_paper
from tests.support.bank import CITATION, fill, knowledge_point, multiple, options, published, single, true_false

SECTIONS = (
    SectionDraft("单项选择题", "single_choice", (DemandDraft(2),), 200, "all_or_nothing"),
    SectionDraft("多项选择题", "multiple_choice", (DemandDraft(1),), 300, "half_for_incomplete"),
    SectionDraft("判断题", "true_false", (DemandDraft(1),), 100, "all_or_nothing"),
    SectionDraft("填空题", "fill_blank", (DemandDraft(1),), 150, "proportional"),
)


@pytest.fixture
def organizer(cast):
    return cast.actor("organizer")


@pytest.fixture
def bank(session, cast, clock):
    for number in range(4):
        published(session, cast, clock, single(f"第 {number} 道单选（　　）。"))
    published(session, cast, clock, multiple())
    published(session, cast, clock, true_false())
    published(session, cast, clock, fill())


@pytest.fixture
def blueprint(session, clock, organizer):
    return create_blueprint(session, organizer, clock, "年度测试", SECTIONS)


def test_a_paper_holds_what_its_blueprint_asks_for(session, clock, organizer, bank, blueprint):
    paper = draw_paper(session, organizer, clock, blueprint, " 2026 年素质能力测试 ")
    assert (paper.title, paper.total_hundredths, paper.demonstration) == ("2026 年素质能力测试", 950, False)
    assert len(paper.seed) == 64
    delivered = deliver(session, paper.id)
    assert [slot.slot for section in delivered.sections for slot in section.slots] == ["1", "2", "3", "4", "5"]
    assert next((s.numeral, s.title, s.points_text) for s in delivered.sections) == (
        "一", "单项选择题", "共 2 题，每题 2 分，共 4 分",
    )  # fmt: skip
    assert delivered.digest == paper.digest
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "paper_drawn")).one()
    assert entry.details["digest"] == paper.digest


def test_a_paper_can_be_drawn_again_from_its_seed_and_pool(session, cast, clock, organizer, bank, blueprint):
    paper = draw_paper(session, organizer, clock, blueprint, "甲卷", seed="公开抽签 2026-11-23")
    published(session, cast, clock, single("后来才发布的题（　　）。"))
    assert deviations(session, paper.id) == []


def test_a_paper_that_was_tampered_with_is_found(session, clock, organizer, bank, blueprint):
    paper = draw_paper(session, organizer, clock, blueprint, "甲卷", seed="s")
    session.execute(update(PaperSlot).where(PaperSlot.slot == 1).values(points_hundredths=900))
    assert deviations(session, paper.id) == ["试卷现在的内容与冻结时的摘要不一致。"]
    other = session.scalars(select(PaperSlot.option_order).where(PaperSlot.slot == 1)).one()
    session.execute(update(PaperSlot).where(PaperSlot.slot == 1).values(option_order=other[::-1]))
    assert len(deviations(session, paper.id)) == 2


def test_changing_an_item_later_does_not_touch_the_paper(session, cast, clock, organizer, bank, blueprint):
    paper = draw_paper(session, organizer, clock, blueprint, "甲卷")
    before = deliver(session, paper.id)
    for item in session.scalars(select(Item)).all():
        version = session.get_one(ItemVersion, item.current_version_id)
        changed = {**version.content, "stem": version.content["stem"] + "（改）"}
        draft = dataclasses.replace(single(), type=item.type, content=changed, key=_key(item.type))
        items.new_version(session, cast.actor("author"), clock, item, draft, based_on=version.id)
    session.expire_all()
    assert deliver(session, paper.id) == before
    assert deviations(session, paper.id) == []


def _key(type_name):
    return {
        "single_choice": {"key": ["B"]},
        "multiple_choice": {"key": ["D"]},
        "true_false": {"key": ["true"]},
        "fill_blank": {"key": [["甲"], ["乙"]], "order_free": False},
    }[type_name]


def test_an_infeasible_blueprint_is_told_section_by_section(session, clock, organizer, bank):
    wanted = create_blueprint(
        session, organizer, clock, "太大",
        [dataclasses.replace(SECTIONS[0], demands=(DemandDraft(9),)), dataclasses.replace(SECTIONS[3], demands=(DemandDraft(2),))],
    )  # fmt: skip
    with pytest.raises(Conflict) as told:
        draw_paper(session, organizer, clock, wanted, "甲卷")
    assert told.value.code == "infeasible_blueprint"
    assert "“一、单项选择题”要 9 题，题库中符合条件的只有 4 题，缺 5 题" in told.value.message
    assert "“二、填空题”要 2 题，题库中符合条件的只有 1 题，缺 1 题" in told.value.message
    assert told.value.details["shortfalls"][0] == {"sections": ["一、单项选择题"], "asked": 9, "held": 4}
    assert session.scalars(select(Paper)).first() is None


def test_an_item_occurs_once_even_where_sections_overlap(session, clock, organizer, bank):
    twice = create_blueprint(session, organizer, clock, "重叠", [SECTIONS[0], SECTIONS[0]])
    paper = draw_paper(session, organizer, clock, twice, "甲卷")
    versions = session.scalars(select(PaperSlot.version_id).where(PaperSlot.paper_id == paper.id)).all()
    assert len(set(versions)) == 4


def held(session):
    """What the bank holds for single choices of any kind."""
    return holdings(session).of("single_choice", DemandDraft(1))


def test_only_published_items_are_drawn(session, cast, clock, organizer, bank, blueprint):
    items.create_item(session, cast.actor("author"), clock, single("只是草稿（　　）。"))
    item = published(session, cast, clock, single("已停用（　　）。"))
    items.retire(session, cast.actor("reviewer"), clock, item, item.current_version_id, "过时")
    assert held(session).real == 4


def test_an_unverified_citation_keeps_an_item_out_of_a_real_paper(session, cast, clock, organizer, bank, blueprint):
    item = published(session, cast, clock, single("引了法条（　　）。", citations=(CITATION,)))
    assert (held(session).real, held(session).demonstration) == (4, 5)
    items.verify_source(session, cast.actor("reviewer"), clock, item, item.current_version_id, "公报")
    assert held(session).real == 5
    draft = single("改了引文（　　）。", citations=(CITATION,))
    items.new_version(session, cast.actor("author"), clock, item, draft, based_on=item.current_version_id)
    assert held(session).real == 4


def test_demonstration_items_enter_demonstration_papers_alone(session, cast, clock, organizer, blueprint):
    for draft in (single("一（　　）。"), single("二（　　）。"), multiple(), true_false(), fill()):
        item = items.create_item(session, cast.actor("author"), clock, draft, demonstration=True)
        items.publish_demonstration(session, cast.actor("author"), clock, [item])
    with pytest.raises(Conflict):
        draw_paper(session, organizer, clock, blueprint, "真卷")
    paper = draw_paper(session, organizer, clock, blueprint, "演示卷", demonstration=True)
    assert paper.demonstration
    assert deliver(session, paper.id).demonstration


def test_a_section_narrows_by_knowledge_point_with_all_below_it_and_by_difficulty(session, cast, clock, organizer):
    law = knowledge_point(session, "1", "公务员法")
    duty = knowledge_point(session, "1.1", "义务", law)
    published(session, cast, clock, single("一（　　）。", knowledge_point_id=duty.id, difficulty="难"))
    published(session, cast, clock, single("二（　　）。", knowledge_point_id=law.id))
    published(session, cast, clock, single("三（　　）。"))

    def count(**conditions):
        demand = DemandDraft(1, **conditions)
        held = holdings(session).of("single_choice", demand)
        section = SectionDraft("单选", "single_choice", (demand,), 200, "all_or_nothing")
        assert len(eligible_versions(session, section, demand, demonstration=False)) == held.real
        return held.real

    assert count() == 3
    assert count(knowledge_point_id=law.id) == 2
    assert count(knowledge_point_id=duty.id) == 1
    assert count(knowledge_point_id=law.id, difficulty="易") == 1


def test_a_section_asks_for_knowledge_points_and_difficulties_in_a_grid(session, cast, clock, organizer):
    law, duty = knowledge_point(session, "1", "公务员法"), knowledge_point(session, "2", "义务")
    for number in range(6):
        point = (law, duty)[number % 2].id
        difficulty = "易" if number < 4 else "难"
        published(
            session, cast, clock, single(f"第 {number} 题（　　）。", knowledge_point_id=point, difficulty=difficulty)
        )
    demands = (DemandDraft(1, law.id, "易"), DemandDraft(1, law.id, "难"), DemandDraft(2, duty.id))
    sections = [SectionDraft("单项选择题", "single_choice", demands, 150, "all_or_nothing")]
    wanted = create_blueprint(session, organizer, clock, "双向细目表", sections, 90)
    assert sections_of(session, wanted.id) == sections
    paper = draw_paper(session, organizer, clock, wanted, "甲卷")
    assert (paper.total_hundredths, paper.demands) == (600, [[1, 1], [1, 1], [1, 2]])
    rows = session.execute(
        select(ItemVersion.knowledge_point_id, ItemVersion.difficulty)
        .join(PaperSlot, PaperSlot.version_id == ItemVersion.id)
        .where(PaperSlot.paper_id == paper.id)
    ).all()
    assert sorted(point for point, _difficulty in rows) == [law.id, law.id, duty.id, duty.id]
    assert sorted(difficulty for point, difficulty in rows if point == law.id) == ["易", "难"]
    assert deviations(session, paper.id) == []
    session.execute(update(Paper).values(demands=[[1, 2], [1, 1], [1, 1]]))
    assert len(deviations(session, paper.id)) == 2


def test_demands_that_share_items_and_run_short_together_are_named_together(session, cast, clock, organizer):
    law = knowledge_point(session, "1", "公务员法")
    for number in range(3):
        published(session, cast, clock, single(f"第 {number} 题（　　）。", knowledge_point_id=law.id))
    demands = (DemandDraft(2, law.id), DemandDraft(2, None, "易"), DemandDraft(1, None, "难"))
    sections = [SectionDraft("单选", "single_choice", demands, 100, "all_or_nothing")]
    found = holdings(session).shortfalls(sections, {law.id: "公务员法"})
    assert [(one.sections, one.asked, one.held) for one in found] == [
        (("一、单选·难",), 1, 0),
        (("一、单选·公务员法", "一、单选·易"), 4, 3),
    ]
    with pytest.raises(Conflict, match="“一、单选·公务员法”、“一、单选·易”合计要 4 题"):
        draw_paper(session, organizer, clock, create_blueprint(session, organizer, clock, "表", sections), "甲卷")


def test_what_is_delivered_holds_no_key_and_no_rationale(session, cast, clock, organizer, blueprint):
    for number in range(2):
        published(session, cast, clock, single(f"题 {number}（　　）。", rationale="机密解析CANARY"))
    published(session, cast, clock, multiple(rationale="机密解析CANARY"))
    published(session, cast, clock, true_false(rationale="机密解析CANARY"))
    secret = {"key": [["机密答案CANARY"], ["机密答案CANARY"]], "order_free": False}
    published(session, cast, clock, fill(key=secret, rationale="机密解析CANARY"))
    paper = draw_paper(session, organizer, clock, blueprint, "甲卷")
    assert "CANARY" not in repr(deliver(session, paper.id))
    assert "CANARY" in repr(keys_of_paper(session, paper.id))


def test_keys_name_the_displayed_letters_of_the_right_options(session, cast, clock, organizer):
    texts = ("甲", "乙", "丙", "丁")
    for number in range(6):
        content = {"stem": f"题 {number}（　　）。", "options": options(*texts)}
        published(
            session, cast, clock, multiple(content=content, key={"key": ["A", "C"]}, rationale="A项、C项对，故选AC。")
        )
    wanted = [SectionDraft("多选", "multiple_choice", (DemandDraft(6),), 100, "proportional")]
    paper = draw_paper(session, organizer, clock, create_blueprint(session, organizer, clock, "多选", wanted), "甲卷")
    keys = keys_of_paper(session, paper.id)
    moved = 0
    for slot in deliver(session, paper.id).sections[0].slots:
        key = keys[slot.slot]
        shown = {option["label"]: option["text"] for option in slot.content["options"]}
        assert key.labels == ("A", "B", "C", "D") == tuple(shown)
        assert {shown[letter] for letter in key.key} == {"甲", "丙"}
        named = [letter for letter in key.rationale if letter in "ABCD"]
        assert [shown[letter] for letter in named] == ["甲", "丙", "甲", "丙"]
        assert (key.policy, key.points_hundredths, key.order_free) == ("proportional", 100, False)
        moved += key.key != ["A", "C"]
    assert moved


def test_keys_of_blanks_and_truth_values_stay_as_written(session, clock, organizer, bank, blueprint):
    paper = draw_paper(session, organizer, clock, blueprint, "甲卷")
    keys = keys_of_paper(session, paper.id)
    assert keys["4"].key == ["false"]
    assert keys["5"].key == [["专项考核"], ["定期考核", "年度考核"]]
    assert keys["5"].order_free
    assert keys["5"].item_number.startswith("Q")


def test_responses_become_canonical_or_are_refused(session, clock, organizer, bank, blueprint):
    paper = draw_paper(session, organizer, clock, blueprint, "甲卷")
    slots = [slot for section in deliver(session, paper.id).sections for slot in section.slots]
    assert canonical_response(slots[2], ["C", "A", "C"]) == ["A", "C"]
    assert canonical_response(slots[3], ["true"]) == ["true"]
    assert canonical_response(slots[4], [" 专项考核", ""]) == [" 专项考核", ""]
    for slot, response in ((slots[0], ["A", "B"]), (slots[0], ["E"]), (slots[3], ["对"]), (slots[4], ["一空"])):
        with pytest.raises(BadResponse):
            canonical_response(slot, response)


def test_papers_are_listed_for_those_who_plan_exams(session, clock, organizer, bank, blueprint):
    first = draw_paper(session, organizer, clock, blueprint, "甲卷")
    second = draw_paper(session, organizer, clock, blueprint, "乙卷")
    assert [summary.paper_id for summary in frozen_papers(session)] == [second.id, first.id]
    summary = paper_summary(session, first.id)
    assert (summary.title, summary.items, summary.total_hundredths, summary.demonstration) == ("甲卷", 5, 950, False)


def test_an_unknown_paper_is_not_found(session):
    for reader in (deliver, paper_summary, keys_of_paper, deviations):
        with pytest.raises(NotFound):
            reader(session, 404)


def test_a_blueprint_changed_by_another_meanwhile_is_not_overwritten(session, clock, organizer, blueprint):
    change_blueprint(session, organizer, clock, blueprint, "先改", SECTIONS[:2], based_on=1)
    with pytest.raises(Conflict) as told:
        change_blueprint(session, organizer, clock, blueprint, "后改", SECTIONS[:1], based_on=1)
    assert told.value.code == "stale"
    assert len(sections_of(session, blueprint.id)) == 2


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"demands": ()}, "题数应为 1 到"),
        ({"demands": (DemandDraft(0), DemandDraft(1, None, "易"))}, "题数应大于 0"),
        ({"demands": (DemandDraft(2), DemandDraft(1))}, "知识点相同"),
        ({"points_hundredths": 0}, "每题分值应大于 0"),
        ({"policy": "proportional"}, "计分规则不适用于单项选择题"),
        ({"type": "description"}, "没有选择题型"),
        ({"title": ""}, "标题应为"),
        ({"demands": (DemandDraft(1, None, "极难"),)}, "难度只能是"),
        ({"demands": (DemandDraft(1, 404),)}, "知识点不存在"),
    ],
)
def test_a_faulty_section_is_refused_by_its_number(session, clock, organizer, changes, sentence):
    with pytest.raises(BadInput, match="第 1 部分.*" + sentence):
        create_blueprint(session, organizer, clock, "细目表", [dataclasses.replace(SECTIONS[0], **changes)])


def test_two_blueprints_of_one_name_and_a_blueprint_without_sections_are_refused(session, clock, organizer, blueprint):
    with pytest.raises(BadInput, match="已有名为"):
        create_blueprint(session, organizer, clock, "年度测试", SECTIONS)
    with pytest.raises(BadInput, match="至少要有一个部分"):
        create_blueprint(session, organizer, clock, "空表", [])
