"""One run: everybody signs in, starts, loads the page, saves again and again, hands in; ours and the floor side by side.

Both servers get the same requests at the same moments in their own processes, so that whatever else the machine does
weighs on both. Each operation has its own stretch of time: the CPU time of a stretch belongs to its operation.

The hand-in is a burst that takes all the machine has, and is timed: there the floor goes first and ours afterwards.
"""

import asyncio
import math
import random
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from tests.load.bells import Hearing, Organizer, everybody_listens, pace
from tests.load.people import Person, Record
from tests.load.servers import cpu_seconds, cpu_shares

WARMING = 8  # candidates more, who go first and are not counted
HEARING = 15.0  # seconds of listening around the extra time that everybody is given
PORTION = 20.0  # seconds of starts before their pages: no sign of life of a device is due again within them
WARMING_ROUNDS = 12  # so that every thread has its connection and its prepared statements


@dataclass(frozen=True)
class Plan:
    """How a run goes; times in seconds."""

    candidates: int
    seconds: float  # of saving
    every: float  # one save of each candidate
    spread: float  # over which everybody signs in, then starts, then loads the page
    burst: float  # over which everybody hands in
    steps: int = 1  # of one save
    watchers: int = 0
    watch_seconds: float = 0.0
    arriving: int = 0  # candidates more who sign in while everybody saves
    arriving_seconds: float = 60.0
    stored: int = 0  # steps of others, stored beforehand


@dataclass
class Side:
    """One server of a run with its people (those who warm it up first), and what was measured of it."""

    pid: int
    people: list[Person]
    helpers: dict[str, int] = field(default_factory=dict)  # what else works for it: roots of processes by their name
    record: Record = field(default_factory=Record)
    cpu: dict[str, float] = field(default_factory=dict)  # seconds by operation
    wall: dict[str, float] = field(default_factory=dict)  # how long its stretch took, in seconds
    beside: Record = field(default_factory=Record)  # what happened while others arrived
    hearing: Hearing = field(default_factory=Hearing)  # of the extra time that was given meanwhile
    shares: dict[str, float] = field(default_factory=dict)  # of its burst: CPU seconds by who took them

    @property
    def counted(self) -> list[Person]:
        """The people whose requests count."""
        return self.people[WARMING:]

    def cpu_ms(self, operation: str) -> float:
        """CPU milliseconds of the web processes for one such operation (a sign-in: with its two calls for the token)."""
        count = len(self.record.seconds[operation])
        return 1000 * self.cpu[operation] / count if count else 0.0


async def live_through(
    plan: Plan,
    ours: Side,
    floor: Side,
    keep_page: Callable[[bytes], object],
    alone: Callable[[threading.Event], object],
    watching: Callable[[], Awaitable[object]],
    arrivals: Sequence[Person],
    organizer: Organizer,
) -> None:
    """Let everybody live through the exam.

    ``keep_page`` takes the real page, so that the floor serves as many bytes; ``alone`` runs in a thread of its own while
    the others save, until its event is set; ``watching`` follows when they have saved for a while. ``organizer``
    gives everybody extra time after the arrivals.
    """
    sides = (ours, floor)
    keep_page(await _warm_up(plan, ours, floor))
    for side in sides:
        for person in side.counted:
            person.record = side.record
    evenly = [index * plan.spread / plan.candidates for index in range(plan.candidates)]
    chance = random.Random(1)  # noqa: S311 (repeatable, not secret)
    with _measured((ours,), "sign_in"):
        await _everybody((ours,), "sign_in", evenly)
    for some in _portions(evenly):
        for operation in ("start", "page"):
            with _measured(sides, operation):
                await _everybody(sides, operation, evenly, some)
    with _measured(sides, "ask"):
        await _everybody(sides, "ask", evenly)
    over = threading.Event()
    straight = asyncio.create_task(asyncio.to_thread(alone, over))
    with _measured(sides, "save"):
        await _save_for_a_while(plan, sides, [chance.random() * plan.every for _ in evenly])
    over.set()
    await straight
    if arrivals:
        await _arrive(plan, ours, arrivals)
        await _hear(plan, ours, organizer)
    await watching()
    burst = [chance.random() * plan.burst for _ in evenly]
    await _hand_in(floor, burst)
    await _hand_in(ours, burst)
    for side in sides:
        for person in side.people:
            await person.connection.close()


async def _warm_up(plan: Plan, ours: Side, floor: Side) -> bytes:
    """Let a few go first; returns the page as it came."""
    early = ours.people[:WARMING]
    for person in early:
        await person.sign_in()
        await person.start()
    page = await early[0].page()
    for person in floor.people[:WARMING]:
        await person.start()

    async def repeat(person: Person) -> None:
        for _ in range(WARMING_ROUNDS):
            await person.page()
            await person.ask()
            await person.save(plan.steps)
        await person.submit()

    await asyncio.gather(*(repeat(person) for side in (ours, floor) for person in side.people[:WARMING]))
    return page


async def _arrive(plan: Plan, ours: Side, arrivals: Sequence[Person]) -> None:
    """Others sign in while everybody saves, asks and listens for the bell, at the pace of the page; all are noted apart."""
    for person in (*ours.counted, *arrivals):
        person.record = ours.beside
    chance = random.Random(3)  # noqa: S311 (repeatable, not secret)
    saving = replace(plan, seconds=plan.arriving_seconds)

    async def at(offset: float, person: Person) -> None:
        await asyncio.sleep(offset)
        await _noting(person, "sign_in", person.sign_in())

    evenly = plan.arriving_seconds / len(arrivals)
    asking = pace("sitting.js", "ASK")
    await asyncio.gather(
        _save_for_a_while(saving, (ours,), [chance.random() * plan.every for _ in ours.counted], asking),
        everybody_listens(ours.counted, plan.arriving_seconds, Hearing()),
        *(at(index * evenly, person) for index, person in enumerate(arrivals)),
    )
    for person in arrivals:
        await person.connection.close()
    for person in ours.counted:
        person.record = ours.record


async def _hear(plan: Plan, ours: Side, organizer: Organizer) -> None:
    """Everybody is given extra time while everybody saves, asks and listens; what they wait for is noted apart."""
    for person in ours.counted:
        person.record = ours.hearing.record
    chance = random.Random(5)  # noqa: S311 (repeatable, not secret)
    saving = replace(plan, seconds=HEARING)
    await asyncio.gather(
        _save_for_a_while(
            saving, (ours,), [chance.random() * plan.every for _ in ours.counted], pace("sitting.js", "ASK")
        ),
        everybody_listens(ours.counted, HEARING, ours.hearing, organizer),
    )
    for person in ours.counted:
        person.record = ours.record


async def _hand_in(side: Side, offsets: Sequence[float]) -> None:
    """The burst: a real one comes from pages that have just saved, and each makes its own request."""
    for person in side.counted:
        await person.get_ready()
    with _measured((side,), "submit"), _sharing(side):
        await _everybody((side,), "submit", offsets)


async def _everybody(
    sides: Sequence[Side], operation: str, offsets: Sequence[float], some: slice = slice(None)
) -> None:
    first = min(offsets[some])

    async def at(offset: float, person: Person) -> None:
        await asyncio.sleep(offset - first)
        await _noting(person, operation, getattr(person, operation)())

    await asyncio.gather(
        *(
            at(offset, person)
            for side in sides
            for offset, person in list(zip(offsets, side.counted, strict=True))[some]
        )
    )


def _portions(offsets: Sequence[float]) -> list[slice]:
    """Everybody in portions of some seconds: a browser loads the page at once after its start."""
    ends = [index for index in range(1, len(offsets)) if offsets[index] // PORTION > offsets[index - 1] // PORTION]
    return [slice(begin, end) for begin, end in zip([0, *ends], [*ends, len(offsets)], strict=True)]


async def _save_for_a_while(
    plan: Plan, sides: Sequence[Side], offsets: Sequence[float], asking: float = math.inf
) -> None:
    began = time.perf_counter()

    async def until(due: float) -> None:
        await asyncio.sleep(max(0.0, due - (time.perf_counter() - began)))

    async def keep_saving(due: float, person: Person) -> None:
        ask_at = due / plan.every * asking
        while due < plan.seconds:
            while ask_at < due:
                await until(ask_at)
                await _noting(person, "ask", person.ask())
                ask_at += asking
            await until(due)
            await _noting(person, "save", person.save(plan.steps))
            due += plan.every

    await asyncio.gather(
        *(
            keep_saving((offset + index * plan.every / 2) % plan.every, person)
            for index, side in enumerate(sides)
            for offset, person in zip(offsets, side.counted, strict=True)
        )
    )


async def _noting(person: Person, operation: str, act: Awaitable[object]) -> None:
    """A call that got no answer at all is an error like any other."""
    try:
        await act
    except (OSError, EOFError, ValueError) as problem:
        person.record.errors[f"{operation}: {type(problem).__name__}"] += 1


@contextmanager
def _measured(sides: Sequence[Side], operation: str) -> Iterator[None]:
    before, began = [cpu_seconds(side.pid) for side in sides], time.perf_counter()
    yield
    for side, seconds in zip(sides, before, strict=True):
        side.cpu[operation] = side.cpu.get(operation, 0.0) + cpu_seconds(side.pid) - seconds
        side.wall[operation] = side.wall.get(operation, 0.0) + time.perf_counter() - began


@contextmanager
def _sharing(side: Side) -> Iterator[None]:
    before = cpu_shares(side.pid, side.helpers)
    yield
    side.shares |= {who: seconds - before[who] for who, seconds in cpu_shares(side.pid, side.helpers).items()}
