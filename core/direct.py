"""A transaction of several statements on the hot path, on the driver's own connection, with little around each of them.

What psycopg's cursors do around a statement costs more than the statement: here libpq prepares it once for a connection, and
executes it in one call that waits without the interpreter's lock. Measured: half the processor time of a hand-in's.
"""

import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
from psycopg import pq
from psycopg.pq.abc import PGresult

from core.database import direct_connection, is_sqlite

Values = Mapping[str, str | int]
# Executes a statement with its ``{names}`` as parameters; gives the rows, whose values are texts on PostgreSQL.
Run = Callable[[str, Values], list[tuple[Any, ...]]]
GOOD = (pq.ExecStatus.COMMAND_OK, pq.ExecStatus.TUPLES_OK)
NAMES = re.compile(r"\{(\w+)\}")


# What is prepared on a connection: statement -> name there.
_prepared: WeakKeyDictionary[psycopg.Connection[Any], dict[str, bytes]] = WeakKeyDictionary()


class Undo(Exception):
    """Raised within a transaction: it is rolled back, and what stands after it goes on."""


@contextmanager
def direct_transaction() -> Iterator[Run]:
    """One writing transaction: committed at the end, rolled back on any exception. For modules named ``statements.py``.

    Each statement sees what was committed before it began. Raises the driver's own errors.
    """
    with direct_connection() as connection:
        begun = _on_sqlite(connection) if is_sqlite() else _on_postgres(connection)
        with suppress(Undo), begun as run:
            yield run


@contextmanager
def _on_sqlite(connection: sqlite3.Connection) -> Iterator[Run]:
    def run(statement: str, values: Values) -> list[tuple[Any, ...]]:
        return connection.execute(NAMES.sub(r":\1", statement), dict(values)).fetchall()

    connection.execute("BEGIN IMMEDIATE")
    try:
        yield run
        connection.execute("COMMIT")
    except BaseException:
        connection.rollback()
        raise


@contextmanager
def _on_postgres(whole: psycopg.Connection[Any]) -> Iterator[Run]:
    connection, prepared = whole.pgconn, _prepared.setdefault(whole, {})

    def run(statement: str, values: Values) -> list[tuple[Any, ...]]:
        text, names = _numbered(statement)
        if statement not in prepared:
            name = f"direct_{len(prepared)}".encode()
            _checked(connection.prepare(name, text))
            prepared[statement] = name
        sent = [str(values[name]).encode() for name in names]
        return _rows(_checked(connection.exec_prepared(prepared[statement], sent)))

    _checked(connection.exec_(b"BEGIN"))
    try:
        yield run
        _checked(connection.exec_(b"COMMIT"))
    except BaseException:
        if connection.status == pq.ConnStatus.OK:
            connection.exec_(b"ROLLBACK")
        raise


@cache
def _numbered(statement: str) -> tuple[bytes, tuple[str, ...]]:
    """The statement with ``$1``, ``$2`` … for its names, and the names in that order."""
    names = tuple(dict.fromkeys(NAMES.findall(statement)))
    return NAMES.sub(lambda found: f"${names.index(found[1]) + 1}", statement).encode(), names


def _checked(result: PGresult) -> PGresult:
    if result.status not in GOOD:
        state = result.error_field(pq.DiagnosticField.SQLSTATE)
        kind = psycopg.errors.lookup(state.decode()) if state else psycopg.OperationalError
        raise kind(result.error_message.decode(errors="replace"))
    return result


def _rows(result: PGresult) -> list[tuple[Any, ...]]:
    columns = range(result.nfields)
    return [tuple(_text(result.get_value(row, column)) for column in columns) for row in range(result.ntuples)]


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode()
