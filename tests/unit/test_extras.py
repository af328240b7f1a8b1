"""What an item says besides content and key: stored, restored, kept from version to version."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from question_bank.formats.report import ImportedItem
from question_bank.item_types.registry import ITEM_TYPES
from question_bank.items.extras import Extras, extras_from, extras_of, kept_under, merged, with_extras
from tests.support.imported import imported_items

SAID = Extras(title="题", feedback=(("answer 1", "甲"), ("blank 2 answer 1", "乙"), ("true", "丙"), ("correct", "丁")))


@given(st.sampled_from(sorted(ITEM_TYPES)).flatmap(imported_items))
def test_what_is_stored_is_restored(item: ImportedItem) -> None:
    stored = extras_of(item, [("图.png", "0" * 64)])
    assert extras_from(stored.as_json()) == stored
    bare = replace(
        item, title="", idnumber="", penalty=None, feedback=(), knowledge_points=item.knowledge_points[:1],
        difficulty=item.difficulty_level,
        parts=tuple(replace(part, title="", idnumber="", penalty=None, feedback=()) for part in item.parts),
    )  # fmt: skip
    assert with_extras(bare, stored) == item


def test_nothing_said_is_nothing_stored() -> None:
    assert not extras_of(ImportedItem("row 2", "essay", "写", parts=(ImportedItem("", "essay", "一"),)))
    assert extras_from(None) == Extras()
    assert Extras().as_json() == {}


def test_what_no_database_stores_is_left_out() -> None:
    assert extras_of(ImportedItem("row 2", "essay", "写", title="甲\x00乙")).title == "甲乙"


def test_what_was_said_to_an_answer_goes_with_its_key_and_the_rest_stays() -> None:
    assert kept_under(SAID, {"key": ["A"]}, {"key": ["A"]}) == SAID
    assert kept_under(SAID, {"key": ["A"]}, {"key": ["B"]}).feedback == (("correct", "丁"),)


def test_a_key_that_the_form_writes_otherwise_is_the_same_key() -> None:
    stored = {"key": [["北京", {"text": "北平", "fraction": "0.5", "case_sensitive": False, "pattern": False}]]}
    typed = {"key": [["北京", {"text": "北平", "fraction": "0.5", "case_sensitive": False}]], "order_free": False}
    assert kept_under(SAID, stored, typed) == SAID


def test_the_parts_of_a_case_are_kept_while_there_are_as_many() -> None:
    case = Extras(title="材料", parts=(SAID, Extras()))
    before = {"key": [{"key": ["A"]}, {"key": ["true"]}]}
    assert kept_under(case, before, before) == case
    after = {"key": [{"key": ["B"]}, {"key": ["true"]}]}
    assert kept_under(case, before, after).parts[0].feedback == (("correct", "丁"),)
    assert kept_under(case, before, {"key": [{"key": ["A"]}]}) == Extras(title="材料")


def test_a_file_says_anew_what_it_says_and_the_rest_stays() -> None:
    assert merged(Extras(title="新"), Extras(title="旧", idnumber="7")) == Extras(title="新", idnumber="7")


def test_a_difficulty_that_was_changed_in_the_bank_is_the_banks() -> None:
    item = ImportedItem("Q1", "essay", "写", difficulty="难")
    assert with_extras(item, Extras(difficulty="中等")).difficulty == "难"
    assert with_extras(replace(item, difficulty="中"), Extras(difficulty="中等")).difficulty == "中等"
