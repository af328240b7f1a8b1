"""A session that asks for Safe Exam Browser: how the organizer asks for it, and a candidate who sits in it."""

from datetime import timedelta

from core.database import transaction
from exam.safe_browser.models import SafeBrowser
from exam.safe_browser.rules import request_hash
from exam.schedule.models import Room, RoomInvigilator
from tests.conftest import NOON
from tests.support.sittings import Client, make_world

ORIGIN = "https://exam.example.cn"
EXAM_KEY = "c" * 64


def make_watched_world(app, invigilator):
    """Two candidates; admission opens in ten minutes, the account with this id watches the room."""
    made = make_world(app, starts_at=NOON + timedelta(minutes=40), candidates=2)
    with app.app_context(), transaction("write") as session:
        room = session.query(Room).one()
        session.add(RoomInvigilator(room_id=room.id, account_id=invigilator))
    return made


def page_of(world):
    return f"/exams/{world.exam}/sessions/{world.session}/safe-browser"


def ask(world, browser, **changes):
    fields = {"required": "y", "origin": ORIGIN, "password": "quit-quit", "keys": "", **changes}
    return browser("organizer").post(page_of(world), {k: v for k, v in fields.items() if v is not None})


class SafeClient(Client):
    """A candidate in Safe Exam Browser: every request carries the hashes over its own address."""

    def __init__(self, world, index=0, key=None, exam_key=None, origin=ORIGIN):
        super().__init__(world.app, world, world.seats[index])
        self.key = key or world.all(SafeBrowser)[0].config_key
        client, whole = self.client, self.client.open

        def opened(*args, **kwargs):
            path = kwargs.get("path") or args[0]
            sent = {"X-SafeExamBrowser-ConfigKeyHash": request_hash(origin + path, self.key)}
            if exam_key:
                sent["X-SafeExamBrowser-RequestHash"] = request_hash(origin + path, exam_key)
            kwargs["headers"] = {**dict(kwargs.get("headers") or {}), **sent}
            return whole(*args, **kwargs)

        client.open = opened


def code_of(answer):
    return answer.get_json()["error"]["code"]


def text_of(answer):
    return answer.get_data(as_text=True)
