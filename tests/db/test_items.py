"""Items as services see them, on both databases."""

import pytest
from sqlalchemy import select

from core.accounts.actors import SYSTEM
from core.audit.models import AuditEntry
from core.errors import BadInput, Conflict, Forbidden
from question_bank.demonstration.loading import ABILITY_TEST, DISCIPLINE_QUIZ, load_demonstration
from question_bank.items import service
from question_bank.items.models import Item, ItemReview, ItemVersion, SourceVerification
from question_bank.items.queries import Filters, count_items, list_items, outline
from question_bank.keys import key_of_version
from question_bank.papers.models import Paper
from tests.support.bank import CITATION, fill, knowledge_point, multiple, published, single, true_false


@pytest.fixture
def author(cast):
    return cast.actor("author")


@pytest.fixture
def reviewer(cast):
    return cast.actor("reviewer")


def test_an_item_keeps_its_key_out_of_its_content(session, clock, author):
    item = service.create_item(session, author, clock, single())
    version = session.get_one(ItemVersion, item.current_version_id)
    assert item.number == f"Q{item.id:06d}"
    assert "key" not in version.content
    assert "rationale" not in version.content
    kept = key_of_version(session, version.id)
    assert (kept.key, kept.rationale) == ({"key": ["A"]}, "A项符合第五条，B项、C项不符。")


def test_a_faulty_item_is_refused_with_everything_that_is_wrong(session, clock, author):
    with pytest.raises(BadInput) as told:
        service.create_item(session, author, clock, single(key={"key": ["E"]}, points_hundredths=0, difficulty="很难"))
    assert "答案 E 不在选项" in told.value.message
    assert "分值应大于 0" in told.value.message
    assert "难度只能是" in told.value.message
    assert session.scalars(select(Item)).first() is None


def test_a_change_appends_a_version_and_leaves_the_old_one_as_it_was(session, clock, author):
    item = service.create_item(session, author, clock, single())
    first = item.current_version_id
    second = service.new_version(session, author, clock, item, single("改过的题干（　　）。"), based_on=first)
    assert (second.version, item.current_version_id) == (2, second.id)
    assert session.get_one(ItemVersion, first).content["stem"] == "公务员的管理，坚持（　　）的原则。"


def test_a_change_made_from_a_stale_version_is_refused(session, clock, author):
    item = service.create_item(session, author, clock, single())
    first = item.current_version_id
    service.new_version(session, author, clock, item, single("甲先改了（　　）。"), based_on=first)
    with pytest.raises(Conflict) as told:
        service.new_version(session, author, clock, item, single("乙后改的（　　）。"), based_on=first)
    assert told.value.code == "stale"
    assert "已有更新的版本" in told.value.message


def test_a_published_item_that_is_changed_is_a_draft_again(session, cast, clock, author):
    item = published(session, cast, clock, single())
    assert item.state == "published"
    service.new_version(session, author, clock, item, single("改（　　）。"), based_on=item.current_version_id)
    assert item.state == "draft"


def test_an_item_in_review_cannot_be_changed_until_it_is_returned_or_withdrawn(session, clock, author, reviewer):
    item = service.create_item(session, author, clock, single())
    service.submit(session, author, clock, item, item.current_version_id)
    with pytest.raises(Conflict, match="正在审核"):
        service.new_version(session, author, clock, item, single(), based_on=item.current_version_id)
    service.send_back(session, reviewer, clock, item, item.current_version_id, "选项 B 有歧义")
    assert item.state == "draft"
    service.submit(session, author, clock, item, item.current_version_id)
    service.withdraw(session, author, clock, item, item.current_version_id)
    assert item.state == "draft"


def test_nobody_publishes_an_item_of_which_they_wrote_any_version(session, cast, clock, author, reviewer):
    item = service.create_item(session, reviewer, clock, single())
    service.new_version(session, author, clock, item, single("别人改过（　　）。"), based_on=item.current_version_id)
    service.submit(session, author, clock, item, item.current_version_id)
    for writer in (author, reviewer):
        with pytest.raises(Forbidden) as told:
            service.publish(session, writer, clock, item, item.current_version_id)
        assert told.value.code == "four_eyes"
    service.publish(session, cast.actor("second_organizer"), clock, item, item.current_version_id)
    assert item.state == "published"


def test_a_second_decision_on_the_same_review_is_refused(session, clock, author, reviewer):
    item = service.create_item(session, author, clock, single())
    service.submit(session, author, clock, item, item.current_version_id)
    service.publish(session, reviewer, clock, item, item.current_version_id)
    with pytest.raises(Conflict, match="已经发布"):
        service.send_back(session, reviewer, clock, item, item.current_version_id, "再看看")


def test_a_return_and_a_retirement_need_a_reason(session, cast, clock, author, reviewer):
    item = published(session, cast, clock, single())
    with pytest.raises(BadInput, match="停用的原因"):
        service.retire(session, reviewer, clock, item, item.current_version_id, "  ")
    service.retire(session, reviewer, clock, item, item.current_version_id, "法规已修订")
    assert item.state == "retired"
    with pytest.raises(Conflict, match="已经停用"):
        service.new_version(session, author, clock, item, single(), based_on=item.current_version_id)
    with pytest.raises(Conflict, match="已经停用"):
        service.retire(session, reviewer, clock, item, item.current_version_id, "再停一次")
    steps = session.scalars(select(ItemReview.step).where(ItemReview.item_id == item.id).order_by(ItemReview.id))
    assert list(steps) == ["submitted", "published", "retired"]


def test_a_source_is_verified_by_a_named_other_person_with_the_text_compared(session, cast, clock, author, reviewer):
    item = service.create_item(session, author, clock, single(citations=(CITATION,)))
    version = item.current_version_id
    with pytest.raises(Forbidden):
        service.verify_source(session, author, clock, item, version, "公报")
    with pytest.raises(BadInput, match="正式文本"):
        service.verify_source(session, reviewer, clock, item, version, " ")
    service.verify_source(session, reviewer, clock, item, version, "全国人大常委会公报 2019 年第 1 号")
    with pytest.raises(Conflict, match="已经核对过"):
        service.verify_source(session, reviewer, clock, item, version, "公报")
    service.new_version(session, author, clock, item, single(citations=(CITATION,)), based_on=version)
    assert session.scalars(select(SourceVerification.version_id)).all() == [version]


def test_an_item_without_a_citation_cannot_be_verified(session, clock, author, reviewer):
    item = service.create_item(session, author, clock, single())
    with pytest.raises(BadInput, match="没有填写法规依据"):
        service.verify_source(session, reviewer, clock, item, item.current_version_id, "公报")


def test_every_act_leaves_an_audit_entry_without_names_or_texts(session, cast, clock, reviewer):
    item = published(session, cast, clock, single(citations=(CITATION,)), verified=True)
    service.retire(session, reviewer, clock, item, item.current_version_id, "法规已修订")
    session.flush()
    entries = session.scalars(select(AuditEntry).where(AuditEntry.object_type == "item").order_by(AuditEntry.id)).all()
    assert [entry.action for entry in entries] == [
        "item_created", "item_submitted", "item_published", "source_verified", "item_retired",
    ]  # fmt: skip
    assert all(set(entry.details) <= {"version", "based_on"} for entry in entries)


def test_the_list_is_searched_in_stem_options_number_and_knowledge_point(session, cast, clock, author):
    law = knowledge_point(session, "1", "公务员法")
    duty = knowledge_point(session, "1.1", "义务与权利", law)
    first = service.create_item(session, author, clock, single(knowledge_point_id=duty.id))
    second = service.create_item(session, author, clock, fill("100%的____与____"))
    service.create_item(session, author, clock, true_false())

    def found(words, **more):
        return [row.item.id for row in list_items(session, Filters(words=words, **more), 1).rows]

    assert found("激励、约束") == [first.id]
    assert found("义务") == [first.id]
    assert found(second.number.lower()) == [second.id]
    assert found("１００％") == [second.id]
    assert found("100%的") == [second.id]
    assert found("0%与") == []
    assert found("公务员 兼任 企业") != []
    assert found("没有这样的词") == []
    subtree = next(entry.subtree for entry in outline(session) if entry.id == law.id)
    assert subtree == (law.id, duty.id)
    assert found("", knowledge_points=subtree) == [first.id]


def test_the_list_is_filtered_and_counted(session, cast, clock, author):
    published(session, cast, clock, single(citations=(CITATION,)), verified=True)
    published(session, cast, clock, multiple(citations=(CITATION,)))
    service.create_item(session, author, clock, true_false())

    def total(**filters):
        return list_items(session, Filters(**filters), 1).total

    assert total() == 3
    assert (total(verified="yes"), total(verified="no"), total(verified="none")) == (1, 1, 1)
    assert (total(state="draft"), total(state="published"), total(type="fill_blank")) == (1, 2, 0)
    assert count_items(session, Filters()).by_type == {"single_choice": 1, "multiple_choice": 1, "true_false": 1}
    assert [row.source for row in list_items(session, Filters(sort="number"), 1).rows] == [
        "verified", "unverified", "none",
    ]  # fmt: skip


def test_the_demonstration_is_loaded_once_and_verified_by_nobody(session, cast, clock):
    first = load_demonstration(session, SYSTEM, clock)
    assert first.items >= 120
    assert first.items_created == first.items
    again = load_demonstration(session, SYSTEM, clock)
    assert again.items_created == 0
    assert again.papers == first.papers
    assert session.scalars(select(SourceVerification)).first() is None
    items = session.scalars(select(Item)).all()
    assert all(item.demonstration and item.state == "published" for item in items)
    test = session.get_one(Paper, first.papers[ABILITY_TEST])
    quiz = session.get_one(Paper, first.papers[DISCIPLINE_QUIZ])
    assert (test.total_hundredths, test.demonstration, test.title) == (10000, True, "素质能力测试")
    assert (quiz.total_hundredths, quiz.demonstration) == (10000, True)


def test_only_demonstration_items_are_published_without_a_review(session, clock, author):
    item = service.create_item(session, author, clock, single())
    with pytest.raises(Forbidden):
        service.publish_demonstration(session, author, clock, [item])
