"""The stage of the main job: people at their own browsers, what every page they pass must be, and what they remember."""

import os
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Response, expect
from sqlalchemy import select, update

from core.accounts.actors import SYSTEM
from core.accounts.demonstration import create_demonstration_accounts
from core.accounts.models import Account
from core.accounts.passwords import hash_password
from core.audit.models import AuditEntry
from core.clock import clock
from tests.support.server import Server

PASSWORD = "Correct-Horse-7"
DESK = (1366, 768)
TABLET = (1024, 768)
PHONE = (390, 844)
SHANGHAI = ZoneInfo("Asia/Shanghai")
# Pages are kept as pictures in this folder when somebody wants to look at them.
PICTURES = os.environ.get("HENGJIAN_TEST_PICTURES", "")


@dataclass
class Story:
    """The server, the browser, and what the steps hand on to each other."""

    server: Server
    chromium: Browser
    first_password: str = ""
    exam_id: int = 0
    session_id: int = 0
    room_id: int = 0
    paper_id: int = 0
    panel_id: int = 0
    broke_off_at: str = ""
    codes: dict[str, str] = field(default_factory=dict)  # ticket codes by admission number, as read on paper
    pages: dict[str, Page] = field(default_factory=dict)  # of candidates, by admission number
    draw: dict[int, str] = field(default_factory=dict)  # admission numbers by draw number
    _signed_in: dict[str, BrowserContext] = field(default_factory=dict)
    _faults: list[str] = field(default_factory=list)

    def hire(self) -> None:
        """Create one account for every place; all but the organizer have changed the first password already."""

        def create(session: Any) -> str:
            people = create_demonstration_accounts(session, SYSTEM, clock)
            known = hash_password(PASSWORD)
            ready = update(Account).where(Account.username != "organizer")
            session.execute(ready.values(password_hash=known, must_change_password=False))
            return people["organizer"].password

        self.first_password = self.server.write(create)

    def url(self, path: str) -> str:
        """The address of a page."""
        return self.server.base + path

    def stranger(self, size: tuple[int, int] = DESK) -> Page:
        """A page in a browser without a past. Phones and tablets are touched."""
        context = self.chromium.new_context(
            viewport={"width": size[0], "height": size[1]},
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            has_touch=size != DESK,
            reduced_motion="reduce",
        )
        context.set_default_timeout(10_000)
        page = context.new_page()
        self.watch(page)
        return page

    def staff(self, username: str, size: tuple[int, int] = DESK) -> Page:
        """A fresh page of somebody who works here, at home; signs in the first time."""
        if username not in self._signed_in:
            page = self.stranger(size)
            page.goto(self.url("/sign-in"))
            page.get_by_label("用户名").fill(username)
            page.get_by_label("密码").fill(PASSWORD)
            page.get_by_role("button", name="登录").click()
            expect(page.get_by_role("heading", name="待办")).to_be_visible()
            self._signed_in[username] = page.context
            return page
        page = self._signed_in[username].new_page()
        self.watch(page)
        page.goto(self.url("/"))
        return page

    def remember(self, username: str, page: Page) -> None:
        """Keep the browser of somebody who signed in by hand."""
        self._signed_in[username] = page.context

    def watch(self, page: Page) -> None:
        """Take note of what must not happen on any page."""

        def console(message: ConsoleMessage) -> None:
            # Refusals and cut networks are part of the story; scripts that fail are not.
            if message.type == "error" and "Failed to load resource" not in message.text:
                self._faults.append(f"{page.url}: {message.text}")

        def response(answer: Response) -> None:
            if answer.status >= 500:
                self._faults.append(f"{answer.url} answered {answer.status}")

        page.on("console", console)
        page.on("pageerror", lambda problem: self._faults.append(f"{page.url}: {problem}"))
        page.on("response", response)

    def look(self, page: Page, name: str, *, whole: bool = True) -> None:
        """Pass a page as a person with open eyes: nothing failed, nothing sticks out to the right, headings stand.

        The picture shows the whole page, or what the window shows.
        """
        page.wait_for_load_state("load")
        if PICTURES:
            Path(PICTURES).mkdir(parents=True, exist_ok=True)
            width = (page.viewport_size or {"width": 0})["width"]
            path = Path(PICTURES) / f"{name}-{width}.png"
            page.screenshot(path=path, full_page=whole, animations="disabled", caret="hide")
        sticks_out = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert sticks_out <= 0, f"{name} is {sticks_out} px wider than the window"
        assert page.locator("h1, h2").count(), f"{name} has no heading"
        self.no_faults()

    def no_faults(self) -> None:
        """Fail when a script or a request failed on any page since the last look."""
        faults, self._faults[:] = list(self._faults), []
        assert not faults, faults

    def keep(self, content: bytes, name: str) -> Path:
        """Keep a file that somebody downloaded, for looking at it; in the server's folder when nobody will."""
        folder = Path(PICTURES or self.server.environment["HENGJIAN_INSTANCE"]) / "files"
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / name
        path.write_bytes(content)
        return path

    def audited(self, action: str) -> int:
        """How often an act stands in the audit log."""
        return len(self.server.read(lambda s: s.scalars(select(AuditEntry).where(AuditEntry.action == action)).all()))


def press(page: Page, name: str, *, exact: bool = True) -> None:
    """Press the button or follow the link of this name; it must be the only one."""
    page.locator("main").get_by_role("button", name=name, exact=exact).or_(
        page.locator("main").get_by_role("link", name=name, exact=exact)
    ).click()


def told(page: Page, sentence: str) -> None:
    """The page tells this sentence."""
    expect(page.locator("main").get_by_text(sentence).first).to_be_visible()


def local(instant: datetime) -> datetime:
    """An instant as people here read it."""
    return instant.astimezone(SHANGHAI)
