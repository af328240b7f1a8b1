"""The page's own arithmetic, run in the browser and compared with Python: the digest and the clock."""

import hashlib
import random
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from core.web.joining import joined
from tests.browser.fake_sitting_server import REPOSITORY, FakeServer, python_digest

TEXTS = [
    "",
    "依法依规",
    "𠮷野家😀",
    "“引号”\"'\\/",
    "a\tb\n\u2028\u00e9e\u0301",
    "\x7f\u0080é€",
    "<script>&amp;",
    "\ue000\uffff",
]


@pytest.fixture(scope="module")
def page(chromium: Browser) -> Iterator[Page]:
    """A page of the server's own origin, from which its modules can be imported."""
    server = FakeServer()
    context = chromium.new_context()
    fresh = context.new_page()
    fresh.goto(f"{server.address}/receipt")
    yield fresh
    context.close()
    server.stop()


def run(page: Page, module: str, body: str, argument: Any = None) -> Any:
    """Run ``body`` with the module as ``m`` and the argument as ``a``."""
    script = f"async a => {{ const m = await import('/static/js/sitting/{module}.js'); {body} }}"
    return page.evaluate(script, argument)


def random_responses(chance: random.Random) -> dict[str, list[str]]:
    slots = chance.sample(range(1, 121), chance.randint(0, 60))
    kinds = [[], ["A"], ["A", "C", "D"], ["true"], [chance.choice(TEXTS), chance.choice(TEXTS)]]
    return {str(slot): chance.choice(kinds) for slot in slots}


@pytest.mark.parametrize("hidden", [False, True], ids=["with crypto.subtle", "without, as on plain http"])
def test_the_digest_is_the_one_that_pythons_libraries_make(page: Page, hidden: bool) -> None:
    chance = random.Random(20261123)  # noqa: S311 - a stored seed, not a secret
    hide = "Object.defineProperty(crypto, 'subtle', {configurable: true, value: undefined});" if hidden else ""
    show = "delete crypto.subtle;" if hidden else ""
    for sitting in (41, "41", "考-41"):
        responses = random_responses(chance)
        paper = {"sitting": sitting, "paper": "7/乙卷", "nonce": "9f0c"}
        body = f"{hide} const d = await m.digestOf({{...a.paper, responses: new Map(a.pairs)}}); {show} return d;"
        made = run(page, "digest", body, {"paper": paper, "pairs": [list(pair) for pair in responses.items()]})
        given = sorted(
            ([slot, value] for slot, value in responses.items() if value), key=lambda pair: int(str(pair[0]))
        )
        assert made == python_digest({"v": 1, **paper, "answers": given})


def test_our_own_sha256_agrees_at_every_length_around_its_blocks(page: Page) -> None:
    lengths = [*range(140), 1000, 4096, 100_001]
    made = run(page, "digest", "return a.map(n => m.ownSha256(new Uint8Array(n).map((_, i) => i * 7)));", lengths)
    assert made == [hashlib.sha256(bytes(i * 7 % 256 for i in range(n))).hexdigest() for n in lengths]


def test_text_that_no_digest_could_hold_is_mended_before_it_is_kept(page: Page) -> None:
    lone = "m.clean('甲' + String.fromCharCode(0xd83d) + '乙\\u0000\\u0007丙\\t丁😀')"
    assert run(page, "items", f"return {lone};") == "甲\ufffd乙丙\t丁😀"


def test_the_best_of_several_round_trips_sets_the_clock(page: Page) -> None:
    body = """let t = 0; const c = new m.ServerClock(() => t);
      c.sample(1000100 + 400, 0, 1000); c.sample(1000100 + 1010, 1000, 1020); c.sample(1000100 + 2900, 2000, 3000);
      return c.target();"""
    assert run(page, "clock", body) == 1000100


def test_a_correction_never_makes_the_clock_jump_or_run_backwards(page: Page) -> None:
    body = """let t = 0; const c = new m.ServerClock(() => t); const seen = [];
      c.sample(50000, -1000, 1000); c.now();
      c.sample(49100, 0, 0);
      for (t = 0; t <= 20000; t += 250) seen.push(c.now());
      return seen;"""
    seen = run(page, "clock", body)
    steps = [later - earlier for earlier, later in pairwise(seen)]
    assert all(224 <= step <= 276 for step in steps)
    assert seen[-1] == pytest.approx(49100 + 20000, abs=1)


def test_after_the_computer_slept_the_clock_is_right_at_once(page: Page) -> None:
    body = """let t = 0; const c = new m.ServerClock(() => t);
      c.sample(1e6, 0, 2); c.now(); t = 1000; c.sample(1e6 + 601000, 1000, 1030); return c.now();"""
    assert run(page, "clock", body) == pytest.approx(1e6 + 601000 - 15, abs=1)


def test_the_time_left_is_announced_at_thirty_ten_five_and_one_minutes(page: Page) -> None:
    body = """const said = []; let before = 45 * 60000;
      for (let left = before; left >= 0; left -= 250) { const x = m.announcement(before, left); if (x) said.push(x); before = left; }
      return [said, m.announcement(40 * 60000, 4 * 60000)];"""
    assert run(page, "clock", body) == [[30, 10, 5, 1], 5]


def test_the_time_left_is_written_with_started_seconds_whole(page: Page) -> None:
    body = "return a.map(m.asTime);"
    assert run(page, "clock", body, [-5, 0, 1, 59_999, 60_000, 3_599_001, 3_600_000, 7_322_000]) == [
        "00:00",
        "00:00",
        "00:01",
        "01:00",
        "01:00",
        "1:00:00",
        "1:00:00",
        "2:02:02",
    ]


@pytest.mark.parametrize(
    ("browser", "keys"),
    [
        ("undefined", ""),
        ("{version: 'x'}", ""),
        ("{security: {configKey: 'c1', browserExamKey: 'b1'}}", "c1 b1"),
        ("{security: {configKey: 'c1'}}", "c1"),
        # An older version sets its keys when asked to, later, and calls back.
        ("{security: {updateKeys(done) { setTimeout(() => { this.configKey = 'c2'; done(); }, 50); }}}", "c2"),
        # One that never calls back holds nobody up for long.
        ("{security: {updateKeys() {}}}", ""),
    ],
)
def test_the_keys_of_safe_exam_browser_are_read_where_scripts_are_told_them(
    page: Page, browser: str, keys: str
) -> None:
    body = f"window.SafeExamBrowser = {browser}; return m.safeBrowserKeys();"
    assert run(page, "api", body) == keys


def test_a_call_brings_the_keys_and_only_in_safe_exam_browser(page: Page) -> None:
    body = """
        const sent = [];
        const real = window.fetch;
        window.fetch = async (url, { headers }) => {
            sent.push(headers["X-Safe-Browser-Page"]);
            return new Response("{}");
        };
        const api = new m.Api({ base: "", token: "t" });
        window.SafeExamBrowser = { security: { configKey: "c", browserExamKey: "b" } };
        await api.call("PUT", "/x", { body: {} });
        delete window.SafeExamBrowser;
        await api.call("GET", "/x");
        window.fetch = real;
        return sent;
    """
    assert run(page, "api", body) == ["c b", None]


@pytest.mark.parametrize(("asked", "wait"), [("3600", 30_000), ("2", 2000), ("soon", 0), ("-5", 0)])
def test_a_proxy_is_obeyed_for_half_a_minute_and_no_longer(page: Page, asked: str, wait: int) -> None:
    body = """
        const real = window.fetch;
        window.fetch = async () => new Response("busy", { status: 503, headers: { "Retry-After": a } });
        const failure = await new m.Api({ base: "", token: "t" }).call("GET", "/x").catch((found) => found);
        window.fetch = real;
        return failure.wait;
    """
    assert run(page, "api", body, asked) == wait


def test_scripts_and_styles_of_the_sitting_stay_small() -> None:
    wholes = [
        joined(str(REPOSITORY / "static"), name)
        for name in ("js/sitting/main.joined.js", "css/sitting_page.joined.css")
    ]
    sizes = [len(whole.packed) for whole in wholes if whole]
    assert len(sizes) == 2
    assert sum(sizes) < 30_000, sizes
