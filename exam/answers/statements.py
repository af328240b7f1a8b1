"""The hot path: guarded single statements on the driver's own connection, each committed by itself.

A step is stored only while its sitting is open, held by this sign-in under this binding, and was received before
deadline + grace. The guard keeps the sitting's row shared while the steps are written (``FOR SHARE`` on PostgreSQL, the
single writer on SQLite): whoever closes the sitting waits, then sees them; whoever comes later stores nothing.
The one exemption from "one commit a request" (docs: architecture, rule 5) and the only place where dialects differ.
Instants are milliseconds since 1970 here, as the tables hold them.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

from core.database import is_sqlite
from core.direct import array, row, rows

MOST_LATE_STEPS = 1000  # per sitting: what comes too late is kept for a person to see, not without bound


@dataclass(frozen=True, slots=True)
class Step:
    """One checked step: response in stored form, ``at`` what the browser's clock said."""

    seq: int
    slot: int
    response: str
    at: str


@dataclass(frozen=True, slots=True)
class Facts:
    """A candidate's sitting as the database holds it, with whether the sign-in that asks is still valid."""

    sitting_id: int
    state: str
    holder: str | None
    binding: int
    deadline: int | None
    grace_seconds: int
    nonce: str
    paper_id: int
    started_at: int | None
    last_seen_at: int | None
    closed_by: str | None
    signed_in: bool
    steps: int
    last_seq: int  # of the present binding
    paper: str  # the paper's digest
    exam_session: int
    earliest_submission_seconds: int


@dataclass(frozen=True, slots=True)
class Saved:
    """What a save did: the numbers stored now, the deadline, how many numbers there are above the known floor and the last.

    ``count`` None: not counted.
    """

    stored: frozenset[int]
    deadline: int
    count: int | None
    last: int


_POSTGRES_SAVE = """
WITH guard AS (
    SELECT s.id, s.binding, s.deadline FROM sittings s
    WHERE s.id = {sitting} AND s.candidate_id = {candidate} AND s.state = 'open'
      AND s.holder = {holder} AND s.binding = {binding}
      AND s.deadline + s.grace_seconds * 1000 > {received}
      AND EXISTS (SELECT 1 FROM sign_ins i WHERE i.id = s.holder AND i.ended_at IS NULL)
    FOR SHARE OF s
), stored AS (
    INSERT INTO answer_steps (sitting_id, binding, seq, slot, response, client_at, received_at)
    SELECT g.id, g.binding, n.seq, n.slot, n.response, n.client_at, {received}
    FROM guard g, unnest({seqs}::integer[], {slots}::integer[], {responses}::text[], {ats}::text[])
         AS n(seq, slot, response, client_at)
    ON CONFLICT DO NOTHING
    RETURNING seq
)
SELECT g.deadline, (SELECT array_agg(seq) FROM stored), before.count, before.last
FROM guard g, (
    SELECT count(*) AS count, coalesce(max(seq), 0) AS last FROM answer_steps
    WHERE sitting_id = {sitting} AND binding = {binding} AND seq > {floor}
) AS before
"""

_SQLITE_SAVE = """
INSERT INTO answer_steps (sitting_id, binding, seq, slot, response, client_at, received_at)
SELECT s.id, s.binding, n.value ->> 0, n.value ->> 1, n.value ->> 2, n.value ->> 3, {received}
FROM sittings s, json_each({steps}) n
WHERE s.id = {sitting} AND s.candidate_id = {candidate} AND s.state = 'open'
  AND s.holder = {holder} AND s.binding = {binding}
  AND s.deadline + s.grace_seconds * 1000 > {received}
  AND EXISTS (SELECT 1 FROM sign_ins i WHERE i.id = s.holder AND i.ended_at IS NULL)
ON CONFLICT DO NOTHING
RETURNING seq
"""

_SQLITE_SAVED = """
SELECT s.deadline, count(a.seq), coalesce(max(a.seq), 0)
FROM sittings s LEFT JOIN answer_steps a ON a.sitting_id = s.id AND a.binding = {binding} AND a.seq > {floor}
WHERE s.id = {sitting} GROUP BY s.id
"""

_SITTING = """
SELECT s.id, s.state, s.holder, s.binding, s.deadline, s.grace_seconds, s.nonce, s.paper_id, s.started_at,
       s.last_seen_at, s.closed_by,
       EXISTS (SELECT 1 FROM sign_ins i WHERE i.id = {sign_in} AND i.ended_at IS NULL
               AND i.subject_kind = 'candidate' AND i.subject_id = s.candidate_id),
       (SELECT count(*) FROM answer_steps a WHERE a.sitting_id = s.id),
       (SELECT coalesce(max(a.seq), 0) FROM answer_steps a WHERE a.sitting_id = s.id AND a.binding = s.binding),
       p.digest, s.session_id, t.earliest_submission_seconds"""

_TABLES = """
FROM sittings s JOIN papers p ON p.id = s.paper_id JOIN exam_sessions t ON t.id = s.session_id
"""
_OWN = "WHERE s.id = {sitting} AND s.candidate_id = {candidate}"

_FACTS = _SITTING + _TABLES + _OWN

_START_FACTS = f"""{_SITTING},
       s.extra_seconds, s.commitment_digest, e.commitment, t.mode, t.starts_at, t.ends_at, t.duration_seconds,
       t.latest_start_seconds, t.invigilated
{_TABLES} JOIN exams e ON e.id = s.exam_id {_OWN}"""

_SHEET_FACTS = f"""{_SITTING},
       c.name, c.admission_number, c.seat, e.neutral_title, t.layout, coalesce(k.public_key, ''), t.full_screen
{_TABLES} JOIN exams e ON e.id = s.exam_id JOIN candidates c ON c.id = s.candidate_id
LEFT JOIN hand_in_keys k ON k.exam_id = s.exam_id AND t.offline_seconds > 0 {_OWN}"""

_LATE = """
INSERT INTO late_steps (sitting_id, binding, seq, slot, response, code, received_at)
SELECT CAST({sitting} AS BIGINT), CAST({binding} AS INTEGER), CAST({seq} AS BIGINT), CAST({slot} AS TEXT), CAST({response} AS TEXT), CAST({code} AS TEXT), CAST({received} AS BIGINT)
WHERE (SELECT count(*) FROM late_steps WHERE sitting_id = CAST({sitting} AS BIGINT)) < {most}
  AND NOT EXISTS (SELECT 1 FROM late_steps WHERE sitting_id = CAST({sitting} AS BIGINT) AND binding = CAST({binding} AS INTEGER) AND seq = CAST({seq} AS BIGINT)
                  AND slot = CAST({slot} AS TEXT) AND response = CAST({response} AS TEXT))
  AND NOT EXISTS (SELECT 1 FROM answer_steps WHERE sitting_id = CAST({sitting} AS BIGINT) AND binding = CAST({binding} AS INTEGER) AND seq = CAST({seq} AS BIGINT))
"""

_SEEN = (
    "UPDATE sittings SET last_seen_at = {now} WHERE id = {sitting} AND holder = {holder} AND last_seen_at < {before}"
)

_START = """
UPDATE sittings SET state = 'open', holder = {holder}, binding = binding + 1, started_at = {now}, last_seen_at = {now},
       deadline = {deadline}, commitment_digest = CAST({commitment} AS TEXT),
       commitment_signed_at = CASE WHEN commitment_digest = CAST({commitment} AS TEXT) THEN commitment_signed_at ELSE {now} END
WHERE id = {sitting} AND candidate_id = {candidate} AND state IN ('registered', 'admitted')
  AND extra_seconds = {extra}
  AND EXISTS (SELECT 1 FROM sign_ins i WHERE i.id = {holder} AND i.ended_at IS NULL
              AND i.subject_kind = 'candidate' AND i.subject_id = {candidate})
RETURNING binding, paper_id, session_id
"""

_EXAM_SESSION = "SELECT session_id FROM sittings WHERE id = {sitting} AND candidate_id = {candidate}"

_STEPS = """
SELECT slot, response, binding, seq FROM answer_steps WHERE sitting_id = {sitting} ORDER BY binding, seq
"""

_HELD = (
    "SELECT seq, slot, response FROM answer_steps WHERE sitting_id = {sitting} AND binding = {binding} AND seq {among}"
)
_HELD_POSTGRES = _HELD.replace("{among}", "= ANY({seqs}::bigint[])")
_HELD_SQLITE = _HELD.replace("{among}", "IN (SELECT value FROM json_each({seqs}))")

_RUN = (
    "SELECT seq FROM answer_steps WHERE sitting_id = {sitting} AND binding = {binding} AND seq > {floor} ORDER BY seq"
)


def save(
    *, sitting: int, candidate: int, holder: str, binding: int, steps: Sequence[Step], received: int, floor: int
) -> Saved | None:
    """Store the steps under the guard; None when the guard let nothing through (``facts`` tells why).

    ``floor``: an end of the gap-free run that is known already. A number that was stored before is left as it is.
    """
    values = {
        "sitting": sitting,
        "candidate": candidate,
        "holder": holder,
        "binding": binding,
        "received": received,
        "floor": floor,
    }
    return _save_sqlite(values, steps) if is_sqlite() else _save_postgres(values, steps)


def _save_postgres(values: dict[str, Any], steps: Sequence[Step]) -> Saved | None:
    found = row(
        _POSTGRES_SAVE,
        **values,
        seqs=array([step.seq for step in steps]),
        slots=array([step.slot for step in steps]),
        responses=array([step.response for step in steps]),
        ats=array([step.at for step in steps]),
    )
    if found is None:
        return None
    deadline, stored, count, last = found
    stored = frozenset(stored or ())
    # The statement sees the table as it was before it: what it stored is added here.
    return Saved(stored, deadline, count + sum(seq > values["floor"] for seq in stored), max(last, 0, *stored))


def _save_sqlite(values: dict[str, Any], steps: Sequence[Step]) -> Saved | None:
    sent = [[step.seq, step.slot, step.response, step.at] for step in steps]
    stored = rows(_SQLITE_SAVE, **values, steps=json.dumps(sent))
    if not stored:
        return None
    ((deadline, count, last),) = rows(_SQLITE_SAVED, **values)
    return Saved(frozenset(seq for (seq,) in stored), deadline, count, last)


def facts(*, sitting: int, candidate: int, sign_in: str) -> Facts | None:
    """One candidate's sitting as it stands; None when there is no such sitting of this candidate."""
    found = row(_FACTS, sitting=sitting, candidate=candidate, sign_in=sign_in)
    return None if found is None else Facts(*found)


def steps_held(*, sitting: int, binding: int, seqs: Sequence[int]) -> dict[int, tuple[int, str]]:
    """Slot and response of the steps that are stored under these numbers, by number."""
    text, listed = (_HELD_SQLITE, json.dumps(seqs)) if is_sqlite() else (_HELD_POSTGRES, array(seqs))
    found = rows(text, sitting=sitting, binding=binding, seqs=listed)
    return {seq: (slot, response) for seq, slot, response in found}


def end_of_run(*, sitting: int, binding: int, floor: int) -> int:
    """The end of the gap-free run of one binding's numbers, which reaches at least to ``floor``."""
    end = floor
    for (seq,) in rows(_RUN, sitting=sitting, binding=binding, floor=floor):
        if seq != end + 1:
            break
        end = seq
    return end


def steps_of(sitting: int) -> list[tuple[int, str, int, int]]:
    """(slot, response, binding, seq) of every step of a sitting, in the order in which they count."""
    return [(slot, response, binding, seq) for slot, response, binding, seq in rows(_STEPS, sitting=sitting)]


@dataclass(frozen=True, slots=True)
class Whose:
    """What the candidate's page needs beside the paper; ``hand_in_key`` empty where no sealed file is taken."""

    name: str
    number: str
    seat: str
    title: str
    layout: str
    hand_in_key: str
    full_screen: bool


def sheet_facts(*, sitting: int, candidate: int, sign_in: str) -> tuple[Facts, Whose] | None:
    """What ``facts`` tells, with whose sitting it is and how its page is laid out."""
    found = row(_SHEET_FACTS, sitting=sitting, candidate=candidate, sign_in=sign_in)
    return None if found is None else (Facts(*found[:_FACTS_WIDE]), Whose(*found[_FACTS_WIDE:]))


def keep_late(*, sitting: int, binding: int, steps: Sequence[Step], code: str, received: int) -> None:
    """Keep steps that came too late, uncounted, for a person to see. A resend is kept once."""
    for step in steps:
        rows(
            _LATE,
            sitting=sitting,
            binding=binding,
            seq=step.seq,
            slot=str(step.slot),
            response=step.response,
            code=code,
            received=received,
            most=MOST_LATE_STEPS,
        )


def seen(*, sitting: int, holder: str, now: int, before: int) -> None:
    """Move the last sign of life of the device that holds the sitting, unless it was moved since ``before``."""
    rows(_SEEN, sitting=sitting, holder=holder, now=now, before=before)


def start_facts(*, sitting: int, candidate: int, sign_in: str) -> tuple[Facts, tuple[Any, ...]] | None:
    """What ``facts`` tells, with (extra seconds, digest signed, commitment, mode, starts, ends, duration, latest start,
    invigilated)."""
    found = row(_START_FACTS, sitting=sitting, candidate=candidate, sign_in=sign_in)
    return None if found is None else (Facts(*found[:_FACTS_WIDE]), found[_FACTS_WIDE:])


def exam_session(*, sitting: int, candidate: int) -> int | None:
    """The session of a candidate's sitting; None when there is no such sitting of this candidate."""
    found = row(_EXAM_SESSION, sitting=sitting, candidate=candidate)
    return None if found is None else int(found[0])


def start(
    *, sitting: int, candidate: int, holder: str, now: int, deadline: int, commitment: str, extra: int
) -> tuple[int, int, int] | None:
    """Open a sitting that has not begun, for this sign-in; None when it was not to be had (any more).

    Returns the binding, and the paper and the exam session that the sitting had at this moment.
    """
    return row(
        _START,
        sitting=sitting,
        candidate=candidate,
        holder=holder,
        now=now,
        deadline=deadline,
        commitment=commitment,
        extra=extra,
    )


_FACTS_WIDE = len(fields(Facts))
