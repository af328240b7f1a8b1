"""Faults in the middle of an exam, for real: processes killed, the database killed, locked and full, a new release.

Everybody answers all the while, as the page does: a step is sent again until it is acknowledged. After each fault
everybody goes on, and in the end every acknowledged step is stored, everybody has a receipt over it and a score.
"""

import asyncio
import contextlib
import os
import resource
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import func, select, update

from core.clock import from_milliseconds
from core.database import BUSY_SECONDS, transaction
from exam.sittings.models import Sitting
from tests.load.connection import Connection
from tests.load.installation import Installation, durable_postgres, install
from tests.load.people import Person, Record
from tests.load.servers import HOST, family, free_port, parent_of, serving
from tests.load.verifying import verify
from tests.support import postgres

PEOPLE = 12
PATIENCE = 90.0  # seconds for everybody to go on after a fault
LOCKED = 10.0  # seconds
LONGEST = 900.0  # seconds for the whole exam
GRACE = 20  # seconds


class Stubborn(Person):
    """A browser that keeps what it has not got acknowledged and sends it again, under the same numbers."""

    saves = 0
    too_late = False  # the server has said that the time is up

    async def save_at_last(self) -> None:
        """Answer one item and have it acknowledged, however long that takes."""
        steps = [self._step()]
        while not await self._sent(steps):
            if self.too_late:
                return
            await self.connection.close()
            await asyncio.sleep(0.2)
        self.held |= {step["seq"]: (step["slot"], step["response"]) for step in steps}
        self.saves += 1

    async def submit_at_last(self) -> None:
        """Hand in, however often it has to be asked for."""
        while not self.receipt:
            assert not self.record.errors
            try:
                await asyncio.wait_for(self.submit(), 30)
            except (OSError, asyncio.IncompleteReadError, TimeoutError):
                await self.connection.close()
                await asyncio.sleep(0.2)

    async def _sent(self, steps: list[dict[str, object]]) -> bool:
        body = {"binding": 1, "steps": steps}
        try:
            answer = await asyncio.wait_for(self.connection.call("PUT", f"{self._base}/answers", body), 30)
        except (OSError, asyncio.IncompleteReadError, TimeoutError):
            return False
        if answer.status >= 500:
            return False
        self.too_late = answer.status == 409 and answer.json()["error"]["code"] in ("late", "closed")
        if self.too_late:
            return False
        assert answer.status == 200, (self.seat.number, answer.status, answer.body)
        assert answer.json()["acknowledged"] == self._seq, (self.seat.number, answer.body)
        return True


@dataclass
class Hall:
    """A running exam: its installation, its server, and whoever sits."""

    installation: Installation
    port: int
    database: postgres.Postgres | None
    stack: ExitStack = field(default_factory=ExitStack)
    supervisor: int = 0

    def open(self) -> None:
        """Start the server."""
        web = self.stack.enter_context(serving(self.installation.environment, self.port))
        self.supervisor = parent_of(web)

    def close(self) -> None:
        """Stop the server as a deployment does."""
        self.stack.close()

    @property
    def supervised(self) -> list[int]:
        """Every process of the server but the supervisor."""
        return family(self.supervisor)[1:]

    @property
    def web(self) -> int:
        """The web server's main process; the supervisor may have started another one meanwhile."""
        return _await(lambda: next((pid for pid in self.supervised if "granian" in _command(pid)), 0))


@contextmanager
def hall(folder: Path, kind: str) -> Iterator[Hall]:
    """An exam that has begun a minute ago, on a database that keeps what it acknowledges."""
    with ExitStack() as kept:
        server = kept.enter_context(durable_postgres()) if kind == "postgresql" else None
        url = server.create_database("faults") if server else ""
        installation = kept.enter_context(closing(install(folder, url, PEOPLE)))
        running = Hall(installation, free_port(), server)
        running.open()
        kept.callback(running.close)
        yield running


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def _workers(running: Hall) -> list[int]:
    web = running.web
    return [pid for pid in family(web)[1:] if "resource_tracker" not in _command(pid)]


def one_web_worker_is_killed(running: Hall) -> None:
    os.kill(_workers(running)[0], signal.SIGKILL)


def every_web_worker_is_killed(running: Hall) -> None:
    for pid in _workers(running):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def the_web_server_is_killed(running: Hall) -> None:
    os.kill(running.web, signal.SIGKILL)


def both_job_workers_are_killed(running: Hall) -> None:
    for pid in running.supervised:
        if "jobs work" in _command(pid):
            os.kill(pid, signal.SIGKILL)


def the_ticker_is_killed(running: Hall) -> None:
    os.kill(next(pid for pid in running.supervised if "ticker run" in _command(pid)), signal.SIGKILL)


def a_new_release_is_deployed(running: Hall) -> None:
    running.close()
    running.open()


def the_database_is_killed(running: Hall) -> None:
    assert running.database
    folder = running.database.socket_folder
    boss = int((folder / "data" / "postmaster.pid").read_text().split()[0])
    doomed = family(boss)
    for pid in doomed:
        os.kill(pid, signal.SIGKILL)
    _await(lambda: not any(_command(pid) for pid in doomed))
    time.sleep(1)  # what is down stays down for a while
    postgres.start(folder)


def the_steps_are_locked_for_ten_seconds(running: Hall) -> None:
    url = running.installation.environment["DATABASE_URL"].replace("+psycopg", "")
    with psycopg.connect(url) as connection:
        connection.execute("LOCK TABLE answer_steps IN ACCESS EXCLUSIVE MODE")
        time.sleep(LOCKED)


def the_file_is_locked_for_longer_than_anybody_waits(running: Hall) -> None:
    with closing(sqlite3.connect(_file(running), isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        time.sleep(BUSY_SECONDS + 2)
        connection.execute("ROLLBACK")


def the_disk_is_full_for_three_seconds(running: Hall) -> None:
    """No process of the server may make a file longer: what a full disk means to a database."""
    for pid in running.supervised:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
    time.sleep(1)
    before = _stored(running)
    time.sleep(2)
    assert _stored(running) == before, "a full disk takes nothing"
    for pid in running.supervised:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def _stored(running: Hall) -> int:
    with closing(sqlite3.connect(_file(running))) as connection:
        return int(connection.execute("SELECT count(*) FROM answer_steps").fetchone()[0])


def _file(running: Hall) -> Path:
    return next(Path(running.installation.environment["HENGJIAN_INSTANCE"]).glob("*.sqlite3"))


ON_BOTH = (
    one_web_worker_is_killed,
    every_web_worker_is_killed,
    the_web_server_is_killed,
    both_job_workers_are_killed,
    the_ticker_is_killed,
    a_new_release_is_deployed,
)
FAULTS: dict[str, tuple[Callable[[Hall], None], ...]] = {
    "postgresql": (*ON_BOTH, the_steps_are_locked_for_ten_seconds, the_database_is_killed),
    "sqlite": (*ON_BOTH, the_file_is_locked_for_longer_than_anybody_waits, the_disk_is_full_for_three_seconds),
}


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_whatever_dies_every_acknowledged_step_is_there_and_everybody_goes_on(kind: str, tmp_path: Path) -> None:
    with hall(tmp_path / "installation", kind) as running:
        slots = list(running.installation.paper.slots.values())
        record = Record()
        people = [Stubborn(seat, Connection(HOST, running.port), slots, record) for seat in running.installation.seats]
        # In a thread of its own: browser tests may have left an event loop in this one.
        with ThreadPoolExecutor(1) as apart:
            apart.submit(asyncio.run, _sit_through(running, people, FAULTS[kind])).result(LONGEST)
        findings = verify(running.installation, list(people))
        assert findings.whole, findings
        assert findings.acknowledged == sum(person.saves for person in people)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_server_that_is_down_as_the_time_runs_out_takes_what_comes_within_the_grace_and_closes_by_itself(
    kind: str, tmp_path: Path
) -> None:
    with hall(tmp_path / "installation", kind) as running:
        slots = list(running.installation.paper.slots.values())
        people = [
            Stubborn(seat, Connection(HOST, running.port), slots, Record()) for seat in running.installation.seats
        ]
        with ThreadPoolExecutor(1) as apart:
            apart.submit(asyncio.run, _sit_to_the_end(running, people)).result(LONGEST)
        findings = verify(running.installation, list(people), closed_by="clock")
        assert findings.whole, findings
        assert findings.acknowledged == sum(person.saves for person in people)


async def _sit_to_the_end(running: Hall, people: list[Stubborn]) -> None:
    """Nobody hands in. The server is down as the deadline passes, and comes up again within the grace."""
    for person in people:
        await asyncio.wait_for(person.sign_in(), PATIENCE)
        await asyncio.wait_for(person.start(), PATIENCE)
    over = asyncio.Event()
    work = [asyncio.create_task(_answer(person, over)) for person in people]
    await _everybody_goes_on(people, "the beginning")
    before = [person.saves for person in people]
    await asyncio.to_thread(running.close)
    await asyncio.to_thread(running.open)
    # Set only now: how long a busy machine takes to start the server must not decide whether the grace is over.
    await asyncio.to_thread(_set_deadline, running, time.time() - 2)
    await asyncio.wait_for(asyncio.gather(*work), PATIENCE)
    assert [person.seat.number for person, count in zip(people, before, strict=True) if person.saves == count] == []
    await asyncio.to_thread(_await, lambda: _closed(running) == len(people))
    for person in people:
        await person.submit_at_last()
        await person.connection.close()


def _closed(running: Hall) -> int:
    with running.installation.app.app_context(), transaction("read") as session:
        return session.scalar(select(func.count()).where(Sitting.state == "closed")) or 0


def _set_deadline(running: Hall, at: float) -> None:
    times = {"deadline": from_milliseconds(int(at * 1000)), "grace_seconds": GRACE}
    with running.installation.app.app_context(), transaction("write") as session:
        session.execute(update(Sitting).values(times))


async def _sit_through(running: Hall, people: list[Stubborn], faults: tuple[Callable[[Hall], None], ...]) -> None:
    for person in people:
        await asyncio.wait_for(person.sign_in(), PATIENCE)
        await asyncio.wait_for(person.start(), PATIENCE)
    over = asyncio.Event()
    work = [asyncio.create_task(_answer(person, over)) for person in people]
    for fault in faults:
        await _everybody_goes_on(people, "the beginning")
        await asyncio.to_thread(fault, running)
        await _everybody_goes_on(people, fault.__name__)
    over.set()
    await asyncio.gather(*work)
    await asyncio.gather(*(person.submit_at_last() for person in people))
    for person in people:
        await person.connection.close()


async def _answer(person: Stubborn, over: asyncio.Event) -> None:
    while not (over.is_set() or person.too_late):
        await person.save_at_last()
        await asyncio.sleep(0.05)


async def _everybody_goes_on(people: list[Stubborn], after: str) -> None:
    before = [person.saves for person in people]
    deadline = time.monotonic() + PATIENCE
    while not all(person.saves >= count + 2 for person, count in zip(people, before, strict=True)):
        stuck = [person.seat.number for person, count in zip(people, before, strict=True) if person.saves < count + 2]
        assert time.monotonic() < deadline, f"after {after}, {stuck} could not go on"
        await asyncio.sleep(0.05)


def _await(found: Callable[[], int]) -> int:
    deadline = time.monotonic() + PATIENCE
    while not (answer := found()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return answer
