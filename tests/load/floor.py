"""The floor: what each operation would cost if it were nothing but its one statement behind a bare Flask route.

Served by granian with the flags of the real server. A route reads the session cookie and the JSON, issues exactly our
statement, by its driver's cursor, on a connection of its thread, and answers in a few words (the page: with the bytes of the real page).
"""

import json
import os
import sqlite3
import threading
import time
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
from flask import Flask, Response, request, session
from sqlalchemy.engine import make_url

from core.direct import NAMES
from exam.answers import statements

CLOSE = """
UPDATE sittings SET state = 'closed', closed_at = {now}, closed_by = 'candidate', client_digest = {digest}
WHERE id = {sitting} AND state = 'open' AND holder = {holder}
"""
Row = tuple[Any, ...] | None


class Direct:
    """One driver connection a thread, in autocommit, with our statements."""

    def __init__(self, url: str) -> None:
        self.sqlite = url.startswith("sqlite")
        self._place = url.removeprefix("sqlite:///") if self.sqlite else conninfo(url)
        self._kept = threading.local()

    def _connection(self) -> Any:
        if not hasattr(self._kept, "connection"):
            self._kept.connection = self._connect()
        return self._kept.connection

    def _connect(self) -> Any:
        if not self.sqlite:
            return psycopg.connect(self._place, autocommit=True)
        connection = sqlite3.connect(self._place, timeout=10, isolation_level=None)
        connection.execute("PRAGMA synchronous=FULL")
        return connection

    def save(self, values: dict[str, Any], steps: list[dict[str, Any]]) -> Row:
        """Our save."""
        responses = [json.dumps(one["response"], ensure_ascii=False, separators=(",", ":")) for one in steps]
        if self.sqlite:
            sent = [
                [one["seq"], int(one["slot"]), response, one["at"]]
                for one, response in zip(steps, responses, strict=True)
            ]
            return self._execute(statements._SQLITE_SAVE, values | {"steps": json.dumps(sent)})
        values = values | {
            "seqs": [one["seq"] for one in steps],
            "slots": [int(one["slot"]) for one in steps],
            "responses": responses,
            "ats": [one["at"] for one in steps],
        }
        return self._execute(statements._POSTGRES_SAVE, values)

    def start(self, values: Mapping[str, Any]) -> Row:
        """Our start."""
        return self._execute(statements._START, values)

    def look(self, values: Mapping[str, Any]) -> Row:
        """The statement behind every page and GET."""
        return self._execute(statements._FACTS, values)

    def seen(self, values: Mapping[str, Any]) -> None:
        """Our sign of life."""
        self._connection().execute(bound(statements._SEEN, self.sqlite), values)

    def close(self, values: Mapping[str, Any]) -> bool:
        """The conditional UPDATE of a hand-in."""
        touched: int = self._connection().execute(bound(CLOSE, self.sqlite), values).rowcount
        return touched == 1

    def _execute(self, statement: str, values: Mapping[str, Any]) -> Row:
        rows: list[tuple[Any, ...]] = self._connection().execute(bound(statement, self.sqlite), values).fetchall()
        return rows[0] if rows else None

    def disconnect(self) -> None:
        """Close this thread's connection."""
        if hasattr(self._kept, "connection"):
            self._kept.connection.close()


@cache
def bound(statement: str, sqlite: bool) -> str:
    """A statement with its ``{names}`` as the driver takes them."""
    return NAMES.sub(r":\1" if sqlite else r"%(\1)s", statement)


def conninfo(url: str) -> str:
    """An SQLAlchemy URL as libpq takes it."""
    parts = make_url(url)
    return psycopg.conninfo.make_conninfo(
        user=parts.username, dbname=parts.database, host=str(parts.query.get("host", parts.host))
    )


def milliseconds() -> int:
    """Now, as the tables hold it."""
    return time.time_ns() // 1_000_000


def create_app() -> Flask:
    """The bare application, for ``granian --factory``; settings as the real one reads them, and FLOOR_PAGE."""
    app = Flask("floor")
    app.config.update(SECRET_KEY=os.environ["HENGJIAN_SECRET_KEY"], SESSION_COOKIE_NAME="hengjian")
    instance = Path(os.environ["HENGJIAN_INSTANCE"])
    direct = Direct(os.environ.get("DATABASE_URL") or f"sqlite:///{instance / 'hengjian.sqlite3'}")
    page = Path(os.environ["FLOOR_PAGE"])
    page_kept: list[bytes] = []

    def own(sitting: int) -> dict[str, Any]:
        return {"sitting": sitting, "candidate": session["candidate"], "holder": session["_user_id"]}

    def answer(row: object, **told: Any) -> Response:
        return Response(json.dumps(told), status=200 if row else 409, mimetype="application/json")

    @app.post("/api/v1/sittings/<int:sitting>/start")
    def start(sitting: int) -> Response:
        now = milliseconds()
        values = {
            "now": now,
            "deadline": now + 10_800_000,
            "extra": 0,
            "commitment": json.loads(request.get_data())["commitment"],
        }
        return answer(direct.start(own(sitting) | values))

    @app.get("/sittings/<int:sitting>")
    def look(sitting: int) -> Response:
        row = direct.look(own(sitting) | {"sign_in": session["_user_id"]})
        if not page_kept:
            page_kept.append(page.read_bytes())
        return Response(page_kept[0], status=200 if row else 409, mimetype="text/html")

    @app.get("/api/v1/sittings/<int:sitting>")
    def ask(sitting: int) -> Response:
        row = direct.look(own(sitting) | {"sign_in": session["_user_id"]})
        return Response(status=304 if row else 409)

    @app.put("/api/v1/sittings/<int:sitting>/answers")
    def save(sitting: int) -> Response:
        received = milliseconds()
        body = json.loads(request.get_data())
        steps = body["steps"]
        values = {"binding": body["binding"], "received": received, "floor": steps[0]["seq"] - 1}
        row = direct.save(own(sitting) | values, steps)
        return answer(row, acknowledged=steps[-1]["seq"], rejected=[])

    @app.post("/api/v1/sittings/<int:sitting>/submission")
    def submit(sitting: int) -> Response:
        digest = json.loads(request.get_data())["digest"]
        return answer(direct.close(own(sitting) | {"now": milliseconds(), "digest": digest}))

    return app
