"""How transactions begin and connections are kept, on both databases."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from core import database
from core.database import begin_writing, db, direct_connection, is_sqlite, transaction


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


def test_statements_of_one_thread_share_a_connection_and_two_at_once_do_not(app):
    with app.app_context():
        with direct_connection() as first, direct_connection() as second:
            assert first is not second
        with direct_connection() as again:
            assert again in (first, second)


def test_a_connection_on_which_something_failed_is_thrown_away(app):
    with app.app_context():
        with pytest.raises(RuntimeError), direct_connection() as failed:
            raise RuntimeError
        with direct_connection() as fresh:
            assert fresh is not failed
            assert fresh.execute("SELECT 1").fetchone() == (1,)


@pytest.mark.parametrize("direct", [True, False])
def test_a_connection_that_was_lost_while_it_rested_is_not_used(app, monkeypatch, direct):
    with app.app_context():
        if is_sqlite():
            pytest.skip("a file is never lost")
        lost = direct_connection if direct else db.engine.connect
        with lost() as connection:
            own = connection if direct else connection.connection.driver_connection
        monkeypatch.setattr(database, "RESTED_SECONDS", 0.0)
        own.close()
        if direct:
            with direct_connection() as fresh:
                assert fresh.execute("SELECT 1").fetchone() == (1,)
        else:
            with transaction("read") as session:
                assert session.scalar(text("SELECT 1")) == 1


def test_disposing_of_the_engine_lets_go_of_the_kept_connections(app):
    with app.app_context():
        with direct_connection() as kept:
            pass
        db.get_engine("direct").dispose()
        with direct_connection() as fresh:
            assert fresh is not kept
