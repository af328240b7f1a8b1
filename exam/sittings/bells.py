"""Bells: small files that say how clocks stand, for pages to look at every few seconds.

Four thousand pages may not ask the application so often. The web server hands these files out by itself, for a tenth of
what an answer of the application costs. A page looks at the bell of its exam session, which says when it rang last, and
at that of its own sitting when it has rung. Both are written after whatever changes somebody's time has been committed.

They decide nothing: a page shows what its bell says and asks the application soon after; where none can be written or
read, pages hear of a change when they next ask. Names that cannot be guessed keep others from listening.
"""

import hashlib
import hmac
import json
import os
import re
import secrets
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.clock import Clock, iso
from core.database import after_commit, one_of, transaction
from core.lately import Lately
from exam.sittings.models import Sitting

log = structlog.get_logger(__name__)
KEPT_FOR = timedelta(days=7)
LENGTH = 32  # of a name: 128 bits
NAME = re.compile(r"[0-9a-f]{32}\.json")


@dataclass(slots=True)
class Belfry:
    """Where the bells are, and what makes the names of the sessions' bells."""

    folder: Path
    key: bytes
    names: dict[int, str] = field(default_factory=dict)  # of the sessions' bells
    hung: Lately = field(default_factory=lambda: Lately(timedelta(days=1), most=1000))  # sessions whose bells are there
    swept: Lately = field(default_factory=lambda: Lately(timedelta(days=1), most=1))

    def name(self, exam_session: int) -> str:
        """The name of a session's bell. Every page asks, and a keyed hash costs it a tenth of a millisecond after a pause."""
        known = self.names.get(exam_session)
        if known is None:
            known = f"{hmac.digest(self.key, b'bell %d' % exam_session, 'sha256').hex()[:LENGTH]}.json"
            self.names[exam_session] = known
        return known

    def say(self, name: str, said: dict[str, str]) -> None:
        """Let a sitting's bell say this. Nobody looks at it before the session's has rung.

        Through ``Path`` and a file that takes its place, thousands of them would take a second instead of a seventh.
        """
        file = os.open(f"{self.folder}/{name}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            os.write(file, json.dumps(said).encode())
        finally:
            os.close(file)

    def ring(self, name: str, at: str) -> None:
        """Let a session's bell ring: whoever looks sees the last ring or this one, whole."""
        fresh = self.folder / f"{name}.{secrets.token_hex(4)}"
        try:
            fresh.write_text(json.dumps({"at": at, "ring": secrets.token_hex(4)}))
            fresh.replace(self.folder / name)
        except OSError:
            with suppress(OSError):
                fresh.unlink()
            raise

    def remove_before(self, oldest: float) -> None:
        """Remove what was last touched before this time (s since the epoch)."""
        for path in self.folder.glob("*"):
            with suppress(FileNotFoundError):  # replaced or removed meanwhile
                if path.stat().st_mtime < oldest:
                    path.unlink()


def bell_of_session(exam_session: int, now: datetime) -> str:
    """The name of a session's bell, which is there from now on, silent at first; empty where none can be written."""
    belfry = _belfry()
    name = belfry.name(exam_session)
    if not belfry.hung.holds(exam_session, now):
        try:
            belfry.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            (belfry.folder / name).touch(mode=0o600)
        except OSError as problem:
            log.warning("a bell could not be hung", exam_session=exam_session, problem=str(problem))
            return ""
        belfry.hung.add(exam_session, now)
    return name


def bell_of_sitting(nonce: str) -> str:
    """The name of a sitting's bell, which is there once it rings. The page has the nonce and finds the name by itself."""
    return f"{hashlib.sha256(f'bell {nonce}'.encode()).hexdigest()[:LENGTH]}.json"


def ring(session: Session, clock: Clock, sitting_ids: Iterable[int]) -> None:
    """Tell the pages of these sittings, after the commit, how their clocks stand now."""
    ids = sorted(sitting_ids)
    after_commit(session, lambda: _ring(clock, ids))


def said_by(name: str) -> bytes | None:
    """What the bell of this name says (nothing before it first rings); None where there is no such bell."""
    if not NAME.fullmatch(name):
        return None
    try:
        return (_belfry().folder / name).read_bytes()
    except OSError:
        return None


def take_down_old(session: Session, clock: Clock) -> None:
    """Once a day, remove the bells that have been silent for a week, and whose session no page was opened of. A sweep.

    Saves need not wait for its files.
    """
    belfry = _belfry()
    if belfry.swept.holds("bells", clock.now()):
        return
    belfry.swept.add("bells", clock.now())
    oldest = (clock.now() - KEPT_FOR).timestamp()
    after_commit(session, lambda: belfry.remove_before(oldest))


def _ring(clock: Clock, ids: Sequence[int]) -> None:
    """As it is committed at this moment: of two changes at once, whichever comes last here has seen both."""
    at = iso(clock.now())
    with transaction("read") as session:
        standing = select(Sitting.nonce, Sitting.session_id, Sitting.state, Sitting.deadline)
        rows = session.execute(standing.where(one_of(Sitting.id, ids))).all()
    belfry = _belfry()
    belfry.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for nonce, _exam_session, state, deadline in rows:
        if deadline is not None:  # otherwise nobody has its page open
            belfry.say(bell_of_sitting(nonce), {"state": state, "deadline": iso(deadline), "at": at})
    for exam_session in {row.session_id for row in rows}:
        belfry.ring(belfry.name(exam_session), at)


def _belfry() -> Belfry:
    found: Belfry | None = current_app.extensions.get("bells")
    if found is None:
        folder = current_app.extensions["settings"].instance / "bells"
        found = current_app.extensions["bells"] = Belfry(folder, str(current_app.secret_key).encode())
    return found
