"""What polling asks, dozens of times a second: single reading statements on the driver's own connection, in autocommit.

Instants are milliseconds since 1970 here, as the tables hold them.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from core.accounts.permissions import ROLE_PERMISSIONS, Permission
from core.database import direct_connection, is_sqlite


@dataclass(frozen=True, slots=True)
class Watch:
    """Somebody's right to watch a post, proven a moment ago, and what the board of the post needs to know of it."""

    account_id: int
    exam_id: int
    exam_state: str
    session_id: int
    ends_at: int
    paper_id: int | None
    room_id: int | None

    @property
    def place(self) -> dict[str, Any]:
        """The argument that names the post in an address."""
        return {"session_id": self.session_id} if self.room_id is None else {"room_id": self.room_id}


@dataclass(frozen=True, slots=True)
class SeatRow:
    """One sitting at a post with its candidate."""

    sitting_id: int
    state: str
    begun: bool
    deadline: int | None
    grace_seconds: int
    paused_at: int | None
    last_seen_at: int | None
    extra_seconds: int
    held: bool
    seat: str
    name: str
    number: str
    on_leave: bool
    locked: bool


def _roles_with(permission: Permission) -> str:
    return ", ".join(f"'{role.value}'" for role, held in ROLE_PERMISSIONS.items() if permission in held)


# What this lets by, ``core.web.access`` and ``queries.post_of`` would let by; what it does not, they decide.
_SOMEBODY = """
FROM sign_ins i JOIN accounts a ON a.id = i.subject_id AND i.subject_kind = 'account'
JOIN exam_sessions t ON t.id = {place} JOIN exams e ON e.id = t.exam_id AND e.state <> 'planned'
WHERE i.id = {sign_in} AND i.ended_at IS NULL AND i.last_seen_at > {seen_after} AND a.active AND NOT a.must_change_password
"""
_HOLDS = "EXISTS (SELECT 1 FROM account_roles h WHERE h.account_id = a.id AND h.role IN ({roles}))"
_MANAGES = _HOLDS.replace("{roles}", _roles_with(Permission.MANAGE_EXAMS))
_IN_THE_ROOM = "EXISTS (SELECT 1 FROM room_invigilators v WHERE v.account_id = a.id AND v.room_id = {post})"
_INVIGILATES = _HOLDS.replace("{roles}", _roles_with(Permission.INVIGILATE))
_WATCH = "SELECT a.id, e.id, e.state, t.id, t.ends_at, t.paper_id"
_WATCH_SESSION = f"{_WATCH} {_SOMEBODY.replace('{place}', '{post}')} AND {_MANAGES}"
_OF_THE_ROOM = _SOMEBODY.replace("{place}", "(SELECT r.session_id FROM rooms r WHERE r.id = {post})")
_WATCH_ROOM = f"{_WATCH} {_OF_THE_ROOM} AND ({_MANAGES} OR ({_INVIGILATES} AND {_IN_THE_ROOM}))"

# Counts and sums that no act upon a sitting leaves as they were, and then those of the incidents.
_MARKS = """
SELECT count(*), count(s.holder), count(s.started_at), count(*) FILTER (WHERE s.state = 'admitted'),
       count(*) FILTER (WHERE s.state = 'open'), count(*) FILTER (WHERE s.state = 'paused'),
       sum(s.deadline), sum(s.extra_seconds), sum(s.paused_at), sum(s.binding),
       (SELECT count(*) FROM incidents n WHERE {at}), (SELECT count(n.second_signer) FROM incidents n WHERE {at})
FROM sittings s
"""
_AT_SESSION = "n.session_id = {session}"
_AT_ROOM = f"{_AT_SESSION} AND n.room_id = {{post}}"
_MARKS_SESSION = f"{_MARKS.replace('{at}', _AT_SESSION)} WHERE s.session_id = {{session}}"
_MARKS_ROOM = f"""{_MARKS.replace("{at}", _AT_ROOM)}
JOIN candidates c ON c.id = s.candidate_id WHERE c.session_id = {{session}} AND c.room_id = {{post}}"""

_SEATS = """
SELECT s.id, s.state, s.started_at IS NOT NULL, s.deadline, s.grace_seconds, s.paused_at, s.last_seen_at, s.extra_seconds,
       s.holder IS NOT NULL, c.seat, c.name, c.admission_number,
       coalesce((SELECT l.granted FROM approved_leaves l WHERE l.candidate_id = c.id ORDER BY l.id DESC LIMIT 1), FALSE),
       EXISTS (SELECT 1 FROM sign_in_failures f
               WHERE f.subject = 'admission:' || c.admission_number AND f.locked_until > {now})
FROM candidates c JOIN sittings s ON s.candidate_id = c.id
"""
_IN_ORDER = "ORDER BY length(c.seat), c.seat, c.admission_number"
_SEATS_SESSION = f"{_SEATS} WHERE c.session_id = {{session}} {_IN_ORDER}"
_SEATS_ROOM = f"{_SEATS} WHERE c.session_id = {{session}} AND c.room_id = {{post}} {_IN_ORDER}"

_STEPS_POSTGRES = """
SELECT a.sitting_id, a.binding, a.seq, a.slot, a.response <> '[]'
FROM unnest(%(ids)s::bigint[], %(bindings)s::integer[], %(seqs)s::integer[]) AS k(id, binding, seq)
JOIN answer_steps a ON a.sitting_id = k.id AND (a.binding, a.seq) > (k.binding, k.seq)
ORDER BY a.sitting_id, a.binding, a.seq
"""
_STEPS_SQLITE = """
SELECT a.sitting_id, a.binding, a.seq, a.slot, a.response <> '[]'
FROM json_each(:known) k JOIN answer_steps a
  ON a.sitting_id = k.value ->> 0 AND (a.binding, a.seq) > (k.value ->> 1, k.value ->> 2)
ORDER BY a.sitting_id, a.binding, a.seq
"""


def may_watch(*, sign_in: str, room: int | None, session: int | None, seen_after: int) -> Watch | None:
    """Whether this sign-in may watch this post at this moment. None also where only the longer way can tell.

    ``seen_after``: a sign-in that was last seen before goes the longer way, which ends idle ones.
    """
    text = _WATCH_SESSION if room is None else _WATCH_ROOM
    rows = _all(text, sign_in=sign_in, post=session if room is None else room, seen_after=seen_after)
    if not rows:
        return None
    account_id, exam_id, exam_state, session_id, ends_at, paper_id = rows[0]
    return Watch(account_id, exam_id, exam_state, session_id, ends_at, paper_id, room)


@dataclass(frozen=True, slots=True)
class Marks:
    """Numbers that change with every act upon a sitting of a post, and those that change with its incidents."""

    sittings: tuple[Any, ...]
    incidents: tuple[Any, ...]


def marks(watch: Watch) -> Marks:
    """The marks of a post as it is now. Answers do not change them."""
    text = _MARKS_SESSION if watch.room_id is None else _MARKS_ROOM
    row = _all(text, session=watch.session_id, post=watch.room_id)[0]
    return Marks(tuple(row[:-2]), (watch.exam_state, *row[-2:]))


def seats(watch: Watch, now: int) -> list[SeatRow]:
    """Everybody at the post, in the order of the seats."""
    text = _SEATS_SESSION if watch.room_id is None else _SEATS_ROOM
    return [SeatRow(*row) for row in _all(text, session=watch.session_id, post=watch.room_id, now=now)]


def steps_after(known: Sequence[tuple[int, int, int]]) -> list[tuple[int, int, int, int, bool]]:
    """(sitting, binding, seq, slot, whether it holds an answer) of each sitting's steps after (binding, seq), in order."""
    ids, bindings, seqs = (list(column) for column in zip(*known, strict=True))
    values: dict[str, Any] = {"ids": ids, "bindings": bindings, "seqs": seqs}
    statement = _STEPS_POSTGRES
    if is_sqlite():
        statement, values = _STEPS_SQLITE, {"known": json.dumps(known)}
    with direct_connection() as connection:
        rows: list[tuple[int, int, int, int, bool]] = connection.execute(statement, values).fetchall()
    return rows


@cache
def _bound(text: str, sqlite: bool) -> str:
    """The statement with its ``{names}`` as the driver's parameters; nothing else is ever put into one."""
    return re.sub(r"\{(\w+)\}", r":\1" if sqlite else r"%(\1)s", text)


def _all(text: str, **values: Any) -> list[Any]:
    with direct_connection() as connection:
        rows: list[Any] = connection.execute(_bound(text, is_sqlite()), values).fetchall()
    return rows
