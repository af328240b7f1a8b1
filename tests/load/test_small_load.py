"""The load driver, run small, so that it cannot rot; and its checks, which must be able to fail."""

from contextlib import closing
from inspect import iscoroutinefunction
from pathlib import Path

import pytest
from flask import Flask

from tests.load import bank
from tests.load.connection import Connection
from tests.load.driver import rehearse
from tests.load.installation import install
from tests.load.people import Person, Record
from tests.load.report import BARS, print_run, print_summary, ratio
from tests.load.sitting import Plan
from tests.load.verifying import verify

SMALL = Plan(candidates=20, seconds=3, every=1, spread=1, burst=1)


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_a_small_load_loses_nothing_and_measures_every_operation(
    database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    outcome = rehearse(SMALL, database)
    print_run(1, outcome)
    print_summary([outcome])
    shown = capsys.readouterr().out
    assert not outcome.errors, shown
    assert outcome.findings.whole, shown
    assert outcome.findings.acknowledged == len(outcome.ours.record.seconds["save"]) == 60
    assert all(ratio(outcome, operation) > 0 for operation in BARS), shown
    assert outcome.alone.seconds, shown


def test_what_the_database_lacks_is_noticed(tmp_path: Path) -> None:
    with closing(install(tmp_path, "", 1)) as installation:
        person = Person(installation.seats[0], Connection("127.0.0.1", 9), [], Record())
        person.held[1] = ("1", ["A"])
        found = verify(installation, [person], patience=0)
    assert (found.acknowledged, found.lost, found.without_receipt, found.without_score) == (1, 1, 1, 1)
    assert not found.whole


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
