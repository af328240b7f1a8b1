"""What browser tests share: one Chromium, a page of its own for each test, and patience with a limit."""

import time
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The installed Chromium, started once."""
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


def eventually(holds: Callable[[], object], within: float = 10, what: str = "it") -> None:
    """Wait until ``holds`` is true; fail after ``within`` seconds."""
    end = time.monotonic() + within
    while not holds():
        assert time.monotonic() < end, f"{what} did not happen within {within} s"
        time.sleep(0.02)
