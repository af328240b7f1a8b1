"""What a process remembers of what it did lately."""

from datetime import timedelta

from core.lately import Lately
from tests.conftest import NOON

SECOND = timedelta(seconds=1)


def test_a_key_is_held_for_its_span_and_not_longer() -> None:
    lately = Lately(60 * SECOND, 10)
    assert not lately.holds("a", NOON)
    lately.add("a", NOON)
    assert lately.holds("a", NOON)
    assert lately.holds("a", NOON + 59 * SECOND)
    assert not lately.holds("a", NOON + 60 * SECOND)
    assert not lately.holds("b", NOON)


def test_a_clock_that_was_set_back_holds_nothing_for_hours() -> None:
    lately = Lately(60 * SECOND, 10)
    lately.add("a", NOON)
    assert not lately.holds("a", NOON - SECOND)


def test_only_so_many_are_kept_and_the_oldest_go_first() -> None:
    lately = Lately(60 * SECOND, 2)
    for key in ("a", "b", "a", "c"):
        lately.add(key, NOON)
    assert [lately.holds(key, NOON) for key in "abc"] == [True, False, True]
