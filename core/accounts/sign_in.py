"""Signing in and out, and the lock-out after repeated failures. Everybody's: accounts here, candidates through exam/."""

import secrets
from datetime import timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.accounts.actors import SYSTEM, Actor, Kind
from core.accounts.models import Account, FailureCount, SignIn
from core.accounts.passwords import hash_password, password_matches
from core.audit.service import record
from core.clock import Clock
from core.database import affected
from core.errors import BadInput, LockedOut
from core.i18n import _

FAILURES_BEFORE_LOCK = 5
LOCK_MINUTES = 15
_UNKNOWN = hash_password(secrets.token_urlsafe())


def sign_in_account(
    session: Session, clock: Clock, username: str, password: str, *, address: str, device: str
) -> tuple[Account, SignIn]:
    """Check name and password and begin a session.

    Raises ``LockedOut`` after too many failures and ``BadInput`` otherwise, with the same words and the same work
    whether the name exists or not.
    """
    subject = f"account:{username.lower()}"[:120]
    refuse_if_locked(session, clock, subject)
    account = session.scalar(select(Account).where(Account.username == username.lower()))
    account_id = account.id if account else None
    matches = password_matches(account.password_hash if account else _UNKNOWN, password)
    if account is None or not matches or not account.active:
        raise BadInput(
            _("用户名或密码不正确，未能登录。请核对后重试；连续 5 次错误将锁定 15 分钟。"),
            code="wrong_credentials",
            afterwards=lambda own: count_failure(own, clock, subject, account_id),
        )
    clear_failures(session, subject)
    row = begin(session, clock, "account", account.id, address=address, device=device)
    record(session, Actor("account", account.id), clock, "sign_in", "account", account.id)
    return account, row


def begin(session: Session, clock: Clock, kind: Kind, subject_id: int, *, address: str, device: str) -> SignIn:
    """Insert and return the session row of a sign-in that has been checked."""
    now = clock.now()
    row = SignIn(
        id=secrets.token_urlsafe(32),
        subject_kind=kind,
        subject_id=subject_id,
        started_at=now,
        last_seen_at=now,
        address=address[:64],
        device=device[:300],
    )
    session.add(row)
    session.flush()
    return row


def end(session: Session, clock: Clock, sign_in_id: str, reason: str) -> bool:
    """End one session; False when it had ended before."""
    still_open = update(SignIn).where(SignIn.id == sign_in_id, SignIn.ended_at.is_(None))
    return affected(session, still_open.values(ended_at=clock.now(), end_reason=reason)) == 1


def end_all(
    session: Session, clock: Clock, kind: Kind, subject_id: int, reason: str, *, but: str | None = None
) -> None:
    """End every open session of a person, except the one named."""
    statement = update(SignIn).where(
        SignIn.subject_kind == kind, SignIn.subject_id == subject_id, SignIn.ended_at.is_(None)
    )
    if but:
        statement = statement.where(SignIn.id != but)
    session.execute(statement.values(ended_at=clock.now(), end_reason=reason))


def refuse_if_locked(session: Session, clock: Clock, subject: str) -> bool:
    """Raise ``LockedOut`` while the subject (``account:name`` or ``admission:number``) is locked.

    Returns whether there is anything to clear once it has signed in.
    """
    row = session.execute(select(FailureCount.locked_until).where(FailureCount.subject == subject)).first()
    until = row.locked_until if row else None
    if until and until > clock.now():
        minutes = -(-(until - clock.now()) // timedelta(minutes=1))
        raise LockedOut(
            _("连续多次输入错误，已暂时锁定，请 %(minutes)s 分钟后再试，或请管理员、监考员解除锁定。", minutes=minutes),
            retry=True,
        )
    return row is not None


def count_failure(session: Session, clock: Clock, subject: str, subject_id: int | None) -> None:
    """Count one failure, lock at the limit, and record it. Runs in a transaction of its own after the refusal."""
    one_more = update(FailureCount).where(FailureCount.subject == subject).values(failures=FailureCount.failures + 1)
    if affected(session, one_more) == 0:
        try:
            with session.begin_nested():
                session.add(FailureCount(subject=subject, failures=1))
        except IntegrityError:  # another first failure at the same moment
            session.execute(one_more)
    count = session.scalar(select(FailureCount.failures).where(FailureCount.subject == subject)) or 0
    if count >= FAILURES_BEFORE_LOCK:
        session.execute(
            update(FailureCount)
            .where(FailureCount.subject == subject)
            .values(failures=0, locked_until=clock.now() + timedelta(minutes=LOCK_MINUTES))
        )
    kind = subject.split(":", 1)[0]
    record(session, SYSTEM, clock, "sign_in_failed", kind, subject_id, failures=count)


def clear_failures(session: Session, subject: str) -> bool:
    """Forget the failures and lift the lock; False where there were none."""
    return affected(session, delete(FailureCount).where(FailureCount.subject == subject)) > 0
