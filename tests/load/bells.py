"""Extra time for everybody, and how soon each page knows: the bell as the page listens for it."""

import asyncio
import math
import random
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from sqlalchemy import select

from core.accounts import sign_in
from core.accounts.actors import SYSTEM
from core.accounts.permissions import Role
from core.accounts.service import create_account
from core.clock import Clock
from core.database import transaction
from core.supervisor import REPOSITORY
from exam.schedule.models import ExamSession
from exam.sittings.bells import bell_of_session
from tests.load.connection import Answer, Connection
from tests.load.installation import Installation
from tests.load.people import Person, Record
from tests.load.servers import HOST

MINUTES = 5


@dataclass
class Hearing:
    """How extra time for everybody was heard of; seconds."""

    act: float = 0.0  # until whoever gave it had the answer
    status: int = 0  # of that answer
    heard: list[float] = field(default_factory=list)  # from the beginning of the act until each page knew
    record: Record = field(default_factory=Record)  # what everybody waited for meanwhile


def pace(script: str, name: str) -> float:
    """How many seconds lie between two questions of a page, by its own script: those, and up to a third more by chance."""
    text = (REPOSITORY / "static/js/sitting" / script).read_text()
    told = re.search(rf"^const {name} = (\d+);$", text, re.MULTILINE)
    assert told, f"{script} does not say how often it asks"
    return int(told[1]) / 1000 * 7 / 6


def bell_of(installation: Installation) -> str:
    """The address that every page is told."""
    with installation.app.app_context(), transaction("read") as session:
        return f"/bells/{bell_of_session(session.scalars(select(ExamSession.id)).one(), Clock().now())}"


class Organizer:
    """Somebody who gives everybody extra time, on the page where that is done."""

    def __init__(self, installation: Installation, port: int) -> None:
        clock = Clock()
        with installation.app.app_context(), transaction("write") as session:
            account, _ = create_account(
                session, SYSTEM, clock, username="hall", name="演示考务", unit="演示单位", roles={Role.ORGANIZER}
            )
            account.must_change_password = False
            own = sign_in.begin(session, clock, "account", account.id, address=HOST, device="organizer").id
            hall = session.scalars(select(ExamSession.id)).one()
        serializer = installation.app.session_interface.get_signing_serializer(installation.app)  # type: ignore[attr-defined]
        self._window = Connection(HOST, port)
        self._window.cookies["hengjian"] = str(serializer.dumps({"_fresh": True, "_user_id": own}))
        self._path = f"/invigilation/sessions/{hall}/time/extra"

    async def give(self) -> Answer:
        """Some minutes for everybody. A redirect says that it was done."""
        token = (await self._window.call("GET", "/api/v1/csrf")).json()["token"]
        form = urlencode({"scope": "all", "minutes": str(MINUTES), "reason": "演练"}).encode()
        headers = {"X-CSRFToken": token, "Content-Type": "application/x-www-form-urlencoded"}
        answer = await self._window.send(self._window.message("POST", self._path, form, headers))
        await self._window.close()
        return answer


async def everybody_listens(
    people: Sequence[Person], seconds: float, hearing: Hearing, organizer: Organizer | None = None
) -> None:
    """All listen for so long, as their pages do; after a third of it the organizer, if there is one, gives extra time."""
    every = pace("bell.js", "EVERY")
    chance = random.Random(4)  # noqa: S311 (repeatable, not secret)
    began, given_at = time.perf_counter(), math.inf

    async def act(somebody: Organizer) -> None:
        nonlocal given_at
        await asyncio.sleep(seconds / 3)
        given_at = time.perf_counter()
        answer = await somebody.give()
        hearing.act, hearing.status = answer.seconds, answer.status

    async def keep_listening(person: Person) -> None:
        await asyncio.sleep(chance.random() * every)
        while (looked_at := time.perf_counter()) < began + seconds:
            if await person.listen():
                hearing.heard.append(time.perf_counter() - given_at)
            await asyncio.sleep(max(0.0, looked_at + every - time.perf_counter()))

    await asyncio.gather(*([act(organizer)] if organizer else []), *map(keep_listening, people))
