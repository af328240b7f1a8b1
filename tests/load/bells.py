"""Extra time for everybody, and how soon each page knows: the bell as the page listens for it."""

import asyncio
import math
import random
import re
import time
from collections.abc import Callable, Sequence

from sqlalchemy import select

from core.accounts.actors import SYSTEM, Actor
from core.accounts.permissions import Role
from core.accounts.service import create_account
from core.clock import Clock
from core.database import one_of, transaction
from core.supervisor import REPOSITORY
from exam.schedule.models import ExamSession
from exam.sittings.bells import bell_of_session
from exam.sittings.models import Sitting
from exam.sittings.service import extend
from tests.load.installation import Installation
from tests.load.people import Person

EXTRA = 300  # seconds


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


def give_extra_time(installation: Installation, sittings: Sequence[int]) -> None:
    """Some minutes for all of these, as an organizer gives them."""
    clock, roles = Clock(), frozenset((Role.ORGANIZER,))
    with installation.app.app_context(), transaction("write") as session:
        account, _ = create_account(
            session, SYSTEM, clock, username="organizer", name="演示考务", unit="演示单位", roles=roles
        )
        rows = session.scalars(select(Sitting).where(one_of(Sitting.id, sittings))).all()
        extend(session, Actor("account", account.id, roles), clock, rows, EXTRA, "演练")


async def everybody_hears(
    people: Sequence[Person], seconds: float, give: Callable[[], object], heard: list[float]
) -> None:
    """All listen for so long; in the middle ``give`` is done, and each asks soon after it has heard, as its page does.

    Puts into ``heard`` the seconds from the beginning of that act until each one knew.
    """
    every, confirm = pace("bell.js", "EVERY"), pace("sitting.js", "CONFIRM")
    chance = random.Random(4)  # noqa: S311 (repeatable, not secret)
    began, given_at = time.perf_counter(), math.inf

    async def act() -> None:
        nonlocal given_at
        await asyncio.sleep(seconds / 2)
        given_at = time.perf_counter()
        await asyncio.to_thread(give)

    async def ask(person: Person) -> None:
        await asyncio.sleep(chance.random() * confirm)
        await person.ask()

    async def keep_listening(person: Person) -> None:
        questions = []
        await asyncio.sleep(chance.random() * every)
        while (looked_at := time.perf_counter()) < began + seconds:
            if await person.listen() and not questions:
                heard.append(time.perf_counter() - given_at)
                questions.append(asyncio.create_task(ask(person)))
            await asyncio.sleep(max(0.0, looked_at + every - time.perf_counter()))
        await asyncio.gather(*questions)

    await asyncio.gather(act(), *map(keep_listening, people))
