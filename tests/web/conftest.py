"""What several tests of pages stand on."""

import pytest

from tests.support.invigilation import begin_first, make_hall
from tests.support.safe_browser import ask, make_watched_world


@pytest.fixture
def hall(app, cast, clock):
    """A published exam with two rooms of two; the first is the invigilators', the session has been running for 10 minutes."""
    return make_hall(app, cast, clock)


@pytest.fixture
def running(app, hall, clock):
    """The hall with its first sitting open, two answers and one withdrawn; the second one is still expected."""
    begin_first(app, hall, clock)
    return hall


@pytest.fixture
def watched(app, cast, clock):
    """Two candidates whom the invigilator watches; admission opens in ten minutes."""
    return make_watched_world(app, cast.accounts["invigilator"].id)


@pytest.fixture
def asked(watched, browser, clock):
    """The watched session asks for Safe Exam Browser; it is time to begin."""
    assert ask(watched, browser).status_code == 302
    clock.advance(minutes=40)
    return watched
