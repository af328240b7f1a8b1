"""The database: one declarative base, one way to begin and end a transaction, on SQLite and PostgreSQL alike.

Transactions are of two modes. A *reading* one takes no write lock and refuses to write; a *writing* one begins with
BEGIN IMMEDIATE on SQLite, because there a read that turns into a write fails at once, whatever the busy time-out.
A request, a job or a command runs in one mode, chosen before its first statement, and commits once at its end.
"""

import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from inspect import iscoroutinefunction
from pathlib import Path
from typing import Any, Literal

import structlog
from flask import Flask
from flask_sqlalchemy_lite import SQLAlchemy
from sqlalchemy import (
    ARRAY,
    JSON,
    BigInteger,
    ColumnElement,
    CursorResult,
    Delete,
    Dialect,
    Insert,
    Integer,
    MetaData,
    String,
    TypeDecorator,
    Update,
    any_,
    bindparam,
    cast,
    event,
    func,
    select,
    text,
)
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, Session

from core.clock import from_milliseconds, to_milliseconds

Mode = Literal["read", "write"]
BUSY_SECONDS = 10
RESTED_SECONDS = 5.0

log = structlog.get_logger(__name__)
_mode: ContextVar[Mode] = ContextVar("transaction_mode", default="write")


class Instant(TypeDecorator[datetime]):
    """An aware UTC datetime, stored as milliseconds since 1970 in a BIGINT: exact, comparable and alike on every database."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("instants are stored from aware datetimes only")
        return to_milliseconds(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else from_milliseconds(value)


# SQLite gives rowids to INTEGER PRIMARY KEY alone.
BigId = BigInteger().with_variant(Integer, "sqlite")


class Model(DeclarativeBase):
    """Base of every table. Constraints are named so that migrations can drop them on both databases."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: Instant, dict[str, Any]: JSON, list[Any]: JSON}  # noqa: RUF012 (read by SQLAlchemy)


db = SQLAlchemy(session_options={"autoflush": True, "expire_on_commit": False})


def set_up(app: Flask, url: str) -> None:
    """Create the engines: ``default`` for sessions, ``direct`` for the hot path's single autocommitted statements."""
    # What a failing statement was given may be names and numbers of people: it never reaches the log.
    options: dict[str, Any] = {"url": url, "hide_parameters": True}
    sqlite = make_url(url).get_backend_name() == "sqlite"
    if sqlite:
        Path(make_url(url).database or "").parent.mkdir(parents=True, exist_ok=True)
        options["connect_args"] = {"timeout": BUSY_SECONDS, "check_same_thread": False}
    else:
        options |= {"pool_size": 8, "max_overflow": 8}
    direct = options | ({} if sqlite else {"isolation_level": "AUTOCOMMIT"})
    app.config["SQLALCHEMY_ENGINES"] = {"default": options, "direct": direct}
    db.init_app(app)
    _close_nothing_asynchronously(app)
    with app.app_context():
        if sqlite:
            for engine in db.engines.values():
                event.listen(engine, "connect", _prepare_sqlite)
        else:
            event.listen(db.engine, "checkin", _note_use)
            event.listen(db.engine, "checkout", _ping_what_rested)
        event.listen(db.engine, "begin", _begin_sqlite if sqlite else _begin_elsewhere)


def _close_nothing_asynchronously(app: Flask) -> None:
    """Take off the extension's closing of async sessions, of which there are none here.

    Flask would start a thread and an event loop for it after every request: a third of what a save costs. Where a loop
    runs already (a test that drives a browser), it would fail.
    """
    app.teardown_appcontext_funcs = [close for close in app.teardown_appcontext_funcs if not iscoroutinefunction(close)]


def _note_use(_connection: Any, record: Any) -> None:
    record.info["used_at"] = time.monotonic()


def _ping_what_rested(connection: Any, record: Any, _proxy: Any) -> None:
    if not is_good(connection, record.info.get("used_at", 0.0)):
        raise DisconnectionError


def is_good(connection: Any, used_at: float) -> bool:
    """Try a connection that rested; one used a moment ago is good, and a ping costs what a save costs.

    Where the database was restarted within that moment, the request fails and is sent again like any that got lost.
    """
    if time.monotonic() - used_at < RESTED_SECONDS:
        return True
    try:
        connection.execute("SELECT 1")
        connection.rollback()
    except Exception:
        return False
    return True


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # The driver's own transaction control is off; "begin" below is ours.
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY_SECONDS * 1000}"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Any) -> None:
    reading = _mode.get() == "read"
    connection.exec_driver_sql(f"PRAGMA query_only={'ON' if reading else 'OFF'}")
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def _begin_elsewhere(connection: Any) -> None:
    # The driver says so in its BEGIN: a statement for it would cost every page another round trip.
    connection.connection.driver_connection.read_only = _mode.get() == "read"


@contextmanager
def transaction_mode(mode: Mode) -> Iterator[None]:
    """Begin every transaction inside the block in this mode."""
    token = _mode.set(mode)
    try:
        yield
    finally:
        _mode.reset(token)


def begin_writing(session: Session) -> None:
    """End the reading transaction of a session and let its next statement begin a writing one.

    What was read before may be stale afterwards: guard writes with conditional statements.
    """
    session.rollback()
    _mode.set("write")


@contextmanager
def transaction(mode: Mode = "write") -> Iterator[Session]:
    """One transaction outside a request: a session that is committed at the end, or rolled back on any exception."""
    with transaction_mode(mode), db.sessionmaker() as session:
        try:
            yield session
        except BaseException:
            session.rollback()
            raise
        commit(session)


def after_commit(session: Session, announce: Callable[[], object]) -> None:
    """Have ``announce`` called once the session's transaction has been committed; never if it is rolled back."""
    session.info.setdefault("after_commit", []).append(announce)


def commit(session: Session) -> None:
    """Commit, then send what was announced. A failing receiver is logged: the tables are the truth, not the signal."""
    session.commit()
    for announce in session.info.pop("after_commit", []):
        try:
            announce()
        except Exception:
            log.exception("an announcement after the commit failed")


def rollback(session: Session) -> None:
    """Roll back, forget what was to be announced, and detach what was loaded.

    A rollback expires every object; touching one afterwards would quietly begin another transaction.
    """
    session.info.pop("after_commit", None)
    session.close()


def affected(session: Session, statement: Update | Delete | Insert) -> int:
    """Execute and return how many rows were touched: the answer to a conditional UPDATE, who won."""
    result = session.execute(statement)
    assert isinstance(result, CursorResult)  # noqa: S101 (a type, not a check)
    return int(result.rowcount)


def one_of(column: ColumnElement[Any] | InstrumentedAttribute[Any], numbers: Collection[int]) -> ColumnElement[bool]:
    """Whether a column is one of many different numbers (tens of thousands)."""
    listed = ",".join(map(str, numbers))
    if is_sqlite():
        return column.in_(select(func.json_each(f"[{listed}]").table_valued("value").c.value))
    # As a constant in the statement: only then does PostgreSQL know how many they are, plan accordingly and hash them.
    constant = bindparam(None, f"{{{listed}}}", type_=String, literal_execute=True)
    return column == any_(cast(constant, ARRAY(BigInteger)))


def is_sqlite() -> bool:
    """Whether the statements must be SQLite's."""
    return db.engine.dialect.name == "sqlite"


def is_reachable() -> bool:
    """Whether the database answers: for the health page."""
    with transaction("read") as session:
        return session.execute(text("SELECT 1")).scalar() == 1
