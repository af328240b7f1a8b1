"""The pulse of a room's page: changes with everything that the page tells, and is read far more cheaply than the page is made.

Fifty people poll every three seconds, and mostly nothing has changed.
"""

import hashlib
import json
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.clock import to_milliseconds
from exam.answers.models import AnswerStep
from exam.invigilation.models import Incident
from exam.invigilation.queries import Post, at_this, facts_at, locked_out, seated_statement
from exam.invigilation.rules import seat_of, silent_minutes
from exam.schedule.models import Candidate
from exam.sittings.models import Sitting


def pulse(session: Session, post: Post, now: datetime, page: tuple[str, int, int], viewer: tuple[int, str]) -> str:
    """A digest for the ETag. ``page``: search, offset, how many cards; ``viewer``: account and language.

    Steps are only ever appended, incidents appended and signed once: their numbers tell whether any came.
    """
    search, offset, limit = page
    own = Sitting
    cards = session.execute(
        seated_statement(post, search)
        .with_only_columns(own.id, own.deadline, own.paused_at, own.extra_seconds, own.holder.is_(None))
        .add_columns(Candidate.seat, Candidate.name, Candidate.admission_number)
        .limit(limit)
        .offset(offset)
    ).all()
    everybody = [(one, seat_of(facts, now), silent_minutes(facts, now)) for one, facts in facts_at(session, post)]
    told = [
        viewer,
        post.exam.state,
        [(row[0], _instant(row[1]), _instant(row[2]), *row[3:]) for row in cards],
        everybody,
        _steps(session, [row[0] for row in cards]),
        sorted(locked_out(session, [row[7] for row in cards], now)),
        _incidents(session, post),
    ]
    return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()[:32]


def _instant(instant: datetime | None) -> int | None:
    return None if instant is None else to_milliseconds(instant)


def _steps(session: Session, sitting_ids: list[int]) -> list[tuple[int, int]]:
    counts = select(AnswerStep.sitting_id, func.count()).where(AnswerStep.sitting_id.in_(sitting_ids))
    return sorted((row[0], row[1]) for row in session.execute(counts.group_by(AnswerStep.sitting_id)))


def _incidents(session: Session, post: Post) -> tuple[int, int]:
    counts = select(func.count(), func.count(Incident.second_signer)).where(at_this(post))
    row = session.execute(counts).one()
    return row[0], row[1]
