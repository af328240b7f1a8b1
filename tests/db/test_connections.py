"""How transactions begin and connections are kept, on both databases."""

import sqlite3
import threading

import psycopg
import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError

from core import database
from core.database import begin_writing, db, is_sqlite, transaction
from core.direct import Undo, array, direct_transaction, row, rows

DBError = (sqlite3.IntegrityError, psycopg.IntegrityError)


def test_a_reading_transaction_refuses_to_write_and_the_next_one_writes(app):
    write = text("DELETE FROM sittings")
    with app.app_context():
        for _twice in range(2):
            with pytest.raises(DBAPIError), transaction("read") as session:
                session.execute(write)
            with transaction("write") as session:
                session.execute(write)


def test_a_reading_transaction_can_be_ended_for_a_writing_one(app):
    with app.app_context(), transaction("read") as session:
        session.execute(text("SELECT 1"))
        begin_writing(session)
        session.execute(text("DELETE FROM sittings"))


@pytest.fixture
def opened(app):
    """Counts the connections that the direct engine opens, from none at all."""
    count = []
    with app.app_context():
        engine = db.get_engine("direct")
        engine.dispose()

        def note(*_given):
            count.append(1)

        event.listen(engine, "connect", note)
        yield count
        event.remove(engine, "connect", note)


def test_statements_of_one_thread_share_a_connection_and_two_at_once_do_not(opened):
    for _often in range(3):
        assert row("SELECT 1") == (1,)
    assert len(opened) == 1
    with direct_transaction() as run:
        assert run("SELECT 2", {}) == [(2,)]
        assert row("SELECT 3") == (3,)
    assert len(opened) == 2
    assert rows("SELECT 4 WHERE 4 > {most}", most=5) == []
    assert len(opened) == 2


def test_a_connection_on_which_something_failed_is_thrown_away(opened):
    for number in range(1, 3):
        with pytest.raises(Exception, match="no_such_table"):
            rows("SELECT a FROM no_such_table")
        assert len(opened) == number
    with pytest.raises(RuntimeError), direct_transaction():
        raise RuntimeError
    assert row("SELECT 1") == (1,)
    assert len(opened) == 4


@pytest.mark.parametrize("direct", [True, False])
def test_a_connection_that_was_lost_while_it_rested_is_not_used(app, monkeypatch, direct):
    with app.app_context():
        if is_sqlite():
            pytest.skip("a file is never lost")
        for engine in db.engines.values():
            engine.dispose()  # so that the one lost is the one asked for next
        if direct:
            ((pid,),) = rows("SELECT pg_backend_pid()")
        else:
            with transaction("read") as session:
                pid = session.scalar(text("SELECT pg_backend_pid()"))
        with db.get_engine("default" if direct else "direct").connect() as another:
            another.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
        monkeypatch.setattr(database, "RESTED_SECONDS", 0.0)
        if direct:
            assert row("SELECT 1") == (1,)
        else:
            with transaction("read") as session:
                assert session.scalar(text("SELECT 1")) == 1


def test_a_connection_that_was_lost_a_moment_ago_fails_once(app):
    with app.app_context():
        if is_sqlite():
            pytest.skip("a file is never lost")
        ((pid,),) = rows("SELECT pg_backend_pid()")
        with transaction("read") as session:
            session.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
        with pytest.raises(psycopg.OperationalError):
            row("SELECT 1")
        assert row("SELECT 1") == (1,)


def test_disposing_of_the_engine_lets_go_of_the_kept_connections(opened):
    row("SELECT 1")
    db.get_engine("direct").dispose()
    row("SELECT 1")
    assert len(opened) == 2


def test_values_come_back_as_they_went(app):
    hard = ["", "NULL", '"', "\\", '\\"', "{,}", "it's", "一\n\t“二”", "%s {x} :y $1 ?", '["A","\\"B"]']
    with app.app_context():
        for value in (*hard, 0, -1, 2**53):
            ((told,),) = rows("SELECT CAST({value} AS TEXT)", value=value)
            assert told == str(value)
        if is_sqlite():
            return
        assert rows("SELECT unnest({texts}::text[])", texts=array(hard)) == [(one,) for one in hard]
        assert row("SELECT {ids}::bigint[], true, false, NULL, 1, 2::bigint, now() IS NULL", ids=array([3, -4])) == (
            *([3, -4], True, False, None, 1, 2, False),
        )
        for bad in ("a\0b", "\0"):
            with pytest.raises(Exception, match="NUL"):
                row("SELECT {value}::text", value=bad)
        with pytest.raises(UnicodeEncodeError):
            row("SELECT {value}::text", value="\ud800")


def test_a_transaction_is_committed_whole_or_not_at_all(app):
    make = "INSERT INTO sign_in_failures (subject, failures) VALUES ({subject}, 1)"
    count = "SELECT count(*) FROM sign_in_failures"
    with app.app_context():
        with direct_transaction() as run:
            run(make, {"subject": "one"})
            run(make, {"subject": "two"})
            assert row(count) == (0,)
        assert row(count) == (2,)
        with direct_transaction() as run:
            run(make, {"subject": "three"})
            raise Undo
        assert row(count) == (2,)
        with direct_transaction() as run:
            run(make, {"subject": "four"})
            with pytest.raises(DBError):
                run(make, {"subject": "one"})
            raise Undo
        assert row(count) == (2,)


def test_threads_get_connections_of_their_own(app, opened):
    at_once = threading.Barrier(4)

    def work():
        with app.app_context(), direct_transaction() as run:
            assert run("SELECT 1", {}) == [(1,)]
            at_once.wait(10)

    if is_sqlite():
        pytest.skip("one writes at a time")
    threads = [threading.Thread(target=work) for _each in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(opened) == 4
