"""What resembles an item is found by marks, and found as comparing with the whole bank finds it."""

import random

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, func, select

from core.accounts.actors import SYSTEM
from core.clock import clock as the_clock
from core.database import transaction
from core.jobs.service import enqueue
from core.jobs.worker import registry_of, run_next
from question_bank.duplicates import Entry, find_duplicates, marks, normal_form
from question_bank.items import resemblance, service
from question_bank.items.models import Item, ItemVersion, VersionMark
from question_bank.items.queries import entries_after
from tests.support.bank import true_false

SEED = 20261126
WORDS = [
    "公务员",
    "考核",
    "任免",
    "升降",
    "奖励",
    "惩戒",
    "培训",
    "交流",
    "回避",
    "工资",
    "福利",
    "保险",
    "辞职",
    "辞退",
    "退休",
    "申诉",
    "控告",
    "聘任",
    "法律",
    "责任",
    "监督",
    "录用",
]


def sentence(dice, words):
    return "".join(dice.choice(WORDS) + dice.choice("的在与，、是须不") for _ in range(words))


def edited(dice, text, times):
    """The text with so many characters replaced, added or taken out."""
    said = list(text)
    for _ in range(times):
        at = dice.randrange(len(said))
        said[at : at + dice.randint(0, 1)] = dice.choice(["", "某", "乙", "丙丁"])
    return "".join(said)


def test_near_texts_share_enough_marks_but_for_a_few_in_ten_thousand():
    dice = random.Random(SEED)  # noqa: S311 (repeatable, nothing secret)
    near = missed = 0
    while near < 3000:
        text = sentence(dice, dice.randint(2, 40))
        other = edited(dice, text, dice.randint(1, 6))
        one, two = Entry("1", text), Entry("2", other)
        if find_duplicates([one, two]) and normal_form(text) != normal_form(other):
            near += 1
            of_one, of_two = marks(normal_form(text)), marks(normal_form(other))
            missed += len(of_one & of_two) < (3 if min(len(of_one), len(of_two)) >= 8 else 2)
    assert missed <= 1


@given(st.text("公务员法考核", min_size=1, max_size=60))
def test_marks_are_a_few_numbers_that_follow_from_the_text_alone(form):
    found = marks(form)
    assert 1 <= len(found) <= 16
    assert found == marks(form)
    assert all(0 <= mark < 2**32 for mark in found)


def test_the_same_repeats_are_found_as_by_comparing_with_the_whole_bank(app, cast):
    dice = random.Random(SEED)  # noqa: S311 (repeatable, nothing secret)
    author = cast.actor("author")
    stems = [sentence(dice, dice.randint(2, 12)) for _ in range(120)]
    stems += [edited(dice, stems[number], 1) for number in range(20)]
    asked = [edited(dice, dice.choice(stems), dice.randint(0, 4)) for _ in range(80)]
    asked += [sentence(dice, 6) for _ in range(20)]
    with app.app_context(), transaction("write") as session:
        items = service.create_items(session, author, the_clock, [true_false(stem) for stem in stems])
        for item in items[:30:3]:
            changed = true_false(sentence(dice, 5))
            service.new_version(session, author, the_clock, item, changed, based_on=item.current_version_id)
        for item in items[1:30:3]:
            service.retire(session, author, the_clock, item, item.current_version_id, "过时")
        entries = [Entry(f"file {number}", stem) for number, stem in enumerate(asked)]
        bank = entries_after(session, 0)
        matches = find_duplicates(entries, bank)
        assert find_duplicates(entries, resemblance.resembling(session, entries)) == matches
        assert sum(match.of.startswith("Q") for match in matches) > 20
        for entry in entries:
            of_bank = find_duplicates([entry], bank)
            assert find_duplicates([entry], resemblance.resembling(session, [entry])) == of_bank


def test_one_of_a_crowd_of_nearly_equal_items_is_found(app, cast, monkeypatch):
    monkeypatch.setattr(resemblance, "MOST_SHARED", 5)
    stem = "根据公务员考核规定，第{}号单位应当在年度终了以前完成对全体人员的考核工作并报送备案。"
    with app.app_context(), transaction("write") as session:
        drafts = [true_false(stem.format(number)) for number in range(12)]
        items = service.create_items(session, cast.actor("author"), the_clock, drafts)
        for item in items[:6]:
            draft = true_false(f"另一种说法{item.id}")
            service.new_version(session, SYSTEM, the_clock, item, draft, based_on=item.current_version_id)
        entry = Entry("", stem.format(99))
        found = resemblance.resembling(session, [entry], "true_false")
        assert 0 < len(found) <= 5
        assert find_duplicates([entry], found)
        assert resemblance.resembling(session, [entry], "single_choice") == []
        mine = next(item for item in items if item.number == found[0].ref)
        besides = resemblance.resembling(session, [entry], "true_false", besides=mine.id)
        assert found[0].ref not in {other.ref for other in besides}


def test_a_bank_older_than_the_marks_is_marked_by_the_job(app, cast):
    with app.app_context():
        with transaction("write") as session:
            drafts = [true_false(f"年度考核的说法之{number}，对全体人员适用。") for number in range(3)]
            service.create_items(session, cast.actor("author"), the_clock, drafts)
            before = set(session.execute(select(VersionMark.mark, VersionMark.version_id)).all())
            session.execute(delete(VersionMark))
            enqueue(session, SYSTEM, the_clock, resemblance.JOB)
        assert run_next(registry_of(app), the_clock)
        with transaction("read") as session:
            assert set(session.execute(select(VersionMark.mark, VersionMark.version_id)).all()) == before
            assert session.scalar(select(func.count()).select_from(ItemVersion)) == len(
                session.scalars(select(Item)).all()
            )
