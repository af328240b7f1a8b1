"""The bell of a sitting: a small file that says how its clock stands, for its page to look at every three seconds.

Four thousand pages may not ask the application so often. The web server hands these files out by itself, for a tenth of
what an answer of the application costs. A bell is written anew after whatever changes a sitting's time has been
committed. It decides nothing: a page shows what it says and asks the application soon after; where no bell can be
written or read, pages hear of a change when they next ask. A name that cannot be guessed keeps others from listening.
"""

import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import timedelta
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
NAME = re.compile(r"[0-9a-f]{32}\.json")


def hang(sitting_id: int) -> str:
    """See to it that the sitting has a bell; its name, or an empty one where none can be written."""
    path = _path(sitting_id)
    try:
        try:
            path.touch(mode=0o600)
        except FileNotFoundError:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.touch(mode=0o600)
    except OSError as problem:
        log.warning("a bell could not be hung", sitting=sitting_id, problem=str(problem))
        return ""
    return path.name


def ring(session: Session, clock: Clock, sitting_ids: Iterable[int]) -> None:
    """Tell the pages of these sittings, after the commit, how their clocks stand now."""
    ids = sorted(sitting_ids)
    after_commit(session, lambda: _write(clock, ids))


def heard(name: str) -> bytes | None:
    """What the bell of this name says (nothing before the first change); None where there is no such bell."""
    if not NAME.fullmatch(name):
        return None
    try:
        return (_folder() / name).read_bytes()
    except OSError:
        return None


def take_down_old(session: Session, clock: Clock) -> None:
    """Once a day, remove the bells that nobody has hung or rung for a week. A sweep; saves need not wait for its files."""
    swept: Lately = current_app.extensions.setdefault("bells_swept", Lately(timedelta(days=1), most=1))
    if swept.holds("bells", clock.now()):
        return
    swept.add("bells", clock.now())
    oldest = (clock.now() - KEPT_FOR).timestamp()
    after_commit(session, lambda: _remove_before(oldest))


def _remove_before(oldest: float) -> None:
    for path in _folder().glob("*"):
        with suppress(FileNotFoundError):  # replaced or removed meanwhile
            if path.stat().st_mtime < oldest:
                path.unlink()


def _write(clock: Clock, ids: Sequence[int]) -> None:
    """As it is committed at this moment: of two changes at once, whichever comes last here has seen both."""
    told_at = iso(clock.now())
    with transaction("read") as session:
        standing = select(Sitting.id, Sitting.state, Sitting.deadline).where(one_of(Sitting.id, ids))
        rows = session.execute(standing).all()
    _folder().mkdir(mode=0o700, parents=True, exist_ok=True)
    for sitting_id, state, deadline in rows:
        if deadline is None:  # nobody has its page open
            continue
        path = _path(sitting_id)
        fresh = path.with_suffix(f".{secrets.token_hex(4)}")
        try:
            fresh.write_text(json.dumps({"state": state, "deadline": iso(deadline), "at": told_at}))
            fresh.replace(path)
        except OSError:
            with suppress(OSError):
                fresh.unlink()
            raise


def _path(sitting_id: int) -> Path:
    name = hmac.new(str(current_app.secret_key).encode(), b"bell %d" % sitting_id, hashlib.sha256).hexdigest()
    return _folder() / f"{name[:32]}.json"


def _folder() -> Path:
    instance: Path = current_app.extensions["settings"].instance
    return instance / "bells"
