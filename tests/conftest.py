"""What every test may use: an application on a real database, a clock that stands still, a fixed cast of users."""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import settings as hypothesis_settings
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from core.accounts import service
from core.accounts.actors import SYSTEM, Actor
from core.accounts.models import Account
from core.accounts.passwords import hash_password
from core.accounts.permissions import Role
from core.clock import clock as the_clock
from core.database import Model, db, transaction
from core.settings import Settings
from tests.support.postgres import start_postgres
from wsgi import create_app

# How long an example takes depends on who else uses the machine; what is asserted does not.
hypothesis_settings.register_profile("unhurried", deadline=None)
hypothesis_settings.load_profile("unhurried")

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)  # noon in Shanghai
PASSWORD = "Correct-Horse-7"


@event.listens_for(Engine, "connect")
def _turn_round_what_is_not_ordered(connection: Any, _record: Any) -> None:
    """PostgreSQL promises no order of rows that none was asked for, and keeps to one nearly always; here SQLite never does."""
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA reverse_unordered_selects=ON")


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A database of this worker's own on a real PostgreSQL."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    with start_postgres() as server:
        yield server.create_database(f"test_{worker}")


def settings_for(url: str, instance: Path) -> Settings:
    """Settings of a test application; the secrets are as long as real ones."""
    return Settings.from_environment(
        {
            "HENGJIAN_SECRET_KEY": "test-secret-key-test-secret-key-test",
            "HENGJIAN_TICKET_SECRET": "test-ticket-secret-test-ticket-secret",
            "HENGJIAN_DATA_KEY": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
            "HENGJIAN_INSTANCE": str(instance),
            "DATABASE_URL": url,
        }
    )


def make_app(url: str, instance: Path) -> Flask:
    """A test application without its tables."""
    app = create_app(settings_for(url, instance))
    app.config.update(TESTING=True)
    return app


@pytest.fixture(scope="session")
def _postgres_app(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    app = make_app(postgres_url, tmp_path_factory.mktemp("instance"))
    with app.app_context():
        Model.metadata.create_all(db.engine)
    yield app
    _dispose(app)


def _dispose(app: Flask) -> None:
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose()


@pytest.fixture
def sqlite_app(tmp_path: Path) -> Iterator[Flask]:
    """An application on a SQLite file of its own."""
    app = make_app(f"sqlite:///{tmp_path / 'test.sqlite3'}", tmp_path)
    with app.app_context():
        Model.metadata.create_all(db.engine)
    yield app
    _dispose(app)


@pytest.fixture
def postgres_app(_postgres_app: Flask) -> Iterator[Flask]:
    """The application on this worker's PostgreSQL; afterwards its tables are empty, and it remembers nothing of them."""
    known = set(_postgres_app.extensions)
    yield _postgres_app
    with _postgres_app.app_context():
        empty_tables(db.engine)
    for kept in _postgres_app.extensions.keys() - known:
        del _postgres_app.extensions[kept]
    for folder in ("uploads", "bells"):  # of accounts and sittings that are gone
        shutil.rmtree(_postgres_app.extensions["settings"].instance / folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def app(request: pytest.FixtureRequest) -> Flask:
    """The application, once on SQLite and once on PostgreSQL, with empty tables."""
    application: Flask = request.getfixturevalue("sqlite_app" if request.param == "sqlite" else "postgres_app")
    return application


def empty_tables(engine: Engine) -> None:
    """Delete every row and begin every sequence anew: quicker than TRUNCATE, which makes new files for each table."""
    if engine.dialect.name == "sqlite":
        _empty_sqlite(engine)
        return
    with engine.begin() as connection:
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")  # no foreign keys in between
        for table in Model.metadata.sorted_tables:
            connection.execute(table.delete())
        used = "SELECT schemaname || '.' || sequencename FROM pg_sequences WHERE last_value IS NOT NULL"
        for name in connection.exec_driver_sql(used).scalars().all():
            connection.exec_driver_sql(f"ALTER SEQUENCE {name} RESTART")


def _empty_sqlite(engine: Engine) -> None:
    with closing(engine.raw_connection()) as connection:
        for pragma in ("query_only=OFF", "foreign_keys=OFF"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("BEGIN IMMEDIATE")
        for table in Model.metadata.sorted_tables:
            connection.execute(str(table.delete()))
        connection.execute("COMMIT")
        connection.execute("PRAGMA foreign_keys=ON")


@pytest.fixture
def clock() -> Iterator[Any]:
    """The platform's clock, stopped at noon in Shanghai on 2026-11-23."""
    the_clock.stop_at(NOON)
    yield the_clock
    the_clock.run()


@pytest.fixture
def session(app: Flask, clock: Any) -> Iterator[Session]:
    """A writing session on either database; the test commits when it wants to be seen by others."""
    with app.app_context():
        yield db.session
        db.session.rollback()


@dataclass(frozen=True)
class Cast:
    """The accounts of every test: one for each role, and a stranger who has none. Password: ``PASSWORD``."""

    accounts: dict[str, Account]

    def actor(self, name: str) -> Actor:
        """The named member of the cast as an actor."""
        account = self.accounts[name]
        return Actor("account", account.id, frozenset(Role(held.role) for held in account.roles))


@cache
def _hash(password: str) -> str:
    return hash_password(password)


@pytest.fixture
def cast(app: Flask, clock: Any) -> Cast:
    """Committed accounts named after their role (``organizer``, ``examiner``, …), ``second_organizer`` and ``stranger``."""
    members: dict[str, tuple[Role, ...]] = {role.value: (role,) for role in Role}
    members |= {"second_organizer": (Role.ORGANIZER,), "second_invigilator": (Role.INVIGILATOR,), "stranger": ()}
    members |= {f"examiner_{number}": (Role.EXAMINER,) for number in range(2, 8)}
    accounts = {}
    with app.app_context(), transaction("write") as own:
        original, service.hash_password = service.hash_password, lambda _password: _hash(PASSWORD)
        try:
            for name, roles in members.items():
                accounts[name], _ = service.create_account(
                    own, SYSTEM, clock, username=name, name=f"{name} 姓名", unit="市委组织部", roles=roles
                )
                accounts[name].must_change_password = False
        finally:
            service.hash_password = original
    return Cast(accounts)


class Browser:
    """A test client that keeps CSRF on: it reads the token from the server as a page's script would."""

    def __init__(self, app: Flask) -> None:
        self.client: FlaskClient = app.test_client()

    def get(self, url: str, **options: Any) -> Any:
        """GET without following redirects."""
        return self.client.get(url, **options)

    def token(self) -> str:
        """The CSRF token of this browser's session."""
        token: str = self.client.get("/api/v1/csrf").get_json()["token"]
        return token

    def post(self, url: str, data: dict[str, Any] | None = None, **options: Any) -> Any:
        """POST a form with its CSRF token."""
        return self.client.post(url, data={"csrf_token": self.token(), **(data or {})}, **options)

    def send(self, method: str, url: str, body: Any = None, **options: Any) -> Any:
        """Send JSON with the CSRF header."""
        headers = {"X-CSRFToken": self.token(), **options.pop("headers", {})}
        return self.client.open(url, method=method, json=body, headers=headers, **options)

    def sign_in(self, username: str, password: str = PASSWORD) -> Any:
        """Sign in as an account."""
        return self.post("/sign-in", {"username": username, "password": password})


@pytest.fixture
def browser(app: Flask) -> Any:
    """Opens browsers: ``browser()`` for nobody, ``browser("organizer")`` signed in as a member of the cast."""

    def open_one(username: str | None = None) -> Browser:
        fresh = Browser(app)
        if username:
            answer = fresh.sign_in(username)
            assert answer.status_code == 302, answer.get_data(as_text=True)
        return fresh

    return open_one
