"""There and back: what a format read, taken into the bank, comes out as what was read."""

import secrets
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from core.clock import Clock
from core.errors import NotFound
from question_bank.formats.report import Report
from question_bank.item_types.registry import ITEM_TYPES
from question_bank.items.exporting import exported_item, exported_items
from question_bank.items.importing import import_review, review_of
from question_bank.items.models import Item
from question_bank.items.reviewing import Choice, Choices
from tests.conftest import Cast
from tests.support.imported import imported_items

ONE_OF_EACH = st.tuples(*(imported_items(name) for name in ITEM_TYPES))


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(items=ONE_OF_EACH)
def test_an_item_of_every_type_comes_out_as_it_went_in(
    session: Session, cast: Cast, clock: Clock, items: tuple[Any, ...]
) -> None:
    read = [replace(item, ref=f"row {number}", stem=f"{number}：{item.stem}") for number, item in enumerate(items, 2)]
    review = review_of(session, Report("excel", list(read)))
    assert [entry.problems for entry in review.entries if entry.faulty] == []
    choices = Choices()
    for place in range(len(read)):
        choices = choices.with_choice(place, Choice("take"))
    batch = import_review(
        session,
        cast.actor("author"),
        clock,
        review,
        choices,
        token=secrets.token_hex(16),
        filename="x",
        sha256="0" * 64,
    )
    made = session.query(Item).where(Item.import_id == batch.id).order_by(Item.id).all()
    versions = [item.current_version_id or 0 for item in made]
    expected = [replace(item, ref=own.number) for item, own in zip(read, made, strict=True)]
    assert exported_items(session, versions) == expected
    assert exported_item(session, versions[0]) == expected[0]


def test_a_version_that_does_not_exist_is_not_found(session: Session) -> None:
    with pytest.raises(NotFound):
        exported_item(session, 999)
