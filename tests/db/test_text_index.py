"""The index of what items say: it finds what reading every text finds, however far it is."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from core.accounts.actors import SYSTEM
from core.database import transaction
from core.jobs.models import JobRun
from core.jobs.worker import registry_of, run_next, sweep
from question_bank.items import queries, service, text_index
from question_bank.items.importing import undo_import
from question_bank.items.models import Item, ItemImport, ItemText, ItemVersion, KnowledgePoint, TextGram
from question_bank.items.queries import Filters, count_items, list_items, looked_up
from question_bank.items.searching import grams, grams_of_word, searchable, words_of
from tests.support.bank import fill, knowledge_point, multiple, published, single, true_false

LETTERS = "公务员法考核年度Ａb1%_!。𠮷é "
SEED = 20261126


@given(st.text(LETTERS, max_size=30), st.text(LETTERS, min_size=1, max_size=4))
def test_a_text_that_holds_a_word_holds_its_grams_and_up_to_two_characters_the_converse(text, word):
    text = searchable(text)
    for part in words_of(word):
        has_grams = grams_of_word(part) <= grams(text)
        assert has_grams >= (part in text)
        assert len(part) > 2 or has_grams == (part in text)


@pytest.fixture
def small_portions(monkeypatch):
    monkeypatch.setattr(text_index, "PORTION", 4)


def naive(session, asked):
    """The items in the list whose text or knowledge point holds every word, by reading everything."""
    names = dict(session.execute(select(KnowledgePoint.id, KnowledgePoint.name)).all())
    rows = session.execute(
        select(Item.id, ItemText.text, ItemVersion.knowledge_point_id)
        .join(ItemText, ItemText.item_id == Item.id)
        .join(ItemVersion, ItemVersion.id == Item.current_version_id)
        .where(Item.state != "discarded")
        .order_by(Item.id)
    ).all()
    words = words_of(asked)
    return [
        item
        for item, text, point in rows
        if all(word in text or word in names.get(point, "").lower() for word in words)
    ]


def agree(session):
    """Compare index and reading for many words that stand in some text or in none."""
    dice = random.Random(SEED)  # noqa: S311 (repeatable, nothing secret)
    texts = [*session.scalars(select(ItemText.text)), LETTERS, "义务与权利"]
    asks = ["务公务", "员务公", "", "没有这样的词", "义务 考核"]
    for _ in range(150):
        said = dice.choice(texts)
        at = dice.randrange(len(said))
        asks.append(f"{said[at : at + dice.randint(1, 6)]} {dice.choice(['', '公务员', '考', 'a'])}")
    for asked in asks:
        filters = looked_up(session, Filters(words=asked, sort="number"))
        counts = count_items(session, filters)
        shown = [row.item.id for row in list_items(session, filters, 1, counts.total).rows]
        assert shown == naive(session, asked), asked
        assert counts.total == len(shown)


def states(session):
    """How many texts are outside the index."""
    return session.scalar(select(func.count()).select_from(ItemText).where(ItemText.portion.is_(None)))


def test_the_index_finds_what_reading_finds_before_and_after_changes(app, cast, clock, small_portions):
    author = cast.actor("author")
    with app.app_context():
        with transaction("write") as session:
            point = knowledge_point(session, "1", "义务与权利")
            batch = ItemImport(token="t", filename="f", sha256="0", items=2, left_out=0, imported_at=clock.now())
            session.add(batch)
            session.flush()
            service.create_items(session, author, clock, [fill(), single("撤销（　　）。")], import_id=batch.id)
            service.create_items(
                session, author, clock, [fill("100%的____与____ Ａb"), true_false("公务员𠮷é!_。务公")]
            )
            items = [
                published(session, cast, clock, draft)
                for draft in (single(knowledge_point_id=point.id), multiple(), true_false())
            ]
            agree(session)
        assert text_index.index_portion()
        assert not text_index.index_portion()
        with transaction("write") as session:
            assert states(session) == 3
            agree(session)
            first, second = session.get_one(Item, items[0].id), session.get_one(Item, items[1].id)
            service.new_version(
                session, author, clock, first, single("年度考核（　　）。"), based_on=first.current_version_id
            )
            service.retire(session, cast.actor("reviewer"), clock, second, second.current_version_id, "过时")
            undo_import(session, author, clock, session.get_one(ItemImport, batch.id))
            agree(session)
            service.create_items(session, author, clock, [true_false(f"法{number}") for number in range(6)])
        while text_index.index_portion():
            pass
        with transaction("write") as session:
            assert states(session) == 1
            # A text that was indexed and then changed.
            once = session.scalar(select(ItemText.item_id).where(ItemText.portion.is_not(None)).order_by("item_id"))
            changed = session.get_one(Item, once + 2)
            service.new_version(
                session, author, clock, changed, fill("另____说____法"), based_on=changed.current_version_id
            )
            agree(session)


def test_a_change_while_a_portion_is_indexed_stays_outside(app, cast, clock, small_portions, monkeypatch):
    author = cast.actor("author")
    drafts = [true_false(f"原来的说法{number}") for number in range(4)]
    with app.app_context():
        with transaction("write") as session:
            items = service.create_items(session, author, clock, drafts)
        original = text_index._postings

        def meanwhile(rows):
            with transaction("write") as session:
                item = session.get_one(Item, items[0].id)
                service.new_version(
                    session, author, clock, item, true_false("新的说法"), based_on=item.current_version_id
                )
            return original(rows)

        monkeypatch.setattr(text_index, "_postings", meanwhile)
        assert text_index.index_portion()
        with transaction("read") as session:
            assert states(session) == 1
            assert count_items(session, Filters(words="新的说法")).total == 1
            assert count_items(session, Filters(words="原来的说法")).total == 3


def test_the_sweep_queues_the_indexing_when_there_is_a_portion_of_it(app, cast, clock, small_portions):
    with app.app_context():
        with transaction("write") as session:
            service.create_items(session, SYSTEM, clock, [true_false(f"说法{number}") for number in range(3)])
        sweep(registry_of(app), clock)
        assert not run_next(registry_of(app), clock)
        with transaction("write") as session:
            service.create_items(session, SYSTEM, clock, [true_false(f"说法{number}") for number in range(3, 9)])
        sweep(registry_of(app), clock)
        assert run_next(registry_of(app), clock)
        with transaction("read") as session:
            assert session.scalars(select(JobRun.state)).all() == ["done"]
            assert (states(session), session.scalar(select(func.count(TextGram.portion.distinct())))) == (1, 2)


def test_pages_of_a_word_of_many_items_are_the_same_by_walking_through_the_bank(app, cast, clock, monkeypatch):
    author = cast.actor("author")
    drafts = [true_false(f"考核第{number}条。" if number % 3 else f"任免第{number}条。") for number in range(165)]
    with app.app_context(), transaction("write") as session:
        service.create_items(session, author, clock, drafts)
        asked = [
            (Filters(words="考核", sort=sort, state=state), page)
            for sort in ("number", "-number")
            for state in ("", "draft", "published")
            for page in (1, 2, 3, 4)
        ]

        def pages():
            return [
                [row.item.id for row in list_items(session, filters, page, count_items(session, filters).total).rows]
                for filters, page in asked
            ]

        joined = pages()
        assert [len(page) for page in joined[:4]] == [50, 50, 10, 10]
        for at_once, most in ((7, 700), (500, 4_000), (7, 70)):
            monkeypatch.setattr(queries, "_MANY_FOUND", 1)
            monkeypatch.setattr(queries, "_WALKED_AT_ONCE", at_once)
            monkeypatch.setattr(queries, "_MOST_WALKED", most)
            assert pages() == joined
