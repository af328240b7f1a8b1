"""The room's page in a real Chromium: it comes alive by itself, and says when it cannot any more."""

from collections.abc import Callable, Iterator
from secrets import token_hex

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import update
from sqlalchemy.orm import Session

from core.accounts.actors import SYSTEM
from core.accounts.models import SignIn
from core.accounts.permissions import Role
from core.accounts.service import create_account
from core.clock import clock
from exam.invigilation.models import Incident
from exam.schedule.models import Candidate, Room, RoomInvigilator
from tests.support.server import Server, running_server
from tests.support.sittings import World, make_world

SOON = 12_000  # milliseconds: two questions of the page, and a look of the server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running_server(tmp_path_factory.mktemp("room")) as running:
        yield running


@pytest.fixture(scope="module")
def world(server: Server) -> World:
    """Two candidates in the first room, a second room that is empty, one invigilator for both."""
    return server.build(lambda app: make_world(app, starts_at=clock.now()))


@pytest.fixture
def page(server: Server, world: World, context: BrowserContext) -> Page:
    """The invigilator, signed in, at the empty room."""
    room, password = server.write(_a_room_and_its_invigilator(world))
    page = context.new_page()
    page.goto(f"{server.base}/sign-in")
    page.fill("[name=username]", f"jiankao{room}")
    page.fill("[name=password]", password)
    page.click("form.panel button[type=submit]")
    page.wait_for_url(f"{server.base}/")
    page.goto(f"{server.base}/invigilation/rooms/{room}")
    expect(page.locator("#no-seats")).to_contain_text("这里没有考生")
    return page


def _a_room_and_its_invigilator(world: World) -> Callable[[Session], tuple[int, str]]:
    def make(session: Session) -> tuple[int, str]:
        room = Room(session_id=world.session, name=f"备用考场 {token_hex(4)}")
        session.add(room)
        session.flush()
        account, password = create_account(
            session, SYSTEM, clock, username=f"jiankao{room.id}", name="监考员", unit="", roles=(Role.INVIGILATOR,)
        )
        account.must_change_password = False
        session.flush()
        session.add(RoomInvigilator(room_id=room.id, account_id=account.id))
        return room.id, password

    return make


def seat_in(server: Server, world: World, page: Page, *seats: int) -> None:
    """Seat these candidates in the room of the page, and nobody else."""
    room = int(page.url.rsplit("/", 1)[1])

    def move(session: Session) -> None:
        session.execute(update(Candidate).where(Candidate.room_id == room).values(room_id=None))
        ids = [world.seats[seat].candidate for seat in seats]
        session.execute(update(Candidate).where(Candidate.id.in_(ids)).values(room_id=room))

    server.write(move)


def test_an_empty_room_comes_alive_when_people_are_seated_and_empties_again(
    server: Server, world: World, page: Page
) -> None:
    first, second = world.seats
    seat_in(server, world, page, 0)
    card = page.locator("#seats > li").filter(has_text=first.number)
    expect(card).to_contain_text("未到", timeout=SOON)
    expect(page.locator("#no-seats")).to_be_hidden()
    expect(page.locator("[data-figure=expected]")).to_have_text("1")
    card.get_by_role("checkbox", name=f"选中 {first.name}").check()
    seat_in(server, world, page, 0, 1)
    expect(page.locator("#seats > li")).to_have_count(2, timeout=SOON)
    expect(page.locator("[data-selected]")).to_have_text("已选 1 人")  # a tick outlives the change
    page.get_by_role("button", name="全选").click()
    expect(page.locator("[data-selected]")).to_have_text("已选 2 人")
    seat_in(server, world, page, 1)
    expect(page.locator("#seats > li")).to_have_count(1, timeout=SOON)
    expect(page.locator("[data-selected]")).to_have_text("已选 1 人")
    page.get_by_role("link", name=second.name).click()
    expect(page.get_by_role("heading", name=second.name)).to_be_visible()


def test_people_found_by_state_are_acted_upon_together(server: Server, world: World, page: Page) -> None:
    seat_in(server, world, page, 0, 1)
    expect(page.locator("#seats > li")).to_have_count(2, timeout=SOON)
    page.get_by_role("link", name="未到").click()
    expect(page.get_by_role("button", name="加时")).to_be_disabled()
    page.get_by_role("button", name="全选").click()
    expect(page.locator("[data-selected]")).to_have_text("已选 2 人")
    page.get_by_role("button", name="加时").click()
    expect(page.get_by_role("heading", name="加时：2 名考生")).to_be_visible()


def test_an_incident_shows_itself_where_nobody_sits(server: Server, world: World, page: Page) -> None:
    room = int(page.url.rsplit("/", 1)[1])
    told = {"session_id": world.session, "room_id": room, "kind": "other", "facts": "空调漏水", "at": clock.now()}
    server.write(lambda session: session.add(Incident(**told)))
    expect(page.locator("#incidents")).to_contain_text("空调漏水", timeout=SOON)


def test_whoever_is_signed_out_elsewhere_is_told_so_and_not_that_the_server_is_gone(
    server: Server, world: World, page: Page
) -> None:
    server.write(lambda session: session.execute(update(SignIn).values(ended_at=clock.now())))
    expect(page.locator("#live-note")).to_contain_text("您已退出登录", timeout=SOON)
