"""A bank goes through the database: what a file said comes out of the next file as it was, whatever the format."""

import secrets
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from html import escape
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from core.clock import Clock
from question_bank.formats.exporting import WRITERS, write_items
from question_bank.formats.importing import import_report
from question_bank.formats.read_back import canonical, differences
from question_bank.formats.reading import read_report
from question_bank.formats.report import ImportedItem, ImportedMedia, ImportedOption, Report
from question_bank.item_types.fill_blank import BLANK
from question_bank.item_types.registry import ITEM_TYPES, item_type
from question_bank.items import service
from question_bank.items.exporting import exported_item, exported_items
from question_bank.items.extras import Extras
from question_bank.items.importing import import_review, review_of
from question_bank.items.models import Item, ItemVersion, KnowledgePoint
from question_bank.items.reviewing import Choice, Choices, draft_of
from question_bank.keys import key_of_version
from tests.conftest import Cast
from tests.support.bank import single
from tests.support.imported import imported_items
from tests.support.pictures import png

BANK = Path(__file__).parents[1] / "data" / "bank"
FORMATS = ("moodle-xml", "gift", "qti", "excel", "word")
ONE_OF_EACH = st.tuples(*(imported_items(name) for name in ITEM_TYPES))


def through_the_bank(session: Session, cast: Cast, clock: Clock, items: Sequence[ImportedItem]) -> list[ImportedItem]:
    """Import items as drafts and take them out again."""
    review = review_of(session, Report("excel", list(items)))
    assert [entry.problems for entry in review.entries if entry.faulty] == []
    choices = Choices()
    for place in range(len(items)):
        choices = choices.with_choice(place, Choice("take"))
    token = secrets.token_hex(16)
    batch = import_review(
        session, cast.actor("author"), clock, review, choices, token=token, filename="x", sha256="0" * 64
    )
    made = session.query(Item).where(Item.import_id == batch.id).order_by(Item.id).all()
    return exported_items(session, [item.current_version_id or 0 for item in made])


def as_the_bank_holds_it(item: ImportedItem) -> ImportedItem:
    """The bank gives points to an item whose file states none, and a place to the blank of one that has no mark for it."""
    if item.type == "fill_blank" and BLANK not in item.stem:
        item = replace(item, stem=item.stem + BLANK, html=item.html and item.html + BLANK)
    if item.points_hundredths is not None:
        return item
    points = item_type(item.type).part_points(item)
    parts = tuple(replace(part, points_hundredths=own) for part, own in zip(item.parts, points, strict=True))
    return replace(item, parts=parts, points_hundredths=item_type(item.type).default_points(item))


@pytest.mark.parametrize("format_name", FORMATS)
@settings(
    max_examples=6,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(items=ONE_OF_EACH)
def test_what_a_file_says_is_what_the_next_file_says(
    session: Session, cast: Cast, clock: Clock, format_name: str, items: tuple[Any, ...]
) -> None:
    written = [replace(item, ref=f"Q{number}", stem=f"{number}：{item.stem}") for number, item in enumerate(items)]
    suffix = WRITERS[format_name].suffix
    data, _lost_at_first = write_items(format_name, written)
    first = read_report(data, f"a{suffix}", format_name).items
    sound = [item for item in first if not any(fault.severity == "error" for fault in draft_of(item).faults())]
    out = through_the_bank(session, cast, clock, sound)
    assert [differences(as_the_bank_holds_it(item), again) for item, again in zip(sound, out, strict=True)] == [
        [] for _item in sound
    ]
    data, lost = write_items(format_name, out)
    again = read_report(data, f"a{suffix}", format_name).items
    assert [problem for problem in lost if problem.severity == "error"] == []
    told = {problem.ref for problem in lost}
    for item, kept in zip(out, again, strict=True):
        assert item.ref in told or differences(item, kept) == [], (item, kept)


PICTURE, OTHER = png(), png(3)
EVERYTHING = ImportedItem(
    ref="question 1",
    type="single_choice",
    stem="看图，正确的是（　）。图",
    html='<p>看<strong>图</strong>，正确的是（　）。<img src="图 &amp;1.png" alt="图"></p>',
    options=(
        ImportedOption("A", "甲", html='<p>甲<img src="b/c.png" alt=""></p>', feedback="甲是对的"),
        ImportedOption("B", "乙", feedback="乙不对"),
    ),
    key=("A",),
    points_hundredths=150,
    rationale="见第五条。",
    knowledge_points=("考核", "回避", "任免"),
    difficulty="中等",
    tags=("重点",),
    title="第一题",
    idnumber="A-1",
    penalty=Decimal("0.3333333"),
    feedback=(("correct", "答对了"), ("incorrect", "再想想"), ("hint 1", "看第五条")),
    media=(ImportedMedia("图 &1.png", PICTURE), ImportedMedia("b/c.png", OTHER)),
)


def test_pictures_names_and_feedback_go_through_the_bank_into_a_file_and_back(
    session: Session, cast: Cast, clock: Clock
) -> None:
    (out,) = through_the_bank(session, cast, clock, [EVERYTHING])
    assert canonical(out) == canonical(EVERYTHING)
    for format_name in ("moodle-xml", "qti"):
        data, problems = write_items(format_name, [out])
        lost = {name for problem in problems for name in problem.reason.partition("：")[2].split("、")}
        assert lost <= ({"再次尝试的扣分"} if format_name == "qti" else set())
        (back,) = read_report(data, f"a{WRITERS[format_name].suffix}", format_name).items
        assert {file.data for file in back.media} == {PICTURE, OTHER}
        (again,) = through_the_bank(session, cast, clock, [back])
        assert set(differences(out, again)) == lost


@pytest.mark.parametrize(("format_name", "lost"), [("excel", "图片"), ("word", "标题"), ("gift", "再次尝试的扣分")])
def test_what_a_poorer_format_cannot_hold_of_it_is_named(
    session: Session, cast: Cast, clock: Clock, format_name: str, lost: str
) -> None:
    (out,) = through_the_bank(session, cast, clock, [EVERYTHING])
    _data, problems = write_items(format_name, [out])
    assert any(problem.severity == "warning" and lost in problem.reason for problem in problems), problems


def test_two_parts_that_call_different_pictures_by_one_name_keep_each_their_own(
    session: Session, cast: Cast, clock: Clock
) -> None:
    def part(stem: str, data: bytes) -> ImportedItem:
        return ImportedItem(
            ref="", type="true_false", stem=stem, html=f'<p>{stem}<img src="1.png" alt=""></p>', key=("true",),
            points_hundredths=100, media=(ImportedMedia("1.png", data),),
        )  # fmt: skip

    parts = (part("其一", PICTURE), part("其二", OTHER))
    case = ImportedItem(ref="row 2", type="case", stem="材料", parts=parts, points_hundredths=200)
    (out,) = through_the_bank(session, cast, clock, [case])
    for one, data in zip(out.parts, (PICTURE, OTHER), strict=True):
        (file,) = one.media
        assert file.data == data
        assert f'src="{escape(file.name)}"' in one.html


@pytest.mark.parametrize("name", ["every_type.moodle.xml", "cloze.moodle.xml", "files.moodle.xml"])
def test_the_real_files_of_moodle_go_through_the_bank_unchanged(
    session: Session, cast: Cast, clock: Clock, name: str
) -> None:
    read = import_report(BANK / name, name).items
    sound = [item for item in read if not any(fault.severity == "error" for fault in draft_of(item).faults())]
    assert len(sound) * 2 > len(read)
    out = through_the_bank(session, cast, clock, sound)
    for item, again in zip(sound, out, strict=True):
        # Rich text is cleaned and other files than pictures are named on the way in.
        assert set(differences(as_the_bank_holds_it(item), again)) <= {"题干的格式", "选项", "图片"}, item.stem


def test_extras_belong_to_their_version_and_come_out_with_it(session: Session, cast: Cast, clock: Clock) -> None:
    said = Extras(title="题名", feedback=(("correct", "答对了"),))
    item = service.create_item(session, cast.actor("author"), clock, single(extras=said))
    first = item.current_version_id or 0
    service.new_version(session, cast.actor("author"), clock, item, single(), based_on=first)
    assert key_of_version(session, first).extras == said
    assert exported_item(session, first).title == "题名"
    assert key_of_version(session, item.current_version_id or 0).extras == Extras()


def test_extras_that_are_too_long_are_refused_in_words(session: Session, cast: Cast, clock: Clock) -> None:
    long = replace(EVERYTHING, media=(), html="", feedback=(("correct", "长" * 100_001),))
    (entry,) = review_of(session, Report("gift", [long])).entries
    assert entry.faulty
    assert any("附带的文字超过上限" in problem.reason for problem in entry.problems)


def test_further_knowledge_points_are_no_tags_and_make_no_new_ones(session: Session, cast: Cast, clock: Clock) -> None:
    through_the_bank(session, cast, clock, [replace(EVERYTHING, media=(), html="")])
    version = session.query(ItemVersion).one()
    assert version.tags == ["重点"]
    assert [point.name for point in session.query(KnowledgePoint)] == ["考核"]
