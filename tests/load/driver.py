"""A whole run: two installations, two servers, the exam, and afterwards what the database says."""

import asyncio
import gc
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg

from tests.load.bells import Organizer, bell_of
from tests.load.connection import Connection
from tests.load.floor import Direct, conninfo, milliseconds
from tests.load.installation import Installation, durable_postgres, install, sign_in_all
from tests.load.people import COMMITMENT_DIGEST, Person, Record
from tests.load.servers import HOST, free_port, parent_of, serving
from tests.load.sitting import WARMING, Plan, Side, live_through
from tests.load.verifying import Findings, verify
from tests.load.watching import Watched, watch

ALONE = 8  # candidates of the bare statement
SIDES = ("ours", "floor", "alone")  # each with a database of its own: they must not wait for each other's locks
PAUSE = 0.02  # between two bare statements


@dataclass
class Alone:
    """The save statement straight to the database, from one thread: seconds, and the thread's CPU seconds."""

    seconds: list[float] = field(default_factory=list)
    cpu: float = 0.0

    @property
    def cpu_ms(self) -> float:
        """CPU milliseconds of one execution, on the client's side."""
        return 1000 * self.cpu / len(self.seconds) if self.seconds else 0.0


@dataclass(frozen=True)
class Outcome:
    """What one run showed."""

    ours: Side
    floor: Side
    alone: Alone
    findings: Findings
    durability: str
    watched: list[Watched]
    plan: Plan

    @property
    def errors(self) -> Counter[str]:
        """Everything that went wrong, the floor's included: a ratio to a failing floor says nothing."""
        floor = Counter({f"floor, {what}": count for what, count in self.floor.record.errors.items()})
        ours = self.ours.record.errors + self.ours.beside.errors + self.ours.hearing.record.errors
        return sum((one.errors for one in self.watched), ours + floor)


def rehearse(plan: Plan, database: str, port: int = 0, folder: Path | None = None) -> Outcome:
    """One run on ``sqlite`` or ``postgresql``; ``port`` 0 takes any two free ones, ``folder`` says on which disk."""
    with TemporaryDirectory(prefix="hengjian-load-", dir=folder) as name, _databases(database) as urls:
        people = plan.candidates + WARMING
        with ExitStack() as kept:
            real, bare, third = [
                kept.enter_context(closing(install(Path(name, side), url, count, plan.stored)))
                for side, url, count in zip(SIDES, urls, (people + plan.arriving, people, ALONE), strict=True)
            ]
            return _serve(plan, real, bare, third, port, _durability(urls[0]))


def _serve(
    plan: Plan, real: Installation, bare: Installation, third: Installation, port: int, durability: str
) -> Outcome:
    page = Path(bare.environment["HENGJIAN_INSTANCE"], "page.html")
    page.write_bytes(b"")
    ports = (port, port + 1) if port else (free_port(), free_port())
    alone = Alone()
    with (
        serving(real.environment, ports[0]) as real_pid,
        serving(bare.environment | {"FLOOR_PAGE": str(page)}, ports[1], floor=True) as floor_pid,
    ):
        everybody = [_person(real, index, ports[0]) for index in range(len(real.seats))]
        bell, organizer = bell_of(real), Organizer(real, ports[0])
        for person in everybody:
            person.bell = bell
        count = len(everybody) - plan.arriving
        ours, arrivals = Side(real_pid, everybody[:count], helpers=_helpers(real_pid, real)), everybody[count:]
        floor = Side(floor_pid, [_person(bare, index, ports[1]) for index in range(len(bare.seats))])
        for person, sign_in in zip(floor.people, sign_in_all(bare), strict=True):
            person.connection.cookies["hengjian"] = _cookie(bare, person, sign_in)

        def bare_statement(over: threading.Event) -> None:
            _save_straight(third, alone, plan.steps, over)

        watched: list[Watched] = []

        async def watching() -> None:
            if plan.watchers:
                many, seconds = plan.watchers, plan.watch_seconds
                people = ours.counted
                watched.extend(
                    await watch(real, ports[0], real_pid, people, watchers=many, seconds=seconds, every=plan.every)
                )

        with _without_pauses():
            asyncio.run(
                live_through(plan, ours, floor, page.write_bytes, bare_statement, watching, arrivals, organizer)
            )
        findings = verify(real, ours.counted)
    return Outcome(ours, floor, alone, findings, durability, watched, plan)


@contextmanager
def _without_pauses() -> Iterator[None]:
    """Leave what the driver let go of until afterwards.

    Each collection among thousands of browsers stops them all for a tenth of a second, as if the servers had been slow.
    """
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _helpers(web: int, installation: Installation) -> dict[str, int]:
    """The roots of what else works for our server: its supervisor, and the database's own server."""
    helpers = {"workers and ticker": parent_of(web)}
    if installation.database_pid is not None:
        helpers["database"] = installation.database_pid
    return helpers


def _person(installation: Installation, index: int, port: int) -> Person:
    slots = list(installation.paper.slots.values())
    return Person(installation.seats[index], Connection(HOST, port), slots, Record())


def _cookie(installation: Installation, person: Person, sign_in: str) -> str:
    """The cookie that the real server would have given after the start: the floor reads it, it does not sign in."""
    paper = installation.paper.paper
    known = {
        "_fresh": True,
        "_user_id": sign_in,
        "candidate": person.seat.candidate,
        "csrf_token": "0" * 40,
        "paper": [person.seat.sitting, paper.paper_id, paper.digest, 0],
    }
    app = installation.app
    serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    return str(serializer.dumps(known))


def _save_straight(third: Installation, alone: Alone, count: int, over: threading.Event) -> None:
    """Our save statement, again and again, with nothing around it."""
    direct = Direct(third.app.extensions["settings"].database_url)
    own = [
        {"sitting": seat.sitting, "candidate": seat.candidate, "holder": sign_in}
        for seat, sign_in in zip(third.seats, sign_in_all(third), strict=True)
    ]
    now = milliseconds()
    for one in own:
        direct.start(one | {"now": now, "deadline": now + 3600_000, "extra": 0, "commitment": COMMITMENT_DIGEST})
    seq = 1
    while not over.wait(PAUSE):
        for one in own:
            steps = [{"seq": seq + more, "slot": "1", "response": ["A"], "at": ""} for more in range(count)]
            values: dict[str, Any] = {**one, "binding": 1, "received": milliseconds(), "floor": seq - 1}
            began, cpu = time.perf_counter(), time.thread_time()
            row = direct.save(values, steps)
            if seq > 8 * count:  # prepared by now
                alone.cpu += time.thread_time() - cpu
                alone.seconds.append(time.perf_counter() - began)
            if row is None:
                raise RuntimeError("the bare statement stored nothing")
        seq += count
    direct.disconnect()


@contextmanager
def _databases(kind: str) -> Iterator[list[str]]:
    """The URLs of empty databases, one for each side; empty texts for SQLite in the instance's folder."""
    if kind == "sqlite":
        yield [""] * len(SIDES)
        return
    with durable_postgres() as server:
        yield [server.create_database(f"load_{side}") for side in SIDES]


def _durability(url: str) -> str:
    """What the database says of itself."""
    if not url:
        return "SQLite, journal_mode=WAL, synchronous=FULL"
    with psycopg.connect(conninfo(url)) as connection:
        shown = [
            f"{name}={connection.execute(f'SHOW {name}').fetchone()[0]}"  # type: ignore[index]
            for name in ("fsync", "synchronous_commit", "full_page_writes")
        ]
        version = connection.info.server_version // 10000
    return f"PostgreSQL {version}, " + ", ".join(shown)
