"""What polling asks, dozens of times a second: single reading statements on the driver's own connection, in autocommit.

Instants are milliseconds since 1970 here, as the tables hold them.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NamedTuple

from core.accounts.permissions import ROLE_PERMISSIONS, Permission
from core.database import is_sqlite
from core.direct import array, row, rows
from exam.invigilation.rules import SILENT_AFTER

MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Watch:
    """Somebody's right to watch a post, proven a moment ago, and what the board of the post needs to know of it.

    ``seen_at``: the last sign of life of the sign-in; 0 where the right was proven the longer way.
    """

    account_id: int
    exam_id: int
    exam_state: str
    session_id: int
    ends_at: int
    paper_id: int | None
    room_id: int | None
    seen_at: int = 0

    @property
    def place(self) -> dict[str, Any]:
        """The argument that names the post in an address."""
        return {"session_id": self.session_id} if self.room_id is None else {"room_id": self.room_id}


class Seated(NamedTuple):
    """Who sits where: one sitting of a session with its room and its candidate."""

    sitting_id: int
    room_id: int | None
    name: str
    number: str


class SeatRow(NamedTuple):
    """How one seat stands, and whose it is: nothing here changes unless its card does."""

    sitting_id: int
    key: str
    silent_minutes: int
    begun: bool
    deadline: int | None
    paused_at: int | None
    extra_seconds: int
    held: bool
    room_id: int | None
    room: str
    seat: str
    name: str
    number: str
    locked: bool


class Step(NamedTuple):
    """One stored step; ``holds`` is 1 where its response holds an answer, 0 where it takes one back."""

    binding: int
    seq: int
    slot: int
    holds: int


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
_WATCH = "SELECT i.last_seen_at, a.id, e.id, e.state, t.id, t.ends_at, t.paper_id"
_WATCH_SESSION = f"{_WATCH} {_SOMEBODY.replace('{place}', '{post}')} AND {_MANAGES}"
_OF_THE_ROOM = _SOMEBODY.replace("{place}", "(SELECT r.session_id FROM rooms r WHERE r.id = {post})")
_WATCH_ROOM = f"{_WATCH} {_OF_THE_ROOM} AND ({_MANAGES} OR ({_INVIGILATES} AND {_IN_THE_ROOM}))"

# What ``rules.seat_of`` says; a test compares the two.
_SEAT = """
CASE WHEN s.state = 'closed' OR s.state = 'open' AND s.deadline + s.grace_seconds * 1000 <= {now}
     THEN CASE WHEN s.started_at IS NULL THEN 'missed' ELSE 'closed' END
     WHEN s.state = 'paused' THEN 'paused'
     WHEN s.state = 'open' THEN CASE WHEN s.last_seen_at <= {silent_since} THEN 'silent' ELSE 'open' END
     WHEN (SELECT l.granted FROM approved_leaves l WHERE l.candidate_id = c.id ORDER BY l.id DESC LIMIT 1) THEN 'leave'
     WHEN {ends_at} + s.extra_seconds * CAST(1000 AS BIGINT) <= {now} THEN 'missed'
     WHEN s.state = 'admitted' THEN 'admitted' ELSE 'expected' END
"""
_SITTINGS = "FROM candidates c JOIN sittings s ON s.candidate_id = c.id"
_COUNTS = f"SELECT c.room_id, {_SEAT}, count(*) {_SITTINGS} WHERE c.session_id = {{session}} GROUP BY 1, 2"
_INCIDENTS = """
SELECT room_id, count(*), count(second_signer) FROM incidents WHERE session_id = {session} GROUP BY room_id
"""
_ROSTER = f"""
SELECT s.id, c.room_id, c.name, c.admission_number {_SITTINGS} LEFT JOIN rooms r ON r.id = c.room_id
WHERE c.session_id = {{session}}
ORDER BY r.id IS NOT NULL, r.sort_key, length(c.seat), c.seat, c.admission_number
"""
# The steps that nobody has read yet come with each seat as one text: a statement of their own would cost as much again.
_SEATS = """
SELECT s.id, {key},
       CASE WHEN s.state = 'open' AND s.last_seen_at <= {silent_since} THEN ({now} - s.last_seen_at) / 60000 ELSE 0 END,
       s.started_at IS NOT NULL, s.deadline, s.paused_at, s.extra_seconds, s.holder IS NOT NULL,
       c.room_id, coalesce(r.name, ''), c.seat, c.name, c.admission_number,
       EXISTS (SELECT 1 FROM sign_in_failures f
               WHERE f.subject = 'admission:' || c.admission_number AND f.locked_until > {now}),
       (SELECT {joined} FROM answer_steps a WHERE a.sitting_id = s.id AND (a.binding, a.seq) > ({binding}, {seq}))
FROM {known} JOIN sittings s ON s.id = {id} JOIN candidates c ON c.id = s.candidate_id LEFT JOIN rooms r ON r.id = c.room_id
""".replace("{key}", _SEAT)
_STEP = "a.binding || ' ' || a.seq || ' ' || a.slot || ' ' || CASE a.response WHEN '[]' THEN 0 ELSE 1 END"
_SEATS_POSTGRES = (
    _SEATS.replace(
        "{known}", "unnest({ids}::bigint[], {bindings}::integer[], {seqs}::integer[]) AS k(id, binding, seq)"
    )
    .replace("{joined}", f"string_agg({_STEP}, ',')")
    .replace("{id}", "k.id")
    .replace("{binding}", "k.binding")
    .replace("{seq}", "k.seq")
)
_SEATS_SQLITE = (
    _SEATS.replace("{known}", "json_each({known}) k")
    .replace("{joined}", f"group_concat({_STEP})")
    .replace("{id}", "k.value ->> 0")
    .replace("{binding}", "k.value ->> 1")
    .replace("{seq}", "k.value ->> 2")
)


def may_watch(*, sign_in: str, room: int | None, session: int | None, seen_after: int) -> Watch | None:
    """Whether this sign-in may watch this post at this moment. None also where only the longer way can tell.

    ``seen_after``: a sign-in that was last seen before goes the longer way, which ends idle ones.
    """
    text, post = (_WATCH_SESSION, session or 0) if room is None else (_WATCH_ROOM, room)
    found = row(text, sign_in=sign_in, post=post, seen_after=seen_after)
    if found is None:
        return None
    seen_at, account_id, exam_id, exam_state, session_id, ends_at, paper_id = found
    return Watch(account_id, exam_id, exam_state, session_id, ends_at, paper_id, room, seen_at)


def counts(watch: Watch, now: int) -> list[tuple[int | None, str, int]]:
    """How many seats of each room of the session stand how: (room, ``rules.Seat``, number)."""
    return rows(_COUNTS, session=watch.session_id, **_times(watch, now))


def incidents(watch: Watch) -> dict[int | None, tuple[int, int]]:
    """How many incidents each room of the session has, and how many of them are signed."""
    return {room: (count, signed) for room, count, signed in rows(_INCIDENTS, session=watch.session_id)}


def roster(watch: Watch) -> list[Seated]:
    """Everybody of the session, room by room in the order of the seats."""
    return [Seated._make(one) for one in rows(_ROSTER, session=watch.session_id)]


def seats(watch: Watch, known: Sequence[tuple[int, int, int]], now: int) -> list[tuple[SeatRow, list[Step]]]:
    """How these sittings of the session stand, each with its steps after (binding, seq), in their order.

    ``known``: (sitting, binding, seq) of each.
    """
    times = _times(watch, now)
    if is_sqlite():
        found = rows(_SEATS_SQLITE, known=json.dumps(known), **times)
    else:
        ids, bindings, seqs = map(array, zip(*known, strict=True)) if known else ("{}", "{}", "{}")
        found = rows(_SEATS_POSTGRES, ids=ids, bindings=bindings, seqs=seqs, **times)
    return [(SeatRow._make(seat), _steps(steps)) for *seat, steps in found]


def _steps(joined: str | None) -> list[Step]:
    # Nobody promises the order in which they were joined.
    return sorted(Step._make(map(int, one.split(" "))) for one in joined.split(",")) if joined else []


def _times(watch: Watch, now: int) -> dict[str, int]:
    return {"now": now, "silent_since": now - SILENT_AFTER // MILLISECOND, "ends_at": watch.ends_at}
