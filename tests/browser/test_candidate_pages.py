"""A candidate's whole way on a running server, looked at by axe in both contrasts; the device check; the mock sitting."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from core.clock import clock
from exam.schedule.models import ExamSession
from tests.browser.sitting_page import choose, hand_in, item_state
from tests.support.server import Server, running_server
from tests.support.sittings import Seat, World, make_world

New = Callable[..., BrowserContext]
GRAVE = {"serious", "critical"}
# What a page would do after a quarter of a minute or more comes twenty times as soon.
IMPATIENT = """const later = window.setTimeout;
    window.setTimeout = (act, delay, ...more) => later(act, delay > 15000 ? delay / 20 : delay, ...more);"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running_server(tmp_path_factory.mktemp("candidates")) as running:
        yield running


@pytest.fixture(scope="module")
def world(server: Server) -> World:
    """The one exam of the server."""
    return server.build(lambda app: make_world(app, candidates=3, starts_at=clock.now() + timedelta(minutes=10)))


def let_it_start(server: Server, world: World, minutes: int) -> None:
    """Have the session start so many minutes from now."""
    at = clock.now() + timedelta(minutes=minutes)
    server.write(lambda session: setattr(session.get_one(ExamSession, world.session), "starts_at", at))


@pytest.fixture
def new(chromium: Browser) -> Iterator[New]:
    """Opens browsers without a past."""
    opened: list[BrowserContext] = []

    def opening(**options: object) -> BrowserContext:
        fresh = chromium.new_context(viewport={"width": 1366, "height": 768}, locale="zh-CN", **options)  # type: ignore[arg-type]
        fresh.set_default_timeout(15_000)
        opened.append(fresh)
        return fresh

    yield opening
    for context in opened:
        context.close()


def grave(page: Page) -> list[str]:
    """What axe finds grave, in this contrast and in the other one."""
    found = []
    for _contrast in range(2):
        violations = Axe().run(page).response["violations"]
        found += [f"{one['id']}: {one['nodes'][0]['html']}" for one in violations if one["impact"] in GRAVE]
        page.evaluate("document.documentElement.classList.toggle('contrast-high')")
    return found


def test_no_page_of_a_candidate_has_a_grave_fault_for_those_who_listen_or_see_little(
    server: Server, world: World, new: New
) -> None:
    let_it_start(server, world, 10)
    seat, page = world.seats[0], new().new_page()
    page.goto(f"{server.base}/candidate")
    assert grave(page) == []
    page.get_by_label("准考证号").fill(seat.number)
    page.get_by_label("登录码").fill(seat.code)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url("**/candidate/exams")
    assert grave(page) == []
    page.get_by_role("link", name="进入考试").click()
    page.wait_for_url("**/notice")
    assert grave(page) == []
    page.get_by_role("checkbox").check()
    page.locator("form button[type=submit]").first.click()
    page.wait_for_url("**/commitment")
    assert grave(page) == []
    page.get_by_label("姓名").fill(seat.name)
    page.locator("form button[type=submit]").first.click()
    page.wait_for_url("**/waiting")
    assert grave(page) == []
    let_it_start(server, world, -1)
    page.reload()
    page.wait_for_url(f"**/sittings/{seat.sitting}")
    choose(page, 1, "A")
    expect(item_state(page, 1)).to_have_text("已保存")
    assert grave(page) == []
    page.locator(".sitting-hand-in").click()
    assert grave(page) == []
    page.get_by_role("button", name="确认交卷").click()
    page.wait_for_url("**/receipt")
    assert grave(page) == []
    for path in ("/receipts", "/device-check", "/mock-sitting/done"):
        page.goto(f"{server.base}{path}")
        assert grave(page) == []


def test_high_contrast_is_kept_from_page_to_page_and_on_the_sheet(server: Server, new: New) -> None:
    page = new().new_page()
    page.goto(f"{server.base}/candidate")
    switch = page.get_by_role("button", name="高对比度")
    switch.click()
    expect(switch).to_have_attribute("aria-pressed", "true")
    page.goto(f"{server.base}/sittings/mock")
    assert page.evaluate("document.documentElement.classList.contains('contrast-high')")
    expect(page.get_by_role("button", name="高对比度")).to_have_attribute("aria-pressed", "true")
    assert page.evaluate("getComputedStyle(document.querySelector('.sitting-stem')).color") == "rgb(0, 0, 0)"


def test_back_and_forward_lose_no_answer_and_lead_into_no_paper_that_is_handed_in(
    server: Server, world: World, new: New
) -> None:
    let_it_start(server, world, -1)
    seat, page = world.seats[1], new().new_page()
    enter(page, server.base, seat)
    expect(page.locator("#slot-1")).to_be_visible()
    choose(page, 1, "B")
    expect(item_state(page, 1)).to_have_text("已保存")  # until then the page asks whether it may be left
    page.go_back()
    page.go_forward()
    expect(page.locator("#slot-1 input[value=B]")).to_be_checked()
    expect(item_state(page, 1)).to_have_text("已保存")
    choose(page, 2, "C")
    hand_in(page)
    page.wait_for_url("**/receipt")
    page.go_back()
    page.wait_for_url("**/receipt")
    page.go_back()
    page.wait_for_load_state()
    expect(page.locator("#slot-1 input")).to_have_count(0)


def test_who_waits_is_told_that_the_server_is_away_and_no_longer_once_it_is_back(
    server: Server, world: World, new: New
) -> None:
    let_it_start(server, world, 10)
    seat, context = world.seats[2], new()
    context.add_init_script(IMPATIENT)
    page = context.new_page()
    enter(page, server.base, seat, upto="/waiting")
    said = page.locator("[data-message]")
    expect(page.locator("[data-countdown]")).not_to_have_text("--:--")
    context.set_offline(True)
    expect(said).to_contain_text("暂时连不上服务器")
    context.set_offline(False)
    expect(said).to_have_text("")


def test_whoever_scans_a_ticket_where_somebody_else_is_signed_in_is_told_so(
    server: Server, world: World, new: New
) -> None:
    let_it_start(server, world, 10)
    own, other = world.seats[2], world.seats[0]
    page = new().new_page()
    page.goto(f"{server.base}/candidate#n={own.number}&c={own.code}")
    assert page.url == f"{server.base}/candidate"
    page.get_by_role("button", name="登录").click()
    page.wait_for_url("**/candidate/exams")
    told = page.get_by_text("扫描的不是这张准考证")
    page.goto(f"{server.base}/candidate#n={other.number}&c={other.code}")
    expect(told).to_be_visible()
    expect(page.get_by_role("alert")).to_contain_text(own.number)
    assert page.url == f"{server.base}/candidate/exams"
    page.goto(f"{server.base}/candidate#n={own.number}&c={own.code}")
    expect(page.get_by_role("link", name="进入考试")).to_be_visible()
    expect(told).to_be_hidden()
    page.get_by_role("button", name="退出登录").click()
    page.goto(f"{server.base}/candidate#n={other.number}&c={other.code}")
    expect(page.get_by_label("准考证号")).to_have_value(other.number)


def enter(page: Page, base: str, seat: Seat, upto: str = "") -> None:
    """The way from the door to the paper of a sitting that runs already, or to the page where one waits for it."""
    page.goto(f"{base}/candidate")
    page.get_by_label("准考证号").fill(seat.number)
    page.get_by_label("登录码").fill(seat.code)
    page.get_by_role("button", name="登录").click()
    page.get_by_role("link", name="进入考试").click()
    page.get_by_role("checkbox").check()
    page.locator("form button[type=submit]").first.click()
    page.get_by_label("姓名").fill(seat.name)
    page.locator("form button[type=submit]").first.click()
    page.wait_for_url(f"**/sittings/{seat.sitting}{upto}")


# ---- the device check


def check(page: Page, name: str) -> str:
    return str(page.locator(f"[data-check={name}]").get_attribute("data-result"))


def test_a_good_computer_is_told_so(server: Server, new: New) -> None:
    page = new().new_page()
    page.goto(f"{server.base}/device-check")
    expect(page.locator("[data-verdict]")).to_contain_text("可以参加考试")
    for name in ("browser", "cookies", "storage", "quota", "secure", "worker", "clock", "screen"):
        assert (name, check(page, name)) == (name, "good")
        expect(page.locator(f"[data-check={name}] [data-mend]")).to_be_hidden()
    assert page.evaluate("indexedDB.databases()") == []
    assert page.evaluate("document.cookie") == ""


@pytest.mark.parametrize(
    ("script", "name", "result"),
    [
        ("IDBFactory.prototype.open = () => { throw new DOMException('', 'SecurityError'); };", "storage", "bad"),
        ("Object.defineProperty(Document.prototype, 'cookie', { get: () => '', set() {} });", "cookies", "bad"),
        ("Object.defineProperty(window, 'isSecureContext', { value: false });", "secure", "warning"),
        ("Object.defineProperty(window, 'isSecureContext', { value: false });", "worker", "warning"),
        ("{ const now = Date.now; Date.now = () => now() + 3600e3; }", "clock", "warning"),
        ("delete window.BroadcastChannel;", "browser", "bad"),
        ("navigator.storage.estimate = async () => ({ quota: 1e6, usage: 0 });", "quota", "warning"),
    ],
)
def test_what_a_computer_lacks_is_named_with_what_to_do(
    server: Server, new: New, script: str, name: str, result: str
) -> None:
    context = new()
    context.add_init_script(script)
    page = context.new_page()
    page.goto(f"{server.base}/device-check")
    expect(page.locator(f"[data-check={name}]")).to_have_attribute("data-result", result)
    expect(page.locator(f"[data-check={name}] [data-mend]")).to_be_visible()
    expect(page.locator("[data-verdict]")).to_contain_text("不合格" if result == "bad" else "请留意")


def test_an_old_browser_and_a_small_window_are_named(server: Server, new: New) -> None:
    context = new(
        user_agent="Mozilla/5.0 (X11; Linux) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/78.0.1 Safari/537.36"
    )
    page = context.new_page()
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{server.base}/device-check")
    expect(page.locator("[data-check=browser]")).to_have_attribute("data-result", "bad")
    expect(page.locator("[data-check=browser]")).to_contain_text("内核版本 78")
    expect(page.locator("[data-check=screen]")).to_have_attribute("data-result", "warning")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


# ---- the mock sitting


@pytest.mark.parametrize("layout", ["all", "single"])
def test_anybody_may_try_the_page_even_without_the_network(server: Server, new: New, layout: str) -> None:
    context = new()
    page = context.new_page()
    page.goto(f"{server.base}/sittings/mock?layout={layout}")
    expect(page.locator("#sitting")).to_have_attribute("data-offline-ready", "true")
    choose(page, 1, "C")
    expect(item_state(page, 1)).to_have_text("已保存")
    if layout == "single":
        page.get_by_role("button", name="下一题").click()
    context.set_offline(True)
    choose(page, 2, "A")
    expect(item_state(page, 2)).to_have_text("离线，已存于本机")
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    expect(page.locator("#slot-2 input[value=A]")).to_be_checked()
    context.set_offline(False)
    expect(page.locator("#save-state")).to_have_text("已全部保存", timeout=30_000)
    hand_in(page)
    page.wait_for_url("**/mock-sitting/done")
    expect(page.get_by_text("服务器没有留下任何记录")).to_be_visible()
    page.get_by_role("link", name="再模拟一次").click()
    expect(page.locator("#slot-1 input:checked")).to_have_count(0)
