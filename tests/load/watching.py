"""Those who watch: invigilators' pages that poll while the hall saves, and what that costs the web processes.

The saves of this stretch and the devices' signs of life go straight to the database by our own statements, so that the
web's CPU is the watchers' alone; a first stretch with nobody who watches tells what the processes take by themselves.
``python -m tests.load.watching`` measures this alone: every sitting is begun by the bare statement.
"""

import argparse
import asyncio
import random
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import BigInteger, select, type_coerce, update

from core.accounts import sign_in
from core.accounts.models import Account, AccountRole
from core.accounts.permissions import Role
from core.clock import Clock
from core.database import transaction
from core.supervisor import REPOSITORY
from exam.schedule.models import ExamSession, Room, RoomInvigilator
from exam.sittings.models import Sitting
from exam.sittings.state import SEEN_EVERY as SEEN
from tests.load.connection import Connection
from tests.load.floor import Direct, milliseconds
from tests.load.installation import Installation, durable_postgres, install, sign_in_all
from tests.load.people import COMMITMENT_DIGEST, Person, Record
from tests.load.servers import HOST, cpu_seconds, file_limit, free_port, machine, serving

BAR = 2.0  # percent of one core
SETTLING = 6.0  # seconds before counting: every page has polled, every thread has its connection
SEEN_EVERY = SEEN // timedelta(milliseconds=1)
SCRIPT = REPOSITORY / "static/js/invigilation/room.js"


@dataclass
class Watched:
    """What watching cost: polls by their answers, seconds of polling, CPU seconds of the web processes and of PostgreSQL."""

    kind: str
    watchers: int
    seconds: float = 0.0
    cpu: float = 0.0
    database_cpu: float = 0.0
    answers: Counter[int] = field(default_factory=Counter)
    waits: list[float] = field(default_factory=list)
    saved: int = 0

    @property
    def percent(self) -> float:
        """Of one core."""
        return 100 * self.cpu / self.seconds if self.seconds else 0.0

    def __str__(self) -> str:
        beside = f"beside {self.saved / self.seconds:.0f} saves/s"
        if self.database_cpu:
            beside += f" (PostgreSQL with them {100 * self.database_cpu / self.seconds:.1f} %)"
        if not self.watchers:
            return f"nobody watches: {self.percent:.2f} % of a core, {beside}"
        polls, waits = sum(self.answers.values()), sorted(self.waits)
        return (
            f"{self.watchers} watchers, {self.kind}: {self.percent:.2f} % of a core (bar {BAR:g}), {polls} polls, "
            f"{self.answers[304]} of them 304, {1000 * self.cpu / max(1, polls):.2f} CPU-ms each, "
            f"p99 {1000 * waits[len(waits) * 99 // 100]:.1f} ms, {beside}"
        )

    @property
    def errors(self) -> Counter[str]:
        """Answers that were neither 200 nor 304."""
        return Counter({f"watch: {status}": n for status, n in self.answers.items() if status not in (200, 304)})


def poll_seconds() -> float:
    """How often the page asks, by the page's own script: so often, and up to a fifth more by chance."""
    found = re.search(r"const EVERY = (\d+);", SCRIPT.read_text())
    assert found, "the script of the room does not say how often it asks"
    return int(found[1]) / 1000 * 1.1


async def watch(
    installation: Installation,
    port: int,
    pid: int,
    people: Sequence[Person],
    *,
    watchers: int,
    seconds: float,
    every: float,
) -> list[Watched]:
    """Nobody, then ``watchers`` invigilators at a room each, then as many organizers at the whole hall; everybody saves every ``every`` s.

    Nobody first: meanwhile the server closes what thousands of connections left open, which is no watcher's doing.
    """
    found = []
    for kind, rounds in ({"nobody": []} | _posts(installation, watchers)).items():
        pages = [(_window(installation, sign_in_id, port), path) for sign_in_id, path in rounds]
        outcome = Watched(kind, len(rounds))
        with _saving_straight(installation, people, every, outcome):
            await _poll(pages, SETTLING, Watched(kind, len(rounds)))
            outcome.saved = 0
            before = _both(pid, installation)
            await _poll(pages, seconds, outcome)
            after = _both(pid, installation)
        outcome.cpu, outcome.database_cpu = after[0] - before[0], after[1] - before[1]
        found.append(outcome)
        for page, _path in pages:
            await page.close()
    return found


def _both(web: int, installation: Installation) -> tuple[float, float]:
    """CPU seconds so far of the web processes, and of PostgreSQL where there is one."""
    return cpu_seconds(web), cpu_seconds(installation.database_pid) if installation.database_pid else 0.0


async def _poll(pages: Sequence[tuple[Connection, str]], seconds: float, outcome: Watched) -> None:
    every = poll_seconds()
    began = time.perf_counter()

    async def keep_asking(index: int, page: Connection, path: str) -> None:
        due = index * every / len(pages)
        while due < seconds:
            await asyncio.sleep(max(0.0, due - (time.perf_counter() - began)))
            answer = await page.call("GET", path)
            page.headers["If-None-Match"] = answer.headers.get("etag", "")
            outcome.answers[answer.status] += 1
            outcome.waits.append(answer.seconds)
            due += every

    await asyncio.gather(*(keep_asking(index, *page) for index, page in enumerate(pages)))
    await asyncio.sleep(max(0.0, seconds - (time.perf_counter() - began)))
    outcome.seconds = time.perf_counter() - began


def _window(installation: Installation, sign_in_id: str, port: int) -> Connection:
    """A browser of somebody of the staff who signed in before."""
    app = installation.app
    serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    window = Connection(HOST, port)
    window.headers["Accept"] = "application/json"
    window.cookies["hengjian"] = str(serializer.dumps({"_fresh": True, "_user_id": sign_in_id}))
    return window


def _posts(installation: Installation, watchers: int) -> dict[str, list[tuple[str, str]]]:
    """By kind of post: the sign-ins of its watchers and what each of them polls."""
    clock = Clock()
    with installation.app.app_context(), transaction("write") as session:
        rooms = list(session.scalars(select(Room.id).order_by(Room.id)))
        hall = session.scalars(select(ExamSession.id)).one()

        def somebody(role: Role, number: int) -> Account:
            name = f"{role.value}-{number}"
            made = Account(
                username=name, name=name, password_hash="-", must_change_password=False, created_at=clock.now()
            )
            made.roles.append(AccountRole(role=role.value))
            session.add(made)
            session.flush()
            return made

        def sign(account: Account) -> str:
            return sign_in.begin(session, clock, "account", account.id, address=HOST, device="watcher").id

        at_rooms, at_hall = [], []
        for number in range(watchers):
            room = rooms[number % len(rooms)]
            invigilator = somebody(Role.INVIGILATOR, number)
            session.add(RoomInvigilator(room_id=room, account_id=invigilator.id))
            at_rooms.append((sign(invigilator), f"/invigilation/rooms/{room}/state"))
            at_hall.append((sign(somebody(Role.ORGANIZER, number)), f"/invigilation/sessions/{hall}/state"))
    return {"a room each": at_rooms, "the whole hall": at_hall}


@contextmanager
def _saving_straight(
    installation: Installation, people: Sequence[Person], every: float, outcome: Watched
) -> Iterator[None]:
    over = threading.Event()
    saver = threading.Thread(target=_save_straight, args=(installation, people, every, outcome, over))
    saver.start()
    try:
        yield
    finally:
        over.set()
        saver.join()


def _save_straight(
    installation: Installation, people: Sequence[Person], every: float, outcome: Watched, over: threading.Event
) -> None:
    """Everybody's saves by the bare statement, in an order of chance, and now and then a sign of life."""
    direct = Direct(installation.app.extensions["settings"].database_url)
    holders, seen = _everybody_there(installation)
    order = list(people)
    random.Random(2).shuffle(order)  # noqa: S311 (repeatable, not secret)
    began, count = time.perf_counter(), 0
    while not over.wait(max(0.0, began + count * every / len(order) - time.perf_counter())):
        person, now = order[count % len(order)], milliseconds()
        sitting = person.seat.sitting
        person.save_straight(_statement(direct, person, holders[sitting]))
        if seen[sitting] <= now - SEEN_EVERY:
            direct.seen({"sitting": sitting, "holder": holders[sitting], "now": now, "before": now - SEEN_EVERY})
            seen[sitting] = now
        outcome.saved += 1
        count += 1
    direct.disconnect()


def _everybody_there(installation: Installation) -> tuple[dict[int, str | None], dict[int, int]]:
    """Who holds each sitting, and when it was last seen: within the time between two signs of life, as in a hall."""
    now, last = milliseconds(), type_coerce(Sitting.last_seen_at, BigInteger)
    lately = type_coerce(now - Sitting.id % SEEN.seconds * 1000, Sitting.last_seen_at.type)
    with installation.app.app_context(), transaction("write") as session:
        session.execute(update(Sitting).where(last < now - SEEN_EVERY).values(last_seen_at=lately))
        rows = session.execute(select(Sitting.id, Sitting.holder, last)).all()
    return {row[0]: row[1] for row in rows}, {row[0]: row[2] or now for row in rows}


def _statement(direct: Direct, person: Person, holder: str | None) -> Callable[[dict[str, Any]], bool]:
    def save(step: dict[str, Any]) -> bool:
        values = {"sitting": person.seat.sitting, "candidate": person.seat.candidate, "holder": holder, "binding": 1}
        return bool(direct.save(values | {"received": milliseconds(), "floor": step["seq"] - 1}, [step]))

    return save


def main() -> None:
    """Measure watching alone and print what it cost."""
    parser = argparse.ArgumentParser(prog="python -m tests.load.watching", description=main.__doc__)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--candidates", type=int, default=500)
    parser.add_argument("--every", type=float, default=20, help="seconds between two saves of one candidate")
    parser.add_argument("--watchers", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=30, help="for how long they are counted")
    options = parser.parse_args()
    file_limit(options.watchers)
    with ExitStack() as kept:
        folder = Path(kept.enter_context(TemporaryDirectory(prefix="hengjian-load-")))
        postgresql = options.database == "postgresql"
        url = kept.enter_context(durable_postgres()).create_database("watching") if postgresql else ""
        installation = kept.enter_context(closing(install(folder / "ours", url, options.candidates)))
        people, port = _everybody_begun(installation), free_port()
        pid = kept.enter_context(serving(installation.environment, port))
        counts = {"watchers": options.watchers, "seconds": options.seconds, "every": options.every}
        for one in asyncio.run(watch(installation, port, pid, people, **counts)):
            print(f"{one}; {machine()}")


def _everybody_begun(installation: Installation) -> list[Person]:
    direct, now = Direct(installation.app.extensions["settings"].database_url), milliseconds()
    values = {"now": now, "deadline": now + 3 * 3600_000, "extra": 0, "commitment": COMMITMENT_DIGEST}
    for seat, holder in zip(installation.seats, sign_in_all(installation), strict=True):
        direct.start(values | {"sitting": seat.sitting, "candidate": seat.candidate, "holder": holder})
    direct.disconnect()
    slots = list(installation.paper.slots.values())
    return [Person(seat, Connection(HOST, 0), slots, Record()) for seat in installation.seats]


if __name__ == "__main__":
    main()
