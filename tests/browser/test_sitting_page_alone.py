"""The candidate's page against a server whose faults are switched on: what was answered is never lost."""

from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Dialog, expect

from question_bank.item_types.registry import item_type
from tests.browser.conftest import eventually
from tests.browser.fake_sitting_server import EVERY_TYPE, FakeServer, FakeSitting, Fault
from tests.browser.sitting_page import Open, blank, choose, choose_at_once, first_input, item_state

# ---- saving


def test_every_kind_of_answer_is_saved_within_two_seconds_of_the_last_change(
    open_sitting: Open, sitting: FakeSitting
) -> None:
    page = open_sitting()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    choose(page, 1, "B")
    choose(page, 7, "C")
    choose(page, 7, "A")
    choose(page, 12, "false")
    blank(page, 16, 1).press_sequentially("党 𠮷😀")
    wanted = {"1": ["B"], "7": ["A", "C"], "12": ["false"], "16": ["党 𠮷😀", ""]}
    eventually(lambda: sitting.responses() == wanted, within=2, what="saving")
    for slot in (1, 7, 12, 16):
        expect(item_state(page, slot)).to_have_text("已保存")
    expect(page.locator("#save-state")).to_have_text("已全部保存")
    assert complaints == []


def test_every_type_of_item_is_answered_by_keyboard_saved_and_shown_again_after_a_reload(
    sitting_server: FakeServer, sitting: FakeSitting, context: BrowserContext
) -> None:
    page = context.new_page()
    page.goto(f"{sitting_server.address}/sitting?every=1")
    page.locator("#slot-1 fieldset:not([disabled])").first.wait_for(state="attached")
    page.locator("#slot-1 input").first.focus()
    page.keyboard.press("Space")
    page.locator("#slot-2 input").nth(1).focus()
    page.keyboard.press("Space")
    page.locator("#slot-3 input").first.focus()
    page.keyboard.press("Space")
    blank(page, 4, 2).press_sequentially("党的领导")
    number = page.locator("#slot-5-number")
    number.press_sequentially("一")
    number.press("Tab")
    expect(page.locator("#slot-5-hint")).to_be_visible()
    number.fill("１.5")
    number.press("Tab")
    expect(page.locator("#slot-5-hint")).to_be_hidden()
    page.locator("#slot-6 select").nth(1).focus()
    page.keyboard.press("ArrowDown")
    page.locator("#slot-7 [data-move='1']").first.focus()
    page.keyboard.press("Enter")
    page.locator("#slot-8 textarea").press_sequentially("平时考核")
    page.locator("#slot-9 textarea").press_sequentially("通知\n各单位：")
    page.locator("#slot-10 input[type=radio]").nth(2).focus()
    page.keyboard.press("Space")
    page.locator("#slot-10 input[type=text]").press_sequentially("回避")
    page.locator("#slot-10 [data-move='0']").focus()
    page.keyboard.press("Enter")
    wanted: dict[str, Any] = {
        "1": ["A"],
        "2": ["B"],
        "3": ["true"],
        "4": ["", "党的领导"],
        "5": ["１.5"],
        "6": [["2", "A"]],
        "7": ["B", "A", "C"],
        "8": ["平时考核"],
        "9": ["通知\n各单位："],
        "10": [[], ["C"], ["回避"], ["A", "B", "C"]],
    }
    eventually(lambda: sitting.responses() == wanted, what="saving")
    for (kind, content), response in zip(EVERY_TYPE, wanted.values(), strict=True):
        assert item_type(kind).check_response(item_type(kind).displayed(content, []), response) == response
    for slot in range(1, 11):
        expect(item_state(page, slot)).to_have_text("已保存")
    page.reload()
    expect(page.locator("#slot-4-blank-2")).to_have_value("党的领导")
    expect(number).to_have_value("１.5")
    expect(page.locator("#slot-6-2")).to_have_value("A")
    expect(page.locator("#slot-7 [data-label]").first).to_contain_text("民主推荐")
    expect(page.locator("#slot-9 textarea")).to_have_value("通知\n各单位：")
    expect(page.locator("#slot-10 input[value=C]")).to_be_checked()
    expect(page.locator("#panel [data-count=unanswered]").first).to_have_text("0")
    page.locator("#slot-7 [data-clear]").click()
    eventually(lambda: sitting.responses()["7"] == [])
    expect(page.locator("#slot-7 [data-label]").first).to_contain_text("动议")


def test_two_quick_changes_to_one_answer_are_two_steps_and_the_last_one_counts(
    open_sitting: Open, sitting: FakeSitting
) -> None:
    page = open_sitting()
    choose_at_once(page, [(1, "A"), (1, "D")])
    eventually(lambda: len(sitting.steps) == 2)
    assert [(seq, step["response"]) for (_, seq), step in sorted(sitting.steps.items())] == [(1, ["A"]), (2, ["D"])]
    assert sitting.count("PUT") == 1
    expect(item_state(page, 1)).to_have_text("已保存")


def test_a_slow_server_never_has_two_saves_under_way(open_sitting: Open, sitting: FakeSitting) -> None:
    page = open_sitting()
    sitting.delay = 0.7
    for slot in range(1, 7):
        choose(page, slot, "C")
        page.wait_for_timeout(250)
    eventually(lambda: len(sitting.responses()) == 6)
    assert sitting.most_in_flight == 1
    assert sitting.count("PUT") > 1


def test_an_answer_can_be_withdrawn(open_sitting: Open, sitting: FakeSitting) -> None:
    page = open_sitting()
    choose(page, 1, "A")
    page.locator("#slot-1 [data-clear]").click()
    eventually(lambda: sitting.responses() == {"1": []})
    expect(page.locator("#slot-1 input:checked")).to_have_count(0)
    expect(page.locator("#panel [data-count=unanswered]").first).to_have_text("17")


def test_a_reload_shows_everything_even_what_the_server_has_not_got_yet(
    open_sitting: Open, sitting: FakeSitting
) -> None:
    page = open_sitting()
    choose(page, 1, "B")
    expect(item_state(page, 1)).to_have_text("已保存")
    page.locator("#slot-2 [data-flag]").click()
    sitting.faults.extend([Fault(503)] * 3)
    choose(page, 2, "D")
    eventually(lambda: len(sitting.faults) < 3, what="the refused save")
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    sitting.faults.clear()
    expect(page.locator("#slot-1 input[value=B]")).to_be_checked()
    expect(page.locator("#slot-2 input[value=D]")).to_be_checked()
    expect(page.locator("#slot-2 [data-flag]")).to_have_text("已标记")
    eventually(lambda: sitting.responses() == {"1": ["B"], "2": ["D"]})
    assert sorted(sitting.steps) == [(1, 1), (1, 2)]


def test_answers_given_on_an_earlier_turn_of_this_device_go_out_under_the_new_one(
    open_sitting: Open, sitting: FakeSitting
) -> None:
    page = open_sitting()
    sitting.faults.extend([Fault(503)] * 9)
    choose(page, 3, "A")
    eventually(lambda: sitting.count("PUT") >= 1)
    sitting.binding = 2
    sitting.faults.clear()
    sitting.faults.append(Fault(409, "other_device"))
    expect(page.locator("#notice")).to_contain_text("另一台设备")
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    eventually(lambda: sitting.current().get("3") == {"response": ["A"], "binding": 2, "seq": 1})


def test_the_network_may_be_cut_for_a_while_and_nothing_is_lost(
    open_sitting: Open, sitting: FakeSitting, context: BrowserContext
) -> None:
    page = open_sitting()
    choose(page, 1, "A")
    expect(item_state(page, 1)).to_have_text("已保存")
    context.set_offline(True)
    for slot, letter in ((1, "B"), (2, "C"), (3, "D")):
        choose(page, slot, letter)
    blank(page, 17).fill("书面")
    expect(item_state(page, 17)).to_have_text("离线，已存于本机")
    expect(page.locator("#save-state")).to_have_text("离线，已存于本机")
    expect(page.locator("#notice")).to_contain_text("网络已断开，请继续作答")
    assert sitting.responses() == {"1": ["A"]}
    context.set_offline(False)
    eventually(lambda: sitting.responses() == {"1": ["B"], "2": ["C"], "3": ["D"], "17": ["书面"]})
    assert sitting.acknowledged() == 5
    expect(item_state(page, 17)).to_have_text("已保存")
    expect(page.locator("#notice")).to_be_hidden()


def test_an_answer_whose_reply_was_lost_is_resent_under_its_number(open_sitting: Open, sitting: FakeSitting) -> None:
    page = open_sitting()
    sitting.faults.append(Fault(502, store=True, html=True))
    choose(page, 1, "B")
    eventually(lambda: sitting.count("PUT") == 2)
    expect(item_state(page, 1)).to_have_text("已保存")
    assert sorted(sitting.steps) == [(1, 1)]


def test_a_proxys_page_is_never_taken_for_a_save(open_sitting: Open, sitting: FakeSitting) -> None:
    page = open_sitting()
    sitting.faults.extend([Fault(200, html=True)] * 20)
    choose(page, 1, "B")
    expect(item_state(page, 1)).to_have_text("离线，已存于本机")
    sitting.faults.clear()
    expect(item_state(page, 1)).to_have_text("已保存")
    assert sitting.responses() == {"1": ["B"]}


def test_a_browser_without_storage_says_so_and_still_saves(
    sitting_server: FakeServer, context: BrowserContext, sitting: FakeSitting
) -> None:
    context.add_init_script("IDBFactory.prototype.open = () => { throw new DOMException('no', 'SecurityError'); };")
    page = context.new_page()
    page.goto(f"{sitting_server.address}/sitting")
    expect(page.locator("#memory-notice")).to_contain_text("本机不能保存作答记录")
    choose(page, 1, "B")
    eventually(lambda: sitting.responses() == {"1": ["B"]})
    context.set_offline(True)
    choose(page, 2, "A")
    expect(item_state(page, 2)).to_have_text("离线，尚未保存，请勿关闭本页")


def test_leaving_is_questioned_only_while_something_is_unsaved(open_sitting: Open, sitting: FakeSitting) -> None:
    page = open_sitting()
    asked: list[str] = []

    def accept(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", accept)
    choose(page, 1, "B")
    expect(item_state(page, 1)).to_have_text("已保存")
    page.reload()
    page.locator("#slot-1 fieldset:not([disabled])").wait_for()
    assert asked == []
    sitting.faults.extend([Fault(503)] * 20)
    choose(page, 1, "C")
    eventually(lambda: sitting.count("PUT") >= 2)
    page.reload()
    assert asked == ["beforeunload"]


# ---- refusals


def test_a_stale_token_is_renewed_once_and_the_save_repeated(open_sitting: Open, sitting: FakeSitting) -> None:
    page = open_sitting()
    choose(page, 1, "A")
    expect(item_state(page, 1)).to_have_text("已保存")
    asked = sitting.count("GET", "/csrf")
    sitting.token = "token-2"
    choose(page, 1, "B")
    eventually(lambda: sitting.responses() == {"1": ["B"]})
    # Not for each answer; an event of the page may ask at the same moment.
    assert sitting.count("GET", "/csrf") - asked in (1, 2)
    assert sitting.count("PUT") == 3


def test_a_number_that_is_taken_is_not_fought_over(open_sitting: Open, sitting: FakeSitting) -> None:
    page = open_sitting()
    sitting.steps[(1, 1)] = {"seq": 1, "slot": "9", "response": ["D"]}
    choose(page, 1, "B")
    eventually(lambda: sitting.responses() == {"1": ["B"], "9": ["D"]})
    assert sitting.current()["1"]["seq"] == 2
    expect(item_state(page, 1)).to_have_text("已保存")


@pytest.mark.parametrize("code", ["unknown_slot", "bad_response"])
def test_a_refused_step_is_named_and_holds_up_nobody(open_sitting: Open, sitting: FakeSitting, code: str) -> None:
    page = open_sitting()
    sitting.refuse["2"] = code
    for slot in (1, 2, 3):
        choose(page, slot, "A")
    eventually(lambda: sitting.responses() == {"1": ["A"], "3": ["A"]})
    expect(item_state(page, 2)).to_contain_text("未能保存")
    expect(page.locator("#save-state")).to_have_text("1 题未能保存")
    page.reload()
    expect(item_state(page, 2)).to_contain_text("未能保存")


@pytest.mark.parametrize("code", ["too_large", "bad_response"])
def test_a_batch_refused_whole_is_split_until_it_passes(open_sitting: Open, sitting: FakeSitting, code: str) -> None:
    page = open_sitting()
    sitting.faults.extend([Fault(413, code)] * 2)
    choose_at_once(page, [(slot, "A") for slot in (1, 2, 3, 4)])
    eventually(lambda: len(sitting.responses()) == 4)
    sizes = [len(call.body["steps"]) for call in sitting.calls if call.method == "PUT"]
    assert sizes[:3] == [4, 2, 1]


def test_a_pause_locks_the_answers_and_ends_by_itself(open_sitting: Open, sitting: FakeSitting) -> None:
    page = open_sitting()
    choose(page, 1, "A")
    sitting.state = "paused"
    sitting.ring()
    expect(page.locator("#notice")).to_contain_text("考试已暂停")
    expect(first_input(page)).to_be_disabled()
    expect(page.locator("#clock")).to_contain_text("已暂停")
    sitting.state = "open"
    sitting.ring()
    expect(first_input(page)).to_be_enabled(timeout=10_000)
    expect(page.locator("#notice")).to_be_hidden()
    eventually(lambda: sitting.responses() == {"1": ["A"]})


def test_a_sitting_that_has_not_begun_waits_for_its_start(open_sitting: Open, sitting: FakeSitting) -> None:
    sitting.state = "admitted"
    page = open_sitting(ready="#notice:not([hidden])")
    expect(page.locator("#notice")).to_contain_text("考试还没有开始")
    expect(first_input(page)).to_be_disabled()
    sitting.state = "open"
    expect(first_input(page)).to_be_enabled(timeout=10_000)


def test_another_device_stops_this_page_with_a_word_on_what_to_do(open_sitting: Open, sitting: FakeSitting) -> None:
    page = open_sitting()
    sitting.binding = 2
    choose(page, 1, "A")
    expect(page.locator("#notice")).to_contain_text("放行后在这里重新登录")
    expect(first_input(page)).to_be_disabled()
    assert sitting.steps == {}
    page.locator("#notice").get_by_role("link", name="重新登录").click()
    page.wait_for_url("**/sign-in")


def test_a_lost_sign_in_keeps_the_answers_and_leads_to_the_door(
    open_sitting: Open, sitting: FakeSitting, context: BrowserContext
) -> None:
    page = open_sitting()
    sitting.faults.append(Fault(401, "signed_out"))
    choose(page, 1, "A")
    link = page.locator("#notice").get_by_role("link", name="重新登录")
    expect(link).to_have_attribute("href", "/sign-in")
    expect(page.locator("#notice")).to_contain_text("没有丢失")
    # The page leads there itself: it does not ask whether it may be left.
    link.click()
    page.wait_for_url("**/sign-in")
    page.go_back()
    eventually(lambda: sitting.responses() == {"1": ["A"]})


def test_a_save_that_the_gate_of_safe_exam_browser_refuses_waits_and_leaves_once_it_may(
    open_sitting: Open, sitting: FakeSitting
) -> None:
    page = open_sitting()
    sitting.faults.append(Fault(403, "safe_browser"))
    choose(page, 1, "A")
    expect(page.locator("#notice")).to_contain_text("请使用安全考试浏览器")
    expect(page.locator("#notice")).to_contain_text("没有丢失")
    expect(first_input(page)).to_be_disabled()
    # The page asks again by itself; an exemption has meanwhile been granted.
    expect(page.locator("#notice")).to_be_hidden(timeout=20_000)
    eventually(lambda: sitting.responses() == {"1": ["A"]})
    expect(first_input(page)).to_be_enabled()


def test_a_second_tab_stops_the_first_and_goes_on_with_its_answers(open_sitting: Open, sitting: FakeSitting) -> None:
    first = open_sitting()
    sitting.faults.extend([Fault(503)] * 2)
    choose(first, 1, "C")
    blank(first, 17).press_sequentially("书面")
    second = open_sitting()
    expect(first.locator("#notice")).to_contain_text("另一个窗口")
    expect(first_input(first)).to_be_disabled()
    expect(second.locator("#slot-1 input[value=C]")).to_be_checked()
    expect(blank(second, 17)).to_have_value("书面")
    eventually(lambda: sitting.responses() == {"1": ["C"], "17": ["书面"]})
