"""Troubles of the examination room that the sitting's page survives: foreign refusals, a sick disk, a script that never came."""

import re

from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.browser.conftest import eventually
from tests.browser.fake_sitting_server import FakeServer, FakeSitting, Fault
from tests.browser.sitting_page import Open, blank, choose, hand_in, item_state


def filter_out(page: Page, word: str) -> None:
    """What a filter between the hall and the server does: whatever holds the word gets a page of its own."""

    def answer(route: Route) -> None:
        if word in (route.request.post_data or ""):
            route.fulfill(status=403, content_type="text/html", body="<html><body>blocked</body></html>")
        else:
            route.continue_()

    page.route("**/answers", answer)


def test_an_answer_that_a_filter_on_the_way_refuses_holds_up_no_other(open_sitting: Open, sitting: FakeSitting) -> None:
    page = open_sitting()
    filter_out(page, "union select")
    blank(page, 16).fill("union select")
    blank(page, 16).blur()
    choose(page, 1, "B")
    choose(page, 2, "A")
    expect(item_state(page, 1)).to_have_text("已保存")
    expect(item_state(page, 2)).to_have_text("已保存")
    assert sitting.responses() == {"1": ["B"], "2": ["A"]}
    expect(item_state(page, 16)).to_have_text("未能保存，请举手告知监考员（403）")
    expect(page.locator("#save-state")).to_have_text("1 题未能保存", timeout=15_000)
    hand_in(page)
    expect(page.locator("#hand-in-dialog [data-progress]")).to_contain_text("还不能交卷", timeout=20_000)
    assert sitting.count("POST", "/submission") == 0
    page.get_by_role("button", name="返回作答").click()
    page.unroute("**/answers")
    expect(item_state(page, 16)).to_have_text("已保存", timeout=20_000)


def test_a_disk_that_no_longer_answers_holds_up_no_answer(
    sitting_server: FakeServer, context: BrowserContext, sitting: FakeSitting
) -> None:
    context.add_init_script("""window.sick = false;
        const add = IDBObjectStore.prototype.openKeyCursor;
        IDBObjectStore.prototype.openKeyCursor = function (...rest) { return window.sick ? {} : add.apply(this, rest); };""")
    page = context.new_page()
    page.goto(f"{sitting_server.address}/sitting")
    choose(page, 1, "B")
    expect(item_state(page, 1)).to_have_text("已保存")
    page.evaluate("window.sick = true")
    choose(page, 2, "A")
    eventually(lambda: sitting.responses() == {"1": ["B"], "2": ["A"]}, within=20)
    expect(page.locator("#memory-notice")).to_contain_text("本机不能保存作答记录")


FULL = """const add = IDBObjectStore.prototype.add;
    IDBObjectStore.prototype.add = function (...rest) {
        const request = add.apply(this, rest);
        if (window.full) this.transaction.abort();
        return request;
    };"""


def test_a_disk_that_fills_up_is_told_saving_goes_on_and_nothing_stays_behind(
    sitting_server: FakeServer, context: BrowserContext, sitting: FakeSitting
) -> None:
    context.add_init_script(FULL)
    page = context.new_page()
    page.goto(f"{sitting_server.address}/sitting")
    choose(page, 1, "B")
    expect(item_state(page, 1)).to_have_text("已保存")
    page.evaluate("window.full = true")
    choose(page, 2, "A")
    expect(page.locator("#memory-notice")).to_contain_text("本机不能保存作答记录")
    eventually(lambda: sitting.responses() == {"1": ["B"], "2": ["A"]})
    hand_in(page)
    page.wait_for_url("**/receipt")
    left = page.evaluate("""() => new Promise((resolve) => {
        indexedDB.open("hengjian-sittings").onsuccess = ({ target }) => {
            target.result.transaction("steps").objectStore("steps").count().onsuccess = (event) => resolve(event.target.result);
        };
    })""")
    assert left == 0


SLOW_TO_OPEN = """if (sessionStorage.slow) {
        const open = IDBFactory.prototype.open;
        IDBFactory.prototype.open = function (...about) {
            const asked = {};
            setTimeout(() => {
                const request = open.apply(this, about);
                request.onsuccess = () => { asked.result = request.result; asked.onsuccess(); };
            }, 5000);
            return asked;
        };
    }"""


def test_a_disk_that_is_slow_after_a_crash_is_waited_for_where_it_may_hold_answers(
    sitting_server: FakeServer, context: BrowserContext, sitting: FakeSitting
) -> None:
    context.add_init_script(SLOW_TO_OPEN)
    page = context.new_page()
    page.goto(f"{sitting_server.address}/sitting")
    page.locator("#slot-1 fieldset:not([disabled])").wait_for()
    sitting.faults.extend([Fault(503)] * 9)
    choose(page, 1, "B")
    eventually(lambda: len(sitting.faults) < 9, what="the refused save")
    page.evaluate("sessionStorage.slow = 'yes'")
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    sitting.faults.clear()
    expect(page.locator("#slot-1 input[value=B]")).to_be_checked(timeout=15_000)
    expect(item_state(page, 1)).to_have_text("已保存")
    expect(page.locator("#memory-notice")).to_be_hidden()


def test_a_page_whose_script_never_came_says_what_to_do(sitting_server: FakeServer, context: BrowserContext) -> None:
    page = context.new_page()
    page.route(re.compile(r"main\.joined\.js"), lambda route: route.abort())
    page.goto(f"{sitting_server.address}/sitting")
    told = page.get_by_text("试卷还没有准备好")
    expect(told).to_be_hidden()
    expect(told).to_be_visible(timeout=15_000)
    page.unroute(re.compile(r"main\.joined\.js"))
    page.reload()
    page.locator("#slot-1 fieldset:not([disabled])").wait_for()
    page.wait_for_timeout(9000)
    expect(told).to_be_hidden()


def test_a_page_under_which_somebody_else_signed_in_stops_and_says_so(open_sitting: Open, sitting: FakeSitting) -> None:
    page = open_sitting()
    sitting.faults.extend([Fault(404, "not_found")] * 3)
    choose(page, 1, "B")
    expect(page.locator("#notice")).to_contain_text("登录已失效")


def test_what_came_too_late_goes_out_again_once_a_reload_finds_more_time(
    open_sitting: Open, sitting: FakeSitting
) -> None:
    page = open_sitting()
    sitting.faults.append(Fault(409, "late"))
    choose(page, 1, "B")
    expect(item_state(page, 1)).to_have_text("超过截止时间，未计入")
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    expect(item_state(page, 1)).to_have_text("已保存")
    assert sitting.responses() == {"1": ["B"]}


def test_a_page_that_another_device_has_stopped_tells_what_only_it_holds(
    open_sitting: Open, sitting: FakeSitting
) -> None:
    page = open_sitting()
    sitting.faults.extend([Fault(503), Fault(409, "other_device")])
    choose(page, 1, "B")
    expect(page.locator("#notice")).to_contain_text("有 1 题的最后修改没有送达服务器")
    sitting.binding = 2
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    expect(item_state(page, 1)).to_have_text("已保存")
    sitting.faults.append(Fault(409, "other_device"))
    choose(page, 1, "A")
    expect(page.locator("#notice")).to_contain_text("有 1 题的最后修改没有送达服务器")


def test_a_new_turn_of_this_device_shows_what_another_one_saved_in_between(
    open_sitting: Open, sitting: FakeSitting
) -> None:
    page = open_sitting()
    choose(page, 1, "B")
    expect(item_state(page, 1)).to_have_text("已保存")
    sitting.faults.extend([Fault(503), Fault(401, "signed_out")])
    choose(page, 2, "C")
    expect(page.locator("#notice")).to_contain_text("登录已失效")
    sitting.steps[(2, 1)] = {"seq": 1, "slot": "1", "response": ["D"]}
    sitting.steps[(2, 2)] = {"seq": 2, "slot": "3", "response": ["A"]}
    sitting.binding = 3
    expect(page.locator("#slot-3 input[value=A]")).to_be_checked(timeout=30_000)
    expect(page.locator("#slot-1 input[value=D]")).to_be_checked()
    expect(item_state(page, 2)).to_have_text("已保存")
    assert sitting.responses() == {"1": ["D"], "2": ["C"], "3": ["A"]}
