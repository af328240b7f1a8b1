"""The candidate's page at the end: handing in, the deadline, the clock; and the sheet in every size, by keyboard alone."""

from datetime import datetime, timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, expect

from tests.browser.conftest import eventually
from tests.browser.fake_sitting_server import OWN_BELL, SESSION_BELL, SITTING, FakeServer, FakeSitting
from tests.browser.sitting_page import Open, blank, choose, first_input, hand_in, item_state

LONG_PAST = 60


# ---- handing in


def test_handing_in_shows_what_is_open_then_leads_to_the_receipt_with_the_same_digest(
    open_sitting: Open, sitting: FakeSitting
) -> None:
    page = open_sitting()
    for slot, letter in ((12, "true"), (1, "B"), (7, "C"), (7, "A")):
        choose(page, slot, letter)
    page.locator("#slot-1 [data-flag]").click()
    page.locator(".sitting-hand-in").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("还有 14 题未作答")
    expect(dialog.locator("[data-flagged] a")).to_have_text(["第 1 题"])
    dialog.get_by_role("link", name="第 16 题").click()
    expect(dialog).to_be_hidden()
    expect(page.locator("#slot-16")).to_be_in_viewport()
    blank(page, 16, 2).press_sequentially("“宪法”\\𝒳")
    hand_in(page)
    page.wait_for_url("**/receipt")
    assert sitting.responses()["16"] == ["", "“宪法”\\𝒳"]
    assert sitting.receipt is not None
    assert sitting.receipt["closed_by"] == "candidate"
    sent = [call.body["digest"] for call in sitting.calls if call.method == "POST"]
    assert sent == [sitting.receipt["digest"]]


def test_what_the_server_lacks_is_supplied_before_the_paper_is_handed_in(
    open_sitting: Open, sitting: FakeSitting
) -> None:
    page = open_sitting()
    choose(page, 1, "B")
    choose(page, 2, "C")
    expect(item_state(page, 2)).to_have_text("已保存")
    sitting.lacking = 1
    hand_in(page)
    page.wait_for_url("**/receipt")
    assert sitting.responses() == {"1": ["B"], "2": ["C"]}
    assert sitting.count("POST", "/submission") == 2


def test_handing_in_without_a_network_waits_and_may_be_called_off(
    open_sitting: Open, sitting: FakeSitting, context: BrowserContext
) -> None:
    page = open_sitting()
    context.set_offline(True)
    choose(page, 1, "B")
    hand_in(page)
    expect(page.locator("[data-progress]")).to_contain_text("连通后会自动继续交卷")
    page.get_by_role("button", name="返回作答").click()
    expect(first_input(page)).to_be_enabled()
    choose(page, 1, "C")
    hand_in(page)
    context.set_offline(False)
    page.wait_for_url("**/receipt", timeout=20_000)
    assert sitting.responses() == {"1": ["C"]}


def test_a_forced_closing_leads_to_the_receipt(open_sitting: Open, sitting: FakeSitting) -> None:
    page = open_sitting()
    choose(page, 1, "B")
    expect(item_state(page, 1)).to_have_text("已保存")
    sitting.close("invigilator")
    sitting.ring()
    page.wait_for_url("**/receipt")


# ---- the clock and the end


@pytest.mark.parametrize("ahead", [timedelta(hours=1), timedelta(hours=-1), timedelta(days=-400)])
def test_a_wrong_computer_clock_does_no_harm(open_sitting: Open, sitting: FakeSitting, ahead: timedelta) -> None:
    sitting.clock_ahead = ahead
    sitting.set_time_left(1800)
    page = open_sitting()
    expect(page.locator("[data-time]")).to_contain_text("29:5")
    page.evaluate("{ const real = Date.now; Date.now = () => real() + 3600e3; }")
    page.wait_for_timeout(800)
    expect(page.locator("[data-time]")).to_contain_text("29:5")
    choose(page, 1, "B")
    eventually(lambda: sitting.responses() == {"1": ["B"]})
    at = next(iter(sitting.steps.values()))["at"]
    assert abs((sitting.now() - datetime.fromisoformat(at)).total_seconds()) < 5


def test_what_is_being_typed_when_the_time_is_up_still_arrives_and_nothing_is_handed_in_by_a_timer(
    open_sitting: Open, sitting: FakeSitting
) -> None:
    sitting.set_time_left(3)
    page = open_sitting()
    expect(page.locator("[data-time]")).to_have_text("00:01")
    field = blank(page, 17)
    field.focus()
    while field.is_enabled():
        page.keyboard.type("字")
    expect(page.locator("#notice")).to_contain_text("时间到，正在收卷")
    typed = field.input_value()
    eventually(lambda: sitting.responses().get("17") == [typed], within=4)
    assert sitting.state == "open"
    page.wait_for_url("**/receipt", timeout=15_000)
    assert sitting.receipt is not None
    assert sitting.receipt["closed_by"] == "clock"
    assert sitting.count("POST") == 0


def test_an_unanswered_paper_is_closed_by_the_server_alone(open_sitting: Open, sitting: FakeSitting) -> None:
    sitting.set_time_left(1)
    page = open_sitting(ready="#notice:not([hidden])")
    page.wait_for_url("**/receipt", timeout=15_000)
    assert sitting.count("PUT") == sitting.count("POST") == 0


def test_what_came_too_late_is_said_and_kept_and_the_page_stays(
    open_sitting: Open, sitting: FakeSitting, context: BrowserContext
) -> None:
    page = open_sitting()
    context.set_offline(True)
    choose(page, 1, "B")
    expect(item_state(page, 1)).to_have_text("离线，已存于本机")
    sitting.set_time_left(-LONG_PAST)
    context.set_offline(False)
    expect(page.locator("#notice")).to_contain_text("有 1 题的最后修改没有在截止前送达", timeout=20_000)
    expect(page.locator("#notice").get_by_role("link", name="查看回执")).to_have_attribute("href", "/receipt")
    assert sitting.steps == {}
    assert [step["response"] for step in sitting.late][:1] == [["B"]]


def test_extra_time_is_shown_and_announced_at_the_next_answer_of_the_server(
    open_sitting: Open, sitting: FakeSitting
) -> None:
    sitting.set_time_left(290)
    page = open_sitting()
    expect(page.locator("#clock")).to_contain_text("最后 5 分钟")
    sitting.deadline += timedelta(minutes=15)
    choose(page, 1, "A")
    expect(page.locator("[data-time]")).to_contain_text("19:")
    expect(page.locator("#clock")).not_to_contain_text("最后 5 分钟")
    expect(page.locator("#announcements")).to_contain_text("考试时间已调整")


def test_extra_time_reopens_a_paper_that_was_being_collected(open_sitting: Open, sitting: FakeSitting) -> None:
    sitting.set_time_left(4)
    page = open_sitting()
    expect(page.locator("#notice")).to_contain_text("时间到")
    sitting.set_time_left(600)
    sitting.ring()
    expect(first_input(page)).to_be_enabled(timeout=12_000)
    choose(page, 1, "A")
    eventually(lambda: sitting.responses() == {"1": ["A"]})


def test_an_idle_page_hears_of_extra_time_within_seconds_without_asking(
    open_sitting: Open, sitting: FakeSitting
) -> None:
    page = open_sitting()
    asked = sitting.count("GET", f"/{SITTING}")
    sitting.set_time_left(3 * 3600 + 30)
    sitting.ring()
    expect(page.locator("[data-time]")).to_contain_text("3:00:", timeout=10_000)
    expect(page.locator("[data-label]")).to_have_text("剩余时间（已调整）")
    assert sitting.count("GET", f"/{SITTING}") == asked


def test_a_bell_that_rings_for_others_or_rang_before_the_page_came_changes_nothing(
    open_sitting: Open, sitting: FakeSitting
) -> None:
    sitting.state = "paused"
    sitting.ring(ago=60)
    sitting.state = "open"
    page = open_sitting()
    eventually(lambda: sitting.looked_at[SESSION_BELL] >= 2)
    assert sitting.looked_at[OWN_BELL] == 0
    sitting.ring(own=False)
    eventually(lambda: sitting.looked_at[OWN_BELL] == 1)
    eventually(lambda: sitting.looked_at[SESSION_BELL] >= 4)
    assert sitting.looked_at[OWN_BELL] == 1
    expect(page.locator("#notice")).to_be_hidden()
    expect(first_input(page)).to_be_enabled()


def test_a_bell_that_says_nonsense_is_not_listened_to(open_sitting: Open, sitting: FakeSitting) -> None:
    page = open_sitting()
    sitting.ring()
    sitting.bells[OWN_BELL] = {"state": "closed"}
    eventually(lambda: sitting.looked_at[SESSION_BELL] >= 3, within=20)
    expect(page.locator("#notice")).to_be_hidden()
    expect(first_input(page)).to_be_enabled()


# ---- the sheet itself


def test_the_whole_sitting_can_be_done_with_the_keyboard(open_sitting: Open, sitting: FakeSitting) -> None:
    page = open_sitting()
    page.locator("#slot-1 input").first.focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    eventually(lambda: sitting.responses() == {"1": ["B"]})
    page.locator("#slot-7 input").first.focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    eventually(lambda: sitting.responses().get("7") == ["A", "B"])
    page.locator(".sitting-hand-in").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.locator(".sitting-hand-in").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="确认交卷").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/receipt")


def test_the_answer_card_counts_and_names_the_state_of_every_item(open_sitting: Open) -> None:
    page = open_sitting()
    choose(page, 1, "A")
    page.locator("#slot-1 [data-flag]").click()
    expect(page.locator("#card-sections a").first).to_have_attribute("aria-label", "第 1 题，已作答，已标记")
    expect(page.locator("#card-sections a").nth(1)).to_have_attribute("aria-label", "第 2 题，未作答")
    expect(page.locator(".sitting-counts b")).to_have_text(["1", "16", "1"])


@pytest.mark.parametrize("width", [1366, 390])
def test_a_page_that_opens_at_an_item_stays_there_while_the_others_come(
    sitting_server: FakeServer, context: BrowserContext, width: int
) -> None:
    page = context.new_page()
    page.set_viewport_size({"width": width, "height": 768})
    # Each idle moment waits for us: the items come one handful after the other.
    page.add_init_script(
        "window.idle = []; window.requestIdleCallback = (work) => idle.push(work); window.next = () => idle.shift()?.();"
    )
    page.goto(f"{sitting_server.address}/sitting#slot-12")
    eventually(lambda: page.evaluate("window.idle.length === 1"))
    expect(page.locator("#slot-1 input").first).to_be_enabled()
    expect(page.locator("#slot-8 fieldset")).to_be_hidden()
    page.evaluate("window.next()")
    choose(page, 12, "true")
    before = page.locator("#slot-12").bounding_box()
    for handful in range(2):
        eventually(lambda: page.evaluate("window.idle.length === 1"))
        page.evaluate("window.next()")
        page.evaluate("new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
        assert page.locator(".sitting-item.is-here").count() == min(17, 6 * (handful + 2))
    expect(page.locator(".sitting-fieldset:visible")).to_have_count(17)
    after = page.locator("#slot-12").bounding_box()
    assert before is not None
    assert after is not None
    assert abs(before["y"] - after["y"]) < 2
    expect(page.locator("#slot-12 input[value=true]")).to_be_checked()


@pytest.mark.parametrize("size", ["standard", "large", "largest"])
@pytest.mark.parametrize("width", [1366, 683, 390])
def test_no_size_of_type_or_screen_breaks_the_page(
    open_sitting: Open, sitting_server: FakeServer, context: BrowserContext, size: str, width: int
) -> None:
    context.add_cookies([{"name": "type_size", "value": size, "url": sitting_server.address}])
    page = open_sitting()
    page.set_viewport_size({"width": width, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    expect(page.locator("#clock")).to_be_in_viewport(ratio=1)
    expect(page.locator(".sitting-hand-in")).to_be_in_viewport(ratio=1)
    assert page.locator("#slot-1 .option").first.bounding_box()["height"] >= 44  # type: ignore[index]
    choose(page, 15, "true")
    expect(page.locator("#slot-15 input[value=true]")).to_be_checked()
    findings = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]})
    assert findings.violations_count == 0, findings.generate_report()


# ---- one item at a time, and the keyboard in the dialogs


def test_one_item_at_a_time_shows_one_and_reaches_every_other(
    open_sitting: Open, sitting: FakeSitting, sitting_server: FakeServer, context: BrowserContext
) -> None:
    page = context.new_page()
    page.goto(f"{sitting_server.address}/sitting?layout=single")
    shown = page.locator(".sitting-item:visible")
    expect(shown).to_have_count(1)
    expect(page.locator("[data-step-place]")).to_have_text("第 1 题，共 17 题")
    expect(page.get_by_role("button", name="上一题")).to_be_disabled()
    choose(page, 1, "B")
    page.get_by_role("button", name="下一题").press("Enter")
    expect(page.locator("#slot-2")).to_be_focused()
    expect(shown).to_have_attribute("id", "slot-2")
    page.locator("#card-sections a").nth(15).press("Enter")
    expect(shown).to_have_attribute("id", "slot-16")
    expect(page.locator(".sitting-section:visible")).to_have_count(1)
    page.reload()
    expect(shown).to_have_attribute("id", "slot-16")
    page.get_by_role("button", name="下一题").click()
    expect(page.get_by_role("button", name="下一题")).to_be_disabled()
    page.locator(".sitting-hand-in").click()
    page.get_by_role("dialog").get_by_role("link", name="第 7 题", exact=True).click()
    expect(shown).to_have_attribute("id", "slot-7")
    eventually(lambda: sitting.responses() == {"1": ["B"]})


def test_the_dialog_keeps_the_focus_and_gives_it_back(open_sitting: Open) -> None:
    page = open_sitting()
    button = page.locator(".sitting-hand-in")
    button.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#hand-in-title")).to_be_focused()
    for _press in range(30):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement === document.body || !!document.activeElement.closest('dialog')")
    page.keyboard.press("Escape")
    expect(button).to_be_focused()


def test_a_flag_is_set_and_taken_back_by_keyboard(open_sitting: Open) -> None:
    page = open_sitting()
    flag = page.locator("#slot-3 [data-flag]")
    flag.focus()
    page.keyboard.press("Enter")
    expect(flag).to_have_attribute("aria-label", "第 3 题已标记，按下取消")
    page.keyboard.press("Space")
    expect(flag).to_have_attribute("aria-label", "标记第 3 题")
