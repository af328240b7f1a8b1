"""The sitting's page notes that it was left, pasted into and printed, and tells the server beside the answers."""

from datetime import datetime, timedelta

from playwright.sync_api import Page, expect

from exam.leaving.rules import check_event
from tests.browser.conftest import eventually
from tests.browser.fake_sitting_server import FakeSitting, Fault
from tests.browser.sitting_page import Open, blank, choose, hand_in

# The automated browser holds every page in sight and in focus: what the page asks is answered for it.
SEEN = "([s, f]) => { for (const [n, v] of [['visibilityState', s], ['hasFocus', () => f]]) Object.defineProperty(document, n, {configurable: true, value: v}); }"


def hide(page: Page) -> None:
    page.evaluate("window.dispatchEvent(new Event('blur'))")
    page.evaluate(SEEN, ["hidden", False])
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def come_back(page: Page) -> None:
    page.evaluate(SEEN, ["visible", False])
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.evaluate(SEEN, ["visible", True])
    page.evaluate("window.dispatchEvent(new Event('focus'))")


def kinds(sitting: FakeSitting) -> list[str]:
    return [one["kind"] for _key, one in sorted(sitting.events.items())]


def test_an_absence_is_one_event_with_the_servers_time_and_its_length(open_sitting: Open, sitting: FakeSitting) -> None:
    sitting.clock_ahead = timedelta(hours=1)
    sitting.set_time_left(3600)
    page = open_sitting()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    before = sitting.now()
    hide(page)
    page.wait_for_timeout(1600)
    come_back(page)
    eventually(lambda: sitting.events, what="telling")
    (told,) = sitting.events.values()
    assert (told["kind"], told["number"], told["seconds"]) == ("hidden", 1, 2)
    assert abs(datetime.fromisoformat(told["at"]) - before) < timedelta(seconds=2)
    assert check_event(told)
    assert complaints == []


def test_losing_the_focus_pasting_copying_and_printing_are_noted_without_what_it_was(
    open_sitting: Open, sitting: FakeSitting
) -> None:
    page = open_sitting()
    page.evaluate("window.dispatchEvent(new Event('blur'))")
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    field = blank(page, 16)
    field.fill("保密的文字")
    field.select_text()
    page.keyboard.press("Control+c")
    page.keyboard.press("Control+v")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    eventually(lambda: kinds(sitting) == ["blur", "copy", "paste", "print"], what="telling")
    assert "保密" not in str([call.body for call in sitting.calls if call.path.endswith("/events")])


def test_leaving_full_screen_is_noted_with_its_length_and_only_after_entering(
    open_sitting: Open, sitting: FakeSitting
) -> None:
    page = open_sitting()
    changed = "new Promise((done) => document.addEventListener('fullscreenchange', done, {once: true}))"
    enter = f"() => {{ const heard = {changed}; document.documentElement.requestFullscreen(); return heard.then(() => 1); }}"
    page.evaluate(enter)
    page.evaluate(f"() => {{ const heard = {changed}; document.exitFullscreen(); return heard.then(() => 1); }}")
    page.wait_for_timeout(1200)
    page.evaluate(enter)
    eventually(lambda: sitting.events, what="telling")
    (told,) = sitting.events.values()
    assert told["kind"] == "fullscreen"
    assert told["seconds"] >= 1


def test_a_failing_telling_is_silent_and_goes_with_the_next_one_while_answers_are_saved(
    open_sitting: Open, sitting: FakeSitting
) -> None:
    sitting.event_faults.extend([Fault(status=503), Fault(status=500, html=True)])
    page = open_sitting()
    for _turn in range(2):
        sent = sitting.count("POST", "/events")
        page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
        eventually(lambda sent=sent: sitting.count("POST", "/events") > sent, what="telling")  # type: ignore[misc]
    choose(page, 1, "B")
    eventually(lambda: sitting.responses() == {"1": ["B"]}, what="saving")
    expect(page.locator("#save-state")).to_have_text("已全部保存")
    expect(page.locator("#notice")).to_be_hidden()
    page.reload()
    page.locator("#slot-1 fieldset:not([disabled])").wait_for(state="attached")
    eventually(lambda: kinds(sitting) == ["print", "print"], what="telling again")
    assert len({key[0] for key in sitting.events}) == 1


def test_handing_in_tells_the_last_and_leaves_nothing_in_the_browser(open_sitting: Open, sitting: FakeSitting) -> None:
    page = open_sitting()
    choose(page, 1, "B")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    hand_in(page)
    page.wait_for_url("**/receipt")
    eventually(lambda: kinds(sitting) == ["print"], what="telling")
    assert page.evaluate("Object.keys(localStorage).filter((key) => key.includes('leaving'))") == []


def reload(page: Page) -> None:
    page.reload()
    page.locator("#slot-1 fieldset:not([disabled])").wait_for(state="attached")


def test_a_reload_is_no_absence_and_a_page_opened_again_later_tells_how_long_it_was_gone(
    open_sitting: Open, sitting: FakeSitting
) -> None:
    page = open_sitting()
    hide(page)
    reload(page)
    hide(page)
    earlier = "{const k = 'hengjian-leaving-41', s = JSON.parse(localStorage[k]); s.open.away.at -= 60000; localStorage[k] = JSON.stringify(s);}"
    page.add_init_script(earlier)
    reload(page)
    eventually(lambda: sitting.events, what="telling")
    (told,) = sitting.events.values()
    assert told["kind"] == "hidden"
    assert 59 <= told["seconds"] <= 75


def test_the_page_that_goes_on_tells_and_the_stopped_one_no_more(open_sitting: Open, sitting: FakeSitting) -> None:
    first = open_sitting()
    first.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    second = open_sitting()
    first.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    second.evaluate("document.dispatchEvent(new ClipboardEvent('paste'))")
    eventually(lambda: kinds(sitting) == ["print", "paste"], what="telling")
    assert [number for _page, number in sorted(sitting.events)] == [1, 2]
