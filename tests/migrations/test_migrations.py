"""Migrations: they end where the models are, and run up, down and up again with data, on both databases."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

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
from core.natural_order import natural_key
from tests.conftest import _dispose, make_app
from tests.support.postgres import start_postgres
from tests.support.sittings import make_world


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


def test_citations_in_free_text_become_records_and_go_back_as_they_were(empty_app: Flask):
    texts = [
        ("中华人民共和国公务员法", "2018-12-29修订", "第五条"),
        ("中华人民共和国公务员法", "2018-12-29修订", "第五条"),
        ("中华人民共和国公务员法", "2005版", ""),
        ("条例", "", ""),
    ]
    rows = "SELECT regulation, edition, article, quotation FROM source_citations ORDER BY id"
    with empty_app.app_context():
        alembic = empty_app.extensions["alembic"]
        alembic.upgrade("0007")
        with transaction("write") as session:
            session.execute(
                text(
                    "INSERT INTO items (id, number, type, state, demonstration, created_at) "
                    "VALUES (1, 'Q1', 'true_false', 'draft', :no, 0)"
                ),
                {"no": False},
            )
            session.execute(
                text(
                    "INSERT INTO item_versions (id, item_id, version, type, content, search_text, content_digest, difficulty, "
                    "points_hundredths, tags, created_at) VALUES (1, 1, 1, 'true_false', '{}', '', '', '', 100, '[]', 0)"
                )
            )
            for place in texts:
                session.execute(
                    text(
                        "INSERT INTO source_citations (version_id, regulation, edition, article, quotation, source_file, "
                        "source_sha256) VALUES (1, :r, :e, :a, :q, '', '')"
                    ),
                    dict(zip("rea", place, strict=True)) | {"q": f"原文 {place[2]}"},
                )
        with transaction("read") as session:
            before = session.execute(text(rows)).all()
        alembic.upgrade("0008")
        with transaction("read") as session:
            count = "SELECT count(*) FROM "
            tables = ("regulations", "regulation_editions", "regulation_articles", "source_citations")
            assert [session.scalar(text(count + table)) for table in tables] == [2, 3, 3, 4]
        alembic.downgrade("0007")
        with transaction("read") as session:
            assert session.execute(text(rows)).all() == before
        alembic.upgrade()


SAT = (
    "exams",
    "exam_sessions",
    "rooms",
    "candidates",
    "sittings",
    "answer_steps",
    "receipts",
    "incidents",
    "items",
    "item_texts",
)


def _rows(table: str) -> list[dict[str, object]]:
    with transaction("read") as session:
        rows = session.execute(text(f"SELECT * FROM {table} ORDER BY 1")).mappings()  # noqa: S608 (from the list above)
        return [dict(row) for row in rows]


def test_an_exam_that_was_sat_goes_down_to_the_sixth_and_up_again_unchanged(empty_app: Flask):
    with empty_app.app_context():
        empty_app.extensions["alembic"].upgrade()
    world = make_world(empty_app, starts_at=clock.now() - timedelta(minutes=5), candidates=2)
    client = world.open(0)
    client.save((1, "1", ["A"]))
    client.submit(client.digest({"1": ["A"]}))
    with empty_app.app_context():
        with transaction("write") as session:
            session.execute(
                text(
                    "UPDATE items SET current_version_id = "
                    "(SELECT max(v.id) FROM item_versions v WHERE v.item_id = items.id)"
                )
            )
            session.execute(
                text(
                    "INSERT INTO item_texts (item_id, version_id, text) "
                    "SELECT id, current_version_id, '下列哪一项 ' || lower(number) FROM items"
                )
            )
            session.execute(
                text(
                    "INSERT INTO incidents (session_id, room_id, sitting_id, kind, facts, at) "
                    "SELECT session_id, NULL, id, 'other', '断电', 0 FROM sittings"
                )
            )
        before = {table: _rows(table) for table in SAT}
        assert all(before.values())
        assert {row["sort_key"] for row in before["rooms"]} == {natural_key("第一考场")}
        alembic = empty_app.extensions["alembic"]
        alembic.downgrade("0012")
        assert {row["text"] for row in _rows("item_texts")} == {"下列哪一项"}
        alembic.upgrade()
        assert {table: _rows(table) for table in SAT} == before
        alembic.downgrade("0006")
        alembic.upgrade()
        assert _rows("sittings") == before["sittings"]


def test_a_migration_that_leaves_a_reference_leading_nowhere_is_rolled_back(tmp_path: Path):
    app = make_app(f"sqlite:///{tmp_path / 'own.sqlite3'}", tmp_path)
    with app.app_context():
        alembic = app.extensions["alembic"]
        alembic.upgrade()
        with transaction("write") as session:
            create_account(session, SYSTEM, clock, username="first", name="第一人", unit="")
            session.execute(text("INSERT INTO account_roles (account_id, role) SELECT id, 'admin' FROM accounts"))

        def orphan(_heads: object, context: Any) -> list[object]:
            with context.begin_transaction(_per_migration=True):
                context.connection.exec_driver_sql("DELETE FROM accounts")
            return []

        with pytest.raises(RuntimeError, match="lead nowhere"):
            alembic.run_migrations(orphan)
        with transaction("write") as session:
            assert session.scalar(select(func.count()).select_from(Account)) == 1
            assert session.scalar(text("PRAGMA foreign_keys")) == 1
    _dispose(app)
