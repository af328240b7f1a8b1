"""The hot path's way to the database: statements on connections of its own, with little around each of them.

What psycopg's cursors do around a statement costs more than the statement, most of all where a thread has slept before:
here libpq prepares it once for a connection and executes it in one call that waits without the interpreter's lock.
Measured: a third of a statement's processor time, half of a hand-in's. For modules named ``statements.py`` alone.

Statements name their values in braces: ``WHERE id = {sitting}``; nothing else is ever put into one.
"""

import re
import sqlite3
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

import psycopg
from flask import Flask, current_app
from psycopg import pq
from psycopg.adapt import Transformer
from psycopg.pq.abc import PGresult
from sqlalchemy import Engine, event
from sqlalchemy.pool import PoolProxiedConnection

from core.database import db, is_good

Value = str | int
Values = Mapping[str, Value]
Row = tuple[Any, ...]
Run = Callable[[str, Values], list[Row]]
GOOD = (pq.ExecStatus.COMMAND_OK, pq.ExecStatus.TUPLES_OK)
NAMES = re.compile(r"\{(\w+)\}")


class Undo(Exception):
    """Raised within a transaction: it is rolled back, and what stands after it goes on."""


class Direct(Protocol):
    """A connection in autocommit. Each statement sees what was committed before it began. Raises the driver's errors."""

    def run(self, statement: str, values: Values) -> list[Row]:
        """Execute a statement; its rows, or none."""

    def control(self, words: str) -> None:
        """Begin or end a transaction."""

    def is_usable(self) -> bool:
        """Whether a failed transaction can still be rolled back."""


class OnSqlite:
    """SQLite's."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def run(self, statement: str, values: Values) -> list[Row]:
        """Execute a statement; its rows, or none."""
        return self._connection.execute(_named(statement), values).fetchall()

    def control(self, words: str) -> None:
        """Begin or end a transaction."""
        self._connection.execute("BEGIN IMMEDIATE" if words == "BEGIN" else words)

    def is_usable(self) -> bool:
        """Whether there is a transaction that can be rolled back."""
        return self._connection.in_transaction


class OnPostgres:
    """PostgreSQL's. What was prepared is known for as long as the connection lives."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection.pgconn
        self._loader = Transformer(connection)
        self._prepared: dict[str, tuple[bytes, tuple[str, ...]]] = {}

    def run(self, statement: str, values: Values) -> list[Row]:
        """Execute a statement; its rows, or none."""
        name, names = self._prepared.get(statement) or self._prepare(statement)
        result = _checked(self._connection.exec_prepared(name, [_sent(values[name]) for name in names]))
        self._loader.set_pgresult(result)
        return self._loader.load_rows(0, result.ntuples, tuple)

    def control(self, words: str) -> None:
        """Begin or end a transaction."""
        _checked(self._connection.exec_(words.encode()))

    def is_usable(self) -> bool:
        """Whether the connection still stands."""
        return self._connection.status == pq.ConnStatus.OK

    def _prepare(self, statement: str) -> tuple[bytes, tuple[str, ...]]:
        text, names = _numbered(statement)
        name = f"direct_{len(self._prepared)}".encode()
        _checked(self._connection.prepare(name, text))
        self._prepared[statement] = name, names
        return name, names


def _direct(connection: Any) -> Direct:
    """The driver's connection, whichever it is."""
    return OnSqlite(connection) if isinstance(connection, sqlite3.Connection) else OnPostgres(connection)


@dataclass(slots=True)
class Kept:
    """A connection that the pool has given out for good, with the moment of its last use."""

    pooled: PoolProxiedConnection
    direct: Direct
    used_at: float


class DirectConnections:
    """Connections in autocommit: whoever needs one takes the last one used; one on which anything failed is thrown away.

    To give one back and forth through the pool costs a fifth of what the statement costs.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._idle: deque[Kept] = deque()
        event.listen(engine, "engine_disposed", self._let_go)

    def rows(self, statement: str, values: Values) -> list[Row]:
        """The rows of a single statement."""
        kept = self._take()
        try:
            found = kept.direct.run(statement, values)
        except BaseException:
            kept.pooled.invalidate()
            raise
        self._give_back(kept)
        return found

    @contextmanager
    def transaction(self) -> Iterator[Run]:
        """One writing transaction, as ``direct_transaction`` says."""
        kept = self._take()
        direct = kept.direct
        try:
            direct.control("BEGIN")
            try:
                yield direct.run
                direct.control("COMMIT")
            except BaseException:
                if direct.is_usable():
                    direct.control("ROLLBACK")
                raise
        except Undo:
            pass
        except BaseException:
            kept.pooled.invalidate()
            raise
        self._give_back(kept)

    def _take(self) -> Kept:
        with suppress(IndexError):
            while True:
                kept = self._idle.pop()
                if is_good(kept.pooled.driver_connection, kept.used_at):
                    return kept
                kept.pooled.invalidate()
        pooled = self._engine.raw_connection()
        return Kept(pooled, _direct(pooled.driver_connection), 0.0)

    def _give_back(self, kept: Kept) -> None:
        kept.used_at = time.monotonic()
        self._idle.append(kept)

    def _let_go(self, _engine: Engine) -> None:
        with suppress(IndexError):
            while True:
                self._idle.pop().pooled.invalidate()


def set_up(app: Flask) -> None:
    """Keep connections for this application, once it has its database."""
    with app.app_context():
        app.extensions["direct_connections"] = DirectConnections(db.get_engine("direct"))


def rows(statement: str, **values: Value) -> list[Row]:
    """The rows of one statement, which is committed by itself."""
    kept: DirectConnections = current_app.extensions["direct_connections"]
    return kept.rows(statement, values)


def row(statement: str, **values: Value) -> Row | None:
    """The first row of one statement, which is committed by itself; None when it gave none."""
    found = rows(statement, **values)
    return found[0] if found else None


def direct_transaction() -> AbstractContextManager[Run]:
    """One writing transaction of several statements: committed at the end, rolled back on any exception.

    ``Undo`` rolls back, and what stands after the block goes on.
    """
    kept: DirectConnections = current_app.extensions["direct_connections"]
    return kept.transaction()


def array(values: Sequence[str | int]) -> str:
    """Numbers or texts as PostgreSQL writes an array: the driver takes many times as long over a list of them."""
    told = (str(one) if type(one) is int else f'"{_escaped(str(one))}"' for one in values)
    return f"{{{','.join(told)}}}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


@cache
def _named(statement: str) -> str:
    return NAMES.sub(r":\1", statement)


@cache
def _numbered(statement: str) -> tuple[bytes, tuple[str, ...]]:
    """The statement with ``$1``, ``$2`` … for its names, and the names in that order."""
    names = tuple(dict.fromkeys(NAMES.findall(statement)))
    return NAMES.sub(lambda found: f"${names.index(found[1]) + 1}", statement).encode(), names


def _sent(value: Value) -> bytes:
    text = str(value).encode()
    if b"\0" in text:  # libpq would end the text here
        raise psycopg.DataError("PostgreSQL text fields cannot contain NUL bytes")
    return text


def _checked(result: PGresult) -> PGresult:
    if result.status not in GOOD:
        state = result.error_field(pq.DiagnosticField.SQLSTATE)
        kind = psycopg.errors.lookup(state.decode()) if state else psycopg.OperationalError
        raise kind(result.error_message.decode(errors="replace"))
    return result
