"""Migrations: they end where the models are, and run up, down and up again with data, on both databases."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, inspect, select, text
from sqlalchemy.exc import DatabaseError

from core.accounts.actors import SYSTEM
from core.accounts.models import Account
from core.accounts.service import create_account
from core.audit import sealer
from core.clock import clock
from core.database import Model, db, transaction
from tests.conftest import _dispose, make_app
from tests.support.postgres import start_postgres


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_app(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """An application whose database holds no table at all."""
    if request.param == "sqlite":
        app = make_app(f"sqlite:///{tmp_path / 'empty.sqlite3'}", tmp_path)
        yield app
        _dispose(app)
        return
    with start_postgres() as server:
        app = make_app(server.create_database(f"migrations_{tmp_path.name}".lower()[:60]), tmp_path)
        yield app
        _dispose(app)


def _tables() -> set[str]:
    return set(inspect(db.engine).get_table_names()) - {"alembic_version"}


def test_head_equals_the_models(empty_app: Flask):
    with empty_app.app_context():
        alembic = empty_app.extensions["alembic"]
        alembic.upgrade()
        assert _tables() == set(Model.metadata.tables)
        assert alembic.compare_metadata() == []


def test_up_down_and_up_again_leaves_nothing_behind(empty_app: Flask):
    with empty_app.app_context():
        alembic = empty_app.extensions["alembic"]
        alembic.upgrade()
        with transaction("write") as session:
            create_account(session, SYSTEM, clock, username="first", name="第一人", unit="")
        alembic.downgrade("base")
        assert _tables() == set()
        alembic.upgrade()
        with transaction("read") as session:
            assert session.scalar(select(func.count()).select_from(Account)) == 0


def test_the_database_itself_refuses_to_rewrite_the_audit_log(empty_app: Flask):
    with empty_app.app_context():
        empty_app.extensions["alembic"].upgrade()
        with transaction("write") as session:
            create_account(session, SYSTEM, clock, username="first", name="第一人", unit="")
        for statement in ("UPDATE audit_entries SET action = 'x'", "DELETE FROM audit_entries"):
            with pytest.raises(DatabaseError, match="append-only"), transaction("write") as session:
                session.execute(text(statement))
        with transaction("write") as session:
            assert sealer.seal(session) > 0
        with transaction("read") as session:
            assert sealer.verify(session, clock).problems == []


def test_instants_keep_their_milliseconds(empty_app: Flask):
    instant = datetime(2026, 11, 23, 4, 5, 6, 789000, tzinfo=UTC)
    with empty_app.app_context():
        empty_app.extensions["alembic"].upgrade()
        with transaction("write") as session:
            account, _password = create_account(session, SYSTEM, clock, username="first", name="第一人", unit="")
            account.created_at = instant
        with transaction("read") as session:
            assert session.scalar(select(Account.created_at)) == instant
