"""The bell may come late, early, twice or wrong: the server's word puts it right, and nothing final is done before."""

from datetime import timedelta

from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import eventually
from tests.browser.fake_sitting_server import OWN_BELL, SITTING, FakeSitting
from tests.browser.sitting_page import Open, choose, first_input, hand_in

LOOK = 8_000  # the longest between two looks at the bell, and patience with a slow machine (ms)


def asked(sitting: FakeSitting) -> int:
    return sitting.count("GET", f"/{SITTING}")


def wake(page: Page, sitting: FakeSitting) -> None:
    """Have the page ask the server now, as if the network had come back."""
    before = asked(sitting)
    page.wait_for_timeout(3100)
    page.evaluate("window.dispatchEvent(new Event('online'))")
    eventually(lambda: asked(sitting) > before)


def test_a_wrong_bell_is_put_right_though_nothing_has_changed_since_the_page_last_asked(
    open_sitting: Open, sitting: FakeSitting
) -> None:
    page = open_sitting()
    wake(page, sitting)
    sitting.state = "paused"
    sitting.ring()
    sitting.state = "open"
    expect(first_input(page)).to_be_disabled(timeout=LOOK)
    wake(page, sitting)
    expect(first_input(page)).to_be_enabled()


def test_an_answer_that_was_on_its_way_when_the_bell_rang_does_not_take_the_pause_back(
    open_sitting: Open, sitting: FakeSitting
) -> None:
    page = open_sitting()
    sitting.state_delay = 6
    wake(page, sitting)
    with page.expect_response(f"**/sittings/{SITTING}", timeout=LOOK):
        sitting.state = "paused"
        sitting.ring()
        expect(page.locator("#notice")).to_contain_text("考试已暂停", timeout=LOOK)
    before = asked(sitting)
    while asked(sitting) == before:
        page.wait_for_timeout(50)
        assert first_input(page).is_disabled()
    expect(page.locator("#notice")).to_contain_text("考试已暂停")


def test_a_bell_alone_never_ends_a_paper(open_sitting: Open, sitting: FakeSitting) -> None:
    page = open_sitting()
    before = asked(sitting)
    sitting.ring()
    sitting.bells[OWN_BELL] |= {"state": "closed"}
    eventually(lambda: asked(sitting) > before)
    page.wait_for_timeout(500)
    choose(page, 1, "B")
    eventually(lambda: sitting.responses() == {"1": ["B"]})


def test_the_bell_is_heard_though_the_servers_clock_was_set_back(open_sitting: Open, sitting: FakeSitting) -> None:
    page = open_sitting()
    with page.expect_response("**/bells/*"):
        pass
    before = asked(sitting)
    sitting.clock_ahead = timedelta(hours=-1)
    sitting.state = "paused"
    sitting.ring()
    expect(page.locator("#notice")).to_contain_text("考试已暂停", timeout=LOOK)
    assert asked(sitting) <= before + 1


def test_a_pause_while_the_paper_is_being_handed_in_calls_that_off_and_loses_nothing(
    open_sitting: Open, sitting: FakeSitting
) -> None:
    page = open_sitting()
    sitting.delay = 6
    choose(page, 1, "B")
    hand_in(page)
    sitting.state = "paused"
    sitting.ring()
    expect(page.get_by_role("dialog")).to_be_hidden(timeout=LOOK)
    expect(page.locator("#notice")).to_contain_text("考试已暂停")
    sitting.state = "open"
    sitting.delay = 0
    sitting.ring()
    expect(first_input(page)).to_be_enabled(timeout=LOOK)
    eventually(lambda: sitting.responses() == {"1": ["B"]})
    hand_in(page)
    page.wait_for_url("**/receipt")


def test_nobody_listens_while_the_network_is_away(
    open_sitting: Open, sitting: FakeSitting, context: BrowserContext
) -> None:
    page = open_sitting()
    with page.expect_response("**/bells/*"):
        pass
    looks: list[str] = []
    page.on("request", lambda request: looks.append(request.url) if "/bells/" in request.url else None)
    context.set_offline(True)
    page.wait_for_timeout(12_000)
    assert len(looks) <= 1
    sitting.set_time_left(3 * 3600 + 30)
    sitting.ring()
    context.set_offline(False)
    expect(page.locator("[data-time]")).to_contain_text("3:00:")
    sitting.state = "paused"
    sitting.ring()
    expect(page.locator("#notice")).to_contain_text("考试已暂停", timeout=LOOK)
