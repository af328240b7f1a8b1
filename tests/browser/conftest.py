"""What browser tests share: one Chromium, a page of its own for each test, and patience with a limit."""

import time
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser.fake_sitting_server import FakeServer, FakeSitting
from tests.browser.sitting_page import Open

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """The installed Chromium, started once for this folder: while it runs, an event loop holds the thread."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    """A browser without a past, at the size of an office desktop."""
    fresh = chromium.new_context(viewport={"width": 1366, "height": 768}, locale="zh-CN")
    fresh.set_default_timeout(10_000)
    yield fresh
    fresh.close()


@pytest.fixture(scope="session")
def _sitting_server() -> Iterator[FakeServer]:
    running = FakeServer()
    yield running
    running.stop()


@pytest.fixture
def sitting_server(_sitting_server: FakeServer) -> FakeServer:
    """The fake server with a sitting of its own for this test."""
    _sitting_server.sitting = FakeSitting()
    return _sitting_server


@pytest.fixture
def sitting(sitting_server: FakeServer) -> FakeSitting:
    """The sitting that the fake server serves."""
    return sitting_server.sitting


@pytest.fixture
def open_sitting(sitting_server: FakeServer, context: BrowserContext) -> Open:
    """Opens the sitting's page; returns once it takes answers (or shows what ``ready`` names)."""

    def opening(ready: str = "#slot-1 fieldset:not([disabled])") -> Page:
        page = context.new_page()
        page.goto(f"{sitting_server.address}/sitting")
        page.locator(ready).wait_for(state="attached")
        return page

    return opening


def eventually(holds: Callable[[], object], within: float = 10, what: str = "it") -> None:
    """Wait until ``holds`` is true; fail after ``within`` seconds."""
    end = time.monotonic() + within
    while not holds():
        assert time.monotonic() < end, f"{what} did not happen within {within} s"
        time.sleep(0.02)
