"""The load driver, run small, so that it cannot rot; and its checks, which must be able to fail."""

import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import closing, contextmanager
from inspect import iscoroutinefunction
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from core.database import transaction
from exam.answers.models import AnswerStep
from tests.load import bank
from tests.load.bells import bell_of
from tests.load.connection import Answer, Connection
from tests.load.driver import rehearse
from tests.load.installation import install
from tests.load.people import Person, Record
from tests.load.report import BARS, print_bars, print_run, print_summary, ratio
from tests.load.servers import HOST, family, free_port, parent_of, serving
from tests.load.sitting import Plan
from tests.load.verifying import verify

SMALL = Plan(
    candidates=20,
    seconds=3,
    every=1,
    spread=1,
    burst=1,
    watchers=4,
    watch_seconds=5,
    arriving=5,
    arriving_seconds=2,
    stored=1500,
)


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_a_small_load_loses_nothing_and_measures_every_operation(
    database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    outcome = rehearse(SMALL, database)
    print_run(1, outcome)
    print_summary([outcome])
    print_bars([outcome])
    shown = capsys.readouterr().out
    assert not outcome.errors, shown
    assert outcome.findings.whole, shown
    assert len(outcome.ours.record.seconds["save"]) == 60
    assert outcome.findings.acknowledged > 60, shown  # and those saved while others watched
    assert [one.kind for one in outcome.watched] == ["nobody", "a room each", "the whole hall"], shown
    assert [sum(one.answers.values()) >= one.watchers for one in outcome.watched] == [True] * 3, shown
    assert all(one.saved and (one.percent > 0 or not one.watchers) for one in outcome.watched), shown
    assert all(ratio(outcome, operation) > 0 for operation in BARS), shown
    assert outcome.alone.seconds, shown
    assert len(outcome.ours.beside.seconds["sign_in"]) == 5, shown
    assert len(outcome.ours.beside.seconds["save"]) >= 20, shown
    assert "| acknowledged steps lost | 0.00 | 0 | pass |" in shown
    assert "| p99 of a save while 5 others sign in and everybody asks |" in shown
    assert (outcome.ours.hearing.status, len(outcome.ours.hearing.heard)) == (302, SMALL.candidates), shown


def test_the_table_of_steps_is_filled_beforehand_with_those_of_others(tmp_path: Path) -> None:
    with closing(install(tmp_path, "", 2, stored=1200)) as made, made.app.app_context(), transaction("read") as session:
        own = select(func.count()).where(AnswerStep.sitting_id.in_([seat.sitting for seat in made.seats]))
        stored = session.scalar(select(func.count()).select_from(AnswerStep))
        assert (stored, session.scalar(own), len(made.seats)) == (1500, 0, 2)


def test_what_the_database_lacks_is_noticed(tmp_path: Path) -> None:
    with closing(install(tmp_path, "", 1)) as installation:
        person = Person(installation.seats[0], Connection("127.0.0.1", 9), [], Record())
        person.held[1] = ("1", ["A"])
        found = verify(installation, [person], patience=0)
    assert (found.acknowledged, found.lost, found.without_receipt, found.without_score) == (1, 1, 1, 1)
    assert not found.whole


def test_bells_are_handed_out_by_the_web_server_itself_and_nothing_beside_them(tmp_path: Path) -> None:
    async def ask(path: str) -> Answer:
        connection = Connection(HOST, port)
        answer = await connection.call("GET", path)
        await connection.close()
        return answer

    with closing(install(tmp_path, "", 1)) as installation:
        port, bell = free_port(), bell_of(installation)
        (tmp_path / "settings.env").write_text("SECRET")
        with serving(installation.environment, port):
            (tmp_path / bell.removeprefix("/")).write_text('{"state": "paused"}')
            told = asyncio.run(ask(bell))
            assert (told.status, told.json()) == (200, {"state": "paused"})
            assert "content-security-policy" not in told.headers  # the application was not asked
            for path in ("/bells/", "/bells/../settings.env", "/bells/%2e%2e/settings.env", "/bells/..%2fsettings.env"):
                answer = asyncio.run(ask(path))
                assert (answer.status, b"SECRET" in answer.body) == (404, False), path


@contextmanager
def standing_still(pid: int) -> Iterator[None]:
    """A process that gets nowhere, as one does that solves for minutes."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


async def sit(person: Person) -> None:
    await person.sign_in()
    await person.start()
    await person.save(3)
    await person.submit()
    await person.connection.close()


def test_papers_are_scored_while_another_job_takes_long_and_after_their_own_worker_was_killed(tmp_path: Path) -> None:
    with closing(install(tmp_path, "", 2)) as installation:
        port = free_port()
        slots = list(installation.paper.slots.values())
        people = [Person(seat, Connection(HOST, port), slots, Record()) for seat in installation.seats]
        with serving(installation.environment, port) as web:
            workers = {lane: worker_of(web, lane) for lane in ("urgent", "others")}
            with standing_still(workers["others"]):
                asyncio.run(sit(people[0]))
                assert verify(installation, people[:1]).whole
                os.kill(workers["urgent"], signal.SIGKILL)
                asyncio.run(sit(people[1]))
                assert verify(installation, people).whole
        assert not people[0].record.errors + people[1].record.errors


def worker_of(web: int, lane: str) -> int:
    """The job worker of a lane, beside the web server under the same supervisor."""
    found = [pid for pid in family(parent_of(web)) if f"--lane\0{lane}".encode() in command_of(pid)]
    assert len(found) == 1
    return found[0]


def command_of(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def test_no_request_ends_by_starting_an_event_loop(sqlite_app: Flask) -> None:
    assert sqlite_app.teardown_appcontext_funcs
    assert not [close.__name__ for close in sqlite_app.teardown_appcontext_funcs if iscoroutinefunction(close)]


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_the_benchmark_of_the_bank_imports_and_finds(database: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert bank.main(["--database", database, "--items", "40", "--bank", "300", "--runs", "1"]) == 0
    shown = capsys.readouterr().out
    assert "excel, 40 items" in shown
    assert "0 problems" in shown
    assert "a phrase of one item (1 found)" in shown
    assert "a word of two characters that nobody wrote (0 found)" in shown
    assert "nothing typed (340 found)" in shown
