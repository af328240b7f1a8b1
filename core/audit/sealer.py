"""The sealer: chains audit entries by hash, and proves the chain.

A chain head that every transaction had to lock would cap the server at some hundred commits a second; so entries are
inserted loose and one sealer, run by the ticker each second, links those that have been committed.
"""

import hashlib
from dataclasses import dataclass
from datetime import timedelta

import rfc8785
from sqlalchemy import Exists, Select, func, select
from sqlalchemy.orm import Session

from core.audit.models import AuditEntry, AuditSeal
from core.clock import Clock, iso

GENESIS = "0" * 64
BATCH = 2000
WINDOW = 10_000
_ALGORITHMS = {"sha256": hashlib.sha256}


@dataclass(frozen=True)
class Verification:
    """What ``audit verify`` found. ``problems`` are Chinese sentences, empty when the chain is whole."""

    sealed: int
    head: str
    unsealed: int
    oldest_unsealed: timedelta | None
    problems: list[str]


def digest_of(entry: AuditEntry, previous: str, algorithm: str = "sha256") -> str:
    """Hex digest of the previous link and the canonical (RFC 8785) form of the entry."""
    canonical = rfc8785.dumps(
        {
            "id": entry.id,
            "at": iso(entry.at),
            "actor": [entry.actor_kind, entry.actor_id],
            "action": entry.action,
            "object": [entry.object_type, entry.object_id],
            "details": entry.details,
        }
    )
    return _ALGORITHMS[algorithm](previous.encode() + canonical).hexdigest()


def anything_to_seal(session: Session) -> bool:
    """Whether recent entries wait for their seal."""
    return session.scalar(_recent_unsealed(session).limit(1)) is not None


def seal(session: Session, *, everything: bool = False) -> int:
    """Chain up to ``BATCH`` entries and return how many. Two sealers at once collide on the position: one wins.

    Only the newest entries are looked at each second; ``everything``, at the ticker's start, finds older ones too.
    """
    head = session.scalar(select(AuditSeal).order_by(AuditSeal.position.desc()).limit(1))
    position, digest = (head.position, head.digest) if head else (0, GENESIS)
    waiting = _unsealed() if everything else _recent_unsealed(session)
    entries = session.scalars(waiting.limit(BATCH)).all()
    for entry in entries:
        position += 1
        digest = digest_of(entry, digest)
        session.add(AuditSeal(position=position, entry_id=entry.id, algorithm="sha256", digest=digest))
    session.flush()
    return len(entries)


def head_of_chain(session: Session) -> str:
    """The digest of the last link: printed on sheets, so that paper and database vouch for each other."""
    return session.scalar(select(AuditSeal.digest).order_by(AuditSeal.position.desc()).limit(1)) or GENESIS


def verify(session: Session, clock: Clock) -> Verification:
    """Walk the whole chain and recompute every link."""
    problems: list[str] = []
    expected, previous = 0, GENESIS
    rows = session.execute(
        select(AuditSeal, AuditEntry)
        .outerjoin(AuditEntry, AuditEntry.id == AuditSeal.entry_id)
        .order_by(AuditSeal.position)
        .execution_options(yield_per=1000)
    )
    for link, entry in rows:
        expected += 1
        if link.position != expected:
            problems.append(f"第 {expected} 环缺失，下一环是第 {link.position} 环")
            expected = link.position
        if entry is None:
            problems.append(f"第 {link.position} 环所指的记录 {link.entry_id} 已不存在")
        elif digest_of(entry, previous, link.algorithm) != link.digest:
            problems.append(f"第 {link.position} 环（记录 {entry.id}）的内容或次序被改动过")
        previous = link.digest
    oldest = session.scalar(select(func.min(AuditEntry.at)).where(~_is_sealed()))
    waiting = session.scalar(select(func.count()).select_from(AuditEntry).where(~_is_sealed())) or 0
    return Verification(expected, previous, waiting, clock.now() - oldest if oldest else None, problems)


def _is_sealed() -> Exists:
    return select(AuditSeal.position).where(AuditSeal.entry_id == AuditEntry.id).exists()


def _unsealed() -> Select[AuditEntry]:
    return select(AuditEntry).where(~_is_sealed()).order_by(AuditEntry.id)


def _recent_unsealed(session: Session) -> Select[AuditEntry]:
    # A long transaction may commit an entry with an id below the last sealed one; none is 10,000 entries long.
    newest = session.scalar(select(func.max(AuditEntry.id))) or 0
    return _unsealed().where(AuditEntry.id > newest - WINDOW)
