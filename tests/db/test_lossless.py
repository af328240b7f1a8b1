"""A bank goes through the database: what a file said comes out of the next file as it was, whatever the format."""

import secrets
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from html import escape
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from core.clock import Clock
from question_bank.formats.exporting import WRITERS, write_items
from question_bank.formats.importing import import_report
from question_bank.formats.read_back import canonical, differences
from question_bank.formats.reading import read_report
from question_bank.formats.report import ImportedItem, ImportedMedia, ImportedOption, Report
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
    """The bank gives points to an item whose file states none."""
    if item.points_hundredths is not None:
        return item
    points = item_type(item.type).part_points(item)
    parts = tuple(replace(part, points_hundredths=own) for part, own in zip(item.parts, points, strict=True))
    return replace(item, parts=parts, points_hundredths=item_type(item.type).default_points(item))


@pytest.mark.parametrize("format_name", FORMATS)
@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
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
