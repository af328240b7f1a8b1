"""``python -m tests.load.usable``: when the page of 100 items can be used in a slow browser on a slow network.

Chromium through its own controls: Lighthouse's "slow 4G" (1.6 Mbit/s down, 750 kbit/s up, 150 ms from a request to its
answer) and a processor slowed down four times. Everything stays on loopback.
"""

import argparse
import statistics
import sys
from collections.abc import Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from tests.load.installation import Installation, install
from tests.load.people import COMMITMENT_DIGEST
from tests.load.servers import HOST, free_port, machine, serving
from tests.support.chromium import launch_options

BAR = 1000.0  # milliseconds
BAR_BYTES = 60_000
SLOW_4G = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 1_600_000 / 8,
    "uploadThroughput": 750_000 / 8,
}
CPU_SLOWER = 4
# Clicks the first item's first two answers in turn from the moment they are there, until one has been journaled: until
# the transaction of IndexedDB that wrote a response is complete.
CLICKING = """
(() => {
  const times = (window.firstAnswers = {});
  let turn = 0;
  for (const name of ["add", "put"]) {
    const write = IDBObjectStore.prototype[name];
    IDBObjectStore.prototype[name] = function (value, ...rest) {
      if (value && value.response) {
        this.transaction.addEventListener("complete", () => { times.journaled = times.journaled || performance.now(); });
      }
      return write.call(this, value, ...rest);
    };
  }
  const look = () => {
    const item = document.querySelector("[data-slot]");
    const radios = item ? item.querySelectorAll("input[type=radio]") : [];
    const noted = item ? item.querySelector("[data-state]") : null;
    if (radios.length > 1 && !times.shown) times.shown = performance.now();
    if (times.journaled && noted.dataset.state === "saved") {
      times.saved = performance.now();
      console.info("the first answer is saved");
      return;
    }
    if (!times.journaled && radios.length > 1) { radios[turn % 2].click(); turn += 1; }
    setTimeout(look, 20);
  };
  look();
})();
"""


# What came over the wire before the first answer was journaled: bytes of each answer.
FETCHED = """
(until) => ["navigation", "resource"].flatMap((kind) => performance.getEntriesByType(kind))
  .filter((one) => one.responseEnd < until && one.transferSize > 0).map((one) => one.transferSize)
"""


@dataclass(frozen=True)
class Opened:
    """Milliseconds from the navigation's start, and what went over the wire."""

    shown: float
    journaled: float
    saved: float
    requests: int
    bytes: int
    page_bytes: int


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 1 when a bar is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.load.usable", description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--cpu", type=float, default=CPU_SLOWER, help="how many times slower the processor is made")
    options = parser.parse_args(arguments)
    with ExitStack() as kept:
        folder = Path(kept.enter_context(TemporaryDirectory(prefix="hengjian-usable-")), "ours")
        installation = kept.enter_context(closing(install(folder, "", 2 * options.runs + 1)))
        found = _measure(installation, options.runs, options.cpu)
    print(f"slow 4G (1.6 Mbit/s, 150 ms), CPU {options.cpu:g} times slower; {machine()}")
    good = True
    for name, opened in found.items():
        journaled = statistics.median(one.journaled for one in opened)
        page_bytes = max(one.page_bytes for one in opened)
        good = good and journaled < BAR and page_bytes < BAR_BYTES
        print(
            f"  {name}: shown {statistics.median(one.shown for one in opened):.0f} ms, first answer in the journal "
            f"{journaled:.0f} ms ({min(one.journaled for one in opened):.0f} to {max(one.journaled for one in opened):.0f}; "
            f"bar {BAR:.0f}: {'pass' if journaled < BAR else 'MISS'}), acknowledged "
            f"{statistics.median(one.saved for one in opened):.0f} ms; {opened[-1].requests} requests, "
            f"{opened[-1].bytes / 1000:.0f} kB, the page itself {page_bytes / 1000:.1f} kB "
            f"(bar {BAR_BYTES / 1000:.0f}: {'pass' if page_bytes < BAR_BYTES else 'MISS'})"
        )
    return 0 if good else 1


def _measure(installation: Installation, runs: int, cpu: float) -> dict[str, list[Opened]]:
    found: dict[str, list[Opened]] = {"with the cache of the waiting page": [], "with an empty cache": []}
    port = free_port()
    with serving(installation.environment, port), sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_options())
        _open(browser, installation, 0, port, cpu, True)  # the server renders the page for the first time
        for index in range(runs):
            for offset, (_name, opened) in enumerate(found.items()):
                opened.append(_open(browser, installation, 1 + 2 * index + offset, port, cpu, primed=not offset))
        browser.close()
    return found


def _open(browser: Browser, installation: Installation, index: int, port: int, cpu: float, primed: bool) -> Opened:
    seat = installation.seats[index]
    context = browser.new_context(base_url=f"http://{HOST}:{port}", locale="zh-CN")
    try:
        page = context.new_page()
        tools = context.new_cdp_session(page)
        tools.send("Network.enable")
        # The paper is not opened before we say so. (Playwright's own routes would turn the browser's cache off.)
        tools.send("Network.setBlockedURLs", {"urls": ["*/start"]})
        _sign_in(page, seat.number, seat.code)
        page.wait_for_load_state("networkidle")
        token = context.request.get("/api/v1/csrf").json()["token"]
        begun = context.request.post(
            f"/api/v1/sittings/{seat.sitting}/start",
            data={"commitment": COMMITMENT_DIGEST},
            headers={"X-CSRFToken": token},
        )
        assert begun.ok, begun.text()
        return _timed(page, tools, seat.sitting, cpu, primed)
    finally:
        context.close()


def _sign_in(page: Page, number: str, code: str) -> None:
    """By the door, the notice and the commitment to the page of waiting."""
    page.goto("/candidate")
    page.locator("[name=admission_number]").fill(number)
    page.locator("[name=ticket_code]").fill(code)
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url("**/candidate/exams")
    page.locator("main a.btn-primary").first.click()
    page.locator("main form [type=checkbox]").check()
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url("**/commitment")
    page.locator("main form [type=text]").fill(f"演示{int(number[2:])}")
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url("**/waiting")


def _timed(page: Page, tools: CDPSession, sitting: int, cpu: float, primed: bool) -> Opened:
    if not primed:
        tools.send("Network.clearBrowserCache")
    tools.send("Network.emulateNetworkConditions", SLOW_4G)
    tools.send("Emulation.setCPUThrottlingRate", {"rate": cpu})
    page.add_init_script(CLICKING)
    # Playwright's own looking would cost the slowed processor some 100 ms: the page says when it is done.
    with page.expect_console_message(lambda said: said.text == "the first answer is saved", timeout=60_000):
        page.goto(f"/sittings/{sitting}", wait_until="commit")
    told = page.evaluate("window.firstAnswers")
    entries = page.evaluate(FETCHED, told["journaled"])
    page_bytes = page.evaluate("performance.getEntriesByType('navigation')[0].encodedBodySize")
    return Opened(told["shown"], told["journaled"], told["saved"], len(entries), sum(entries), page_bytes)


if __name__ == "__main__":
    sys.exit(main())
