"""Papers composed by hand: what may stand on them, two people at once, and the proof that what is frozen was chosen."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select, update

from core.audit.models import AuditEntry
from core.errors import BadInput, Conflict, NotFound
from question_bank.delivery import deliver, frozen_papers, slots_for_people
from question_bank.enemies.service import set_apart
from question_bank.fixed_papers.models import FixedDraft
from question_bank.fixed_papers.queries import compose, preview_of, sections_of
from question_bank.fixed_papers.rules import HandSection
from question_bank.fixed_papers.service import add_items, change_draft, create_draft, delete_draft, freeze_draft
from question_bank.item_types.registry import ITEM_TYPES
from question_bank.items import service as items
from question_bank.items.drafts import Draft
from question_bank.keys import keys_of_paper
from question_bank.papers.models import Paper, PaperSlot
from question_bank.papers.service import deviations
from question_bank.printing.documents import Look, answer_sheet_pdf, key_pdf, paper_pdf
from question_bank.sources.models import RegulationEdition
from question_bank.sources.service import mark_lapsed
from tests.support.bank import CITATION, multiple, published, single
from tests.unit.test_item_types import SOUND

SINGLES = HandSection("单项选择题", "single_choice", 200, "all_or_nothing")
MULTIPLES = HandSection("", "multiple_choice", 300, "proportional")


@pytest.fixture
def organizer(cast):
    return cast.actor("organizer")


@pytest.fixture
def bank(session, cast, clock):
    """Four single choices, then a multiple choice: ids of their versions."""
    made = [published(session, cast, clock, single(f"第 {number} 道单选（　　）。")) for number in range(4)]
    made.append(published(session, cast, clock, multiple()))
    return made


@pytest.fixture
def draft(session, clock, organizer):
    return create_draft(session, organizer, clock, " 手工卷 ", demonstration=False)


@pytest.fixture
def write(session, clock, organizer, draft):
    """Writes the sections of the draft as its newest revision."""

    def writing(*sections, demonstration=False):
        change_draft(
            session, organizer, clock, draft, draft.title, sections,
            demonstration=demonstration, based_on=draft.revision,
        )  # fmt: skip

    return writing


@pytest.fixture
def freeze(session, clock, organizer, draft):
    return lambda: freeze_draft(session, organizer, clock, draft, based_on=draft.revision)


def ids(*chosen):
    return tuple(item.current_version_id for item in chosen)


def test_a_frozen_paper_holds_the_chosen_items_in_the_chosen_order_as_they_were_previewed(
    session, bank, draft, write, freeze
):
    chosen = ids(bank[2], bank[0], bank[3])
    write(replace(SINGLES, versions=chosen), replace(MULTIPLES, versions=ids(bank[4])))
    composed = compose(session, sections_of(draft), demonstration=False)
    assert (composed.items, composed.total_hundredths, composed.obstacles) == (4, 900, [])
    seen = preview_of(draft, composed)
    paper = freeze()
    places = session.scalars(select(PaperSlot).where(PaperSlot.paper_id == paper.id).order_by(PaperSlot.slot)).all()
    assert [place.version_id for place in places] == [*chosen, bank[4].current_version_id]
    assert [(place.slot, place.points_hundredths) for place in places] == [(1, 200), (2, 200), (3, 200), (4, 300)]
    delivered = deliver(session, paper.id)
    assert delivered.sections == seen.sections
    assert [section.title for section in delivered.sections] == ["单项选择题", ITEM_TYPES["multiple_choice"].chinese]
    assert (paper.title, paper.total_hundredths, paper.by_hand, draft.paper_id) == ("手工卷", 900, True, paper.id)
    assert paper.id in [one.paper_id for one in frozen_papers(session)]
    assert set(keys_of_paper(session, paper.id)) == {"1", "2", "3", "4"}
    assert deviations(session, paper.id) == []
    actions = session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert actions[-4:] == ["fixed_draft_created", "fixed_draft_changed", "paper_drawn", "fixed_draft_frozen"]


def test_another_order_of_items_or_options_or_another_seed_is_found(session, bank, write, freeze):
    write(replace(SINGLES, versions=ids(bank[1], bank[0])))
    paper = freeze()
    changed = "试卷现在的内容与冻结时的摘要不一致。"
    rearranged = "按冻结的题目次序和种子重新排列的结果与试卷不一致。"
    first = session.scalars(select(PaperSlot).where(PaperSlot.paper_id == paper.id, PaperSlot.slot == 1)).one()
    for tampering in (
        update(Paper).values(pool=[list(reversed(paper.pool[0]))]),
        update(Paper).values(seed="s" * 64),
        update(PaperSlot).where(PaperSlot.slot == 1).values(option_order=first.option_order[::-1]),
        update(PaperSlot).where(PaperSlot.slot == 1).values(version_id=bank[2].current_version_id),
    ):
        with session.begin_nested() as kept:
            session.execute(tampering)
            session.expire_all()
            assert deviations(session, paper.id) == [changed, rearranged]
            kept.rollback()
        session.expire_all()
    session.execute(update(Paper).values(by_hand=False))
    session.expire_all()
    assert changed in deviations(session, paper.id)


def test_cases_count_their_own_points_and_people_mark_what_they_must(session, cast, clock, write, freeze):
    content, key = SOUND["case"]
    worth = ITEM_TYPES["case"].fixed_points(content)
    case = published(session, cast, clock, Draft("case", content, key, worth, "解析"))
    essay = published(session, cast, clock, Draft("essay", *SOUND["essay"], 500, "解析"))
    write(
        HandSection("", "case", 0, "by_parts", ids(case)),
        HandSection("", "essay", 1000, next(iter(ITEM_TYPES["essay"].policies)), ids(essay)),
    )
    paper = freeze()
    assert paper.total_hundredths == worth + 1000
    assert deviations(session, paper.id) == []
    assert "2" in slots_for_people(session, paper.id)


def test_a_description_has_no_section_of_its_own(write):
    with pytest.raises(BadInput, match="没有选择题型"):
        write(HandSection("", "description", 100, "all_or_nothing"))


@pytest.mark.parametrize(
    ("section", "sentence"),
    [
        (replace(SINGLES, policy="by_parts"), "计分规则不适用于"),
        (replace(SINGLES, points_hundredths=10001), "每题分值应大于 0"),
        (replace(SINGLES, title="长" * 201), "最多 200 个字"),
        (replace(SINGLES, versions=(999999,)), "题库里没有"),
        (replace(SINGLES, versions=tuple(range(1, 502))), "最多 500 题"),
    ],
)
def test_what_no_draft_may_say_is_refused_and_nothing_is_written(write, draft, section, sentence):
    with pytest.raises(BadInput, match=sentence):
        write(section)
    assert draft.revision == 1


def test_everything_that_stands_in_the_way_is_told_and_refused_at_freezing(
    session, cast, clock, bank, draft, write, freeze
):
    citing = published(session, cast, clock, single("引用而未核对（　　）。", citations=(CITATION,)))
    retired, renewed = bank[0], bank[1]
    before = renewed.current_version_id
    items.retire(session, cast.actor("reviewer"), clock, retired, retired.current_version_id, "停用")
    fresh = items.new_version(
        session, cast.actor("author"), clock, renewed, single("新的说法（　　）。"), based_on=before
    )
    items.submit(session, cast.actor("author"), clock, renewed, fresh.id)
    items.publish(session, cast.actor("reviewer"), clock, renewed, fresh.id)
    set_apart(session, cast.actor("author"), clock, bank[2], [bank[3].number], "互相泄露")
    write(
        replace(SINGLES, versions=(*ids(retired), before, *ids(bank[2], bank[3], bank[4], citing, citing))),
        replace(MULTIPLES, points_hundredths=0),
    )
    told = " ".join(compose(session, sections_of(draft), demonstration=False).obstacles)
    for sentence in (
        f"第 1 题 {retired.number} 不是已发布的试题",
        f"第 2 题 {renewed.number} 已有新的一版",
        f"第 3 题 {bank[2].number} 与第 4 题 {bank[3].number} 互斥",
        f"第 5 题 {bank[4].number} 是多选题，不能放在单选题的部分",
        f"第 6 题 {citing.number} 是演示题或依据没有核对",
        f"第 7 题 {citing.number} 已经选为第 6 题",
        "还没有选题",
        "还没有填每题分值",
    ):
        assert sentence in told
    with pytest.raises(Conflict, match="还不能冻结") as refused:
        freeze()
    assert refused.value.code == "unfinished"
    assert session.scalars(select(Paper.id)).all() == []


def test_a_demonstration_may_hold_what_nobody_verified(session, cast, clock, write, freeze):
    citing = published(session, cast, clock, single("引用而未核对（　　）。", citations=(CITATION,)))
    write(replace(SINGLES, versions=ids(citing)))
    with pytest.raises(Conflict, match="只能用于演示卷"):
        freeze()
    write(replace(SINGLES, versions=ids(citing)), demonstration=True)
    assert freeze().demonstration


def test_items_are_added_all_or_none(session, clock, organizer, bank, draft, write):
    write(SINGLES)

    def add(*chosen, number=0):
        add_items(session, organizer, clock, draft, number, ids(*chosen), based_on=draft.revision)

    add(bank[1], bank[0])
    for wrong, sentence in (
        ((bank[2], bank[4]), "是多选题"),
        ((bank[2], bank[0]), "已经选为第 2 题"),
        ((), "没有选中"),
    ):
        with pytest.raises((Conflict, BadInput), match=sentence):
            add(*wrong)
    with pytest.raises(NotFound):
        add(bank[2], number=1)
    assert sections_of(draft)[0].versions == ids(bank[1], bank[0])


def test_enemies_chosen_together_are_refused(session, cast, clock, organizer, bank, draft, write):
    set_apart(session, cast.actor("author"), clock, bank[2], [bank[3].number], "互相泄露")
    write(SINGLES)
    with pytest.raises(Conflict, match="互斥"):
        add_items(session, organizer, clock, draft, 0, ids(bank[2], bank[3]), based_on=draft.revision)
    assert sections_of(draft)[0].versions == ()


def test_of_two_organizers_the_later_is_told_and_a_frozen_draft_changes_no_more(
    session, cast, clock, bank, draft, write, freeze
):
    other = cast.actor("second_organizer")
    write(replace(SINGLES, versions=ids(bank[0])))
    late = {"demonstration": False, "based_on": 1}
    with pytest.raises(Conflict) as refused:
        change_draft(session, other, clock, draft, "后来的", (SINGLES,), **late)
    assert refused.value.code == "stale"
    with pytest.raises(Conflict):
        add_items(session, other, clock, draft, 0, ids(bank[1]), based_on=1)
    with pytest.raises(Conflict):
        freeze_draft(session, other, clock, draft, based_on=1)
    freeze()
    for act in (freeze, lambda: write(SINGLES)):
        with pytest.raises(Conflict):
            act()
    assert (draft.title, len(session.scalars(select(Paper.id)).all())) == ("手工卷", 1)


def test_a_draft_is_deleted_on_record_unless_it_was_frozen_or_changed(
    session, clock, organizer, bank, draft, write, freeze
):
    write(replace(SINGLES, versions=ids(bank[0])))
    with pytest.raises(Conflict) as refused:
        delete_draft(session, organizer, clock, draft, based_on=1)
    assert refused.value.code == "stale"
    spare = create_draft(session, organizer, clock, "多余的", demonstration=False)
    spare_id = spare.id
    delete_draft(session, organizer, clock, spare, based_on=1)
    (entry,) = session.scalars(select(AuditEntry).where(AuditEntry.action == "fixed_draft_deleted"))
    assert (entry.object_id, entry.details) == (str(spare_id), {"items": 0})
    freeze()
    with pytest.raises(Conflict):
        delete_draft(session, organizer, clock, draft, based_on=draft.revision)
    assert session.scalars(select(FixedDraft.id)).all() == [draft.id]


def test_a_quarantined_item_stands_on_no_paper_even_a_demonstration(session, cast, clock, write, freeze):
    citing = published(session, cast, clock, single("引用的（　　）。", citations=(CITATION,)), verified=True)
    chosen = replace(SINGLES, versions=ids(citing))
    write(chosen)
    edition = session.scalars(select(RegulationEdition)).one()
    mark_lapsed(session, cast.actor("reviewer"), clock, edition, "revised", date(2026, 10, 1), "修订决定")
    for demonstration in (False, True):
        write(chosen, demonstration=demonstration)
        with pytest.raises(Conflict, match="正被隔离"):
            freeze()


def test_the_paper_its_answer_sheet_and_its_key_are_printed(session, bank, write, freeze):
    write(replace(SINGLES, versions=ids(bank[1], bank[0])))
    paper = freeze()
    for pdf in (paper_pdf(session, paper.id, Look()), answer_sheet_pdf(session, paper.id), key_pdf(session, paper.id)):
        assert pdf.startswith(b"%PDF")
